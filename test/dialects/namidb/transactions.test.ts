/** One transaction for SQL and Cypher: money and links are there together or not at all, and SQL can join them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.sql('CREATE TABLE account (owner text PRIMARY KEY, balance int NOT NULL)');
  await server.sql("INSERT INTO account VALUES ('ann', 100), ('bob', 0)");
  const made = await cypher('CREATE (:Person {name: "ann"}), (:Person {name: "bob"})');
  expect(made.status).toBe(200);
});
afterAll(() => server.stop());

const cypher = (query: string, transaction?: string): Promise<Answer> =>
  server.post('/v0/cypher', { query }, inside(transaction));
const inside = (id?: string) => (id === undefined ? {} : { headers: { 'x-facet-txn-id': id } });

async function begin(): Promise<string> {
  return (await server.post('/api/v1/transactions', {})).json.txn_id;
}

async function pay(): Promise<string> {
  const begun = await server.post('/api/v1/transactions', {});
  const id: string = begun.json.txn_id;
  const answers = [
    await server.sql("UPDATE account SET balance = balance - 30 WHERE owner = 'ann'", undefined, inside(id)),
    await cypher('MATCH (a {name: "ann"}), (b {name: "bob"}) CREATE (a)-[:PAID {amount: 30}]->(b)', id),
    await server.sql("UPDATE account SET balance = balance + 30 WHERE owner = 'bob'", undefined, inside(id)),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const seen = await cypher('MATCH (:Person)-[p:PAID]->() RETURN count(p) AS n', id);
  expect(seen.json.rows).toEqual([{ n: 1 }]);
  return id;
}

async function state(): Promise<unknown> {
  const money = await server.sql('SELECT owner, balance FROM account ORDER BY owner');
  const links = await cypher('MATCH (a)-[p:PAID]->(b) RETURN a.name AS a, p.amount AS amount, b.name AS b');
  return { money: money.json.rows, links: links.json.rows };
}

it('is rolled back in both, and committed in both', async () => {
  const before = await server.get('/v0/health');
  const lost = await pay();
  expect((await server.post(`/api/v1/transactions/${lost}/rollback`)).status).toBe(200);
  expect(await state()).toEqual({
    money: [
      ['ann', 100],
      ['bob', 0],
    ],
    links: [],
  });
  expect((await server.get('/v0/health')).json).toEqual(before.json);

  const kept = await pay();
  expect((await server.post(`/api/v1/transactions/${kept}/commit`)).status).toBe(200);
  expect(await state()).toEqual({
    money: [
      ['ann', 70],
      ['bob', 30],
    ],
    links: [{ a: 'ann', amount: 30, b: 'bob' }],
  });
  const after = await server.get('/v0/health');
  expect(after.json.manifest_version).toBe(before.json.manifest_version + 1);

  const joined = await server.sql(
    `SELECT account.owner, account.balance, paid.properties->>'amount'
     FROM account
     JOIN graph.nodes AS person ON person.properties->>'name' = account.owner AND person.labels @> '{Person}'
     JOIN graph.relationships AS paid ON paid.start_id = person.id AND paid.type = 'PAID'`,
  );
  expect(joined.json.rows).toEqual([['ann', 70, '30']]);
});

it('goes on after a query in it failed', async () => {
  const begun = await server.post('/api/v1/transactions', {});
  const id: string = begun.json.txn_id;
  expect((await cypher('CREATE (:Kept)', id)).status).toBe(200);
  expect((await cypher('CREATE (:Lost) WITH 1 AS x RETURN x / 0', id)).status).toBe(400);
  expect((await server.post(`/api/v1/transactions/${id}/commit`)).status).toBe(200);
  const { json } = await cypher('MATCH (n) WHERE n:Kept OR n:Lost RETURN labels(n) AS l');
  expect(json.rows).toEqual([{ l: ['Kept'] }]);
});

describe('the end of a relationship', () => {
  const CONNECT = 'MATCH (n:End) CREATE (:Start)-[:TO]->(n)';
  const DELETE = 'MATCH (n:End) DETACH DELETE n';

  it.each<[string, string, string, RegExp]>([
    [
      'that another transaction has deleted',
      DELETE,
      CONNECT,
      /^Another transaction has deleted node \d+, which this one connects$/,
    ],
    [
      'that another transaction has connected',
      CONNECT,
      DELETE,
      /^Another transaction has connected node \d+, which this one deletes$/,
    ],
  ])('%s: the query waits, and is a conflict', async (_, first, second, message) => {
    await cypher('CREATE (:End)');
    const [one, other] = await Promise.all([begin(), begin()]);
    expect((await cypher(first, one)).status).toBe(200);
    const late = cypher(second, other);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await server.post(`/api/v1/transactions/${one}/commit`)).status).toBe(200);

    const { status, text, json } = await late;
    expect([status, json.code, json.error]).toEqual([
      409,
      'TRANSACTION_CONFLICT',
      expect.stringMatching(message),
    ]);
    expect(text).not.toMatch(/foreign|edge|table/i);
    expect((await server.post(`/api/v1/transactions/${other}/commit`)).status).toBe(200);
    const { json: left } = await cypher('RETURN COUNT { (:Start|End) } AS n, COUNT { ()-[:TO]->() } AS r');
    expect(left.rows).toEqual([first === DELETE ? { n: 0, r: 0 } : { n: 2, r: 1 }]);
    await cypher('MATCH (n:Start|End) DETACH DELETE n');
  });
});

it('joins a transaction by the header of either spelling', async () => {
  const id = await begin();
  const headers = { 'x-thunder-txn-id': id };
  expect((await server.post('/v0/cypher', { query: 'CREATE (:Header)' }, { headers })).status).toBe(200);
  const count = 'MATCH (n:Header) RETURN count(n) AS n';
  expect((await cypher(count)).json.rows).toEqual([{ n: 0 }]);
  expect((await cypher(count, id)).json.rows).toEqual([{ n: 1 }]);
  const both = { headers: { ...headers, 'x-facet-txn-id': 'txn_000000000000' } };
  expect((await server.post('/v0/cypher', { query: count }, both)).status).toBe(422);
  expect((await server.post(`/api/v1/transactions/${id}/rollback`)).status).toBe(200);
  expect((await cypher(count)).json.rows).toEqual([{ n: 0 }]);
});

it('is over for a query that still computes when its deadline comes', async () => {
  const begun = await server.post('/api/v1/transactions', { timeout_ms: 300 });
  const slow =
    'UNWIND range(1, 2000) AS a UNWIND range(1, 5000) AS b WITH sum(a * b) AS s ' +
    'UNWIND range(1, 5000) AS x CREATE (:Leak {x: x})';
  const late = await cypher(slow, begun.json.txn_id);
  const { json } = await cypher('MATCH (n:Leak) RETURN count(n) AS n');
  expect(json.rows).toEqual([{ n: 0 }]);
  expect([404, 504]).toContain(late.status);
});

it('is found by its owner only', async () => {
  const answer = await cypher('RETURN 1', 'txn_000000000000');
  expect([answer.status, answer.json.code]).toEqual([404, 'TRANSACTION_NOT_FOUND']);
});
