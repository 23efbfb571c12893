/** Neo4j's Query API over real HTTP: both forms of JSON both ways, transactions, statuses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await run('MATCH (n) DETACH DELETE n');
});

const PATH = '/db/neo4j/query/v2';
const TYPED = 'application/vnd.neo4j.query';
const run = (statement: string, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  server.post(PATH, { statement, ...more }, { headers });
const typed = async (statement: string, parameters: object = {}): Promise<Answer> => {
  const headers = { accept: TYPED, 'content-type': TYPED };
  const answer = await server.post(PATH, { statement, parameters }, { headers });
  return { ...answer, json: JSON.parse(answer.text) };
};
const codeOf = ({ status, json }: Answer): unknown => [status, json.errors[0].code];
const count = async (): Promise<unknown> => (await run('MATCH (n) RETURN count(n)')).json.data.values[0][0];

const EVERY_TYPE = `RETURN null AS n, true AS b, 9007199254740993 AS i, 1.0 AS f, -0.0 AS z, 0.0/0.0 AS nan, 'é"' AS s,
  [1, 'a'] AS l, {k: 1.5} AS m, date('2020-02-03') AS d, time('10:00+01:00') AS t, localtime('10:00:00.5') AS lt,
  datetime('2020-02-03T04:05+02:00') AS odt, datetime('2020-02-03T04:05[Europe/Stockholm]') AS zdt,
  localdatetime('2020-02-03T04:05') AS ldt, duration('P1M2DT3.5S') AS du,
  point({longitude: 2.3, latitude: 4.5}) AS p2, point({x: 1, y: 2, z: 3}) AS p3`;

describe('one statement', () => {
  it('answers in plain JSON', async () => {
    const answer = await run('CREATE (n:Person:Old {name: $name}) RETURN n, n.name AS name', {
      parameters: { name: 'Phil' },
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.json).toEqual({
      data: {
        fields: ['n', 'name'],
        values: [
          [
            { elementId: expect.any(String), labels: ['Old', 'Person'], properties: { name: 'Phil' } },
            'Phil',
          ],
        ],
      },
      bookmarks: [expect.stringMatching(/^facet:\w+:[0-9A-F]+\/[0-9A-F]+$/)],
    });
  });

  it('answers in typed JSON', async () => {
    const answer = await typed(
      "CREATE p = (a:A {x: 1})-[r:KNOWS {since: date('2020-01-01')}]->(b) RETURN p, r, [a] AS l",
    );
    expect([answer.status, answer.headers.get('content-type')]).toEqual([202, TYPED]);
    const [[path, relationship, list]] = answer.json.data.values;
    const [a, r, b] = path._value;
    expect([path.$type, a.$type, r.$type, b.$type, list.$type]).toEqual([
      'Path',
      'Node',
      'Relationship',
      'Node',
      'List',
    ]);
    expect(a._value).toEqual({
      _element_id: expect.any(String),
      _labels: ['A'],
      _properties: { x: { $type: 'Integer', _value: '1' } },
    });
    expect(relationship).toEqual(r);
    expect(list._value).toEqual([a]);
    expect(r._value).toEqual({
      _element_id: expect.any(String),
      _start_node_element_id: a._value._element_id,
      _end_node_element_id: b._value._element_id,
      _type: 'KNOWS',
      _properties: { since: { $type: 'Date', _value: '2020-01-01' } },
    });
  });

  it('has a text for every type', async () => {
    const [values] = (await typed(EVERY_TYPE)).json.data.values;
    expect(values.map(({ $type, _value }: { $type: string; _value: unknown }) => [$type, _value])).toEqual([
      ['Null', null],
      ['Boolean', true],
      ['Integer', '9007199254740993'],
      ['Float', '1.0'],
      ['Float', '-0.0'],
      ['Float', 'NaN'],
      ['String', 'é"'],
      [
        'List',
        [
          { $type: 'Integer', _value: '1' },
          { $type: 'String', _value: 'a' },
        ],
      ],
      ['Map', { k: { $type: 'Float', _value: '1.5' } }],
      ['Date', '2020-02-03'],
      ['Time', '10:00:00+01:00'],
      ['LocalTime', '10:00:00.5'],
      ['OffsetDateTime', '2020-02-03T04:05:00+02:00'],
      ['ZonedDateTime', '2020-02-03T04:05:00+01:00[Europe/Stockholm]'],
      ['LocalDateTime', '2020-02-03T04:05:00'],
      ['Duration', 'P1M2DT3.5S'],
      ['Point', 'SRID=4326;POINT (2.3 4.5)'],
      ['Point', 'SRID=9157;POINT Z (1.0 2.0 3.0)'],
    ]);
    // What it says it also takes.
    const parameters = { row: { $type: 'List', _value: values } };
    const back = await typed('RETURN $row AS row', parameters);
    expect(back.json.data.values[0][0]._value).toEqual(values);
    const plain = await run(EVERY_TYPE);
    expect(plain.text).toContain(
      '[null,true,9007199254740993,1.0,-0.0,"NaN","é\\"",[1,"a"],{"k":1.5},"2020-02-03"',
    );
    expect(plain.json.data.values[0].slice(10)).toEqual(
      values.slice(10).map(({ _value }: { _value: unknown }) => _value),
    );
  });

  it('counts, explains and profiles', async () => {
    const made = await run('CREATE (:A {x: 1})-[:T]->(:B)', { includeCounters: true });
    expect(made.json.counters).toEqual({
      containsUpdates: true,
      nodesCreated: 2,
      nodesDeleted: 0,
      propertiesSet: 1,
      relationshipsCreated: 1,
      relationshipsDeleted: 0,
      labelsAdded: 2,
      labelsRemoved: 0,
      indexesAdded: 0,
      indexesRemoved: 0,
      constraintsAdded: 0,
      constraintsRemoved: 0,
      containsSystemUpdates: false,
      systemUpdates: 0,
    });
    expect((await run('RETURN 1', { includeCounters: true })).json.counters.containsUpdates).toBe(false);
    const explained = await run('EXPLAIN MATCH (a:A) RETURN a');
    expect(explained.json.data).toEqual({ fields: ['a'], values: [] });
    expect(explained.json.queryPlan).toMatchObject({
      operatorType: expect.any(String),
      identifiers: [],
      arguments: { Details: expect.any(String) },
      children: expect.any(Array),
    });
    const profiled = await typed('PROFILE MATCH (a:A) RETURN a.x AS x');
    expect(profiled.json.data.values).toHaveLength(1);
    expect(profiled.json.profiledQueryPlan).toMatchObject({
      records: 1,
      dbHits: 0,
      hasPageCacheStats: false,
      arguments: { Rows: { $type: 'Integer', _value: '1' } },
    });
  });

  it('reads where the client wanted to read', async () => {
    for (const accessMode of ['READ', 'Read']) {
      expect(codeOf(await run('CREATE (:A)', { accessMode }))).toEqual([
        403,
        'Neo.ClientError.Statement.AccessMode',
      ]);
      expect((await run('RETURN 1', { accessMode })).status).toBe(202);
    }
  });

  it('waits for bookmarks, and hands them on', async () => {
    const { bookmarks } = (await run('CREATE (:A)')).json;
    const read = await run('MATCH (a:A) RETURN count(a) AS n', { bookmarks });
    expect([read.json.data.values, read.json.bookmarks]).toEqual([[[1]], bookmarks]);
    expect(codeOf(await run('RETURN 1', { bookmarks: ['FB:x'] }))).toEqual([
      400,
      'Neo.ClientError.Transaction.InvalidBookmark',
    ]);
  });

  it('sends results of any size, and tells behind them what went wrong', async () => {
    const large = await run('UNWIND range(1, 50000) AS i RETURN i, "row " + i AS text');
    expect([large.status, large.json.data.values.length]).toEqual([202, 50_000]);
    expect(large.json.bookmarks).toEqual([]);
    const failed = await run('UNWIND range(1, 50000) AS i RETURN 100000 / (40000 - i) AS x');
    expect(failed.status).toBe(202);
    expect(failed.json.data.values.length).toBeGreaterThan(0);
    expect(failed.json.errors[0].code).toBe('Neo.ClientError.Statement.ArithmeticError');
    // Early enough the status says it, and there is nothing else.
    const early = await run('UNWIND range(1, 10) AS i RETURN 1 / (5 - i) AS x');
    expect([codeOf(early), early.json.data]).toEqual([
      [400, 'Neo.ClientError.Statement.ArithmeticError'],
      undefined,
    ]);
  });
});

describe('transactions', () => {
  const begin = async (body: object = {}, leftMs = 20_000): Promise<string> => {
    const begun = await server.post(`${PATH}/tx`, body);
    expect(begun.status).toBe(202);
    expect(Date.parse(begun.json.transaction.expires) - Date.now()).toBeGreaterThan(leftMs);
    return `${PATH}/tx/${begun.json.transaction.id}`;
  };

  it('begin, go on and commit, with and without statements', async () => {
    const path = await begin();
    const first = await server.post(path, { statement: 'CREATE (a:A) RETURN 1 AS x', includeCounters: true });
    expect(first.status).toBe(202);
    expect(first.json).toMatchObject({
      data: { fields: ['x'], values: [[1]] },
      counters: { nodesCreated: 1 },
      transaction: { id: path.split('/').at(-1) },
    });
    expect(first.json).not.toHaveProperty('bookmarks');
    const kept = await server.post(path);
    expect(Object.keys(kept.json)).toEqual(['transaction']);
    expect(await count()).toBe(0);
    const last = await server.post(`${path}/commit`, { statement: 'MATCH (a:A) RETURN count(a) AS n' });
    expect([last.status, last.json.data.values, last.json.bookmarks.length]).toEqual([202, [[1]], 1]);
    expect(last.json).not.toHaveProperty('transaction');
    expect(await count()).toBe(1);

    const other = await begin({ statement: 'CREATE (:B)' });
    const done = await server.post(`${other}/commit`);
    expect([done.status, Object.keys(done.json)]).toEqual([202, ['bookmarks']]);
    expect(await count()).toBe(2);
  });

  it('roll back, and are gone then', async () => {
    const path = await begin({ statement: 'CREATE (:A)' });
    const answer = await server.delete(path);
    expect([answer.status, answer.json]).toEqual([200, {}]);
    const failing = await begin({ statement: 'CREATE (:A)' });
    expect(codeOf(await server.post(failing, { statement: 'Nonsense' }))).toEqual([
      400,
      'Neo.ClientError.Statement.SyntaxError',
    ]);
    for (const gone of [path, failing, `${PATH}/tx/none`]) {
      const expected = [404, 'Neo.ClientError.Transaction.TransactionNotFound'];
      expect(codeOf(await server.post(gone, { statement: 'RETURN 1' }))).toEqual(expected);
      expect(codeOf(await server.post(`${gone}/commit`))).toEqual(expected);
      expect(codeOf(await server.delete(gone))).toEqual(expected);
    }
    expect(await count()).toBe(0);
  });

  it('that begin with a fault never were', async () => {
    expect(codeOf(await server.post(`${PATH}/tx`, { statement: 'RETURN $x' }))).toEqual([
      400,
      'Neo.ClientError.Statement.ParameterMissing',
    ]);
    expect(server.store.openNamespace('default')?.counts.transactionsOpen).toBe(0);
  });

  it('that are over when a large answer is: JSON all the same', async () => {
    const path = await begin({ maxExecutionTime: 1 }, 0);
    const body = JSON.stringify({
      statement: "UNWIND range(1, 24) AS i RETURN reduce(t = 'x', j IN range(1, 20) | t + t) AS t",
      includeCounters: true,
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}/commit`, { method: 'POST', headers, body });
    // Until it is read the rows are on their way, and the commit is behind them.
    await sleep(2_000);
    const { data, errors, bookmarks } = JSON.parse(await answer.text());
    expect([data.values.length, errors[0].code, bookmarks]).toEqual([
      24,
      'Neo.ClientError.Transaction.TransactionTimedOut',
      undefined,
    ]);
  });

  it('only read when they were begun so', async () => {
    const path = await begin({ accessMode: 'Read' });
    expect((await server.post(path, { statement: 'MATCH (n) RETURN count(n)' })).status).toBe(202);
    expect(codeOf(await server.post(path, { statement: 'CREATE (:A)' }))).toEqual([
      403,
      'Neo.ClientError.Statement.AccessMode',
    ]);
  });
});

describe('bad input', () => {
  const of = (type: string, value: unknown): object => ({ x: { $type: type, _value: value } });

  it.each<[string, object]>([
    ['a bare value', { x: 1 }],
    ['a value without a type', { x: { _value: 1 } }],
    ['an integer that is a number', of('Integer', 1)],
    ['an integer beyond 64 bits', of('Integer', '9223372036854775808')],
    ['an integer with a point', of('Integer', '1.0')],
    ['a float that is none', of('Float', '1,5')],
    ['a boolean that is a text', of('Boolean', 'true')],
    ['a list that is an object', of('List', {})],
    ['a list of bare values', of('List', [1])],
    ['a map that is a list', of('Map', [])],
    ['a time without an offset', of('Time', '10:00')],
    ['a point without its SRID', of('Point', 'POINT (1 2)')],
    ['a flat point with a height', of('Point', 'SRID=7203;POINT (1 2 3)')],
  ])('%s is no typed parameter', async (_name, parameters) => {
    expect(codeOf(await typed('RETURN $x', parameters))).toEqual([400, 'Neo.ClientError.Request.Invalid']);
  });

  it.each<[string, object]>([
    ['bytes', of('Base64', 'AAAA')],
    ['a node', of('Node', {})],
    ['an unknown type', of('Vector', {})],
    ['a date that does not exist', of('Date', '2020-02-30')],
    ['a datetime without offset and zone', of('OffsetDateTime', '2020-02-03T00:00:00')],
    ['a zone that nobody knows', of('ZonedDateTime', '2020-02-03T00:00:00Z[Mars/X]')],
    ['a latitude beyond the pole', of('Point', 'SRID=4326;POINT (0 100)')],
    ['a duration that is none', of('Duration', 'soon')],
  ])('%s cannot be a parameter', async (_name, parameters) => {
    const answer = await typed('RETURN $x', parameters);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].code).toMatch(/^Neo\.ClientError\.Statement\./);
  });

  it('requests', async () => {
    const invalid = [400, 'Neo.ClientError.Request.Invalid'];
    for (const body of [
      {},
      { statement: '' },
      { statement: 1 },
      { statement: 'RETURN 1', parameters: 1 },
      { statement: 'RETURN 1', includeCounters: 'yes' },
      { statement: 'RETURN 1', accessMode: 'append' },
      { statement: 'RETURN 1', maxExecutionTime: -1 },
      { statement: 'RETURN 1', bookmarks: 'x' },
      { statement: 'RETURN 1', bookmarks: [1] },
    ]) {
      expect(codeOf(await server.post(PATH, body))).toEqual(invalid);
    }
    expect(codeOf(await server.post(PATH, '{'))).toEqual([400, 'Neo.ClientError.Request.InvalidFormat']);
    expect(codeOf(await run('RETURN 1', { impersonatedUser: 'eve' }))).toEqual([
      400,
      'Neo.ClientError.Statement.UnsupportedOperationError',
    ]);
    expect(codeOf(await run('RETURN 1', {}, { accept: 'text/html' }))).toEqual([
      406,
      'Neo.ClientError.Request.Invalid',
    ]);
    expect((await run('RETURN 1', {}, { accept: 'text/html, */*;q=0.1' })).status).toBe(202);
    expect(codeOf(await server.get(PATH))).toEqual([405, 'Neo.ClientError.Request.Invalid']);
    expect(codeOf(await server.post('/db/neo4j/query/v3', {}))).toEqual([
      404,
      'Neo.ClientError.Request.Invalid',
    ]);
    expect(codeOf(await server.post('/db/system/query/v2', { statement: 'SHOW USERS' }))).toEqual([
      400,
      'Neo.ClientError.Statement.UnsupportedOperationError',
    ]);
    expect(codeOf(await server.post('/db/no%20name/query/v2', { statement: 'RETURN 1' }))).toEqual([
      404,
      'Neo.ClientError.Database.DatabaseNotFound',
    ]);
  });
});

it('is found from the start page by programs that ask for JSON', async () => {
  const page = await server.get('/', { headers: { accept: 'application/json' } });
  expect(page.json).toMatchObject({
    transaction: `${server.url}/db/{databaseName}/tx`,
    query: `${server.url}/db/{databaseName}/query/v2`,
    neo4j_version: expect.stringMatching(/^5\.26\.0/),
    neo4j_edition: 'community',
  });
  expect((await server.get('/')).headers.get('content-type')).toContain('text/plain');
});
