/** What tools of Neo4j ask at their start: databases, procedures, functions; also in the database `system`. */
import neo4j, { type Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query as queryBy } from '../../../src/engine/query.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asSuperuser, dropDatabase } from '../../support/test-store.ts';

const TOKENS = { all: newToken(), bound: newToken() };

let server: TestServer;
let driver: Driver;
let secondDatabase: string;

beforeAll(async () => {
  const credentials = [
    { name: 'all', role: 'write', secret: TOKENS.all.hash },
    { name: 'bound', role: 'read', secret: TOKENS.bound.hash, namespace: 'second' },
  ];
  server = await startTestServer({
    flags: { 'bolt-listen': '127.0.0.1:0' },
    config: { credentials: parseCredentials(credentials, 'test') },
  });
  const name = /^postgres:\/\/\w+@\/(\w+)/.exec(server.store.facts.uri)?.[1] ?? '';
  secondDatabase = `${name}_second`;
  await asSuperuser('postgres', (session) =>
    queryBy(session, `CREATE DATABASE ${secondDatabase} OWNER facet`),
  );
  driver = driverOf(TOKENS.all.token);
  await driver.executeQuery('CREATE (:Second)', {}, { database: 'second' });
});
afterAll(async () => {
  await driver.close();
  await server.stop();
  await dropDatabase(secondDatabase);
});

const driverOf = (token: string): Driver =>
  neo4j.driver(`neo4j://${server.running.boltAddress}`, neo4j.auth.bearer(token));

const rowsOf = async (query: string, parameters = {}, database?: string) => {
  const { records } = await driver.executeQuery(
    query,
    parameters,
    database === undefined ? {} : { database },
  );
  return records.map((record) => record.toObject());
};

describe('SHOW DATABASES', () => {
  test.each([undefined, 'system', 'SYSTEM', 'second'])('asked in %s', async (database) => {
    const rows = await rowsOf('SHOW DATABASES', {}, database);
    expect(rows).toEqual([
      {
        name: 'default',
        type: 'standard',
        aliases: ['neo4j'],
        access: 'read-write',
        address: server.running.boltAddress,
        role: 'primary',
        writer: true,
        requestedStatus: 'online',
        currentStatus: 'online',
        statusMessage: '',
        default: true,
        home: true,
        constituents: [],
      },
      expect.objectContaining({ name: 'second', aliases: [], default: false, home: false }),
    ]);
  });

  test.each([
    ['show database second', ['second']],
    ['SHOW DATABASE SECOND;', ['second']],
    ["SHOW DATABASE 'second'", ['second']],
    ['SHOW DATABASE `second`', ['second']],
    ['SHOW DATABASE $name', ['second']],
    ['SHOW DATABASE neo4j', ['default']],
    ['SHOW DATABASE system', []],
    ['SHOW DATABASE there.is-none', []],
    ['SHOW DEFAULT DATABASE', ['default']],
    ['SHOW HOME DATABASE', ['default']],
    ['// what there is\n SHOW DATABASES', ['default', 'second']],
    ['SHOW DATABASES WHERE name STARTS WITH "s"', ['second']],
    ['SHOW DATABASES YIELD * WHERE default', ['default']],
    ['SHOW DATABASES YIELD name, home ORDER BY name DESC LIMIT 1', ['second']],
    [
      'SHOW DATABASES YIELD name AS n, currentStatus WHERE currentStatus = "online" RETURN n AS name ORDER BY n',
      ['default', 'second'],
    ],
  ])('%s', async (query, names) => {
    expect((await rowsOf(query, { name: 'second' }, 'system')).map(({ name }) => name)).toEqual(names);
  });

  test('columns are those of YIELD, in their order', async () => {
    const keysOf = async (query: string) => (await driver.executeQuery(query)).keys;
    expect(await keysOf('SHOW DATABASES YIELD home, name AS `the name` LIMIT 1')).toEqual([
      'home',
      'the name',
    ]);
    expect(await keysOf('SHOW DATABASES YIELD *')).toHaveLength(13);
    expect(await keysOf('SHOW DEFAULT DATABASE')).toHaveLength(11);
  });

  test('in a transaction', async () => {
    const session = driver.session({ database: 'system' });
    const names = await session.executeRead(async (tx) => {
      const { records } = await tx.run('SHOW DATABASES YIELD name');
      return records.map((record) => record.get('name'));
    });
    expect(names).toEqual(['default', 'second']);
    await session.close();
  });

  test('what there is not', async () => {
    await expect(rowsOf('SHOW DATABASES YIELD nothing')).rejects.toThrow('nothing');
    await expect(rowsOf('SHOW DATABASES RETURN 1')).rejects.toThrow('SHOW DATABASES');
    await expect(rowsOf('SHOW USERS', {}, 'system')).rejects.toThrow("no database 'system'");
    await expect(rowsOf('CREATE DATABASE x', {}, 'system')).rejects.toThrow("no database 'system'");
    await expect(rowsOf('MATCH (n) RETURN n', {}, 'system')).rejects.toThrow("no database 'system'");
  });
});

describe('SHOW PROCEDURES and SHOW FUNCTIONS', () => {
  test('procedures', async () => {
    const rows = await rowsOf('SHOW PROCEDURES EXECUTABLE', {}, 'system');
    expect(rows).toContainEqual({
      name: 'db.labels',
      description: expect.any(String),
      mode: 'READ',
      worksOnSystem: false,
    });
    expect(await rowsOf('SHOW PROCEDURES YIELD name, signature WHERE name = "db.labels"')).toEqual([
      { name: 'db.labels', signature: expect.stringContaining('db.labels(') },
    ]);
  });

  test('functions', async () => {
    const rows = await rowsOf('SHOW BUILT IN FUNCTIONS YIELD name, aggregating WHERE name IN ["sum", "sin"]');
    expect(rows).toEqual([
      { name: 'sin', aggregating: false },
      { name: 'sum', aggregating: true },
    ]);
    expect((await rowsOf('SHOW FUNCTIONS')).length).toBeGreaterThan(50);
  });

  test('the rest of SHOW is the graph’s', async () => {
    await driver.executeQuery('CREATE INDEX shown FOR (n:Shown) ON (n.x)');
    expect((await rowsOf('SHOW INDEXES')).map(({ name }) => name)).toEqual(['shown']);
    await driver.executeQuery('DROP INDEX shown');
  });
});

test('who may use one namespace is shown that one only', async () => {
  const bound = driverOf(TOKENS.bound.token);
  for (const [query, names] of [
    ['SHOW DATABASES', ['second']],
    ['SHOW DATABASE default', []],
    ['SHOW DEFAULT DATABASE', []],
    ['SHOW HOME DATABASE', ['second']],
  ] as const) {
    const { records } = await bound.executeQuery(query);
    expect(records.map((record) => record.get('name'))).toEqual(names);
    for (const record of records) expect(record.get('access')).toBe('read-only');
  }
  await bound.close();
});
