/** Changing lists in the middle. */
import { FacetError } from '../../../base/index.ts';
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { answered, canonicalJson } from '../collection.ts';
import { shown, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type {
  DoneResult,
  InsertInput,
  InsertResult,
  RangeInput,
  RemInput,
  RemovedResult,
  SetInput,
} from './schemas.ts';

const SET = statement('list.lset', 'SELECT kv.lset($1, $2::bigint, $3)');
const TRIM = statement('list.ltrim', 'SELECT kv.ltrim($1, $2::bigint, $3::bigint)');
const REM = statement('list.lrem', 'SELECT kv.lrem($1, $2::bigint, $3)');
const INSERT = statement('list.linsert', 'SELECT * FROM kv.linsert($1, $2::bool, $3, $4)');

/** @throws INVALID_PARAMETER also when there is no such item, KEY_NOT_FOUND, VALUE_TOO_LARGE, WRONG_TYPE */
export async function lset(context: OperationContext, input: SetInput): Promise<DoneResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, String(input.index), canonicalJson(input.valueJson)];
  const { rows } = await keyspaceOf(context.database).run(context, [stored], SET, parameters);
  const [status] = answered(rows, stored, 'list');
  if (status === '0') throw new FacetError('KEY_NOT_FOUND', `There is no key '${shown(input.key)}'`);
  if (status === '2') {
    throw new FacetError(
      'INVALID_PARAMETER',
      `Index ${input.index} is outside of the list '${shown(input.key)}'`,
    );
  }
  return { exists: true };
}

/** Keeps the items from `start` to `stop`, both inclusive. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function ltrim(context: OperationContext, input: RangeInput): Promise<DoneResult> {
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  const parameters = [stored.key, String(input.start ?? 0), String(input.stop ?? -1)];
  const { rows } = await space.runApart(context, [stored], TRIM, parameters);
  space.written(context, () => space.sweep.sometime());
  return { exists: answered(rows, stored, 'list')[0] === '1' };
}

/** @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE */
export async function lrem(context: OperationContext, input: RemInput): Promise<RemovedResult> {
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  const parameters = [stored.key, String(input.count), canonicalJson(input.valueJson)];
  const { rows } = await space.runApart(context, [stored], REM, parameters);
  return { removed: Number(answered(rows, stored, 'list')[0]) };
}

/** @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE */
export async function linsert(context: OperationContext, input: InsertInput): Promise<InsertResult> {
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  const texts = [canonicalJson(input.pivotJson), canonicalJson(input.valueJson)];
  const parameters = [stored.key, String(input.before), ...texts];
  const { rows } = await space.runApart(context, [stored], INSERT, parameters);
  const [status, length] = answered(rows, stored, 'list');
  return { exists: status !== '0', inserted: status === '1', length: Number(length) };
}
