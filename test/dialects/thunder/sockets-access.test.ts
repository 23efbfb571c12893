/** Who may open a socket, how they say who they are, and what bad messages are answered. */
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacetError, LIMITS, type Principal } from '../../../src/base/index.ts';
import type { Credentials } from '../../../src/dispatch/index.ts';
import { connectSocket, type SocketClient } from '../../support/socket-client.ts';
import { startThunder, type Thunder } from './harness.ts';

const PEOPLE: Readonly<Record<string, Principal>> = {
  reader: { name: 'reader', role: 'read' },
  boss: { name: 'boss', role: 'admin' },
};

/** The secret is the name. Checking secrets is the business of server/auth.ts and its tests. */
async function authenticate(credentials: Credentials): Promise<Principal> {
  const name = 'secret' in credentials ? credentials.secret : '';
  const found = PEOPLE[name];
  if (found === undefined) throw new FacetError('UNAUTHORIZED', `not known (${credentials.scheme})`);
  return found;
}

let open: Thunder;
let thunder: Thunder;
beforeAll(async () => {
  open = await startThunder();
  thunder = await startThunder({ authenticate });
}, 60_000);
afterAll(async () => {
  await open.stop();
  await thunder.stop();
});

const PATHS = ['/ws/query', '/ws/events', '/ws/replication'];
const connect = (path: string, headers: Record<string, string> = {}): Promise<SocketClient> =>
  connectSocket(thunder.url, path, { headers });

async function answers(client: SocketClient): Promise<void> {
  client.send({ type: 'query', id: 'q', sql: 'SELECT 1' });
  expect((await client.next()).type).toBe('metadata');
  await client.close();
}

describe('credentials', () => {
  it('are taken from the headers and the URL', async () => {
    await answers(await connect('/ws/query', { authorization: 'Bearer reader' }));
    await answers(await connect('/ws/query', { 'x-api-key': 'reader' }));
    await answers(await connect('/ws/query?token=reader'));
    await answers(await connect('/ws/query?api_key=reader'));
    // A page of another site that was given a token; what its browser adds does not count.
    const origin = 'http://elsewhere.example';
    await answers(await connect('/ws/query?token=reader', { origin }));
    await expect(connect('/ws/query', { origin, authorization: 'Bearer reader' })).rejects.toThrow(/^403/);
    for (const path of ['/ws/query?token=', '/ws/query?token', '/ws/query?a=1?token=reader']) {
      await expect(connect(path, { origin, authorization: 'Bearer reader' })).rejects.toThrow(/^403/);
    }
  });

  it('that are wrong are refused before the upgrade, in the words of the API', async () => {
    for (const path of PATHS) {
      for (const [query, headers] of [
        ['?token=nobody', {}],
        ['', { authorization: 'Bearer nobody' }],
        ['?token=nobody', { authorization: 'Bearer boss' }],
      ] as const) {
        await expect(connect(path + query, headers)).rejects.toThrow(
          /^401 \{"error":\{"code":"UNAUTHORIZED"/,
        );
      }
    }
    await expect(connect('/ws/replication?token=reader')).rejects.toThrow(
      /^403 \{"error":\{"code":"FORBIDDEN"/,
    );
  });

  it('come in the first message, too', async () => {
    const client = await connect('/ws/query');
    client.send({ type: 'auth', token: 'reader' });
    expect((await client.nextFrame()).text).toBe('{"type":"auth_ok"}');
    client.send({ type: 'auth', token: 'boss' });
    expect(await client.next()).toMatchObject({ type: 'error', error: { code: 'INVALID_MESSAGE' } });
    client.send({ type: 'query', id: 'w', sql: 'CREATE TABLE not_by_readers (n int)' });
    expect(await client.next()).toMatchObject({ id: 'w', error: { code: 'READ_ONLY_TRANSACTION' } });
    await answers(client);
  });

  it('may be followed by messages that do not wait for the answer', async () => {
    const client = await connect('/ws/query');
    client.send({ type: 'auth', token: 'reader' });
    client.send({ type: 'query', id: 'q', sql: 'SELECT 1' });
    expect((await client.next()).type).toBe('auth_ok');
    expect((await client.next()).type).toBe('metadata');
    await client.close();
  });

  it('that are wrong in the first message close the connection', async () => {
    for (const [path, message, code, close] of [
      ['/ws/query', { type: 'auth', token: 'nobody' }, 'UNAUTHORIZED', 4401],
      ['/ws/query', { type: 'auth' }, 'MISSING_PARAMETER', 4401],
      ['/ws/query', { type: 'auth', token: 7 }, 'INVALID_PARAMETER', 4401],
      ['/ws/query', { type: 'query', id: 'q', sql: 'SELECT 1' }, 'UNAUTHORIZED', 4401],
      ['/ws/events', { type: 'subscribe', id: 'q', table: 't' }, 'UNAUTHORIZED', 4401],
      ['/ws/query', 'nonsense', 'INVALID_MESSAGE', 4401],
      ['/ws/replication', { type: 'auth', token: 'reader' }, 'FORBIDDEN', 4403],
    ] as const) {
      const client = await connect(path);
      client.send(message);
      client.send({ type: 'auth', token: 'boss' });
      expect(await client.next()).toMatchObject({ type: 'error', error: { code } });
      expect((await client.closed).code).toBe(close);
      expect(client.waiting).toEqual([]);
    }
  });

  it('are not needed where nobody has to say who they are', async () => {
    const client = await connectSocket(open.url, '/ws/query');
    client.send({ type: 'auth', token: 'whatever' });
    expect((await client.next()).type).toBe('auth_ok');
    await answers(client);
  });
});

describe('readers', () => {
  it('follow tables, and leave subscriptions where they stand', async () => {
    const boss = { authorization: 'Bearer boss' };
    const ask = (path: string, body?: unknown) =>
      body === undefined ? thunder.get(path, boss) : thunder.post(path, body, boss);
    await ask('/api/v1/query', { sql: 'CREATE TABLE parcel (id int PRIMARY KEY)' });
    const subscription = { name: 'parcels', table: 'parcel', events: ['insert'], delivery: 'websocket' };
    const { json } = await ask('/api/v1/subscriptions', subscription);
    await ask('/api/v1/query', { sql: 'INSERT INTO parcel VALUES (1)' });

    const reader = await connect('/ws/events?token=reader');
    reader.send({ type: 'subscribe', id: 'durable', subscription_id: json.id });
    expect(await reader.next()).toMatchObject({ type: 'error', id: 'durable', error: { code: 'FORBIDDEN' } });
    reader.send({ type: 'subscribe', id: 'live', table: 'parcel' });
    expect(await reader.next()).toMatchObject({ type: 'subscribed', id: 'live' });
    await reader.close();

    // Whoever it belongs to has everything still to come.
    const owner = await connect('/ws/events?token=boss');
    owner.send({ type: 'subscribe', id: 'mine', subscription_id: json.id });
    expect(await owner.next()).toMatchObject({ type: 'subscribed', id: 'mine' });
    expect(await owner.next()).toMatchObject({ id: 'mine', row: { id: 1 } });
    await owner.close();
  });
});

describe('strangers', () => {
  it('are few, and make room when they go', async () => {
    const all: SocketClient[] = [];
    for (let n = 0; n < LIMITS.socketStrangersOfAddressMax; n++) all.push(await connect('/ws/events'));
    await expect(connect('/ws/query')).rejects.toThrow(/^503 /);
    // Those who said who they are do not count.
    const [first] = all as [SocketClient];
    first.send({ type: 'auth', token: 'boss' });
    expect((await first.next()).type).toBe('auth_ok');
    const next = await connect('/ws/query');
    await expect(connect('/ws/query')).rejects.toThrow(/^503 /);
    await answers(await connect('/ws/query?token=reader'));
    await Promise.all([next, ...all].map((client) => client.close()));
    await (await connect('/ws/query')).close();
  });

  it('send little', async () => {
    const client = await connect('/ws/query');
    client.send({ type: 'auth', token: 'x'.repeat(LIMITS.socketAuthBytesMax) });
    expect((await client.closed).code).not.toBe(1000);
  });

  it('do not stay', async () => {
    const client = await connect('/ws/query');
    const from = performance.now();
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(performance.now() - from).toBeGreaterThan(LIMITS.socketAuthMsMax - 500);
  }, 30_000);
});

describe('paths', () => {
  it('ask for an upgrade', async () => {
    for (const path of PATHS) {
      const reply = await open.get(path);
      expect([reply.status, reply.json.error?.code]).toEqual([426, 'UPGRADE_REQUIRED']);
      expect(reply.headers.get('upgrade')).toBe('websocket');
      expect((await open.post(path, {})).status).toBe(426);
    }
  });

  it('refuse parameters that they do not have', async () => {
    for (const path of [
      '/ws/query?table=t',
      '/ws/events?tabel=t',
      '/ws/events?table=a&table=b',
      '/ws/query?x',
    ]) {
      await expect(connectSocket(open.url, path)).rejects.toThrow(
        /^400 \{"error":\{"code":"INVALID_PARAMETER"/,
      );
    }
  });
});

describe('bad messages', () => {
  it.each(PATHS)('to %s are answered, and the connection stays', async (path) => {
    const client = await connectSocket(open.url, path);
    for (const message of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '"query"',
      '{}',
      '{"type":7}',
      '{"type":"nothing"}',
      '{"type":"toString"}',
      '{"type":"query","id":"\\ud800"}',
      `{"type":"query","id":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
    ]) {
      client.send(message);
      const answer = await client.next();
      expect(Object.keys(answer)).toEqual(['type', 'error']);
      expect(answer).toMatchObject({
        type: 'error',
        error: { code: 'INVALID_MESSAGE', message: expect.any(String), request_id: expect.any(String) },
      });
      expect(answer.error).toHaveProperty('detail');
    }
    client.ws.send(Buffer.from('{"type":"query"}'));
    expect(await client.next()).toMatchObject({ type: 'error', error: { code: 'INVALID_MESSAGE' } });
    client.ws.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    // Text that is no UTF-8 is a fault of the protocol.
    expect((await client.closed).code).toBe(1007);
  });

  it('with wrong members name them', async () => {
    const client = await connectSocket(open.url, '/ws/query');
    for (const [message, code, text] of [
      [{ type: 'query' }, 'MISSING_PARAMETER', "'id'"],
      [{ type: 'query', id: 7, sql: 'SELECT 1' }, 'INVALID_PARAMETER', "'id'"],
      [{ type: 'query', id: '', sql: 'SELECT 1' }, 'INVALID_PARAMETER', "'id'"],
      [{ type: 'query', id: 'x'.repeat(129), sql: 'SELECT 1' }, 'INVALID_PARAMETER', "'id'"],
      [{ type: 'query', id: 'a' }, 'MISSING_PARAMETER', "'sql'"],
      [{ type: 'query', id: 'a', sql: 7 }, 'INVALID_PARAMETER', "'sql'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', params: {} }, 'INVALID_PARAMETER', "'params'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', txn_id: 7 }, 'INVALID_PARAMETER', "'txn_id'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', timeout_ms: -1 }, 'INVALID_PARAMETER', "'timeout_ms'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', timeoutMs: 1 }, 'INVALID_PARAMETER', "'timeoutMs'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', consistency: 'x' }, 'INVALID_PARAMETER', "'consistency'"],
      [{ type: 'query', id: 'a', sql: 'SELECT 1', other: 1 }, 'INVALID_PARAMETER', "'other'"],
      [{ type: 'query', id: 'a', sql: 'SELECT $1', params: ['a\u0000'] }, 'INVALID_VALUE', '$1'],
      [{ type: 'cancel' }, 'MISSING_PARAMETER', "'id'"],
      [{ type: 'cancel', id: 'a', sql: '' }, 'INVALID_PARAMETER', "'sql'"],
    ] as const) {
      client.send(message);
      const answer = await client.next();
      expect(answer).toMatchObject({ type: 'error', error: { code } });
      expect(answer.error.message).toContain(text);
      const { id }: { id?: unknown } = message as object;
      expect(answer.id).toBe(
        typeof id === 'string' && id !== '' && id.length < 129 ? id : id === '' ? '' : undefined,
      );
    }
    await client.close();
  });

  it('that are too large close the connection', async () => {
    const client = await connectSocket(open.url, '/ws/query');
    client.send({ type: 'query', id: 'a', sql: 'x'.repeat(LIMITS.socketMessageBytesMax) });
    expect((await client.closed).code).toBe(1009);
  });

  it('whose answers nobody reads are not read either', async () => {
    const port = Number(new URL(open.url).port);
    const socket = connectTcp(port, '127.0.0.1');
    socket.write(
      'GET /ws/query HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    // Masked by zeros: {"type":"nothing"}, many times.
    const text = '{"type":"nothing"}';
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
    let sent = 0;
    for (; sent < 100; sent++) {
      const taken =
        socket.write(flood) ||
        (await Promise.race([
          new Promise((resolve) => socket.once('drain', () => resolve(true))),
          sleep(1_000, false),
        ]));
      if (taken === false) break;
    }
    // A million wrong messages are 24 MB, and their answers ten times as much.
    expect(sent).toBeLessThan(100);
    socket.destroy();
  }, 60_000);
});
