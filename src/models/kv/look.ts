/** Looking at a key without its value: whether it is there, of which kind, and for how long. Batched. */
import { arrayLiteral, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { type KindName, kindName, storedKey } from './entry.ts';
import { type BatchKind, type KeyItem, keyspaceOf } from './keyspace.ts';

/** A key that is there. */
export interface Seen {
  readonly kind: KindName;
  /** Milliseconds that are left; null when it does not expire. */
  readonly ttlMs: number | null;
}

const LOOK = statement(
  'kv.look',
  `SELECT key, kind, kv.remaining_ms(expires_at) FROM kv.entry
   WHERE key = ANY ($1::text[]) AND kv.live(expires_at)`,
);

const LOOKS: BatchKind<KeyItem, Seen | null> = {
  name: 'kv.look',
  reads: true,
  bytesOf: () => 0,
  mergeable: () => true,
  run: async (run, items) => {
    const keys = new Set(items.map(({ stored }) => stored.key));
    const { rows } = await run(LOOK, [arrayLiteral([...keys])]);
    const found = new Map<string, Seen>();
    for (const [key, number, ttlMs = null] of rows) {
      const kind = kindName(number);
      if (typeof key === 'string' && kind !== undefined) {
        found.set(key, { kind, ttlMs: ttlMs === null ? null : Number(ttlMs) });
      }
    }
    return items.map(({ stored }) => found.get(stored.key) ?? null);
  },
};

/** The key, if it is there. @throws INVALID_PARAMETER */
export async function look(context: OperationContext, key: string): Promise<Seen | undefined> {
  const seen = await keyspaceOf(context.database).submit(context, LOOKS, { stored: storedKey(key) });
  return seen ?? undefined;
}
