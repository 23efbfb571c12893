/** Two servers, one of them on a hot standby: drivers are routed between them, and bookmarks are waited for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import neo4j, { type Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type Standby, startStandby } from '../../support/standby.ts';

let folder: string;
let primary: TestServer;
let standby: Standby;
let replica: TestServer;
let addresses: readonly [writer: string, reader: string];
const drivers: Driver[] = [];
const driverOf = (scheme: string, address: string): Driver => {
  const driver = neo4j.driver(`${scheme}://${address}`, undefined, { maxTransactionRetryTime: 1_000 });
  drivers.push(driver);
  return driver;
};

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0 }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' ? (bound?.port ?? 0) : 0));
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-replica-'));
  addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const [writer, reader] = addresses;
  const routes = { 'bolt-writers': writer, 'bolt-readers': reader };
  const home = join(folder, 'primary');
  primary = await startTestServer({
    flags: { store: pathToFileURL(home).href, 'bolt-listen': writer, ...routes },
  });
  await driverOf('bolt', writer).executeQuery('CREATE (:Before)');
  standby = await startStandby(home, join(folder, 'standby'));
  replica = await startTestServer({ flags: { store: standby.uri(), 'bolt-listen': reader, ...routes } });
}, 60_000);
afterAll(async () => {
  for (const driver of drivers) await driver.close();
  await replica?.stop();
  await standby?.stop();
  await primary?.stop();
  await rm(folder, { recursive: true, force: true });
});

const COUNT = 'MATCH (n:Marked) RETURN count(n) AS c';

test('writes go to the primary, reads to the replica, which waits for what the session has written', async () => {
  const driver = driverOf('neo4j', addresses[0]);
  const session = driver.session();
  for (let index = 1; index <= 20; index++) {
    const written = await session.executeWrite((tx) => tx.run('CREATE (:Marked)'));
    const read = await session.executeRead((tx) => tx.run(COUNT));
    expect(read.records[0]?.get('c').toNumber()).toBe(index);
    expect([written, read].map((result) => result.summary.server.address)).toEqual(addresses);
  }
  await session.close();
});

test('a read with a bookmark waits until the replica has it, or its time is over', async () => {
  const [writer, reader] = addresses.map((address) => driverOf('bolt', address));
  await standby.admin('SELECT pg_wal_replay_pause()');
  const writing = writer?.session();
  await writing?.run('CREATE (:Marked)');
  const bookmarks = writing?.lastBookmarks() ?? [];
  await writing?.close();
  const session = reader?.session({ bookmarks, defaultAccessMode: neo4j.session.READ });
  const early = reader?.session({ defaultAccessMode: neo4j.session.READ });
  expect((await early?.run(COUNT))?.records[0]?.get('c').toNumber()).toBe(20);
  const late = session?.run(COUNT, {}, { timeout: 300 });
  await expect(late).rejects.toMatchObject({
    code: 'Neo.TransientError.Transaction.BookmarkTimeout',
    retriable: true,
  });
  let isAnswered = false;
  const waiting = session?.run(COUNT).then((result) => {
    isAnswered = true;
    return result.records[0]?.get('c').toNumber();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isAnswered).toBe(false);
  await standby.admin('SELECT pg_wal_replay_resume()');
  expect(await waiting).toBe(21);
  await session?.close();
  await early?.close();
});

test('a write on the replica says that it is not the leader', async () => {
  const driver = driverOf('bolt', addresses[1]);
  const session = driver.session();
  const works = [
    () => session.run('CREATE (:No)'),
    () => session.executeWrite((tx) => tx.run('CREATE (:No)')),
    () => session.run('CREATE INDEX no FOR (n:No) ON (n.a)'),
  ];
  for (const work of works) {
    await expect(work()).rejects.toMatchObject({ code: 'Neo.ClientError.Cluster.NotALeader' });
  }
  await session.close();
});
