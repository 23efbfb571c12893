/** What is told of a query beside its rows: its kind, where its commit is, its plan as data; and reading only. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DateValue, type Value } from '../../src/cypher/index.ts';
import {
  type GraphStream,
  graphQuery,
  graphStream,
  transactionBegin,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

type PlanNode = NonNullable<ReturnType<GraphStream['plan']>>;

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());
beforeEach(() => model.call(graphQuery, { query: 'MATCH (n) DETACH DELETE n' }));

interface Read {
  readonly stream: GraphStream;
  readonly rows: readonly (readonly Value[])[];
}

async function read(input: object, transactionId?: string): Promise<Read> {
  const stream = await model.call(graphStream, input, transactionId === undefined ? {} : { transactionId });
  const rows: (readonly Value[])[] = [];
  for await (const batch of stream.batches) rows.push(...batch);
  return { stream, rows };
}

describe('the kind', () => {
  it.each([
    ['RETURN 1', 'read'],
    ['MATCH (n) RETURN n', 'read'],
    ['MATCH (n)-[*1..3]->(m) RETURN m', 'read'],
    ['CALL db.labels() YIELD label RETURN label', 'read'],
    ['SHOW INDEXES', 'read'],
    ['SHOW CONSTRAINTS', 'read'],
    ['CREATE (:K)', 'write'],
    ['MATCH (n:K) SET n.a = 1', 'write'],
    ['MERGE (n:K {a: 1}) RETURN n', 'read-write'],
    ['MATCH (n:K) DETACH DELETE n RETURN count(*)', 'read-write'],
    ['CREATE INDEX kinds IF NOT EXISTS FOR (n:K) ON (n.kind)', 'schema'],
    ['DROP INDEX kinds IF EXISTS', 'schema'],
    ['EXPLAIN CREATE (:K)', 'write'],
    ['EXPLAIN MATCH (n) RETURN n', 'read'],
    ['PROFILE CREATE (n:K) RETURN n', 'read-write'],
  ])('of %s is %s', async (query, kind) => {
    expect((await model.call(graphQuery, { query })).kind).toBe(kind);
    const { stream } = await read({ query });
    expect(stream.kind).toBe(kind);
  });

  it('a query that writes has outcomes, in a stream too, and a command on the schema its own', async () => {
    const write = await read({ query: 'UNWIND [1, 2] AS i CREATE (n:K {i: i}) RETURN i' });
    expect(write.rows).toEqual([[1n], [2n]]);
    expect(write.stream.outcome()).toMatchObject({ nodesCreated: 2, labelsAdded: 2, propertiesCreated: 2 });
    const command = await read({ query: 'CREATE INDEX counted FOR (n:K) ON (n.counted)' });
    expect([command.stream.schema?.indexesAdded, command.stream.outcome()]).toEqual([1, undefined]);
    await model.call(graphQuery, { query: 'DROP INDEX counted' });
    expect((await read({ query: 'RETURN 1' })).stream.outcome()).toBeUndefined();
  });
});

describe('reading only', () => {
  it.each([
    'CREATE (:Never)',
    'MERGE (n:Never) RETURN n',
    'MATCH (n) WHERE false DELETE n',
    'PROFILE CREATE (:Never)',
    'CREATE INDEX never FOR (n:Never) ON (n.a)',
    'DROP CONSTRAINT never IF EXISTS',
  ])('refuses %s before it runs', async (query) => {
    const input = { query, readOnly: true };
    expect((await model.fault(graphQuery, input)).code).toBe('READ_ONLY_TRANSACTION');
    expect((await model.fault(graphStream, input)).code).toBe('READ_ONLY_TRANSACTION');
    const { rows } = await model.call(graphQuery, { query: 'MATCH (n:Never) RETURN n' });
    expect(rows).toEqual([]);
  });

  it.each([
    'RETURN 1',
    'MATCH (n) RETURN n',
    'SHOW INDEXES',
    'EXPLAIN CREATE (:Never)',
    'CALL db.labels()',
  ])('leaves %s alone', async (query) => {
    await model.call(graphQuery, { query, readOnly: true });
    await read({ query, readOnly: true });
  });
});

describe('the position of a commit', () => {
  const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

  it('is told of what writes by itself, and is behind what was written', async () => {
    for (const query of ['CREATE (:P)', 'CREATE INDEX places IF NOT EXISTS FOR (n:P) ON (n.place)']) {
      const { position } = await model.call(graphQuery, { query, position: true });
      expect(position).toMatch(LSN);
      const { stream } = await read({ query, position: true });
      expect(stream.position()).toMatch(LSN);
    }
    await model.call(graphQuery, { query: 'DROP INDEX places' });
  });

  it('is not told when nobody asks, of reads, and of what is not committed yet', async () => {
    expect((await model.call(graphQuery, { query: 'CREATE (:P)' })).position).toBeUndefined();
    expect((await model.call(graphQuery, { query: 'RETURN 1', position: true })).position).toBeUndefined();
    const { txnId: transactionId } = await model.call(transactionBegin, {});
    const inside = await read({ query: 'CREATE (:P)', position: true }, transactionId);
    expect(inside.stream.position()).toBeUndefined();
    await model.call(transactionRollback, { txnId: transactionId });
  });
});

describe('the plan as data', () => {
  const chain = (plan: PlanNode | undefined): readonly string[] =>
    plan === undefined ? [] : [plan.operator, ...chain(plan.children[0])];

  it('of EXPLAIN comes at once, without rows and with the columns of the query', async () => {
    await model.call(graphQuery, { query: 'CREATE INDEX aged IF NOT EXISTS FOR (n:A) ON (n.age)' });
    const input = {
      query: 'EXPLAIN MATCH (n:A) WHERE n.age = 3 WITH n MATCH (n)-[:R]->(m) RETURN m.name AS name',
      planAsData: true,
    };
    const result = await model.call(graphQuery, input);
    expect([result.columns, result.rows]).toEqual([['name'], []]);
    expect(chain(result.plan)).toEqual(['RETURN', 'MATCH', 'WITH', 'MATCH']);
    const stream = await model.call(graphStream, input);
    expect(stream.plan()).toEqual(result.plan);
    const first = result.plan?.children[0]?.children[0]?.children[0];
    expect(first?.sql).toContain('graph.node');
    expect(first?.indexes).toEqual(['aged']);
    expect(first?.conditions).toEqual(['condition (exact): n.age = 3']);
    expect(first?.details).toBe('MATCH (n:A) WHERE n.age = 3');
    expect(first?.rows).toBeUndefined();
    await model.call(graphQuery, { query: 'DROP INDEX aged' });
  });

  it('of a UNION has a branch for each part', async () => {
    const { plan } = await model.call(graphQuery, {
      query: 'EXPLAIN MATCH (n:A) RETURN n.a AS x UNION MATCH (m:B) WITH m.b AS x RETURN x',
      planAsData: true,
    });
    expect(plan?.operator).toBe('UNION');
    expect(plan?.children.map(chain)).toEqual([
      ['RETURN', 'MATCH'],
      ['RETURN', 'WITH', 'MATCH'],
    ]);
  });

  it('of a command has its name alone', async () => {
    const { plan, rows } = await model.call(graphQuery, {
      query: 'EXPLAIN CREATE INDEX never FOR (n:A) ON (n.a)',
      planAsData: true,
    });
    expect([plan?.operator, plan?.children, rows]).toEqual(['CREATE INDEX', [], []]);
  });

  it.each([
    ['asks once', 'PROFILE MATCH (n:A) RETURN n.i AS i'],
    ['asks more often', 'PROFILE MATCH (n:A) OPTIONAL MATCH (n)-[:R]->(m) RETURN n.i AS i'],
  ])('of PROFILE comes behind the rows of the query, which %s', async (_what, query) => {
    await model.call(graphQuery, { query: 'UNWIND range(1, 3000) AS i CREATE (:A {i: i})' });
    const { txnId: transactionId } = await model.call(transactionBegin, {});
    for (const within of [undefined, transactionId]) {
      const { stream, rows } = await read({ query, planAsData: true }, within);
      expect([stream.columns, rows.length]).toEqual([['i'], 3_000]);
      expect(stream.plan()?.rows).toBe(3_000);
      expect(stream.plan()?.timeMs).toBeGreaterThan(0);
      const result = await model.call(
        graphQuery,
        { query, planAsData: true },
        within === undefined ? {} : { transactionId: within },
      );
      expect(result.rows.length).toBe(3_000);
      expect(chain(result.plan)).toEqual(chain(stream.plan()));
    }
    await model.call(transactionRollback, { txnId: transactionId });
  });

  it('of a PROFILE that is left early is not to be had, nor is one that was not asked for', async () => {
    await model.call(graphQuery, { query: 'UNWIND range(1, 3000) AS i CREATE (:A {i: i})' });
    const stream = await model.call(graphStream, { query: 'PROFILE MATCH (n:A) RETURN n', planAsData: true });
    for await (const _ of stream.batches) break;
    expect(stream.plan()).toBeUndefined();
    const rows = await read({ query: 'PROFILE MATCH (n:A) RETURN n' });
    expect(rows.stream.columns).toEqual(['operator', 'details', 'rows', 'time_ms', 'sql']);
    expect(rows.stream.plan()).toBeUndefined();
  });

  it('of a PROFILE that writes comes with its rows and outcomes', async () => {
    const query = 'PROFILE UNWIND [1, 2] AS i CREATE (n:A {i: i}) RETURN n.i AS i';
    const { stream, rows } = await read({ query, planAsData: true });
    expect(rows).toEqual([[1n], [2n]]);
    expect(stream.outcome()?.nodesCreated).toBe(2);
    expect(chain(stream.plan())).toEqual(['RETURN', 'CREATE', 'UNWIND']);
  });
});

describe('parameters as Cypher has them', () => {
  it('are taken as they are, by both operations', async () => {
    const params = new Map<string, Value>([
      ['i', 1n],
      ['f', 1],
      ['d', new DateValue(19_000)],
      ['l', [1n, 1, null]],
    ]);
    const query = 'RETURN $i AS i, $f AS f, $d AS d, $l AS l, valueType($f) AS t';
    const wanted = [[1n, 1, new DateValue(19_000), [1n, 1, null], 'FLOAT NOT NULL']];
    expect((await model.call(graphQuery, { query, params })).rows).toEqual(wanted);
    expect((await read({ query, params })).rows).toEqual(wanted);
  });

  it('are refused when they are none', async () => {
    const params = new Map([['n', new Date(0)]]);
    const input = { query: 'RETURN $n', params };
    expect((await model.fault(graphQuery, input, { principal: READER })).code).toBe('INVALID_VALUE');
    expect((await model.fault(graphStream, input, { principal: READER })).code).toBe('INVALID_VALUE');
    for (const plain of [[1], null, 'a', 1]) {
      expect(graphQuery.input.safeParse({ query: 'RETURN 1', params: plain }).success).toBe(false);
    }
  });
});
