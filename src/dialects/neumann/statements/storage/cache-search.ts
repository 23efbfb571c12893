/** Finding the entry of the cache whose question is most like another one. */
import { asFacetError, roleAllows } from '../../../../base/index.ts';
import { embeddingDelete, embeddingGet, embeddingSearch } from '../../../../models/index.ts';
import { ENTITY_COLLECTION } from '../../entity-key.ts';
import type { StatementCall } from '../../statement-call.ts';
import { ask } from './answers.ts';
import { CACHE_COLLECTION } from './cache-entries.ts';

export interface Wanted {
  readonly question: string;
  /** Undefined: the one that is stored under the question, if there is one. */
  readonly vector: readonly number[] | undefined;
  readonly scoreMin: number;
  /** The answer of an entry; undefined when it is there no more. */
  readonly answerOf: (question: string) => Promise<string | undefined>;
}

/** Entries expire and their embeddings stay: so many of those are passed over, a page each. */
const PAGE = 10;
const PAGES_MAX = 20;

/** @throws VECTOR_DIMENSION_MISMATCH */
export async function similarAnswer(
  call: StatementCall,
  { question, vector: given, scoreMin, answerOf }: Wanted,
): Promise<{ readonly answer: string; readonly score: number } | undefined> {
  const vector = given ?? (await storedVector(call, question));
  if (vector === undefined) return undefined;
  const gone: string[] = [];
  try {
    for (let page = 0; page < PAGES_MAX; page++) {
      const items = await search(call, { vector: [...vector], scoreMin, offset: page * PAGE });
      for (const { key, score } of items) {
        const answer = await answerOf(key);
        if (answer !== undefined) return { answer, score };
        gone.push(key);
      }
      if (items.length < PAGE) return undefined;
    }
    return undefined;
  } finally {
    await forget(call, gone);
  }
}

interface Part {
  readonly vector: number[];
  readonly scoreMin: number;
  readonly offset: number;
}

/** Nothing when no embedding was kept ever. */
async function search(call: StatementCall, part: Part) {
  try {
    const asked = { collection: CACHE_COLLECTION, metric: 'cosine', limit: PAGE, ...part } as const;
    return (await ask(call, embeddingSearch, asked)).items;
  } catch (error) {
    if (asFacetError(error).code === 'COLLECTION_NOT_FOUND') return [];
    throw error;
  }
}

/** What is known of the question: from the time when it had an answer, or as an entity's. */
async function storedVector(call: StatementCall, question: string): Promise<readonly number[] | undefined> {
  for (const collection of [CACHE_COLLECTION, ENTITY_COLLECTION]) {
    const found = await ask(call, embeddingGet, { collection, keys: [question], withVector: true });
    const vector = found.embeddings[0]?.vector;
    if (vector !== undefined) return vector;
  }
  return undefined;
}

/** Those who may only read leave it to others. */
async function forget(call: StatementCall, questions: readonly string[]): Promise<void> {
  const { principal } = call.session;
  if (questions.length === 0 || principal === undefined || !roleAllows(principal.role, 'write')) return;
  // An answer was found or not: that its leavings could not be removed changes neither.
  await ask(call, embeddingDelete, { collection: CACHE_COLLECTION, keys: [...questions] }).catch(
    () => undefined,
  );
}
