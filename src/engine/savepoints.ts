/** Savepoints that a client sets by SQL in its transaction: what was asked to happen after the commit depends on them. */
import type { Scope } from './scope.ts';
import { scanSql } from './sql-scanner.ts';

const EFFECTS: ReadonlyMap<string, 'set' | 'release' | 'rollback'> = new Map([
  ['SAVEPOINT', 'set'],
  ['RELEASE', 'release'],
  ['ROLLBACK', 'rollback'],
]);

/** Tells the scope of a savepoint command that has succeeded; `tag` is PostgreSQL's answer, whatever the statement was. */
export function noteSavepoint(scope: Scope, tag: string, sql: string): void {
  const effect = EFFECTS.get(tag);
  if (effect === undefined) return;
  // SAVEPOINT name, RELEASE [SAVEPOINT] name, ROLLBACK [WORK] TO [SAVEPOINT] name: the name comes last.
  let name: string | undefined;
  for (const { kind, text, quoted } of scanSql(sql)) {
    if (kind === 'word') name = quoted ? text : text.toLowerCase();
  }
  if (name !== undefined) scope.savepoint(effect, name);
}
