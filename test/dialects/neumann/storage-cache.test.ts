/** CACHE: answers by their questions, the same ones and similar ones. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  embeddingCount,
  kvGet,
  kvSet,
  transactionBegin,
  transactionRollback,
} from '../../../src/models/index.ts';
import { type CallOptions, type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeEach(async () => {
  neumann = await openNeumann();
});
afterEach(async () => {
  await neumann?.stop();
});

const value = async (text: string, options?: CallOptions): Promise<unknown> =>
  (await neumann.run(text, options)).value.value;

describe('by key', () => {
  test('PUT and GET', async () => {
    expect(await value('CACHE INIT')).toBe('Cache initialized');
    expect(await value("CACHE GET 'q'")).toBe('(not found)');
    expect(await value("CACHE PUT 'q' 'an answer'")).toBe('OK');
    expect(await value("CACHE GET 'q'")).toBe('an answer');
    expect(await value("CACHE PUT 'q' 'another'")).toBe('OK');
    expect(await value("CACHE GET 'q'")).toBe('another');
  });

  test('an entry with a time to live is gone after it', async () => {
    await value("CACHE PUT 'q' 'x' TTL 1");
    expect(await value("CACHE GET 'q'")).toBe('x');
    await sleep(1_100);
    expect(await value("CACHE GET 'q'")).toBe('(not found)');
  });

  test('other dialects see it as a key', async () => {
    await value("CACHE PUT 'q' 'x'");
    const found = await neumann.dispatch.call(kvGet, { key: 'neumann:cache:q' }, neumann.callOf().session);
    expect(JSON.parse(found.valueJson ?? '')).toEqual({ value: 'x', kept_at_ms: expect.any(Number) });
  });

  test('what somebody else has put there is no entry', async () => {
    const { session } = neumann.callOf();
    await neumann.dispatch.call(kvSet, { key: 'neumann:cache:q', valueJson: '[1]' }, session);
    expect(await value("CACHE GET 'q'")).toBe('(not found)');
  });

  test('bad input', async () => {
    expect((await neumann.fault(`CACHE PUT '${'k'.repeat(70_000)}' 'x'`)).code).toBe('INVALID_PARAMETER');
    expect((await neumann.fault("CACHE SEMANTIC PUT '' 'x' EMBEDDING [1]")).code).toBe('INVALID_PARAMETER');
    expect((await neumann.fault("CACHE PUT 'q' 'x' TTL 0")).code).toBe('INVALID_STATEMENT');
    expect((await neumann.fault("CACHE PUT 'q' 'x'", { role: 'read' })).code).toBe('FORBIDDEN');
  });
});

describe('by similarity', () => {
  const ML = "CACHE SEMANTIC PUT 'what is ML?' 'Learning from data' EMBEDDING [1, 0, 0]";

  test('the same words, similar words, and others', async () => {
    expect(await value("CACHE SEMANTIC GET 'what is ML?' EMBEDDING [1, 0, 0]")).toBe('(not found)');
    expect(await value(ML)).toBe('OK');
    expect(await value("CACHE SEMANTIC GET 'what is ML?'")).toBe(
      'response: Learning from data, layer: Exact',
    );
    expect(await value("CACHE GET 'what is ML?'")).toBe('Learning from data');
    expect(await value("CACHE SEMANTIC GET 'explain ML' EMBEDDING [1, 0.1, 0]")).toBe(
      'response: Learning from data, layer: Semantic, similarity: 0.9950',
    );
    expect(await value("CACHE SEMANTIC GET 'explain ML' EMBEDDING [1, 1, 0]")).toBe('(not found)');
    expect(await value("CACHE SEMANTIC GET 'explain ML' EMBEDDING [1, 1, 0] THRESHOLD 0.7")).toBe(
      'response: Learning from data, layer: Semantic, similarity: 0.7071',
    );
    expect(await value("CACHE SEMANTIC GET 'explain ML'")).toBe('(not found)');
  });

  test('a question that has an embedding of its own needs none', async () => {
    await value(ML);
    await neumann.run("EMBED STORE 'explain ML' [1, 0, 0.1]");
    expect(await value("CACHE SEMANTIC GET 'explain ML'")).toMatch(/layer: Semantic, similarity: 0\.9950$/);
  });

  test('entries that have expired are passed over, and their embeddings removed by whoever may', async () => {
    await value("CACHE SEMANTIC PUT 'old' 'old answer' EMBEDDING [1, 0, 0] TTL 1");
    await value("CACHE SEMANTIC PUT 'new' 'new answer' EMBEDDING [0.95, 0.1, 0]");
    await sleep(1_100);
    const asked = "CACHE SEMANTIC GET 'x' EMBEDDING [1, 0, 0]";
    const answer = /^response: new answer, layer: Semantic/;
    const count = async (): Promise<number> =>
      (
        await neumann.dispatch.call(
          embeddingCount,
          { collection: 'semantic_cache' },
          neumann.callOf().session,
        )
      ).count;
    expect(await value(asked, { role: 'read' })).toMatch(answer);
    expect(await count()).toBe(2);
    expect(await value(asked)).toMatch(answer);
    expect(await count()).toBe(1);
  });

  test('a wrong length', async () => {
    await value(ML);
    const put = await neumann.fault("CACHE SEMANTIC PUT 'q' 'a' EMBEDDING [1, 2]");
    expect(put.code).toBe('VECTOR_DIMENSION_MISMATCH');
    expect(await value("CACHE GET 'q'")).toBe('(not found)');
    expect((await neumann.fault("CACHE SEMANTIC GET 'q' EMBEDDING [1, 2]")).code).toBe(
      'VECTOR_DIMENSION_MISMATCH',
    );
  });

  test('a transaction that is rolled back has kept nothing', async () => {
    const { session } = neumann.callOf();
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, session);
    await value(ML, { transactionId: txnId });
    expect(await value("CACHE GET 'what is ML?'", { transactionId: txnId })).toBe('Learning from data');
    await neumann.dispatch.call(transactionRollback, { txnId }, session);
    expect(await value("CACHE SEMANTIC GET 'what is ML?' EMBEDDING [1, 0, 0]")).toBe('(not found)');
  });
});

describe('as a whole', () => {
  test('STATS counts entries, and how often one was found', async () => {
    await value("CACHE PUT 'a' '1'");
    await value("CACHE SEMANTIC PUT 'b' '2' EMBEDDING [1]");
    await value("CACHE GET 'a'");
    await value("CACHE GET 'z'");
    expect(await value('CACHE STATS')).toBe('entries: 2\nembeddings: 1\nhits: 1\nmisses: 1');
  });

  test('EVICT removes what was kept longest, with its embedding', async () => {
    for (const key of ['c', 'a', 'b']) {
      await value(`CACHE SEMANTIC PUT '${key}' 'x' EMBEDDING [1, 2]`);
      await sleep(3);
    }
    expect(await value('CACHE EVICT 0')).toBe('Evicted 0 entries');
    expect(await value('CACHE EVICT 2')).toBe('Evicted 2 entries');
    expect(await value("CACHE GET 'b'")).toBe('x');
    expect(await value('CACHE STATS')).toMatch(/^entries: 1\nembeddings: 1\n/);
    expect(await value('CACHE EVICT')).toBe('Evicted 1 entries');
  });

  test('CLEAR removes everything, so that embeddings of another length fit', async () => {
    await value("CACHE PUT 'a' '1'");
    await value("CACHE SEMANTIC PUT 'b' '2' EMBEDDING [1, 2]");
    const { session } = neumann.callOf();
    await neumann.dispatch.call(kvSet, { key: 'mine', valueJson: '1' }, session);
    expect(await value('CACHE CLEAR')).toBe('Cache cleared');
    expect(await value('CACHE CLEAR')).toBe('Cache cleared');
    expect(await value('CACHE STATS')).toMatch(/^entries: 0\nembeddings: 0\n/);
    expect(await value("CACHE SEMANTIC PUT 'b' '2' EMBEDDING [1, 2, 3]")).toBe('OK');
    expect((await neumann.dispatch.call(kvGet, { key: 'mine' }, session)).found).toBe(true);
  });
});

test('a restart keeps entries and finds them by similarity', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'facet-cache-'));
  const storeUri = `file://${directory}/data`;
  try {
    const before = await openNeumann({ storeUri });
    await before.run("CACHE PUT 'by key' 'kept'");
    await before.run("CACHE SEMANTIC PUT 'how far is the moon' '384400 km' EMBEDDING [1, 0, 0]");
    await before.run("CACHE SEMANTIC PUT 'how hot is the sun' '5772 K' EMBEDDING [0, 1, 0] TTL 1");
    await before.stop();
    await sleep(1_000);
    const after = await openNeumann({ storeUri });
    const found = async (text: string) => (await after.run(text)).value.value;
    try {
      expect(await found("CACHE GET 'by key'")).toBe('kept');
      expect(await found("CACHE SEMANTIC GET 'how far is the moon'")).toBe(
        'response: 384400 km, layer: Exact',
      );
      expect(await found("CACHE SEMANTIC GET 'distance of the moon' EMBEDDING [10, 1, 0]")).toBe(
        'response: 384400 km, layer: Semantic, similarity: 0.9950',
      );
      expect(await found("CACHE SEMANTIC GET 'heat of the sun' EMBEDDING [0, 1, 0]")).toBe('(not found)');
      expect(await found('CACHE STATS')).toMatch(/^entries: 2\nembeddings: [12]\nhits: 3\nmisses: 1$/);
    } finally {
      await after.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
