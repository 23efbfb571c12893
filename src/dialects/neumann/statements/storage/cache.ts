/**
 * CACHE: texts kept by their questions, in the namespace's keys, so that they outlive the server and other dialects can
 * see them. One that was kept with the embedding of its question is found by similar questions as well.
 */
import { embeddingStore, kvGet, kvSet } from '../../../../models/index.ts';
import type { StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask, NOT_FOUND, together, valueResult } from './answers.ts';
import { CACHE_COLLECTION, cacheKey, entryText, readEntry } from './cache-entries.ts';
import { similarAnswer } from './cache-search.ts';
import { clear, evict, hitsOf, stats } from './cache-upkeep.ts';

/** Similarity of a question that counts as the same one, when the statement has no other. */
const SIMILAR_ENOUGH = 0.9;

const ttl = (seconds: number | undefined) => (seconds === undefined ? {} : { ttlMs: seconds * 1_000 });

async function find(call: StatementCall, question: string): Promise<string | undefined> {
  const { valueJson } = await ask(call, kvGet, { key: cacheKey(question) });
  return valueJson === null ? undefined : readEntry(valueJson)?.value;
}

async function get({ key }: StatementOf<'cache-get'>, call: StatementCall): Promise<Result> {
  const found = await find(call, key.text);
  hitsOf(call).count(found !== undefined);
  return valueResult(found ?? NOT_FOUND);
}

async function put(
  { key, value, ttlSeconds }: StatementOf<'cache-put'>,
  call: StatementCall,
): Promise<Result> {
  await ask(call, kvSet, { key: cacheKey(key.text), valueJson: entryText(value), ...ttl(ttlSeconds) });
  return valueResult('OK');
}

async function semanticPut(
  { query, response, embedding, ttlSeconds }: StatementOf<'cache-semantic-put'>,
  call: StatementCall,
): Promise<Result> {
  await together(call, async (part) => {
    await ask(part, kvSet, { key: cacheKey(query.text), valueJson: entryText(response), ...ttl(ttlSeconds) });
    const point = { key: query.text, vector: embedding.components };
    await ask(part, embeddingStore, { collection: CACHE_COLLECTION, points: [point] });
  });
  return valueResult('OK');
}

/** The same words first: they need no search. */
async function semanticGet(
  { query, embedding, threshold }: StatementOf<'cache-semantic-get'>,
  call: StatementCall,
): Promise<Result> {
  const exact = await find(call, query.text);
  if (exact !== undefined) {
    hitsOf(call).count(true);
    return valueResult(`response: ${exact}, layer: Exact`);
  }
  const similar = await similarAnswer(call, {
    question: query.text,
    vector: embedding?.components,
    scoreMin: threshold ?? SIMILAR_ENOUGH,
    answerOf: (question) => find(call, question),
  });
  hitsOf(call).count(similar !== undefined);
  if (similar === undefined) return valueResult(NOT_FOUND);
  const { answer, score } = similar;
  return valueResult(`response: ${answer}, layer: Semantic, similarity: ${score.toFixed(SCORE_DIGITS)}`);
}

const SCORE_DIGITS = 4;

export const CACHE_RUNNERS = {
  'cache-init': { answers: () => 'value', run: async () => valueResult('Cache initialized') },
  'cache-get': { answers: () => 'value', run: get },
  'cache-put': { answers: () => 'value', run: put },
  'cache-semantic-get': { answers: () => 'value', run: semanticGet },
  'cache-semantic-put': { answers: () => 'value', run: semanticPut },
  'cache-evict': {
    answers: () => 'value',
    run: async ({ count }, call) => valueResult(`Evicted ${await evict(call, count)} entries`),
  },
  'cache-clear': {
    answers: () => 'value',
    run: async (_, call) => {
      await clear(call);
      return valueResult('Cache cleared');
    },
  },
  'cache-stats': { answers: () => 'value', run: async (_, call) => valueResult(await stats(call)) },
} as const satisfies Runners<
  | 'cache-init'
  | 'cache-get'
  | 'cache-put'
  | 'cache-semantic-get'
  | 'cache-semantic-put'
  | 'cache-evict'
  | 'cache-clear'
  | 'cache-stats'
>;
