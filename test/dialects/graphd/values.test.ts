/** Values of every type, there and back, over the socket; entities and their ids in both encodings. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalTimeValue,
  Point,
  type Value,
} from '../../../src/cypher/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { errorOf, execute, type GraphdClient, open } from './client.ts';

let server: TestServer;
let client: GraphdClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await open(server);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const back = async (value: Value): Promise<unknown> =>
  (await client.run('RETURN $x', new Map([['x', value]])))[0]?.[0];

describe('a parameter', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['true', true],
    ['false', false],
    ['zero', 0n],
    ['the least integer', -(2n ** 63n)],
    ['the greatest integer', 2n ** 63n - 1n],
    ['a float', 1.5],
    ['a whole float', 2],
    ['infinity', Number.POSITIVE_INFINITY],
    ['text', 'žluťoučký 🐎 \u0000'],
    ['an empty text', ''],
    ['a list', [1n, 2.5, 'x', null, [true]]],
    [
      'a map',
      new Map<string, Value>([
        ['a', 1n],
        ['b', [new Map([['c', null]])]],
        ['', 'x'],
      ]),
    ],
    ['an empty list', []],
    ['an empty map', new Map()],
  ])('that is %s comes back', async (_, value) => {
    expect(await back(value)).toStrictEqual(value);
  });

  it.each<[string, Value, Value]>([
    ['a date', new DateValue(19_000), '2022-01-08'],
    ['a local time', new LocalTimeValue(3_600_000_000_001), '01:00:00.000000001'],
    ['a datetime', new DateTimeValue(0, 0, 3_600, 'Europe/Prague'), '1970-01-01T00:00+01:00[Europe/Prague]'],
    ['a duration', new DurationValue(14n, 3n, 4n, 500_000_000), 'P1Y2M3DT4.5S'],
    [
      'a point',
      new Point(7203, [1, 2]),
      new Map<string, Value>([
        ['srid', 7203n],
        ['x', 1],
        ['y', 2],
      ]),
    ],
    [
      'a place',
      new Point(4326, [14.5, 50]),
      new Map<string, Value>([
        ['srid', 4326n],
        ['longitude', 14.5],
        ['latitude', 50],
      ]),
    ],
  ])('that is %s keeps its type, and is shown as text or a map', async (_, value, shown) => {
    expect(await back(value)).toEqual(shown);
    expect(await client.run('RETURN valueType($x)', new Map([['x', value]]))).not.toEqual([
      ['STRING NOT NULL'],
    ]);
  });

  it('is an argument of the query, in lists and maps too', async () => {
    const rows = [1n, 2n, 3n].map(
      (n) =>
        new Map<string, Value>([
          ['n', n],
          ['tags', ['a', 'b']],
        ]),
    );
    await client.run('UNWIND $rows AS row CREATE (m:FromList) SET m = row', new Map([['rows', rows]]));
    expect(await client.run('MATCH (m:FromList) RETURN m.n, m.tags ORDER BY m.n')).toEqual(
      [1n, 2n, 3n].map((n) => [n, ['a', 'b']]),
    );
  });

  it('of a kind that no parameter has is refused, and the request named', async () => {
    const value = { case: 'nodeValue', value: {} } as const;
    const answer = await client.ask({
      case: 'execute',
      value: { query: 'CREATE (:Never)', params: [{ key: 'n', value: { value } }], requestId: 'r' },
    });
    expect(answer).toMatchObject(errorOf('Nodes, relationships and paths cannot be parameters', 'r'));
    const batch = await client.ask({
      case: 'batch',
      value: {
        statements: [{ query: 'RETURN 1' }, { query: 'RETURN 1', params: [{ key: 'n', value: { value } }] }],
      },
    });
    expect(batch).toMatchObject({ value: { results: [{}, { entry: { case: 'error' } }] } });
    expect(await client.run('MATCH (n:Never) RETURN n')).toEqual([]);
  });
});

describe('entities', () => {
  beforeAll(async () => {
    await client.run(
      "CREATE (a:A:B {n: 1})-[:T {since: date('2020-02-29')}]->(:C)-[:U]->({plain: true})-[:T]->(a)",
    );
  });

  const cellsOf = async (query: string) => {
    const answer = await client.ask(execute(query));
    if (answer.case !== 'result') throw new Error(JSON.stringify(answer));
    return answer.value.rows.map(({ values }) => values.map(({ value }) => value));
  };

  it('have the numbers of their labels and types, wherever they are met', async () => {
    const [[a, t, c, u, plain] = []] = await cellsOf('MATCH (a:A)-[t]->(c:C)-[u]->(p) RETURN a, t, c, u, p');
    expect(a).toMatchObject({ case: 'nodeValue', value: { label: 'A' } });
    expect(t).toMatchObject({ case: 'relValue', value: { label: 'T' } });
    if (a?.case !== 'nodeValue' || c?.case !== 'nodeValue' || plain?.case !== 'nodeValue')
      throw new Error('no nodes');
    if (t?.case !== 'relValue' || u?.case !== 'relValue') throw new Error('no relationships');
    expect([t.value.src, t.value.dst]).toEqual([a.value.id, c.value.id]);
    expect([u.value.src, u.value.dst]).toEqual([c.value.id, plain.value.id]);
    expect(plain.value).toMatchObject({ label: '', id: { table: 0n } });
    const tables = [a.value.id, c.value.id, t.value.id, u.value.id].map((id) => id?.table);
    expect(new Set(tables).size).toBe(4);
    expect(tables).not.toContain(0n);
    const other = await open(server);
    const answer = await other.ask(
      execute('MATCH ()-[t:T {since: $d}]->() RETURN [t]', {
        params: new Map([['d', new DateValue(18_321)]]),
      }),
    );
    expect(answer).toMatchObject({
      value: { rows: [{ values: [{ value: { value: { values: [{ value: t }] } } }] }] },
    });
    await other.close();
  });

  it('are in paths as they are by themselves', async () => {
    const [[path] = []] = await cellsOf('MATCH p = (:A)-[:T]->(:C)-[:U]->() RETURN p');
    expect(path).toMatchObject({
      case: 'pathValue',
      value: {
        nodes: [{ value: { case: 'nodeValue' } }, {}, {}],
        rels: [{ value: { case: 'relValue', value: { label: 'T' } } }, { value: { value: { label: 'U' } } }],
      },
    });
  });

  it('that were deleted still have their ids', async () => {
    await client.run('CREATE (:Gone)-[:GONE]->(:Gone)');
    const [[rel] = []] = await cellsOf('MATCH (a:Gone)-[r:GONE]->(b) DETACH DELETE a, b RETURN r');
    expect(rel).toMatchObject({ case: 'relValue', value: { label: 'GONE' } });
  });

  it('are objects of JSON with a type', async () => {
    const { json } = await server.post('/v1/execute', {
      query:
        'MATCH p = (a:A)-[t:T]->(c:C) RETURN a, t, p, {d: t.since, f: 0.0 / 0.0, x: point({x: 1, y: 2})}',
    });
    const [[a, t, p, m]] = json.rows;
    expect(a).toEqual({
      $type: 'node',
      id: { table: expect.any(Number), offset: expect.any(Number) },
      label: 'A',
      properties: { n: 1 },
    });
    expect(t).toEqual({
      $type: 'rel',
      id: { table: expect.any(Number), offset: expect.any(Number) },
      label: 'T',
      src: a.id,
      dst: p.nodes[1].id,
      properties: { since: '2020-02-29' },
    });
    expect(p).toEqual({ $type: 'path', nodes: [a, expect.objectContaining({ label: 'C' })], rels: [t] });
    expect(m).toEqual({ d: '2020-02-29', f: null, x: { srid: 7203, x: 1, y: 2 } });
  });

  it('of many kinds in one result are all known', async () => {
    await client.run(
      'UNWIND range(1, 50) AS n CREATE (a:Many {n: n}) WITH a, n CALL (a, n) { CREATE (a)-[:MANY]->(:Other {n: n}) }',
    );
    const rows = await cellsOf('MATCH (a:Many)-[r]->() RETURN r ORDER BY a.n');
    expect(rows).toHaveLength(50);
    const ends = rows.map(([rel]) =>
      rel?.case === 'relValue' ? [rel.value.src?.table, rel.value.dst?.table] : [],
    );
    expect(new Set(ends.map(String)).size).toBe(1);
    expect(ends[0]).not.toContain(0n);
  });
});

it('functions of the engine that clients know have values', async () => {
  const [[uuid, now, today] = []] = await client.run(
    'RETURN gen_random_uuid(), current_timestamp(), current_date()',
  );
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d/);
  expect(today).toMatch(/^\d{4}-\d\d-\d\d$/);
});
