/** CACHE: answers kept by their questions, found again by the same words or by similar ones. */
import type { Form } from '../form.ts';
import { choose, clause, readClauses } from '../syntax/clauses.ts';
import { type Key, key } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { count, measure, textValue } from '../syntax/values.ts';
import { embeddingClause, type Vector, vector } from '../syntax/vectors.ts';

export interface CacheControl {
  readonly kind: 'cache-init' | 'cache-stats' | 'cache-clear';
}

export interface CacheEvict {
  readonly kind: 'cache-evict';
  /** How many entries. */
  readonly count: number;
}

export interface CacheGet {
  readonly kind: 'cache-get';
  readonly key: Key;
}

export interface CachePut {
  readonly kind: 'cache-put';
  readonly key: Key;
  readonly value: string;
  /** Undefined: until it is removed. */
  readonly ttlSeconds: number | undefined;
}

export interface CacheSemanticGet {
  readonly kind: 'cache-semantic-get';
  readonly query: Key;
  /** Of the query; undefined: only the same words find an answer, and those the store has an embedding of. */
  readonly embedding: Vector | undefined;
  /** Least similarity. */
  readonly threshold: number | undefined;
}

export interface CacheSemanticPut {
  readonly kind: 'cache-semantic-put';
  readonly query: Key;
  readonly response: string;
  readonly embedding: Vector;
  /** Undefined: until it is removed. */
  readonly ttlSeconds: number | undefined;
}

export type CacheStatement =
  | CacheControl
  | CacheEvict
  | CacheGet
  | CachePut
  | CacheSemanticGet
  | CacheSemanticPut;

/** Entries that EVICT removes when it is not told how many. */
const EVICTED = 100;

export const cacheStatement = (reader: Reader): CacheStatement =>
  choose<CacheStatement>(reader, {
    GET: () => ({ kind: 'cache-get', key: key(reader, 'a key') }),
    PUT: () => {
      const under = key(reader, 'a key');
      const value = textValue(reader, 'a value');
      return { kind: 'cache-put', key: under, value, ttlSeconds: ttl(reader) };
    },
    SEMANTIC: () => (reader.expectOneOf('GET', 'PUT') === 'GET' ? semanticGet(reader) : semanticPut(reader)),
    EVICT: () => {
      const isTold = !reader.isAtEnd && !reader.is(';');
      return { kind: 'cache-evict', count: isTold ? count(reader, 'EVICT', 0) : EVICTED };
    },
    INIT: () => ({ kind: 'cache-init' }),
    STATS: () => ({ kind: 'cache-stats' }),
    CLEAR: () => ({ kind: 'cache-clear' }),
  });

function semanticGet(reader: Reader): CacheSemanticGet {
  const query = key(reader, 'a question');
  let embedding: Vector | undefined;
  let threshold: number | undefined;
  readClauses(reader, [
    embeddingClause(reader, (found) => {
      embedding = found;
    }),
    clause('THRESHOLD', () => {
      threshold = measure(reader, 'THRESHOLD', { least: -1, most: 1 });
    }),
  ]);
  return { kind: 'cache-semantic-get', query, embedding, threshold };
}

function semanticPut(reader: Reader): CacheSemanticPut {
  const query = key(reader, 'a question');
  const response = textValue(reader, 'an answer');
  reader.expectWord('EMBEDDING');
  const embedding = vector(reader);
  return { kind: 'cache-semantic-put', query, response, embedding, ttlSeconds: ttl(reader) };
}

/** `[TTL seconds]` */
function ttl(reader: Reader): number | undefined {
  let seconds: number | undefined;
  readClauses(reader, [
    clause('TTL', () => {
      seconds = count(reader, 'TTL', 1);
    }),
  ]);
  return seconds;
}

const ML = "CACHE PUT 'what is ML?' 'Machine learning is …' TTL 3600";
const SEMANTIC = "CACHE SEMANTIC PUT 'what is ML?' 'Machine learning is …' EMBEDDING [0.1, 0.2, 0.3]";

export const CACHE_FORMS = [
  {
    name: 'CACHE PUT',
    kind: 'cache-put',
    syntax: 'CACHE PUT key value [TTL seconds]',
    summary: 'Keeps a text under a key, for ever or for some seconds.',
    examples: [{ statement: ML }],
  },
  {
    name: 'CACHE GET',
    kind: 'cache-get',
    syntax: 'CACHE GET key',
    summary: 'Answers the text of a key, or (not found).',
    examples: [{ setup: [ML], statement: "CACHE GET 'what is ML?'" }],
  },
  {
    name: 'CACHE SEMANTIC PUT',
    kind: 'cache-semantic-put',
    syntax: 'CACHE SEMANTIC PUT question answer EMBEDDING [v, …] [TTL seconds]',
    summary: 'Keeps an answer with the embedding of its question.',
    examples: [{ statement: SEMANTIC }],
  },
  {
    name: 'CACHE SEMANTIC GET',
    kind: 'cache-semantic-get',
    syntax: 'CACHE SEMANTIC GET question [EMBEDDING [v, …]] [THRESHOLD x]',
    summary:
      'Answers what was kept for the same question, or for the one whose embedding is most similar, if it is similar enough.',
    examples: [
      {
        setup: [SEMANTIC],
        statement: "CACHE SEMANTIC GET 'explain ML' EMBEDDING [0.1, 0.2, 0.31] THRESHOLD 0.85",
      },
    ],
  },
  {
    name: 'CACHE EVICT',
    kind: 'cache-evict',
    syntax: 'CACHE EVICT [n]',
    summary: 'Removes the entries that were kept longest: 100 of them, or as many as it is told.',
    examples: [{ setup: [ML], statement: 'CACHE EVICT 10' }],
  },
  {
    name: 'CACHE CLEAR',
    kind: 'cache-clear',
    syntax: 'CACHE CLEAR',
    summary: 'Removes all entries.',
    examples: [{ statement: 'CACHE CLEAR' }],
  },
  {
    name: 'CACHE STATS',
    kind: 'cache-stats',
    syntax: 'CACHE STATS',
    summary: 'Answers how many entries there are and how often one was found.',
    examples: [{ statement: 'CACHE STATS' }],
  },
  {
    name: 'CACHE INIT',
    kind: 'cache-init',
    syntax: 'CACHE INIT',
    summary: 'Does nothing: the cache is always there.',
    examples: [{ statement: 'CACHE INIT' }],
  },
] as const satisfies readonly Form[];
