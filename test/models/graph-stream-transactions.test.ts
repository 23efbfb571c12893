/** Cypher results that are read as they are computed, in transactions: those of callers, and those of one query. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Value } from '../../src/cypher/index.ts';
import type { Transaction } from '../../src/engine/index.ts';
import { runQuery, streamQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const NODES = 3_000;

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await runQuery(
    store.database,
    `UNWIND range(1, ${NODES}) AS i CREATE (:Leaf {i: i})-[:ON {at: i}]->(:Twig {i: i})`,
    { parameters: new Map() },
  );
});
afterAll(() => store.close());

type Rows = readonly (readonly Value[])[];
type Reader = AsyncIterator<Rows>;

const NONE = { parameters: new Map<string, Value>() };

async function opened(text: string, transaction?: Transaction, signal?: AbortSignal): Promise<Reader> {
  const { batches } = await streamQuery(store.database, text, { ...NONE, transaction, signal });
  return batches[Symbol.asyncIterator]();
}

async function rest(reader: Reader): Promise<Value[][]> {
  const rows: Value[][] = [];
  for (let step = await reader.next(); step.done !== true; step = await reader.next()) {
    for (const row of step.value) rows.push([...row]);
  }
  return rows;
}

const firstBatch = async (reader: Reader): Promise<Rows> => {
  const step = await reader.next();
  expect(step.done).not.toBe(true);
  return step.value as Rows;
};

const openCursors = async (): Promise<string> => {
  const [[count] = []] = await store.admin(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
  );
  return String(count);
};

describe.each(['read_committed', 'repeatable_read', 'serializable'] as const)('at %s', (isolationLevel) => {
  let transaction: Transaction;
  beforeEach(async () => {
    transaction = await store.database.begin({
      owner: 'tester',
      isolationLevel,
      readOnly: false,
      timeoutMs: 60_000,
    });
  });
  afterEach(async () => {
    await store.database.rollback(transaction).catch(() => {});
  });

  const run = (text: string): Promise<unknown> => runQuery(store.database, text, { ...NONE, transaction });

  it('rows come as they are taken, of queries that ask once and of others', async () => {
    for (const text of [
      'MATCH (n:Leaf) RETURN n.i',
      'MATCH (n:Leaf)-[r:ON*1..2]->(m) RETURN n, r, m',
      'MATCH p = (n:Leaf)-[:ON*1..2]->(:Twig) RETURN p',
      'MATCH (n:Leaf) OPTIONAL MATCH (n)-[r:ON]->(m) RETURN n.i, r, m.i',
      'MATCH (n:Leaf) MATCH p = (m:Twig)<-[:ON]-(n) RETURN p, startNode(relationships(p)[0]).i',
      'MATCH (n:Leaf) WHERE EXISTS { (n)-[:ON]->(:Twig) } RETURN n.i',
      `UNWIND range(1, ${NODES}) AS i RETURN i`,
    ]) {
      const reader = await opened(text, transaction);
      const first = await firstBatch(reader);
      expect(first.length).toBeLessThan(NODES);
      expect(first.length + (await rest(reader)).length).toBe(NODES);
    }
  });

  it('several results are open at once, and the transaction goes on beside them', async () => {
    const texts = [
      'MATCH (n:Leaf) RETURN n.i',
      'MATCH (n:Leaf)-[r:ON*1..1]->(m) RETURN m',
      'MATCH (n:Twig) RETURN n',
    ];
    const readers = await Promise.all(texts.map((text) => opened(text, transaction)));
    const counts: number[] = [];
    for (const reader of readers) counts.push((await firstBatch(reader)).length);
    expect((await runQuery(store.database, 'RETURN 1', { ...NONE, transaction })).rows).toEqual([[1n]]);
    for (const [at, reader] of readers.entries())
      counts[at] = (counts[at] ?? 0) + (await rest(reader)).length;
    expect(counts).toEqual([NODES, NODES, NODES]);
  });

  it('what the transaction writes while a result is open is not in it', async () => {
    const readers = await Promise.all(
      [
        'MATCH (n:Leaf) RETURN n.i',
        'MATCH (n:Leaf)-[r:ON*1..1]->(m) RETURN m.i',
        'MATCH (n:Leaf) OPTIONAL MATCH (n)-[:ON]->(m) RETURN m.i',
      ].map((text) => opened(text, transaction)),
    );
    const firsts: Rows[] = [];
    for (const reader of readers) firsts.push(await firstBatch(reader));
    await run('MATCH (n:Leaf) DETACH DELETE n');
    await run('UNWIND range(1, 10) AS i CREATE (:Leaf {i: -i})-[:ON]->(:Twig {i: -i})');
    const wanted = Array.from({ length: NODES }, (_, at) => BigInt(at + 1));
    for (const [at, reader] of readers.entries()) {
      const found = [...(firsts[at] ?? []), ...(await rest(reader))].map(([value]) => value as bigint);
      expect(found.sort((left, right) => Number(left - right))).toEqual(wanted);
    }
    const after = await rest(await opened('MATCH (n:Leaf) RETURN n.i', transaction));
    expect(after.length).toBe(10);
  });

  it('the schema can change while results are open', async () => {
    const reader = await opened('MATCH (n:Leaf) RETURN n', transaction);
    const other = await opened('MATCH (n:Leaf)-[r:ON*1..1]->(m) RETURN r', transaction);
    const counts = [(await firstBatch(reader)).length, (await firstBatch(other)).length];
    await run('CREATE INDEX leaves FOR (n:Leaf) ON (n.i)');
    expect((counts[0] ?? 0) + (await rest(reader)).length).toBe(NODES);
    expect((counts[1] ?? 0) + (await rest(other)).length).toBe(NODES);
  });

  it('a result that is left early leaves the transaction as it is', async () => {
    for (const text of ['MATCH (n:Leaf) RETURN n', 'MATCH (n:Leaf)-[r:ON*1..1]->(m) RETURN r']) {
      const reader = await opened(text, transaction);
      await firstBatch(reader);
      await reader.return?.();
      expect(await reader.next()).toEqual({ done: true, value: undefined });
    }
    await run('CREATE (:Kept)');
    expect(await rest(await opened('MATCH (n:Kept) RETURN 1', transaction))).toEqual([[1n]]);
  });

  it('a failure while rows are computed comes to the reader, and the transaction goes on', async () => {
    const reader = await opened('MATCH (n:Leaf) RETURN 1 / (n.i - 2000)', transaction);
    await expect(rest(reader)).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
    expect(await rest(await opened('RETURN 1', transaction))).toEqual([[1n]]);
  });

  it('a failure comes to the reader also when the rest was gathered', async () => {
    const reader = await opened('MATCH (n:Leaf)-[:ON*1..1]->(m) RETURN 1 / (m.i - 2990)', transaction);
    await firstBatch(reader);
    await run('CREATE (:Other)');
    await expect(rest(reader)).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
  });

  it('a commit or rollback ends what is open', async () => {
    const reader = await opened('MATCH (n:Leaf) RETURN n', transaction);
    await firstBatch(reader);
    await store.database.rollback(transaction);
    await expect(rest(reader)).rejects.toMatchObject({ code: 'TRANSACTION_NOT_ACTIVE' });
  });
});

it('an open result that is too large to be gathered is not lost, and what asked for it is refused', async () => {
  const transaction = await store.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 60_000,
  });
  try {
    const text = `MATCH (n:Leaf)-[:ON*1..1]->(m) RETURN [x IN range(1, 2000) | m.i + x] AS list`;
    const reader = await opened(text, transaction);
    let count = (await firstBatch(reader)).length;
    await expect(runQuery(store.database, 'CREATE (:Never)', { ...NONE, transaction })).rejects.toMatchObject(
      {
        code: 'RESULT_TOO_LARGE',
        message: expect.stringContaining('resultBytesMax'),
      },
    );
    for (let step = await reader.next(); step.done !== true; step = await reader.next())
      count += step.value.length;
    expect(count).toBe(NODES);
    await runQuery(store.database, 'CREATE (:AtLast)', { ...NONE, transaction });
  } finally {
    await store.database.rollback(transaction);
  }
});

it('what others delete while a result is open is no match any more, and no failure', async () => {
  const transaction = await store.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: true,
    timeoutMs: 60_000,
  });
  await runQuery(
    store.database,
    'UNWIND range(1, 2000) AS i CREATE (:Branch {i: i})-[:HAS]->(:Bud)-[:HAS]->(:Bloom {i: i})',
    NONE,
  );
  try {
    const reader = await opened('MATCH p = (b:Branch)-[:HAS*2]->(:Bloom) RETURN p', transaction);
    const first = await firstBatch(reader);
    await runQuery(store.database, 'MATCH (b:Branch) WHERE b.i % 2 = 0 DETACH DELETE b', NONE);
    await runQuery(store.database, 'MATCH (b:Bud) WHERE NOT (:Branch)-->(b) DETACH DELETE b', NONE);
    const found = first.length + (await rest(reader)).length;
    expect(found).toBeGreaterThanOrEqual(1_000);
    expect(found).toBeLessThan(2_000);
  } finally {
    await store.database.rollback(transaction);
  }
});

describe('a query that asks more than once, without a transaction', () => {
  const ASKS = 'MATCH (n:Leaf) OPTIONAL MATCH (n)-[r:ON]->(m) RETURN n, r, m';

  it('is one snapshot, whatever others do meanwhile', async () => {
    await runQuery(store.database, 'UNWIND range(1, 9000) AS i CREATE (:Seed {i: i})-[:IN]->(:Pod)', NONE);
    const reader = await opened('MATCH (n:Seed) OPTIONAL MATCH (n)-[r:IN]->(m) RETURN n.i, m IS NULL');
    const rows = [...(await firstBatch(reader))];
    await runQuery(store.database, 'MATCH (:Seed)-[r:IN]->(p) DETACH DELETE p', NONE);
    rows.push(...(await rest(reader)));
    expect(rows.length).toBe(9_000);
    expect(rows.filter(([, gone]) => gone)).toEqual([]);
  });

  it('gives its session back when it is read, left or fails', async () => {
    expect((await rest(await opened(ASKS))).length).toBe(NODES);
    await expect.poll(() => store.database.counts.poolInUse).toBe(0);
    const left = await opened(ASKS);
    await firstBatch(left);
    await left.return?.();
    expect(store.database.counts.poolInUse).toBe(0);
    const failing = await opened('MATCH (n:Leaf) OPTIONAL MATCH (n)-[:ON]->(m) RETURN 1 / (m.i - 2500)');
    await expect(rest(failing)).rejects.toMatchObject({ code: 'CYPHER_ARITHMETIC_ERROR' });
    expect(store.database.counts.poolInUse).toBe(0);
    expect(await openCursors()).toBe('0');
  });

  it('ends by itself when what is left of it is little, also when nobody reads on', async () => {
    const reader = await opened(
      'MATCH (n:Leaf) WHERE n.i < 1500 OPTIONAL MATCH (n)-[r:ON]->(m) RETURN n, r, m',
    );
    await firstBatch(reader);
    await expect.poll(() => store.database.counts.poolInUse).toBe(0);
    await rest(reader);
  });

  it('is cancelled by its signal, and by a reader who leaves while it works', async () => {
    const slow = 'MATCH (a:Leaf), (b:Leaf), (c:Leaf) OPTIONAL MATCH (a)-[r:NONE]->(c) RETURN count(r)';
    const controller = new AbortController();
    const reader = await opened(slow, undefined, controller.signal);
    const step = reader.next();
    setTimeout(() => controller.abort(), 100);
    await expect(step).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
    expect(store.database.counts.poolInUse).toBe(0);
    const left = await opened(
      'MATCH (n:Leaf) OPTIONAL MATCH (n)-->(a)<--(b), (c:Leaf), (d:Leaf) RETURN n, d',
    );
    await firstBatch(left);
    await left.return?.();
    expect(store.database.counts.poolInUse).toBe(0);
  });

  it('fails by its timeout, in which the time of the reader does not count', async () => {
    const text = 'MATCH (n:Leaf) OPTIONAL MATCH (n)-[r:ON]->(m) RETURN n, r, m';
    const { batches } = await streamQuery(store.database, text, { ...NONE, timeoutMs: 2_500 });
    let [count, pauses] = [0, 0];
    for await (const batch of batches) {
      count += batch.length;
      if (pauses++ < 3) await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    expect(count).toBe(NODES);
    const slow = 'MATCH (a:Leaf), (b:Leaf), (c:Leaf) OPTIONAL MATCH (a)-[r:NONE]->(c) RETURN count(r)';
    const late = await streamQuery(store.database, slow, { ...NONE, timeoutMs: 200 });
    await expect(rest(late.batches[Symbol.asyncIterator]())).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
    await expect.poll(() => store.database.counts.poolInUse).toBe(0);
  });
});
