/** Notifications in summaries: which there are, in which form for which version, and what filters leave of them. */
import neo4j, { type Driver } from 'neo4j-driver';
import neo4jFive from 'neo4j-driver-5';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoltClient, type Packed } from '../../support/bolt-client.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let address: string;
const drivers: Driver[] = [];

beforeAll(async () => {
  server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
  address = server.running.boltAddress ?? '';
});
afterAll(async () => {
  await Promise.all(drivers.map((driver) => driver.close()));
  await server.stop();
});

function driverOf(library: typeof neo4j, config = {}): Driver {
  const driver = library.driver(`bolt://${address}`, undefined, config);
  drivers.push(driver);
  return driver;
}

const PRODUCT = 'Neo.ClientNotification.Statement.CartesianProduct';
const UNBOUNDED = 'Neo.ClientNotification.Statement.UnboundedVariableLengthPattern';

describe.each([
  ['neo4j-driver 6', neo4j],
  ['neo4j-driver 5', neo4jFive as unknown as typeof neo4j],
])('%s', (_name, library) => {
  test('a product is told with its place, as a notification and as a status', async () => {
    const query = 'EXPLAIN\n MATCH (c:Child), (p:Parent) RETURN c, p';
    const { summary } = await driverOf(library).executeQuery(query);
    expect(summary.notifications).toMatchObject([
      {
        code: PRODUCT,
        severityLevel: 'INFORMATION',
        category: 'PERFORMANCE',
        position: { offset: 9, line: 2, column: 2 },
      },
    ]);
    expect(summary.notifications[0]?.description).toContain('(c:Child), (p:Parent)');
    expect(summary.notifications[0]?.description).toContain('identifier is: (p)');
    const [main, status] = summary.gqlStatusObjects;
    expect(main).toMatchObject({ gqlStatus: '02000', isNotification: false });
    expect(status).toMatchObject({
      gqlStatus: '03N90',
      isNotification: true,
      severity: 'INFORMATION',
      classification: 'PERFORMANCE',
      position: { offset: 9, line: 2, column: 2 },
    });
    expect(status?.statusDescription).toMatch(/^info: cartesian product\. /);
  });

  test('the main status says whether there were records', async () => {
    const driver = driverOf(library);
    const statusOf = async (query: string) =>
      (await driver.executeQuery(query)).summary.gqlStatusObjects.map(({ gqlStatus }) => gqlStatus);
    expect(await statusOf('RETURN 1')).toEqual(['00000']);
    expect(await statusOf('MATCH (n:NobodyHasThis) RETURN n')).toEqual(['02000']);
    expect(await statusOf('CREATE (:Somebody)')).toEqual(['00001']);
  });

  test('a driver may want none', async () => {
    const query = 'MATCH (a:Left), (b:Right) RETURN a, b';
    const told = async (config: object, run: object = {}) => {
      const session = driverOf(library, config).session(run);
      const { notifications } = (await session.run(query)).summary;
      await session.close();
      return notifications.length;
    };
    expect(await told({})).toBe(1);
    expect(await told({ notificationFilter: { minimumSeverityLevel: 'OFF' } })).toBe(0);
    expect(await told({ notificationFilter: { minimumSeverityLevel: 'WARNING' } })).toBe(0);
    expect(await told({ notificationFilter: { disabledCategories: ['PERFORMANCE'] } })).toBe(0);
    expect(await told({ notificationFilter: { disabledCategories: ['SCHEMA'] } })).toBe(1);
    const off = { notificationFilter: { minimumSeverityLevel: 'OFF' } };
    const all = { notificationFilter: { minimumSeverityLevel: 'INFORMATION' } };
    expect(await told(off, all)).toBe(1);
    expect(await told(all, off)).toBe(0);
  });
});

describe('which', () => {
  const codesOf = async (query: string): Promise<readonly (string | undefined)[]> => {
    const driver = drivers[0] ?? driverOf(neo4j);
    return (await driver.executeQuery(query)).summary.notifications.map(({ code }) => code);
  };

  test.each([
    ['MATCH (a), (b) RETURN a, b', [PRODUCT]],
    ['MATCH (a)-->(x), (b)-->(y) RETURN a, b', [PRODUCT]],
    ['MATCH (a), (b) WHERE a.x < b.x RETURN a, b', [PRODUCT]],
    ['MATCH (a) OPTIONAL MATCH (b), (c) RETURN a, b, c', [PRODUCT]],
    ['MATCH (a), (b) MERGE (a)-[:R]->(b)', [PRODUCT]],
    ['CALL { MATCH (a), (b) RETURN a } RETURN a', [PRODUCT]],
    // Something holds them together, or there is nothing to be multiplied.
    ['MATCH (a)-->(x), (x)-->(y) RETURN a, y', []],
    ['MATCH (a), (b) WHERE a.x = b.x RETURN a, b', []],
    ['MATCH (a), (b) WHERE a.y > 1 AND a.x = b.x RETURN a, b', []],
    ['MATCH (a), (b {x: a.x}) RETURN a, b', []],
    ['MATCH (a) MATCH (b) RETURN a, b', []],
    ['MATCH (a) WITH a LIMIT 1 MATCH (a), (b) RETURN a, b', []],
    ['MATCH (a), (b), (a)-->(b) RETURN a, b', []],
    ['MATCH (a)-[*]->(b) RETURN a', [UNBOUNDED]],
    ['MATCH (a)-[*2..]->(b) RETURN a', [UNBOUNDED]],
    ['MATCH (a)-[*..3]->(b) RETURN a', []],
    ['MATCH (a)-[*2]->(b) RETURN a', []],
    ['MATCH (a:From)-->(b:To), p = shortestPath((a)-[*]->(b)) RETURN p', [UNBOUNDED]],
    ['MATCH (a) RETURN [(a)-[*]->(b) | b.x]', [UNBOUNDED]],
    ['MATCH (a) WHERE (a)-[*]->() RETURN a', [UNBOUNDED]],
    ['MATCH (a)-[*]->(), (b) RETURN a, b', [PRODUCT, UNBOUNDED]],
    ['RETURN 1', []],
  ])('%s', async (query, codes) => {
    expect(await codesOf(`EXPLAIN ${query}`)).toEqual(codes);
  });

  test('a command that has done nothing', async () => {
    const SCHEMA = 'Neo.ClientNotification.Schema.IndexOrConstraint';
    const create = 'CREATE INDEX told IF NOT EXISTS FOR (n:Told) ON (n.x)';
    expect(await codesOf(create)).toEqual([]);
    expect(await codesOf(create)).toEqual([`${SCHEMA}AlreadyExists`]);
    expect(await codesOf('DROP INDEX told IF EXISTS')).toEqual([]);
    expect(await codesOf('DROP INDEX told IF EXISTS')).toEqual([`${SCHEMA}DoesNotExist`]);
  });

  test('the same plan says it every time', async () => {
    const query = 'MATCH (a:Again), (b:Again) RETURN a, b';
    for (let count = 0; count < 4; count++) expect(await codesOf(query)).toEqual([PRODUCT]);
  });
});

describe('on the wire', () => {
  const summaryIn = async (version: string, query: string, extra: Packed = {}) => {
    const client = await BoltClient.ready(address, version);
    client.send('RUN', query, {}, extra);
    await client.expect('SUCCESS');
    client.send('PULL', { n: -1 });
    const { meta } = await client.expect('SUCCESS');
    client.socket.destroy();
    return meta;
  };
  const QUERY = 'MATCH (a:Wired), (b:Wired) RETURN a';

  test.each(['4.4', '5.0', '5.4'])('%s has a list of notifications', async (version) => {
    const meta = await summaryIn(version, QUERY);
    expect(meta.statuses).toBeUndefined();
    expect(meta.notifications).toMatchObject([
      { code: PRODUCT, severity: 'INFORMATION', position: { offset: 0, line: 1, column: 1 } },
    ]);
    expect((await summaryIn(version, 'MATCH (a:Wired) RETURN a')).notifications).toBeUndefined();
  });

  test.each(['5.5', '5.6', '5.7'])('%s has statuses', async (version) => {
    const meta = await summaryIn(version, QUERY);
    expect(meta.notifications).toBeUndefined();
    expect(meta.statuses).toMatchObject([
      { gql_status: '02000', status_description: 'note: no data' },
      { gql_status: '03N90', neo4j_code: PRODUCT, diagnostic_record: { _classification: 'PERFORMANCE' } },
    ]);
    const filter = { notifications_disabled_classifications: ['PERFORMANCE'] };
    expect((await summaryIn(version, QUERY, filter)).statuses).toHaveLength(1);
  });
});
