/** The listener around the protocol: who may come in, TLS, namespaces, routes, time limits, and the end of the server. */
import { connect } from 'node:net';
import neo4j, { type Driver } from 'neo4j-driver';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { hashPassword, newToken } from '../../../src/server/index.ts';
import { BoltClient } from '../../support/bolt-client.ts';
import { type CertificateFolder, certificateFolder, hasOpenssl } from '../../support/certificates.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const drivers: Driver[] = [];
afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.close();
});
function driverOf(...given: Parameters<typeof neo4j.driver>): Driver {
  const driver = neo4j.driver(...given);
  drivers.push(driver);
  return driver;
}
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'it was to fail',
    (thrown: { code: string }) => thrown.code,
  );
const one = (driver: Driver, query = 'RETURN 1 AS one', database?: string): Promise<unknown> =>
  driver
    .executeQuery(query, {}, database === undefined ? {} : { database })
    .then(({ records }) => records[0]?.get(0)?.toNumber());

describe('credentials', () => {
  const [writer, reader, expired, elsewhere] = [newToken(), newToken(), newToken(), newToken()];
  let server: TestServer;
  let uri: string;

  beforeAll(async () => {
    const tables = [
      { name: 'writer', role: 'write', secret: writer.hash },
      { name: 'reader', role: 'read', secret: reader.hash },
      { name: 'past', role: 'admin', secret: expired.hash, expires: '2020-01-01' },
      { name: 'elsewhere', role: 'write', secret: elsewhere.hash, namespace: 'elsewhere' },
      { name: 'ada', role: 'write', secret: await hashPassword('correct horse') },
      { name: 'next', role: 'write', secret: await hashPassword('battery staple') },
    ];
    server = await startTestServer({
      flags: { store: 'memory://bolt-listener', 'bolt-listen': '127.0.0.1:0' },
      config: { credentials: parseCredentials(tables, 'test') },
    });
    uri = `bolt://${server.running.boltAddress}`;
  });
  afterAll(() => server.stop());

  test.each([
    ['a token as bearer', () => neo4j.auth.bearer(writer.token)],
    ['a token as the password of its name', () => neo4j.auth.basic('writer', writer.token)],
    ['a token as the password of nobody', () => neo4j.auth.basic('', writer.token)],
    ['a password', () => neo4j.auth.basic('ada', 'correct horse')],
  ])('%s', async (_, auth) => {
    expect(await one(driverOf(uri, auth()))).toBe(1);
  });

  test.each([
    ['nothing', () => undefined],
    ['a wrong token', () => neo4j.auth.bearer('nope')],
    ['an expired token', () => neo4j.auth.bearer(expired.token)],
    ['a wrong password', () => neo4j.auth.basic('ada', 'incorrect horse')],
    ['Kerberos', () => neo4j.auth.kerberos('ticket')],
  ])('%s is refused', async (_, auth) => {
    expect(await codeOf(one(driverOf(uri, auth())))).toBe('Neo.ClientError.Security.Unauthorized');
  });

  test('a client that failed to say who it is may try again', async () => {
    const client = await BoltClient.connect(server.running.boltAddress ?? '');
    await client.agree('5.4');
    client.send('HELLO', { user_agent: 'x' });
    await client.expect('SUCCESS');
    client.send('LOGON', { scheme: 'bearer', credentials: 'nope' });
    client.run('RETURN 1');
    expect((await client.expect('FAILURE')).meta.code).toBe('Neo.ClientError.Security.Unauthorized');
    await client.expect('IGNORED');
    client.send('RESET');
    await client.expect('SUCCESS');
    client.send('LOGON', { scheme: 'bearer', credentials: writer.token });
    await client.expect('SUCCESS');
    expect(await client.query('RETURN 1')).toEqual([[1]]);
    // Who has said so no longer is nobody.
    client.send('LOGOFF');
    await client.expect('SUCCESS');
    client.run('RETURN 1');
    expect((await client.expect('FAILURE')).meta.code).toBe('Neo.ClientError.Request.Invalid');
    await client.closed;
  });

  test('a client becomes another one, and its large query is there before that one is known', async () => {
    const client = await BoltClient.connect(server.running.boltAddress ?? '');
    await client.agree('5.7');
    client.send('HELLO', { user_agent: 'test/1' });
    client.send('LOGON', { scheme: 'bearer', credentials: writer.token });
    for (let replies = 0; replies < 2; replies++) await client.expect('SUCCESS');
    client.send('LOGOFF');
    client.send('LOGON', { scheme: 'basic', principal: 'next', credentials: 'battery staple' });
    client.run('RETURN size($text)', {}, { text: 'x'.repeat(1_000_000) });
    client.send('PULL', { n: -1 });
    for (let replies = 0; replies < 3; replies++) await client.expect('SUCCESS');
    expect((await client.records()).rows).toEqual([[1_000_000]]);
    client.destroy();
  });

  test('a client of 4.4 with a wrong password is sent away', async () => {
    const client = await BoltClient.connect(server.running.boltAddress ?? '');
    await client.agree('4.4');
    client.send('HELLO', { user_agent: 'x', scheme: 'basic', principal: 'ada', credentials: 'no' });
    expect((await client.expect('FAILURE')).meta.code).toBe('Neo.ClientError.Security.Unauthorized');
    await client.closed;
  });

  test('who may only read does not write, and is not told to look for another server', async () => {
    const driver = driverOf(uri, neo4j.auth.bearer(reader.token));
    expect(await one(driver)).toBe(1);
    const session = driver.session();
    expect(await codeOf(session.run('CREATE (:No)'))).toBe('Neo.ClientError.Security.Forbidden');
    const inTransaction = session.executeWrite((tx) => tx.run('CREATE (:No)'));
    expect(await codeOf(inTransaction)).toMatch(
      /^Neo\.ClientError\.(Security\.Forbidden|Statement\.AccessMode)$/,
    );
    await session.close();
  });

  test('databases are namespaces: made by their first use, and apart', async () => {
    const driver = driverOf(uri, neo4j.auth.bearer(writer.token));
    await driver.executeQuery('CREATE (:OnlyHere)', {}, { database: 'movies' });
    const count = 'MATCH (n:OnlyHere) RETURN count(n)';
    expect(await one(driver, count, 'movies')).toBe(1);
    expect(await one(driver, count, 'Movies')).toBe(1);
    expect(await one(driver, count)).toBe(0);
    expect(await one(driver, count, 'neo4j')).toBe(0);
    const reading = driverOf(uri, neo4j.auth.bearer(reader.token));
    expect(await codeOf(one(reading, count, 'nowhere'))).toBe('Neo.ClientError.Database.DatabaseNotFound');
  });

  test('a client with a namespace of its own has that one, also as neo4j', async () => {
    const driver = driverOf(uri, neo4j.auth.bearer(elsewhere.token));
    const { summary } = await driver.executeQuery('CREATE (:Mine)');
    expect(summary.database.name).toBe('elsewhere');
    expect(await one(driver, 'MATCH (n:Mine) RETURN count(n)', 'neo4j')).toBe(1);
    expect(await codeOf(one(driver, 'RETURN 1', 'movies'))).toBe('Neo.ClientError.Security.Forbidden');
    const routed = driverOf(uri.replace('bolt', 'neo4j'), neo4j.auth.bearer(elsewhere.token));
    expect((await routed.executeQuery('RETURN 1')).summary.database.name).toBe('elsewhere');
  });

  test('a namespace named neo4j is the database neo4j', async () => {
    await server.store.namespace('neo4j');
    const driver = driverOf(uri, neo4j.auth.bearer(writer.token));
    const { summary } = await driver.executeQuery('RETURN 1', {}, { database: 'neo4j' });
    expect(summary.database.name).toBe('neo4j');
  });

  test('the log says who asked for what over Bolt', () => {
    const seen = server.observations.filter((one) => one.type === 'operation' && one.dialect === 'bolt');
    expect(seen.some((one) => one.type === 'operation' && one.principal === 'writer')).toBe(true);
    expect(seen.every((one) => one.type === 'operation' && /^bolt-\d+\.\d+$/.test(one.requestId))).toBe(true);
  });
});

describe('routing', () => {
  test('drivers are told what the options name', async () => {
    const server = await startTestServer({
      flags: {
        'bolt-listen': '127.0.0.1:0',
        'bolt-advertised-address': 'graph.example.com:7687',
        'bolt-writers': 'a.example.com:7687',
        'bolt-readers': 'b.example.com:7687, [::1]:7688',
      },
    });
    const client = await BoltClient.ready(server.running.boltAddress ?? '');
    client.send('ROUTE', { address: 'x:1' }, [], { db: null });
    expect((await client.expect('SUCCESS')).meta.rt).toEqual({
      ttl: 300,
      db: 'default',
      servers: [
        { role: 'WRITE', addresses: ['a.example.com:7687'] },
        { role: 'READ', addresses: ['b.example.com:7687', '[::1]:7688'] },
        {
          role: 'ROUTE',
          addresses: ['graph.example.com:7687', 'a.example.com:7687', 'b.example.com:7687', '[::1]:7688'],
        },
      ],
    });
    client.destroy();
    await server.stop();
  });

  test('without options it is the address that the client has used, else the one it has reached', async () => {
    const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
    const client = await BoltClient.ready(server.running.boltAddress ?? '', '4.4', { scheme: 'none' });
    for (const [context, address] of [
      [{ address: 'db.internal:7687' }, 'db.internal:7687'],
      [{}, server.running.boltAddress],
    ] as const) {
      client.send('ROUTE', context, [], {});
      expect((await client.expect('SUCCESS')).meta.rt).toMatchObject({
        servers: [{ addresses: [address] }, { addresses: [address] }, { addresses: [address] }],
      });
    }
    client.destroy();
    await server.stop();
  });
});

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('TLS', () => {
  let certificates: CertificateFolder;
  const flagsOf = (): Readonly<Record<string, string>> => ({
    'bolt-listen': '127.0.0.1:0',
    'tls-cert': certificates.file('server.crt'),
    'tls-key': certificates.file('server.key'),
  });
  beforeAll(() => {
    certificates = certificateFolder();
    certificates.make('ca', { subject: 'authority' });
    certificates.make('server', { issuer: 'ca' });
    certificates.make('alice', { subject: 'alice', issuer: 'ca' });
  });
  afterAll(() => certificates.remove());

  test('drivers come in by bolt+ssc and neo4j+ssc, in the clear nobody does', async () => {
    const server = await startTestServer({ flags: flagsOf() });
    const address = server.running.boltAddress ?? '';
    expect(await one(driverOf(`bolt+ssc://${address}`))).toBe(1);
    expect(await one(driverOf(`neo4j+ssc://${address}`))).toBe(1);
    const trusting = driverOf(`bolt://${address}`, undefined, {
      encrypted: true,
      trust: 'TRUST_CUSTOM_CA_SIGNED_CERTIFICATES',
      trustedCertificates: [certificates.file('ca.crt')],
    });
    expect(await one(trusting)).toBe(1);
    const plain = await BoltClient.connect(address);
    await expect(plain.agree('5.7')).rejects.toThrow('closed');
    for (const driver of drivers.splice(0)) await driver.close();
    await server.stop();
  });

  test('bolt-tls = optional takes both on one port', async () => {
    const server = await startTestServer({ flags: { ...flagsOf(), 'bolt-tls': 'optional' } });
    const address = server.running.boltAddress ?? '';
    expect(await one(driverOf(`bolt+ssc://${address}`))).toBe(1);
    expect(await one(driverOf(`bolt://${address}`))).toBe(1);
    for (const driver of drivers.splice(0)) await driver.close();
    await server.stop();
  });

  test('a certificate of a client says who it is', async () => {
    const server = await startTestServer({
      flags: { ...flagsOf(), 'tls-client-ca': certificates.file('ca.crt'), 'tls-client-required': 'false' },
      config: {
        credentials: [
          {
            principal: { name: 'alice', role: 'write' },
            secret: undefined,
            mtlsSubject: 'alice',
            expiresAtMs: undefined,
          },
        ],
      },
    });
    const address = server.running.boltAddress ?? '';
    expect(await codeOf(one(driverOf(`bolt+ssc://${address}`)))).toBe(
      'Neo.ClientError.Security.Unauthorized',
    );
    const named = driverOf(`bolt://${address}`, undefined, {
      encrypted: true,
      trust: 'TRUST_CUSTOM_CA_SIGNED_CERTIFICATES',
      trustedCertificates: [certificates.file('ca.crt')],
      clientCertificate: neo4j.clientCertificateProviders.rotating({
        initialCertificate: {
          certfile: certificates.file('alice.crt'),
          keyfile: certificates.file('alice.key'),
        },
      }),
    });
    expect(await one(named)).toBe(1);
    for (const driver of drivers.splice(0)) await driver.close();
    await server.stop();
  });
});

describe('the end of the server', () => {
  test('waits for a query that runs, and closes what is idle at once', async () => {
    const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
    const address = server.running.boltAddress ?? '';
    const [idle, busy] = [await BoltClient.ready(address), await BoltClient.ready(address)];
    busy.run('UNWIND range(1, 300000) AS i RETURN sum(i) AS s');
    busy.send('PULL', { n: -1 });
    await busy.expect('SUCCESS');
    const stopped = server.stop();
    await idle.closed;
    expect((await busy.records()).rows).toEqual([[45_000_150_000]]);
    await busy.closed;
    await stopped;
    await expect(BoltClient.connect(address)).rejects.toThrow('ECONNREFUSED');
  });

  test('rolls back open transactions', async () => {
    const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
    const client = await BoltClient.ready(server.running.boltAddress ?? '');
    client.send('BEGIN', {});
    client.run('CREATE (:Open)');
    client.send('PULL', { n: -1 });
    for (let index = 0; index < 3; index++) await client.expect('SUCCESS');
    await server.running.stop('the test stops it');
    await client.closed;
    await server.stop().catch(() => undefined);
  });
});

test('the ready line, the metrics and --bolt-listen off', async () => {
  const server = await startTestServer({ flags: { 'bolt-listen': 'localhost:0' } });
  const [host, port] = (server.running.boltAddress ?? '').split(':');
  expect(host).toBe('localhost');
  expect(server.running.endpoints).toContainEqual({ name: 'Bolt', url: `bolt://localhost:${port}` });
  const client = await BoltClient.ready(`127.0.0.1:${port}`);
  expect((await server.get('/metrics')).text).toMatch(/thunderdb_active_connections\{protocol="bolt"\} 1/);
  client.destroy();
  await server.stop();

  const without = await startTestServer();
  expect(without.running.boltAddress).toBeUndefined();
  await without.stop();
});

test('an address that is taken is refused by name', async () => {
  const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
  const taken = server.running.boltAddress ?? '';
  await expect(startTestServer({ flags: { 'bolt-listen': taken } })).rejects.toMatchObject({
    code: 'LISTEN_FAILED',
    message: `The address ${taken} is in use by another process`,
    hint: expect.stringContaining('--bolt-listen'),
  });
  await server.stop();
});

test('sockets that say nothing are counted and closed with the server', async () => {
  const server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
  const [host = '', port = '0'] = (server.running.boltAddress ?? '').split(':');
  const socket = connect({ host, port: Number(port) });
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await server.stop();
  await closed;
});
