/** What an entry of the cache is where it is stored: a key, a JSON text, and maybe an embedding under its question. */
import { ExactNumber, nowMs, parseExactJson, stringifyExactJson } from '../../../../base/index.ts';
import { kvScan } from '../../../../models/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { ask } from './answers.ts';

/** The collection in which the embeddings of questions lie, under the questions. */
export const CACHE_COLLECTION = 'semantic_cache';

const PREFIX = 'neumann:cache:';

export const cacheKey = (question: string): string => `${PREFIX}${question}`;
export const questionOf = (key: string): string => key.slice(PREFIX.length);

export interface Entry {
  readonly value: string;
  /** Unix time. */
  readonly keptAtMs: number;
}

export const entryText = (value: string): string => stringifyExactJson({ value, kept_at_ms: nowMs() });

/** Undefined for what somebody else has put under such a key. */
export function readEntry(text: string): Entry | undefined {
  const found = parseExactJson(text);
  if (typeof found !== 'object' || found === null || Array.isArray(found) || found instanceof ExactNumber)
    return undefined;
  const { value, kept_at_ms: keptAt } = found as Record<string, unknown>;
  if (typeof value !== 'string') return undefined;
  return { value, keptAtMs: keptAt instanceof ExactNumber ? Number(keptAt.text) : Number(keptAt ?? 0) };
}

/** Keys of all entries, some at a time. */
export async function* cacheKeys(call: StatementCall, count: number): AsyncGenerator<readonly string[]> {
  let cursor: string | null = null;
  do {
    const page: { readonly keys: readonly string[]; readonly cursor: string | null } = await ask(
      call,
      kvScan,
      {
        prefix: PREFIX,
        cursor,
        count,
      },
    );
    if (page.keys.length > 0) yield page.keys;
    cursor = page.cursor;
  } while (cursor !== null);
}
