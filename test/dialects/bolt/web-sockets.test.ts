/** Bolt inside of WebSockets, as the driver of a page opens it, and which pages may. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import type neo4jDriver from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LIMITS } from '../../../src/base/index.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/** The build of the driver for browsers, which knows no sockets but those of the page. */
async function driverOfPages(): Promise<typeof neo4jDriver> {
  const path = createRequire(import.meta.url).resolve('neo4j-driver/lib/browser/neo4j-web.js');
  const text = await readFile(path, 'utf8');
  const make = runInThisContext(
    `(function (window, self, globalThis, WebSocket) {${text}\nreturn self.neo4j ?? this.neo4j; })`,
  );
  const page: { neo4j?: typeof neo4jDriver; location: object } = { location: { protocol: 'http:' } };
  return make.call(
    page,
    page,
    page,
    Object.assign(page, { setTimeout, clearTimeout, TextEncoder, TextDecoder }),
    WebSocket,
  );
}

/** `open`, or the status that it was refused with. */
const opened = (address: string, headers: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://${address}/`, { headers });
    socket.once('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(String(response.statusCode));
      response.destroy();
    });
    socket.once('error', (error) => resolve(error.message));
  });

describe('a server for this machine', () => {
  let server: TestServer;
  let address: string;
  beforeAll(async () => {
    server = await startTestServer({ flags: { 'bolt-listen': '127.0.0.1:0' } });
    address = server.running.boltAddress ?? '';
  });
  afterAll(() => server.stop());

  test('speaks with the handshake, byte for byte', async () => {
    const socket = new WebSocket(`ws://${address}/`);
    await new Promise((resolve) => socket.once('open', resolve));
    const answer = new Promise((resolve) => socket.once('message', (bytes: Buffer) => resolve([...bytes])));
    socket.send(Buffer.from([0x60, 0x60, 0xb0, 0x17, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    expect(await answer).toEqual([0, 0, 4, 5]);
    socket.terminate();
  });

  test('is used by the build of the driver for pages', async () => {
    const neo4j = await driverOfPages();
    const driver = neo4j.driver(`bolt://${address}`);
    const { records } = await driver.executeQuery('UNWIND range(1, 5000) AS i RETURN i, $text AS text', {
      text: 'x'.repeat(1_000),
    });
    expect([records.length, records.at(-1)?.get('i').toNumber()]).toEqual([5_000, 5_000]);
    await driver.close();
    await expect.poll(() => server.store.opened[0]?.counts.poolInUse).toBe(0);
  });

  test.each([
    [{ origin: 'http://localhost:7474' }, 'open'],
    [{ origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }, 'open'],
    [{ origin: 'https://evil.example' }, '403'],
    [{ origin: 'null' }, '403'],
    [{ origin: 'http://localhost:7474', 'sec-fetch-site': 'cross-site' }, '403'],
    [{ host: 'rebound.example:7687' }, '403'],
  ])('a page with %j: %s', async (headers, outcome) => {
    expect(await opened(address, headers)).toBe(outcome);
  });

  test('a request of HTTP that does not end does not keep its connection', async () => {
    const [host = '', port = '0'] = address.split(':');
    const socket = connect({ host, port: Number(port) });
    const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
    socket.on('error', () => {});
    socket.write('GET / HTT');
    const late = sleep(LIMITS.boltHandshakeMsMax + 5_000, 'open', { ref: false });
    expect(await Promise.race([closed, late])).toBe('closed');
  }, 30_000);

  test('other requests of HTTP are told what this port is', async () => {
    const answer = await fetch(`http://${address}/browser`);
    expect([answer.status, await answer.text()]).toEqual([426, expect.stringContaining('Bolt')]);
  });
});

test('where clients have to say who they are, pages of any site may', async () => {
  const token = newToken();
  const server = await startTestServer({
    flags: { 'bolt-listen': '127.0.0.1:0' },
    config: { credentials: parseCredentials([{ name: 'page', role: 'write', secret: token.hash }], 'test') },
  });
  expect(await opened(server.running.boltAddress ?? '', { origin: 'https://tools.example' })).toBe('open');
  await server.stop();
});
