/** The HTTP listener by itself: bounds, bytes that are not HTTP, request ids, addresses. */
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { FacetError, LIMITS } from '../../src/base/index.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { createHttpListener, type HttpListener, type HttpOptions } from '../../src/server/listeners.ts';
import { exchange, openSocket } from '../support/raw-http.ts';

const open: HttpListener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

/** Speaks for /own, and answers with whatever it is asked for. */
function ownDialect(): Dialect {
  return {
    name: 'own',
    endpoints: ['/own/echo'],
    attach: async (http: FastifyInstance) => {
      http.post('/own/echo', async (request) => ({ body: request.body, id: request.id, ip: request.ip }));
      http.get('/own/slow', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return 'slow';
      });
    },
    speaks: (path) => path.startsWith('/own'),
    refuse: (error, request, reply) => {
      void reply
        .status(error.kind === 'not_found' ? 404 : 400)
        .send(`own words: ${error.code} ${request.id}`);
    },
    stop: async () => {},
  };
}

async function start(overrides: Partial<HttpOptions> = {}, host = '127.0.0.1') {
  const listener = await createHttpListener({
    tls: undefined,
    bodyBytesMax: 10_000,
    connectionsMax: 100,
    trustProxy: false,
    localOnly: false,
    dialects: [ownDialect()],
    accepting: () => true,
    startPage: () => 'start',
    ...overrides,
  });
  open.push(listener);
  const bound = await listener.listen({ host, port: 0 });
  return { listener, ...bound, port: Number(new URL(bound.url).port) };
}

const echo = (url: string, init: RequestInit = {}) =>
  fetch(`${url}/own/echo`, {
    method: 'POST',
    body: '{"a":1}',
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  });

describe('refusals', () => {
  test('are in the words of the dialect that speaks for the path, else in the server’s own', async () => {
    const { url } = await start();
    const own = await fetch(`${url}/own/nothing`, { headers: { 'x-request-id': 'abc' } });
    expect([own.status, await own.text()]).toEqual([404, 'own words: NOT_FOUND abc']);
    const other = await fetch(`${url}/elsewhere?q=1`, { headers: { 'x-request-id': 'abc' } });
    expect([other.status, await other.json()]).toEqual([
      404,
      {
        error: {
          code: 'NOT_FOUND',
          message: 'No route GET /elsewhere',
          detail: null,
          request_id: 'abc',
          retryable: false,
        },
      },
    ]);
    expect(other.headers.get('x-request-id')).toBe('abc');
  });

  test('of a path without a route come before its body is read', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/elsewhere`, {
      method: 'POST',
      body: 'not json',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(404);
  });

  test('of a URL that does not parse', async () => {
    const { port } = await start();
    const own = await exchange(port, 'GET /own/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(own).toContain('own words: INVALID_PARAMETER');
    const other = await exchange(port, 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(other).toMatch(/^HTTP\/1\.1 400 /);
    expect(other).toContain('"code":"INVALID_PARAMETER"');
  });

  test('of a body that is too large', async () => {
    const { url } = await start();
    const answer = await echo(url, { body: JSON.stringify('x'.repeat(20_000)) });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('PAYLOAD_TOO_LARGE')]);
  });
});

describe('bodies', () => {
  test('of all connections together have a bound', async () => {
    const { url, port } = await start({ bodyBytesMax: LIMITS.bodiesBytesMax });
    const most = LIMITS.bodiesBytesMax - LIMITS.bodyBytesSmall;
    const head = `POST /own/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${most}\r\n\r\n`;
    const holder = await openSocket(port);
    holder.write(`${head}"`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const large = JSON.stringify('x'.repeat(2 * LIMITS.bodyBytesSmall));
    const refused = await echo(url, { body: large });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('UNAVAILABLE')]);
    expect((await echo(url)).status).toBe(200);
    holder.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await echo(url, { body: large })).status).toBe(200);
  });
});

describe('a listener that asks nobody who they are', () => {
  const ask = (port: number, host: string, headers = '', method = 'GET'): Promise<string> =>
    exchange(port, `${method} / HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`);

  test.each([
    'localhost',
    'LOCALHOST:80',
    'app.localhost:8088',
    '127.0.0.1',
    '127.1.2.3:8088',
    '[::1]:8088',
  ])('answers for %s', async (host) => {
    const { port } = await start({ localOnly: true });
    expect(await ask(port, host)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
  ])('does not answer for %s, whose name may have been pointed here', async (host) => {
    const { port } = await start({ localOnly: true });
    const answer = await ask(port, host);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('"code":"FORBIDDEN"');
    const open = await start();
    expect(await ask(open.port, host)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('takes nothing from pages of other sites, but may be visited', async () => {
    const { port } = await start({ localOnly: true });
    const crossSite = 'Sec-Fetch-Site: cross-site\r\n';
    const visit = `${crossSite}Sec-Fetch-Mode: navigate\r\n`;
    expect(await ask(port, 'localhost', crossSite)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await ask(port, 'localhost', visit, 'POST')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await ask(port, 'localhost', visit)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask(port, 'localhost', 'Sec-Fetch-Site: same-origin\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('behind a proxy the address is the one that the proxy added', async () => {
  const headers = { 'x-forwarded-for': '1.2.3.4, 9.9.9.9' };
  const behind = await start({ trustProxy: true });
  expect(await (await echo(behind.url, { headers })).json()).toMatchObject({ ip: '9.9.9.9' });
  const direct = await start();
  expect(await (await echo(direct.url, { headers })).json()).toMatchObject({ ip: '127.0.0.1' });
});

describe('bytes that are not HTTP', () => {
  test.each([
    ['noise', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n', '400 Bad Request'],
    ['a bad request line', 'GET\r\n\r\n', '400 Bad Request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      '400 Bad Request',
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Bad Request',
    ],
    [
      'large headers',
      `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(LIMITS.headerBytesMax)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
  ])('%s', async (_, bytes, status) => {
    const { port, url } = await start();
    const answer = await exchange(port, bytes);
    expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
    expect(answer).toMatch(/Connection: close\r\n/);
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body ?? '')}`);
    expect(JSON.parse(body ?? '')).toMatchObject({
      error: { request_id: expect.stringMatching(/^req_[0-9a-f]{8}$/) },
    });
    expect((await echo(url)).status).toBe(200);
  });
});

describe('request ids', () => {
  test.each([
    ['a-b.c:1', 'a-b.c:1'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), undefined],
    ['a b', undefined],
    ['"quoted"', undefined],
    ['', undefined],
  ])('%s', async (given, kept) => {
    const { url } = await start();
    const { id } = (await (await echo(url, { headers: { 'x-request-id': given } })).json()) as { id: string };
    if (kept === undefined) expect(id).toMatch(/^req_[0-9a-f]{8}$/);
    else expect(id).toBe(kept);
  });
});

test('the forwarded address counts only behind a trusted proxy', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  const direct = await start();
  expect(await (await echo(direct.url, { headers })).json()).toMatchObject({ ip: '127.0.0.1' });
  const proxied = await start({ trustProxy: true });
  expect(await (await echo(proxied.url, { headers })).json()).toMatchObject({ ip: '203.0.113.9' });
});

test('connections beyond the cap are closed, and counted down again', async () => {
  const { listener, port } = await start({ connectionsMax: 2 });
  const first = await openSocket(port);
  const second = await openSocket(port);
  const third = await openSocket(port);
  await new Promise((resolve) => third.once('close', resolve));
  await expect.poll(() => listener.connections()).toBe(2);
  first.destroy();
  second.destroy();
  await expect.poll(() => listener.connections()).toBe(0);
});

describe('while stopping', () => {
  test('answers end their connection, and what is under way is waited for', async () => {
    let accepting = true;
    const { listener, url } = await start({ accepting: () => accepting });
    const slow = fetch(`${url}/own/slow`).then((answer) => answer.text());
    await new Promise((resolve) => setTimeout(resolve, 50));
    accepting = false;
    let idle = false;
    const waited = listener.idle().then(() => {
      idle = true;
    });
    const during = await fetch(`${url}/`);
    expect(during.headers.get('connection')).toBe('close');
    expect(idle).toBe(false);
    expect(await slow).toBe('slow');
    await waited;
  });

  test('a client that leaves is not waited for', async () => {
    const { listener, port } = await start();
    const socket = await openSocket(port);
    socket.write('GET /own/slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await listener.idle();
  });
});

describe('addresses', () => {
  test('one that is in use', async () => {
    const { listener, port } = await start();
    const second = await createHttpListener({
      tls: undefined,
      bodyBytesMax: 1_000,
      connectionsMax: 1,
      trustProxy: false,
      localOnly: false,
      dialects: [],
      accepting: () => true,
      startPage: () => '',
    });
    open.push(second);
    const refused = second.listen({ host: '127.0.0.1', port });
    await expect(refused).rejects.toBeInstanceOf(FacetError);
    await expect(refused).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `The address 127.0.0.1:${port} is in use by another process`,
    });
    expect(listener.connections()).toBe(0);
  });

  test('one of another machine', async () => {
    await expect(start({}, '203.0.113.1')).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: 'The address 203.0.113.1:0 is not an address of this machine',
    });
  });

  test('localhost and every interface', async () => {
    const local = await start({}, 'localhost');
    expect(local.url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(await (await fetch(`http://127.0.0.1:${local.port}/`)).text()).toBe('start');
    const all = await start({}, '0.0.0.0');
    expect(await (await fetch(`http://127.0.0.1:${all.port}/`)).text()).toBe('start');
  });
});
