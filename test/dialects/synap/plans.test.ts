/** Plans over the WebSockets of the dialect: connections, rates and sizes of messages hold there as over HTTP. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { parsePlans } from '../../../src/server/plans.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const PLANS = parsePlans(
  [
    { name: 'Two', based_on: 'Free', connections_max: 2, payload_bytes_max: 1_000 },
    { name: 'Few', based_on: 'Enterprise', operations_per_month_max: 3 },
  ],
  'test',
);
const two = newToken();
const few = newToken();
const opened: WebSocket[] = [];

let server: TestServer;
beforeAll(async () => {
  const tables = [
    { name: 'two', role: 'write', secret: two.hash, plan: 'Two' },
    { name: 'few', role: 'write', secret: few.hash, plan: 'Few' },
  ];
  server = await startTestServer({ config: { credentials: parseCredentials(tables, 'test', PLANS) } });
});
afterAll(async () => {
  for (const socket of opened) socket.terminate();
  await server.stop();
});

/** The open socket, or the status that refused it. */
function connect(token: string): Promise<WebSocket | number> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/ws`, {
    headers: { 'x-api-key': token },
  });
  opened.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

async function open(token: string): Promise<WebSocket> {
  const socket = await connect(token);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

function ask(socket: WebSocket, command: string, payload: unknown): Promise<Leaves> {
  return new Promise((resolve) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data))));
    socket.send(JSON.stringify({ command, request_id: 'r', payload }));
  });
}

test('open sockets are connections of the plan', async () => {
  const [first, second] = [await open(two.token), await open(two.token)];
  expect(await connect(two.token)).toBe(429);
  first.terminate();
  await expect.poll(async () => typeof (await connect(two.token)), { timeout: 10_000 }).toBe('object');
  expect(await ask(second, 'kv.set', { key: 'k', value: 1 })).toMatchObject({ status: 'success' });
});

test('messages are as large as a body may be, and the socket stays', async () => {
  const [, second] = opened;
  if (second === undefined) throw new Error('the test before opened it');
  const refused = await ask(second, 'kv.set', { key: 'k', value: 'x'.repeat(1_500) });
  expect(refused.error.code).toBe('PAYLOAD_TOO_LARGE');
  expect(await ask(second, 'kv.get', { key: 'k' })).toMatchObject({ status: 'success' });
});

test('operations of a socket count', async () => {
  const socket = await open(few.token);
  const codes: unknown[] = [];
  for (let index = 0; index < 5; index++) {
    codes.push((await ask(socket, 'kv.get', { key: 'k' })).error?.code ?? 'ok');
  }
  expect(codes).toEqual(['ok', 'ok', 'ok', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED']);
});
