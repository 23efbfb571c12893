/**
 * Statements by their texts: what an application sends again and again is read once. Statements are never changed, so that
 * one can run many times at once.
 */
import { LIMITS, RecentMap } from '../../../base/index.ts';
import { readStatement, type Statement } from '../../../nql/index.ts';

const READ = new RecentMap<string, Statement>(LIMITS.nqlStatementsCachedMax);

/** @throws StatementError as `readStatement` */
export function statementOf(text: string): Statement {
  const known = READ.get(text);
  if (known !== undefined) return known;
  const statement = readStatement(text);
  if (isKept(text, statement)) READ.set(text, statement);
  return statement;
}

/** Values of the vault stay in memory for no longer than they are worked with. */
const isKept = (text: string, { kind }: Statement): boolean =>
  text.length <= LIMITS.nqlStatementCachedCharactersMax && !kind.startsWith('vault-');
