/** Deleting keys of every kind, and asking whether they are there. */
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkCount, KIND, storedKeys } from '../entry.ts';
import { type BatchKind, type KeyItem, keyspaceOf } from '../keyspace.ts';
import { look } from '../look.ts';
import type {
  DelResult,
  ExistsResult,
  FlushResult,
  ManyKeys,
  OneKey,
  TypeResult,
  VersionsResult,
} from './schemas.ts';

/** Returns the keys that were there, and their kinds. */
const DEL = statement(
  'kv.del',
  `DELETE FROM kv.entry WHERE key = ANY ($1::text[]) RETURNING key, kind, kv.live(expires_at)`,
);
const FLUSH = statement(
  'kv.flushdb',
  `WITH gone AS (DELETE FROM kv.entry RETURNING expires_at)
   SELECT count(*) FROM gone WHERE kv.live(expires_at)`,
);
const VERSIONS = statement(
  'kv.versions',
  `SELECT key, id || '.' || version FROM kv.entry WHERE key = ANY ($1::text[]) AND kv.live(expires_at)`,
);

/** What was deleted of one key. */
interface Gone {
  readonly deleted: boolean;
  /** It had elements, which are garbage now. */
  readonly collection: boolean;
}

const NOTHING: Gone = { deleted: false, collection: false };

const DELS: BatchKind<KeyItem, Gone> = {
  name: 'kv.del',
  bytesOf: () => 0,
  mergeable: () => false,
  run: async (run, items) => {
    const { rows } = await run(DEL, [arrayLiteral(items.map(({ stored }) => stored.key))]);
    const gone = new Map(rows.map(([key, kind, live]) => [key, goneOf(kind, live)]));
    return items.map(({ stored }) => gone.get(stored.key) ?? NOTHING);
  },
};

const goneOf = (kind: string | null | undefined, live: string | null | undefined): Gone => ({
  deleted: live === 't',
  collection: Number(kind) >= KIND.hash && Number(kind) <= KIND.zset,
});

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export async function del(context: OperationContext, { keys }: ManyKeys): Promise<DelResult> {
  checkCount(keys.length, 'keys');
  const space = keyspaceOf(context.database);
  space.counts.dels += keys.length;
  const stored = storedKeys(keys);
  const [only] = stored;
  let gone: readonly Gone[];
  if (stored.length === 1 && only !== undefined) {
    gone = [await space.submit(context, DELS, { stored: only })];
  } else {
    const names = [...new Set(stored.map(({ key }) => key))].sort();
    const { rows } = await space.runSized(context, stored, DEL, [arrayLiteral(names)]);
    gone = rows.map(([, kind, live]) => goneOf(kind, live));
  }
  if (gone.some(({ collection }) => collection)) space.written(context, () => space.sweep.within(0));
  return { deleted: gone.filter(({ deleted }) => deleted).length };
}

/** @throws INVALID_PARAMETER */
export async function exists(context: OperationContext, { key }: OneKey): Promise<ExistsResult> {
  return { exists: (await look(context, key)) !== undefined };
}

/** @throws INVALID_PARAMETER */
export async function type(context: OperationContext, { key }: OneKey): Promise<TypeResult> {
  return { type: (await look(context, key))?.kind ?? null };
}

/** Marks by which a later look tells whether keys were changed. @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export async function versions(context: OperationContext, { keys }: ManyKeys): Promise<VersionsResult> {
  checkCount(keys.length, 'keys');
  const stored = storedKeys(keys);
  const names = arrayLiteral(stored.map(({ key }) => key));
  const { rows } = await keyspaceOf(context.database).runSized(context, stored, VERSIONS, [names]);
  const found = new Map(rows.map(([key, version = null]) => [key, version]));
  return { versions: stored.map(({ key }) => found.get(key) ?? null) };
}

/** Deletes every key of the namespace; the elements of collections are removed in the background. */
export async function flushdb(context: OperationContext): Promise<FlushResult> {
  const space = keyspaceOf(context.database);
  const { rows } = await space.apart(context, FLUSH, []);
  space.written(context, () => space.sweep.within(0));
  return { deleted: Number(rows[0]?.[0] ?? 0) };
}
