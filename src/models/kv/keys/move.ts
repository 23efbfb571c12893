/** Renaming and copying keys of every kind. Renaming a large collection is one row; copying it copies its elements. */
import { FacetError } from '../../../base/index.ts';
import { type Statement, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { shown, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { CopyInput, RenameInput, RenameResult } from './schemas.ts';

const RENAME = statement('kv.rename', 'SELECT kv.rename($1, $2, $3, $4, $5::bool)');
const COPY = statement('kv.copy', 'SELECT kv.copy($1, $2, $3, $4, $5::bool)');

/** What both functions answer with. */
const OUTCOME = { missing: '0', done: '1', taken: '2' } as const;

/** What the destination held is gone; the time to live moves, too. @throws INVALID_PARAMETER, KEY_NOT_FOUND */
export async function rename(context: OperationContext, input: RenameInput): Promise<RenameResult> {
  return move(context, input, RENAME, false);
}

/** @throws INVALID_PARAMETER, KEY_NOT_FOUND, KEY_EXISTS */
export async function renamenx(context: OperationContext, input: RenameInput): Promise<RenameResult> {
  return move(context, input, RENAME, true);
}

/** The time to live is copied, too. @throws INVALID_PARAMETER, KEY_NOT_FOUND, KEY_EXISTS */
export async function copy(context: OperationContext, input: CopyInput): Promise<RenameResult> {
  return move(context, input, COPY, input.replace === true);
}

async function move(
  context: OperationContext,
  input: RenameInput,
  command: Statement,
  flag: boolean,
): Promise<RenameResult> {
  const source = storedKey(input.source);
  const target = storedKey(input.destination);
  const space = keyspaceOf(context.database);
  const parameters = [source.key, source.longKey, target.key, target.longKey, String(flag)];
  const { rows } = await space.together(context, [source, target], (run) => run(command, parameters));
  const outcome = rows[0]?.[0];
  if (outcome === OUTCOME.missing) {
    throw new FacetError('KEY_NOT_FOUND', `There is no key '${shown(input.source)}'`);
  }
  if (outcome === OUTCOME.taken) {
    throw new FacetError('KEY_EXISTS', `Key '${shown(input.destination)}' exists`);
  }
  // The times to live of the source count, and what was overwritten may have been a collection.
  space.written(context, () => space.sweep.within(0));
  return {};
}
