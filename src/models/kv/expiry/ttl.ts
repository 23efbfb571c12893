/** Times to live: setting, taking away and reading them. They work on keys of every kind. */
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { assertTtl } from '../../plan-limits.ts';
import { type StoredKey, storedKey } from '../entry.ts';
import { type BatchKind, keyspaceOf } from '../keyspace.ts';
import { look } from '../look.ts';
import type { ChangedResult, ExpireInput, KeyInput, TtlResult } from './schemas.ts';

interface ExpireItem {
  readonly stored: StoredKey;
  readonly ttlMs: number;
}

const EXPIRE = statement(
  'kv.expire',
  `UPDATE kv.entry AS e SET expires_at = kv.expiry_after(ttl), version = e.version + 1
   FROM unnest($1::text[], $2::bigint[]) AS given (k, ttl)
   WHERE e.key = k AND kv.live(e.expires_at)
   RETURNING e.key`,
);

const PERSIST = statement(
  'kv.persist',
  `UPDATE kv.entry SET expires_at = NULL, version = version + 1
   WHERE key = $1 AND expires_at > statement_timestamp()`,
);

const EXPIRES: BatchKind<ExpireItem, boolean> = {
  name: 'kv.expire',
  bytesOf: () => 0,
  mergeable: () => false,
  run: async (run, items) => {
    const { rows } = await run(EXPIRE, [
      arrayLiteral(items.map(({ stored }) => stored.key)),
      arrayLiteral(items.map(({ ttlMs }) => String(ttlMs))),
    ]);
    const changed = new Set(rows.map(([key]) => key));
    return items.map(({ stored }) => changed.has(stored.key));
  },
};

/** Has the key expire `ttlMs` from now, whatever it had before. @throws INVALID_PARAMETER */
export async function expire(context: OperationContext, input: ExpireInput): Promise<ChangedResult> {
  const space = keyspaceOf(context.database);
  const { ttlMs } = input;
  assertTtl(context, ttlMs);
  const changed = await space.submit(context, EXPIRES, { stored: storedKey(input.key), ttlMs });
  if (changed) space.written(context, () => space.sweep.within(ttlMs));
  return { changed };
}

/** Takes the time to live away. @throws INVALID_PARAMETER */
export async function persist(context: OperationContext, input: KeyInput): Promise<ChangedResult> {
  const stored = storedKey(input.key);
  const { affected } = await keyspaceOf(context.database).run(context, [stored], PERSIST, [stored.key]);
  return { changed: affected > 0 };
}

/** What is left of the time to live. @throws INVALID_PARAMETER */
export async function ttl(context: OperationContext, input: KeyInput): Promise<TtlResult> {
  const seen = await look(context, input.key);
  return { found: seen !== undefined, ttlMs: seen?.ttlMs ?? null };
}
