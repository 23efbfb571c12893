/**
 * Every REST route, in an order that makes sense, with the members that clients of it read; and what the routes answer
 * to a missing target and to a wrong payload. A route that is not in the table fails the first test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REST_ROUTES } from '../../../src/dialects/synap/routes/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import type { Line, Method } from './rows/line.ts';
import { HASHES_LISTS, STRINGS } from './rows/routes-keys.ts';
import { QUEUES, SERVER, STREAMS, TOPICS } from './rows/routes-live.ts';
import { BYTES, SETS, SORTED_SETS } from './rows/routes-sets.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function call(method: Method, path: string, body: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

const TABLE: Readonly<Record<string, readonly Line[]>> = {
  strings: STRINGS,
  'hashes and lists': HASHES_LISTS,
  sets: SETS,
  'sorted sets': SORTED_SETS,
  bytes: BYTES,
  queues: QUEUES,
  streams: STREAMS,
  topics: TOPICS,
  server: SERVER,
};

test('every route is in the table', () => {
  const called = Object.values(TABLE).flatMap((lines) =>
    lines.map(([method, path]) => `${method} ${path.split('?')[0]}`),
  );
  const missed = REST_ROUTES.filter(({ method, path }) => {
    const pattern = new RegExp(`^${method} ${path.replaceAll(/:\w+/g, '[^/]+')}$`);
    return !called.some((line) => pattern.test(line));
  });
  expect(missed.map(({ method, path }) => `${method} ${path}`)).toStrictEqual([]);
});

describe.each(Object.entries(TABLE))('%s', (_family, lines) => {
  const named = lines.map((line) => ({ name: `${line[0]} ${line[1]}`, line }));
  test.each(named)('$name', async ({ line: [method, path, body, answer, status = 200] }) => {
    const { status: came, json } = await call(method, path, body);
    expect(json).toEqual(answer);
    expect(came).toBe(status);
    // A refusal says what is wrong, in the envelope.
    if (came !== 200) {
      expect(json).toMatchObject({
        type: 'response',
        status: 'error',
        error: { code: expect.any(String), message: expect.stringMatching(/./) },
      });
    }
  });
});
