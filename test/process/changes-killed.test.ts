/** Two processes follow the changes of one PostgreSQL, and are killed: what each leaves there, and what metrics say. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/engine/embedded/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import { type FacetServer, startFacet } from '../support/facet-process.ts';
import { until } from '../support/patience.ts';
import { connectSocket, type SocketClient } from '../support/socket-client.ts';

let postgres: EmbeddedServer;
const started: FacetServer[] = [];
const clients: SocketClient[] = [];

beforeAll(async () => {
  postgres = await startEmbedded({ durable: true, observe: ignoreObservations });
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.ws.terminate();
  for (const server of started) await server.stop();
  await postgres?.stop();
}, 60_000);

async function start(): Promise<FacetServer> {
  const host = encodeURIComponent(postgres.socketDirectory);
  const server = await startFacet([
    '--store',
    `postgres://postgres@/postgres?host=${host}&port=${postgres.port}`,
  ]);
  started.push(server);
  return server;
}

async function sql(text: string) {
  const target = {
    hosts: [{ host: postgres.socketDirectory, port: postgres.port }],
    user: 'postgres',
    tls: { first: false },
  } as const;
  const session = await probe(target, 'postgres');
  try {
    return (await query(session, text)).rows;
  } finally {
    await session.close();
  }
}

/** `[temporary, active]` of each slot. */
const slots = () => sql('SELECT temporary, active FROM pg_replication_slots ORDER BY temporary');

async function follow(server: FacetServer): Promise<SocketClient> {
  const client = await connectSocket(server.url, '/ws/events');
  clients.push(client);
  client.send({ type: 'subscribe', id: 's', table: 'followed', events: ['insert'] });
  await client.find(({ type }) => type === 'subscribed');
  return client;
}

async function gauges(server: FacetServer): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Object.fromEntries(
    [...text.matchAll(/^facet_changes_(\w+)\{namespace="default"\} (\d+)$/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  );
}

test('a killed process leaves no slot but the one that all share, which the others take up', async () => {
  await sql('CREATE TABLE followed (id int)');
  const one = await start();
  const first = await follow(one);
  const two = await start();
  await follow(two);
  // The second reads from a copy.
  expect(await slots()).toEqual([
    ['f', 't'],
    ['t', 't'],
  ]);
  await sql('INSERT INTO followed VALUES (1), (2)');
  await first.find(({ type }) => type === 'event');
  await until('it is counted', async () => (await gauges(one)).read === 2);
  await until('a look was taken', async () => ((await gauges(one)).retained_bytes ?? 0) > 0);
  expect(await gauges(one)).toMatchObject({
    following: 1,
    cursors: 1,
    catching_up: 0,
    read: 2,
    log_items: 3,
  });
  expect((await gauges(one)).log_bytes).toBeGreaterThan(0);

  two.kill('SIGKILL');
  await two.exited;
  await until('the copy is gone', async () => (await slots()).length === 1);
  one.kill('SIGKILL');
  await one.exited;
  await until('nobody reads', async () => JSON.stringify(await slots()) === '[["f","f"]]');
  const three = await start();
  const third = await follow(three);
  expect(await slots()).toEqual([['f', 't']]);
  await sql('INSERT INTO followed VALUES (3)');
  await third.find(({ type }) => type === 'event');
});
