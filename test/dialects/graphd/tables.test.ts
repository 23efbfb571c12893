/** Declared tables over graphd's own ways in: a script from declaration to drop, files for COPY, transactions, refusals. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { batch, begin, COMMIT, errorOf, execute, open, ROLLBACK } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Reply {
  readonly status: number;
  readonly json: { readonly rows?: unknown[][]; readonly columns?: string[]; readonly message?: string };
}

async function send(
  method: string,
  path: string,
  body?: NonNullable<RequestInit['body']>,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  } as RequestInit);
  return { status: response.status, json: await response.json() };
}

const put = (name: string, text: NonNullable<RequestInit['body']>, query = '') =>
  send('PUT', `/v1/files/${encodeURIComponent(name)}${query}`, text);
const run = async (query: string, params: Record<string, unknown> = {}, where = ''): Promise<Reply> =>
  (await server.post(`/v1/execute${where}`, { query, params })) as unknown as Reply;
const rows = async (
  query: string,
  params: Record<string, unknown> = {},
): Promise<unknown[][] | undefined> => {
  const { json } = await run(query, params);
  expect(json.message).toBeUndefined();
  return json.rows;
};
const refused = async (query: string): Promise<string | undefined> => (await run(query)).json.message;

const openFlights = (name: string): string =>
  readFileSync(new URL(`../../../demo/data/${name}`, import.meta.url), 'utf8');

describe('a script', () => {
  test('declares, copies OpenFlights, asks and drops', async () => {
    const airports = openFlights('airports.dat');
    const known = new Set(airports.split('\n').map((line) => line.split(',', 1)[0]));
    const routes = openFlights('routes.dat')
      .split('\n')
      .map((line) => line.split(','))
      .filter(([, , , from, , to]) => known.has(from ?? '\\N') && known.has(to ?? '\\N'))
      .map(([airline, , , from, , to, , stops]) => [from, to, airline, stops].join(','));
    expect(routes.length).toBeGreaterThan(60_000);
    expect(await put('airports.csv', airports)).toMatchObject({
      status: 201,
      json: { name: 'airports.csv' },
    });
    expect((await put('data/routes.csv', `from,to,airline,stops\n${routes.join('\n')}`)).status).toBe(201);

    await rows(
      `CREATE NODE TABLE IF NOT EXISTS Airport(
         id INT64, name STRING, city STRING, country STRING, iata STRING, icao STRING, lat DOUBLE, lon DOUBLE,
         altitude INT32, utc DOUBLE, dst STRING, zone STRING, kind STRING, source STRING, PRIMARY KEY (id))`,
    );
    await rows('CREATE REL TABLE Route(FROM Airport TO Airport, airline STRING, stops INT64)');
    expect(await rows("COPY Airport FROM 'airports.csv' (NULL_STRINGS=['\\\\N', ''])")).toEqual([
      ['7698 tuples have been copied to the Airport table.'],
    ]);
    expect(await rows("COPY Route FROM 'data/routes.csv'")).toEqual([
      [`${routes.length} tuples have been copied to the Route table.`],
    ]);

    expect(await rows('MATCH (a:Airport {id: 507}) RETURN a.name, a.iata, a.altitude, a.lat')).toEqual([
      ['London Heathrow Airport', 'LHR', 83, 51.4706],
    ]);
    expect(await rows('MATCH (a:Airport) WHERE a.iata IS NULL RETURN count(*) > 1000')).toEqual([[true]]);
    const hops = await rows(
      "MATCH (a:Airport {iata: 'LHR'})-[r:Route]->(b:Airport) RETURN count(r), count(DISTINCT b.id)",
    );
    const lhr = routes.filter((line) => line.startsWith('507,'));
    expect(hops).toEqual([[lhr.length, new Set(lhr.map((line) => line.split(',')[1])).size]]);

    const shown = await run('CALL show_tables() RETURN *;');
    expect(shown.json.columns).toEqual(['id', 'name', 'type', 'database name', 'comment']);
    const node = (await rows('MATCH (a:Airport {id: 1}) RETURN a'))?.[0]?.[0] as { id: { table: number } };
    const rel = (await rows('MATCH ()-[r:Route]->() RETURN r LIMIT 1'))?.[0]?.[0] as {
      id: { table: number };
    };
    expect(shown.json.rows?.map((row) => row.slice(0, 3))).toEqual([
      [node.id.table, 'Airport', 'NODE'],
      [rel.id.table, 'Route', 'REL'],
    ]);
    expect(await refused('DROP TABLE Airport')).toMatch(
      /^Binder exception: Cannot delete node table Airport/,
    );
    await rows('DROP TABLE Route');
    await rows('DROP TABLE Airport');
    expect(await rows('MATCH (n) RETURN count(*)')).toEqual([[0]]);
  });

  test('over a WebSocket, in a transaction and in batches', async () => {
    const client = await open(server);
    try {
      await client.ask(begin());
      await client.run('CREATE NODE TABLE City(name STRING, size DOUBLE DEFAULT 1.0, PRIMARY KEY(name))');
      await client.run("CREATE (:City {name: 'Rome', size: 3})");
      expect(await client.run('MATCH (c:City) RETURN c.size')).toEqual([[3]]);
      await client.ask(ROLLBACK);
      expect(await client.run('CALL show_tables() RETURN name')).toEqual([]);
      await client.ask(begin());
      expect(
        await client.ask(
          batch([
            'CREATE NODE TABLE City(name STRING PRIMARY KEY)',
            'COPY City FROM $rows',
            "CREATE (:City {name: 'Rome'})",
            'CREATE (:City)',
          ]),
        ),
      ).toMatchObject({ case: 'batchResult', value: { results: [{}, { entry: { case: 'error' } }] } });
      await client.ask(ROLLBACK);
      await client.run('CREATE NODE TABLE City(name STRING PRIMARY KEY)');
      const params = new Map([['rows', [['Rome'], ['Oslo']]]]);
      expect(await client.run('COPY City FROM $rows', params)).toEqual([
        ['2 tuples have been copied to the City table.'],
      ]);
      expect(await client.ask(execute('CALL show_tables() RETURN name', { fetchSize: 1n }))).toMatchObject({
        case: 'result',
        value: { columns: ['name'], rows: [{}] },
      });
      expect(
        await client.ask(execute('CREATE NODE TABLE City(name STRING PRIMARY KEY)', { requestId: 'r' })),
      ).toMatchObject(errorOf('Binder exception: City already exists in catalog.', 'r'));
      await client.ask(begin('read'));
      expect(await client.ask(execute('DROP TABLE City'))).toMatchObject({ case: 'error' });
      expect(await client.run('MATCH (c:City) RETURN count(*)')).toEqual([[2n]]);
      await client.ask(COMMIT);
      await client.run('DROP TABLE City');
    } finally {
      await client.close();
    }
  });

  test('renames no column over a property that is there undeclared', async () => {
    await rows('CREATE NODE TABLE Pet(id INT64, name STRING, PRIMARY KEY(id))');
    await rows('CREATE REL TABLE Likes(FROM Pet TO Pet, much INT64)');
    await rows(
      "CREATE (p:Pet {id: 1, name: 'Rex', nick: 'R'})-[:Likes {much: 1, more: 2}]->(p), (:Pet {id: 2})",
    );
    expect(await refused('ALTER TABLE Pet RENAME name TO nick')).toMatch(/^Binder exception: .*1 of Pet has/);
    expect(await refused('ALTER TABLE Likes RENAME much TO more')).toMatch(/1 of Likes has/);
    expect(await rows('MATCH (p:Pet)-[l]->() RETURN p.name, p.nick, l.much, l.more')).toEqual([
      ['Rex', 'R', 1, 2],
    ]);
    await rows('MATCH (p:Pet) REMOVE p.nick');
    await rows('ALTER TABLE Pet RENAME name TO nick');
    expect(await rows('MATCH (p:Pet {id: 1}) RETURN p.name, p.nick')).toEqual([[null, 'Rex']]);
    await rows('DROP TABLE Likes');
    await rows('DROP TABLE Pet');
  });

  test('has functions that only this engine has', async () => {
    await rows('CREATE NODE TABLE E(id UUID, at TIMESTAMP, day DATE, PRIMARY KEY(id))');
    await rows(
      'UNWIND [1, 2] AS i CREATE (:E {id: gen_random_uuid(), at: current_timestamp(), day: current_date()})',
    );
    const made = await rows(
      'CREATE (e:E {id: $id, at: current_timestamp()}) RETURN e.at, current_date(), gen_random_uuid()',
      {
        id: '00000000-0000-4000-8000-000000000000',
      },
    );
    expect(made?.[0]).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/),
      expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
    expect(await rows('MATCH (e:E) RETURN count(DISTINCT e.id), count(DISTINCT e.day)')).toEqual([[3, 1]]);
    await rows('DROP TABLE E');
  });
});

describe('files', () => {
  beforeEach(async () => {
    await rows('CREATE NODE TABLE IF NOT EXISTS T(id INT64 PRIMARY KEY)');
    await rows('MATCH (t:T) DELETE t');
  });

  test('are stored, listed, replaced and deleted', async () => {
    expect((await put('t.csv', '1\n2\n')).status).toBe(201);
    expect(await put('t.csv', '3\n')).toMatchObject({ status: 200, json: { type: 'file', size: 2 } });
    await put('t.csv2', '4\n');
    await rows("COPY T FROM 't.csv'");
    expect(await rows('MATCH (t:T) RETURN t.id')).toEqual([[3]]);
    const listed = (await send('GET', '/v1/files')).json as { files: { name: string }[] };
    const names = listed.files.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('t.csv'))).toEqual(['t.csv', 't.csv2']);
    expect((await send('DELETE', '/v1/files/t.csv')).status).toBe(200);
    expect(await send('DELETE', '/v1/files/t.csv')).toMatchObject({
      status: 404,
      json: {
        type: 'error',
        message: expect.stringMatching(/No file found that matches the pattern: t\.csv/),
      },
    });
    expect(await refused("COPY T FROM 't.csv'")).toMatch(/^Binder exception: No file found/);
    await send('DELETE', '/v1/files/t.csv2');
  });

  test('belong to a namespace', async () => {
    const own = await startTestServer({ flags: { store: 'memory://graphd_files' } });
    const there = async (
      method: string,
      path: string,
      body: string,
    ): Promise<{ status: number; text: string }> => {
      const headers = path.startsWith('/v1/execute') ? { 'content-type': 'application/json' } : {};
      const response = await fetch(`${own.url}${path}`, { method, body, headers });
      return { status: response.status, text: await response.text() };
    };
    const define = '{"query":"CREATE NODE TABLE T(id INT64 PRIMARY KEY)"}';
    const copy = `{"query":"COPY T FROM 'own.csv'"}`;
    try {
      expect(await there('PUT', '/v1/files/own.csv?namespace=other', '1\n')).toMatchObject({ status: 201 });
      await there('POST', '/v1/execute', define);
      await there('POST', '/v1/execute?namespace=other', define);
      expect((await there('POST', '/v1/execute', copy)).text).toMatch(/No file found/);
      expect((await there('POST', '/v1/execute?namespace=other', copy)).text).toMatch(
        /1 tuple has been copied/,
      );
    } finally {
      await own.stop();
    }
  });

  test('come in pieces, larger than other bodies, up to a bound', async () => {
    const lines = (async function* (): AsyncGenerator<Uint8Array> {
      for (let block = 0; block < 130; block++) {
        const numbers = Array.from({ length: 1_000 }, (_, at) => String(block * 1_000 + at).padEnd(90));
        yield Buffer.from(`${numbers.join('\n')}\n`);
      }
    })();
    const stored = await put('large.csv', ReadableStream.from(lines) as ReadableStream<Uint8Array>);
    expect(stored).toMatchObject({ status: 201, json: { size: 130_000 * 91 } });
    expect(130_000 * 91).toBeGreaterThan(LIMITS.bodyBytesMax);
    expect(await rows("COPY T FROM 'large.csv'")).toEqual([
      ['130000 tuples have been copied to the T table.'],
    ]);
    expect(await rows('MATCH (t:T) RETURN count(*), max(t.id)')).toEqual([[130_000, 129_999]]);
    const endless = (async function* (): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(1024 * 1024, '1');
      for (let sent = 0; sent <= LIMITS.graphCopyBytesMax; sent += piece.length) yield piece;
    })();
    const tooLarge = await put(
      'endless.csv',
      ReadableStream.from(endless) as ReadableStream<Uint8Array>,
    ).catch(() => ({ status: 413 }));
    expect(tooLarge.status).toBe(413);
    expect(await refused("COPY T FROM 'endless.csv'")).toMatch(/No file found/);
    await rows('DROP TABLE T');
    await send('DELETE', '/v1/files/large.csv');
  });

  test('have a name and bytes', async () => {
    expect((await put('empty.csv', '')).status).toBe(400);
    expect((await send('PUT', '/v1/files/', 'x')).status).toBe(400);
    expect((await send('PUT', `/v1/files/${'n'.repeat(1_020)}`, '1')).status).toBe(201);
    expect((await send('PUT', `/v1/files/a%00b`, '1')).status).toBe(400);
  });
});
