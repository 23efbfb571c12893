/** SQL text of a client on its way in: is it storable, within bounds, and a statement that is taken here? */
import { FacetError, LIMITS, RecentMap } from '../../base/index.ts';
import { type SqlText, sqlTextOf } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertRoom } from '../plan-limits.ts';
import { statementVerdict } from './statement-verdict.ts';

export interface UserStatement {
  readonly sql: string;
  readonly text: SqlText;
}

/** Applications send the same few texts again and again; reading one takes longer than looking it up. */
const READ = new RecentMap<string, UserStatement>(LIMITS.statementCacheMax);
/** Longer texts are seldom sent twice. */
const READ_CHARACTERS_MAX = 4_096;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * The statement of that text, not yet allowed.
 * @throws INVALID_VALUE for characters that PostgreSQL cannot store, PAYLOAD_TOO_LARGE
 */
export function readStatement(sql: string): UserStatement {
  const known = READ.get(sql);
  if (known !== undefined) return known;
  // A UTF-16 unit makes at most three bytes, so most texts need not be measured.
  if (sql.length * 3 > LIMITS.sqlTextBytesMax && Buffer.byteLength(sql) > LIMITS.sqlTextBytesMax) {
    throw new FacetError(
      'PAYLOAD_TOO_LARGE',
      `The SQL text is larger than ${LIMITS.sqlTextBytesMax} bytes (sqlTextBytesMax); send data as parameters`,
    );
  }
  if (sql.includes('\0')) {
    throw new FacetError('INVALID_VALUE', 'The sql has a NUL character, which PostgreSQL cannot store');
  }
  if (LONE_SURROGATE.test(sql)) {
    throw new FacetError('INVALID_VALUE', 'The sql has half of a surrogate pair, which is not a character');
  }
  const statement = { sql, text: sqlTextOf(sql) };
  if (sql.length <= READ_CHARACTERS_MAX) READ.set(sql, statement);
  return statement;
}

/** @throws what `statementVerdict` says about the statement in these circumstances, QUOTA_EXCEEDED */
export function assertAllowed(context: OperationContext, statement: UserStatement): void {
  const refusal = statementVerdict(statement.sql, statement.text, {
    inTransaction: context.transaction !== undefined,
    role: context.principal.role,
  });
  if (refusal !== undefined) throw refusal;
  if (context.principal.plan !== undefined && takesRoom(statement.text)) assertRoom(context);
}

/** What a caller may do whose plan has no storage left: reading, deleting, and giving space back. */
const LEAVES_ROOM = new Set([
  ...['SELECT', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN', 'DELETE', 'TRUNCATE', 'DROP', 'VACUUM', 'ANALYZE'],
  ...['REINDEX', 'CLUSTER', 'SAVEPOINT', 'RELEASE', 'ROLLBACK', 'SET', 'DECLARE', 'FETCH', 'MOVE', 'CLOSE'],
]);

const takesRoom = ({ verb, into, dataModifyingWith }: SqlText): boolean =>
  !LEAVES_ROOM.has(verb) || into || dataModifyingWith;

/** True when the caller's role may only read, so that their SQL must run read-only. */
export const isReader = (context: OperationContext): boolean => context.principal.role === 'read';
