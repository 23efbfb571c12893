/** Facts about the keyspace and about one key: sizes, counts, a key drawn by lot. */
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { kindName, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type { OneKey, RandomResult, SizeResult, StatsResult, UsageResult } from './schemas.ts';

const SIZE = statement('kv.dbsize', 'SELECT count(*) FROM kv.entry WHERE kv.live(expires_at)');
const KINDS = statement(
  'kv.stats',
  'SELECT kind, count(*) FROM kv.entry WHERE kv.live(expires_at) GROUP BY kind ORDER BY kind',
);
const BYTES = statement(
  'kv.stats_bytes',
  `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class AS c
   WHERE c.relnamespace = 'kv'::regnamespace AND c.relkind = 'r'`,
);
const RANDOM = statement('key.randomkey', 'SELECT kv.random_key()');
const USAGE = statement(
  'memory.usage',
  `SELECT octet_length(coalesce(long_key, key)) + coalesce(octet_length(value), 0)
     + coalesce(octet_length(bytes), 0) + kv.element_bytes(id, kind)
   FROM kv.entry WHERE key = $1 AND kv.live(expires_at)`,
);

/** Keys of all kinds. It counts them, so it takes its time. */
export async function dbsize(context: OperationContext): Promise<SizeResult> {
  const { rows } = await keyspaceOf(context.database).apart(context, SIZE, []);
  return { keys: Number(rows[0]?.[0] ?? 0) };
}

/** Keys by kind, size on disk, and what this process did. Like `dbsize` it counts. */
export async function stats(context: OperationContext): Promise<StatsResult> {
  const space = keyspaceOf(context.database);
  const kinds = await space.apart(context, KINDS, []);
  const bytes = await space.apart(context, BYTES, []);
  const keysByType: Record<string, number> = {};
  let keys = 0;
  for (const [kind, count] of kinds.rows) {
    const name = kindName(kind);
    if (name !== undefined) keysByType[name] = Number(count);
    keys += Number(count);
  }
  return { keys, keysByType, bytesOnDisk: Number(bytes.rows[0]?.[0] ?? 0), ...space.counts };
}

/** Not every key is equally likely: those of pages with few keys are drawn more often. */
export async function randomkey(context: OperationContext): Promise<RandomResult> {
  const { rows } = await keyspaceOf(context.database).read(context, [], RANDOM, []);
  return { key: rows[0]?.[0] ?? null };
}

/** @throws INVALID_PARAMETER */
export async function usage(context: OperationContext, { key }: OneKey): Promise<UsageResult> {
  const stored = storedKey(key);
  const { rows } = await keyspaceOf(context.database).read(context, [stored], USAGE, [stored.key]);
  return { bytes: Number(rows[0]?.[0] ?? 0) };
}
