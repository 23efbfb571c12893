/**
 * Requests that follow each other on one connection, without and with bodies, by the short way and by Fastify's: each is
 * answered, in order, and none disturbs the next. What they do may overlap, as HTTP allows: a body is still on its way when
 * the request after it begins.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { AnswerHold } from '../../src/base/index.ts';
import { parseCredentials } from '../../src/server/credentials.ts';
import { newToken } from '../../src/server/index.ts';
import { exchange, openSocket } from '../support/raw-http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const request = (line: string, body = '', ...headers: string[]): string =>
  [
    `${line} HTTP/1.1`,
    'Host: localhost',
    ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
    ...headers,
    '',
    body,
  ].join('\r\n');

/** Statuses and bodies of all that was answered. Bodies here have no line breaks. */
function answersIn(text: string): [number, string][] {
  const found: [number, string][] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    found.push([Number(head.split(' ', 2)[1]), rest.slice(end + 4, end + 4 + length)]);
    rest = rest.slice(end + 4 + length);
  }
  return found;
}

const CHUNKED = 'Transfer-Encoding: chunked';
const last = 'Connection: close';

const set = (key: string, value: string, ...headers: string[]) =>
  request('POST /kv/set', `{"key":"${key}","value":"${value}"}`, ...headers);
const written = (key: string): [number, string] => [200, `{"success":true,"key":"${key}","written":true}`];

const lines = (...headers: string[]) => [
  set('a', 'x', ...headers),
  request('GET /kv/get/k', '', ...headers),
  // What a GET brings along is read away.
  request('GET /kv/get/k', '{"ignored":true}', ...headers),
  request('GET /kv/get/%6B', '', ...headers),
  request('GET /kv/get/k?type=string', '', ...headers),
  set('b', 'x', ...headers),
  `${request('GET /kv/get/k', '', CHUNKED, ...headers)}3\r\nabc\r\n0\r\n\r\n`,
  request('GET /kv/get/k', '', ...headers, last),
];
const expected: [number, string][] = [
  written('a'),
  [200, '"one"'],
  [200, '"one"'],
  [200, '"one"'],
  [200, '"one"'],
  written('b'),
  [200, '"one"'],
  [200, '"one"'],
];

describe('requests on one connection', () => {
  test('without waiting for answers', async () => {
    server = await startTestServer();
    const { port } = new URL(server.url);
    await exchange(Number(port), set('k', 'one', last));
    expect(answersIn(await exchange(Number(port), lines().join('')))).toEqual(expected);
  });

  test('of callers who are looked up first', async () => {
    const { token, hash } = newToken();
    const credentials = parseCredentials([{ name: 'writer', role: 'write', secret: hash }], 'test');
    server = await startTestServer({ config: { credentials } });
    const { port } = new URL(server.url);
    const own = `Authorization: Bearer ${token}`;
    await exchange(Number(port), set('k', 'one', own, last));
    const all = lines(own).join('');
    expect(answersIn(await exchange(Number(port), all))).toEqual(expected);
  });

  test('one that is refused leaves the connection to the next', async () => {
    server = await startTestServer();
    const { port } = new URL(server.url);
    const answers = answersIn(
      await exchange(
        Number(port),
        [
          request('POST /kv/set', '{"key":', 'Connection: keep-alive'),
          request('GET /kv/nothing/here/at/all'),
          request('PUT /kv/get/k'),
          request('GET /kv/get/none', '', last),
        ].join(''),
      ),
    );
    expect(answers.map(([status]) => status)).toEqual([400, 404, 405, 200]);
  });

  test('whoever leaves before the first answer leaves nothing behind', async () => {
    // One body in chunks, whose length nobody knows before its end, takes all the room that bodies have together.
    server = await startTestServer({ flags: { 'body-bytes-max': '512MB' } });
    const port = Number(new URL(server.url).port);
    const small = request('POST /kv/set', '', 'Content-Type: application/json', CHUNKED, last);
    const inChunks = `${small}1a\r\n{"key":"a","value":"here"}\r\n0\r\n\r\n`;
    const waits = '{"command":"queue.consume","payload":{"queue":"q","timeout":30}}';
    const socket = await openSocket(port);
    socket.write(request('POST /api/v1/command', waits) + inChunks.replace(last, 'Connection: keep-alive'));
    const statusNow = async () => answersIn(await exchange(port, inChunks))[0]?.[0];
    await expect.poll(statusNow).toBe(503);
    socket.destroy();
    await expect.poll(statusNow).toBe(200);
  });

  test('noise behind a request is not its answer', async () => {
    server = await startTestServer();
    const port = Number(new URL(server.url).port);
    const waits = '{"command":"queue.consume","payload":{"queue":"q","timeout":5}}';
    expect(await exchange(port, `${request('POST /api/v1/command', waits)}noise\r\n\r\n`)).toBe('');
    expect(await exchange(port, 'noise\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  test('answers that wait for their turn count in the memory of all answers', async () => {
    server = await startTestServer();
    const port = Number(new URL(server.url).port);
    const value = 'v'.repeat(10_000);
    await exchange(port, set('k', value, last));
    const others = new AnswerHold();
    others.take(Number.MAX_SAFE_INTEGER);
    try {
      const get = request('GET /kv/get/k');
      const waits = '{"command":"queue.consume","payload":{"queue":"q","timeout":1}}';
      const answers = answersIn(
        await exchange(
          port,
          get + request('POST /api/v1/command', waits) + get + request('GET /kv/get/none', '', last),
        ),
      );
      expect(answers.map(([status]) => status)).toEqual([200, 200, 503, 200]);
    } finally {
      others.release();
    }
  });

  test('all that came before a stop are answered', async () => {
    server = await startTestServer();
    const port = Number(new URL(server.url).port);
    const waits = '{"command":"queue.consume","payload":{"queue":"q","timeout":1}}';
    const answering = exchange(port, request('POST /api/v1/command', waits) + set('late', 'x'));
    const valueNow = async () =>
      answersIn(await exchange(port, request('GET /kv/get/late', '', last)))[0]?.[1];
    await expect.poll(valueNow).toBe('"x"');
    const stopping = server.stop();
    server = undefined;
    expect(answersIn(await answering).map(([status]) => status)).toEqual([200, 200]);
    await stopping;
  });
});
