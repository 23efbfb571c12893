/** Setting one string: batched where nothing but the value and its time to live is said, one statement otherwise. */
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { assertTtl } from '../../plan-limits.ts';
import { checkValue, kindName, type StoredKey, storedKey, wrongType } from '../entry.ts';
import { type BatchKind, type Keyspace, keyspaceOf, longKeys } from '../keyspace.ts';
import type { SetInput, SetResult } from './schemas.ts';

interface SetItem {
  readonly stored: StoredKey;
  readonly valueJson: string;
  readonly ttlMs: number | undefined;
}

/**
 * Parameters: keys, values, times to live in milliseconds, long keys; the last two are null when nobody has one. A key
 * that held another kind gets another id, and the trigger of the table notes what becomes garbage.
 */
export const SET = statement(
  'kv.set',
  `INSERT INTO kv.entry AS e (key, value, expires_at, long_key, kind, version)
   SELECT k, v, kv.expiry_after(ttl), long_k, 1, 1
   FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS given (k, v, ttl, long_k)
   ON CONFLICT (key) DO UPDATE SET
     value = excluded.value, expires_at = excluded.expires_at, version = e.version + 1,
     id = CASE WHEN e.kind = 1 THEN e.id ELSE excluded.id END, kind = 1, bytes = NULL`,
);

/** As SET, but leaves keys that are there as they are. Returns those that it wrote. */
export const SET_NEW = statement(
  'kv.set_new',
  `INSERT INTO kv.entry AS e (key, value, expires_at, long_key, kind, version)
   SELECT k, v, kv.expiry_after(ttl), long_k, 1, 1
   FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS given (k, v, ttl, long_k)
   ON CONFLICT (key) DO UPDATE SET
     value = excluded.value, expires_at = excluded.expires_at, version = e.version + 1,
     id = excluded.id, kind = 1, bytes = NULL
   WHERE NOT kv.live(e.expires_at)
   RETURNING e.key`,
);

/** One key, all conditions; returns whether it was written, and the value and kind from before. */
const STORE = statement(
  'kv.store',
  'SELECT * FROM kv.store($1, $2, $3, $4::bigint, $5::bool, $6::bool, $7::bool, $8::bool)',
);

const bytesOf = ({ valueJson }: SetItem): number => valueJson.length;

/** Of several values for one key the last one counts: the others would be overwritten at once. */
export const SETS: BatchKind<SetItem, true> = {
  name: 'kv.set',
  bytesOf,
  mergeable: () => true,
  run: async (run, items) => {
    await run(SET, setParameters(items));
    return items.map(() => true as const);
  },
};

const NEW_SETS: BatchKind<SetItem, boolean> = {
  name: 'kv.set_new',
  bytesOf,
  mergeable: () => false,
  run: async (run, items) => {
    const { rows } = await run(SET_NEW, setParameters(items));
    const written = new Set(rows.map(([key]) => key));
    return items.map(({ stored }) => written.has(stored.key));
  },
};

/** Parameters of SET, each key once: equal keys stand beside each other, or the items come from one command. */
export function setParameters(items: readonly SetItem[]): string[] {
  const last = new Map(items.map((item) => [item.stored.key, item]));
  const each = last.size === items.length ? items : [...last.values()];
  const longs = longKeys(each);
  return [
    arrayLiteral(each.map(({ stored }) => stored.key)),
    arrayLiteral(each.map(({ valueJson }) => valueJson)),
    arrayLiteral(
      each.some(({ ttlMs }) => ttlMs !== undefined)
        ? each.map(({ ttlMs }) => (ttlMs === undefined ? null : String(ttlMs)))
        : [],
    ),
    arrayLiteral(longs ?? []),
  ];
}

/**
 * Sets a string; whatever the key held before is gone. Without `ttlMs` and `keepTtl` it has no time to live.
 * @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE when `previous` is asked of another kind
 */
export async function set(context: OperationContext, input: SetInput): Promise<SetResult> {
  assertTtl(context, input.ttlMs);
  const stored = storedKey(input.key);
  checkValue(input.valueJson);
  const space = keyspaceOf(context.database);
  const item = { stored, valueJson: input.valueJson, ttlMs: input.ttlMs };
  space.counts.sets++;
  const plain = input.xx !== true && input.keepTtl !== true && input.previous !== true;
  let result: SetResult = { written: true, previousJson: null };
  if (!plain) result = await store(space, context, input, stored);
  else if (input.nx !== true) await space.submit(context, SETS, item);
  else result = { written: await space.submit(context, NEW_SETS, item), previousJson: null };
  if (result.written) noteTtl(space, context, input.ttlMs);
  return result;
}

async function store(
  space: Keyspace,
  context: OperationContext,
  input: SetInput,
  stored: StoredKey,
): Promise<SetResult> {
  const { rows } = await space.run(context, [stored], STORE, [
    stored.key,
    stored.longKey,
    input.valueJson,
    input.ttlMs === undefined ? null : String(input.ttlMs),
    String(input.nx === true),
    String(input.xx === true),
    String(input.keepTtl === true),
    String(input.previous === true),
  ]);
  const [written, previousJson = null, kind] = rows[0] ?? [];
  const found = kindName(kind);
  if (input.previous === true && found !== undefined && found !== 'string') {
    throw wrongType(input.key, found, 'string');
  }
  return { written: written === 't', previousJson: input.previous === true ? previousJson : null };
}

/** Has the sweep come when a key expires, and look for what was overwritten. */
export function noteTtl(space: Keyspace, context: OperationContext, ttlMs: number | undefined): void {
  space.written(context, () => {
    if (ttlMs === undefined) space.sweep.sometime();
    else space.sweep.within(ttlMs);
  });
}
