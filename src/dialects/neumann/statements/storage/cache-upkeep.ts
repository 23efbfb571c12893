/** What is done to the cache as a whole: counting, removing the oldest entries, removing all. In steps, not in one transaction. */
import { asFacetError, LIMITS } from '../../../../base/index.ts';
import type { Dispatch } from '../../../../dispatch/index.ts';
import {
  collectionDelete,
  embeddingCount,
  embeddingDelete,
  kvDel,
  kvMget,
} from '../../../../models/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { ask } from './answers.ts';
import { CACHE_COLLECTION, cacheKeys, questionOf, readEntry } from './cache-entries.ts';

/** Values read at once, only to see how old they are. */
const VALUES_AT_ONCE = 64;

/** How often an entry was found in a namespace since this server started. */
class Hits {
  #found = 0;
  #missed = 0;

  count(isFound: boolean): void {
    if (isFound) this.#found++;
    else this.#missed++;
  }

  get lines(): readonly string[] {
    return [`hits: ${this.#found}`, `misses: ${this.#missed}`];
  }
}

const hits = new WeakMap<Dispatch, Map<string, Hits>>();

export function hitsOf({ dispatch, session }: StatementCall): Hits {
  const namespace = session.namespace ?? session.principal?.namespace ?? dispatch.store.defaultNamespace;
  const known = hits.get(dispatch) ?? new Map<string, Hits>();
  hits.set(dispatch, known);
  const found = known.get(namespace) ?? new Hits();
  known.set(namespace, found);
  return found;
}

export async function stats(call: StatementCall): Promise<string> {
  let entries = 0;
  for await (const keys of cacheKeys(call, LIMITS.kvScanKeysMax)) entries += keys.length;
  const { count } = await ask(call, embeddingCount, { collection: CACHE_COLLECTION });
  return [`entries: ${entries}`, `embeddings: ${count}`, ...hitsOf(call).lines].join('\n');
}

/** Removes the entries that were kept longest. Returns how many there were. */
export async function evict(call: StatementCall, count: number): Promise<number> {
  if (count === 0) return 0;
  const all: { readonly key: string; readonly keptAtMs: number }[] = [];
  for await (const keys of cacheKeys(call, VALUES_AT_ONCE)) {
    const { valuesJson } = await ask(call, kvMget, { keys: [...keys] });
    for (const [at, key] of keys.entries()) {
      const entry = readEntry(valuesJson[at] ?? 'null');
      if (entry !== undefined) all.push({ key, keptAtMs: entry.keptAtMs });
    }
  }
  all.sort((one, other) => one.keptAtMs - other.keptAtMs);
  return await remove(
    call,
    all.slice(0, count).map(({ key }) => key),
  );
}

async function remove(call: StatementCall, keys: readonly string[]): Promise<number> {
  let removed = 0;
  for (let from = 0; from < keys.length; from += LIMITS.kvScanKeysMax) {
    const part = keys.slice(from, from + LIMITS.kvScanKeysMax);
    removed += (await ask(call, kvDel, { keys: part })).deleted;
    const questions = part.map(questionOf).filter(mayBeEmbedded);
    await ask(call, embeddingDelete, { collection: CACHE_COLLECTION, keys: questions });
  }
  return removed;
}

/** Longer ones are no key of an embedding. */
const mayBeEmbedded = (question: string): boolean =>
  question !== '' && Buffer.byteLength(question) <= LIMITS.embeddingKeyBytesMax;

/** What is kept meanwhile may stay. */
export async function clear(call: StatementCall): Promise<void> {
  for await (const keys of cacheKeys(call, LIMITS.kvScanKeysMax)) await ask(call, kvDel, { keys: [...keys] });
  try {
    // With the collection its number of dimensions goes, too.
    await ask(call, collectionDelete, { name: CACHE_COLLECTION });
  } catch (error) {
    if (asFacetError(error).code !== 'COLLECTION_NOT_FOUND') throw error;
  }
}
