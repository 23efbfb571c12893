/** Reading lists: ranges, single items, their positions. */
import { FacetError } from '../../../base/index.ts';
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { boundedRead, canonicalJson, fromHead, readElements, sizeOf } from '../collection.ts';
import { kindName, storedKey, wrongType } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type {
  IndexInput,
  ItemResult,
  ItemsResult,
  LengthResult,
  OneKey,
  PosInput,
  PosResult,
  RangeInput,
} from './schemas.ts';

const RANGE = boundedRead(
  'list.lrange',
  'item_value',
  'octet_length(item_value)',
  `SELECT r.item_value FROM e CROSS JOIN LATERAL kv.list_range(
     e.id, e.size, greatest(${fromHead('$2')}, 0), least(${fromHead('$3')}, e.size - 1)) AS r`,
);

/** $3 is which of the equal ones, from the head or the tail. */
const POSITION = statement(
  'list.lpos',
  `SELECT e.kind, (
     SELECT t.place FROM (
       SELECT value, row_number() OVER (ORDER BY position) - 1 AS place
       FROM kv.list_item WHERE entry_id = e.id) AS t
     WHERE t.value COLLATE "C" = $2
     ORDER BY CASE WHEN $3::bigint < 0 THEN -t.place ELSE t.place END
     OFFSET abs($3::bigint) - 1 LIMIT 1)
   FROM kv.entry AS e WHERE e.key = $1 AND kv.live(e.expires_at)`,
);

/**
 * Items from `start` to `stop`, both inclusive; what lies outside of the list is left out.
 * @throws INVALID_PARAMETER, WRONG_TYPE, RESULT_TOO_LARGE
 */
export async function lrange(context: OperationContext, input: RangeInput): Promise<ItemsResult> {
  const bounds = [String(input.start ?? 0), String(input.stop ?? -1)];
  const { exists, rows } = await readElements(context, RANGE, storedKey(input.key), 'list', bounds);
  return { exists, valuesJson: rows.map(([value]) => value ?? '') };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function llen(context: OperationContext, { key }: OneKey): Promise<LengthResult> {
  const { exists, size } = await sizeOf(context, storedKey(key), 'list');
  return { exists, length: size };
}

/** Null when there is no such item. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function lindex(context: OperationContext, { key, index }: IndexInput): Promise<ItemResult> {
  const { exists, valuesJson } = await lrange(context, { key, start: index, stop: index });
  return { exists, valueJson: valuesJson[0] ?? null };
}

/** @throws INVALID_PARAMETER also for rank 0, WRONG_TYPE */
export async function lpos(context: OperationContext, input: PosInput): Promise<PosResult> {
  const rank = input.rank ?? 1;
  if (rank === 0) throw new FacetError('INVALID_PARAMETER', 'A rank is not 0: 1 is the first, -1 the last');
  const stored = storedKey(input.key);
  const parameters = [stored.key, canonicalJson(input.valueJson), String(rank)];
  const { rows } = await keyspaceOf(context.database).read(context, [stored], POSITION, parameters);
  const [row] = rows;
  if (row === undefined) return { exists: false, position: null };
  const found = kindName(row[0]);
  if (found !== 'list') throw wrongType(input.key, found, 'list');
  const [, position = null] = row;
  return { exists: true, position: position === null ? null : Number(position) };
}
