/** Reading strings: one by batches, many by one statement. */
import { type FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, type Cell, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkCount, kindName, type StoredKey, storedKey, storedKeys, wrongType } from '../entry.ts';
import { type BatchKind, type Counts, keyspaceOf } from '../keyspace.ts';
import type { GetInput, GetResult, KeysInput, ValuesResult } from './schemas.ts';

interface GetItem {
  readonly stored: StoredKey;
  /** Where it counts when something was there. */
  readonly counts: Counts;
}

/** What is there of some keys, in any order. */
const GET = statement(
  'kv.get',
  `SELECT key, kind, value, kv.remaining_ms(expires_at) FROM kv.entry
   WHERE key = ANY ($1::text[]) AND kv.live(expires_at)`,
);

const MISSING: GetResult = { found: false, valueJson: null, ttlMs: null };

const GETS: BatchKind<GetItem, GetResult> = {
  name: 'kv.get',
  reads: true,
  bytesOf: () => 0,
  mergeable: () => true,
  run: async (run, items) => {
    const keys = new Set<string>();
    for (const { stored } of items) keys.add(stored.key);
    const { rows } = await run(GET, [arrayLiteral([...keys])]);
    const found = new Map<Cell | undefined, readonly Cell[]>();
    for (const row of rows) found.set(row[0], row);
    return items.map((item) => answerOf(item, found.get(item.stored.key)));
  },
};

function answerOf({ stored, counts }: GetItem, row: readonly Cell[] | undefined): GetResult | FacetError {
  if (row === undefined) return MISSING;
  const [, kind, valueJson = null, ttlMs = null] = row;
  if (valueJson === null) return wrongType(stored.longKey ?? stored.key, kindName(kind), 'string');
  counts.hits++;
  return { found: true, valueJson, ttlMs: ttlMs === null ? null : Number(ttlMs) };
}

/** @throws INVALID_PARAMETER at once; WRONG_TYPE by rejecting */
export function get(context: OperationContext, input: GetInput): Promise<GetResult> {
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  space.counts.gets++;
  return space.submit(context, GETS, { stored, counts: space.counts });
}

/**
 * The values of many keys, in their order; null for those that are missing or of another kind.
 * @throws INVALID_PARAMETER, LIMIT_EXCEEDED
 */
export async function mget(context: OperationContext, { keys }: KeysInput): Promise<ValuesResult> {
  checkCount(keys.length, 'keys');
  const stored = storedKeys(keys);
  const space = keyspaceOf(context.database);
  const found = new Map<string, string>();
  const each = [...new Map(stored.map((one) => [one.key, one])).values()];
  // In steps, so that one command does not keep the connection from everybody else.
  for (let from = 0; from < each.length; from += LIMITS.kvLaneItemsMax) {
    const part = each.slice(from, from + LIMITS.kvLaneItemsMax);
    const { rows } = await space.read(context, part, GET, [arrayLiteral(part.map(({ key }) => key))]);
    for (const [key, , value] of rows) {
      if (typeof key === 'string' && typeof value === 'string') found.set(key, value);
    }
  }
  space.counts.gets += keys.length;
  space.counts.hits += found.size;
  return { valuesJson: stored.map(({ key }) => found.get(key) ?? null) };
}
