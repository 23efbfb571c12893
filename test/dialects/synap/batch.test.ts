/** Batches: what goes together answers as if each command had been sent after the answer to the one before. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';
import { connect } from './socket-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

interface Command {
  readonly command: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const batch = async (commands: readonly Command[], headers: Record<string, string> = {}) =>
  (await server.post('/api/v1/command', { type: 'batch', commands }, { headers })).json.results;

const at = (command: string, key: string, more: object = {}): Command => ({
  command,
  payload: { key, ...more },
});

describe('reads in a row', () => {
  test('go together whatever their names, and answer in their places', async () => {
    const count = 1_000;
    await batch(Array.from({ length: count }, (_, n) => at('kv.set', `k${n}`, { value: n })));
    const names = ['kv.get', 'kv.exists'];
    const commands = Array.from({ length: count }, (_, n) => at(names[n % 2] ?? '', `k${n}`));
    const from = server.observations.length;
    const results = await batch(commands);
    for (const [n, { payload }] of results.entries()) {
      expect(payload).toEqual(n % 2 === 0 ? { found: true, value: n, ttl: null } : { exists: true });
    }
    // One after the other, the name would change with each.
    const ended = server.observations
      .slice(from)
      .flatMap((seen) => (seen.type === 'operation' ? [seen.operation] : []))
      .filter((name) => names.includes(name));
    expect(ended).toHaveLength(count);
    expect(ended.filter((name, n) => name !== ended[n - 1]).length).toBeLessThan(100);
  });

  test('one that is wrong fails alone', async () => {
    await ok(server, 'list.rpush', { key: 'a list', values: [1] });
    await ok(server, 'kv.set', { key: 'text', value: 'x' });
    const results = await batch([
      at('kv.get', 'text'),
      at('kv.get', 'a list'),
      { command: 'kv.exists', payload: {} },
      at('kv.ttl', 'not there'),
      at('kv.nothing', 'text'),
      at('kv.exists', 'text'),
    ]);
    expect(results.map((each: { error?: { code: string } }) => each.error?.code)).toEqual([
      undefined,
      'WRONG_TYPE',
      'INVALID_PAYLOAD',
      'KEY_NOT_FOUND',
      'INVALID_COMMAND',
      undefined,
    ]);
  });

  test('see the writes before them and none of those behind them', async () => {
    const key = 'seen';
    const results = await batch([
      at('kv.get', key),
      at('kv.exists', key),
      at('kv.set', key, { value: 1 }),
      at('kv.exists', key),
      at('kv.get', key),
      at('kv.incr', key),
      at('kv.get', key),
      at('kv.ttl', key),
      at('kv.del', key),
      at('kv.exists', key),
    ]);
    const payloads = results.map(({ payload }: { payload: unknown }) => payload);
    expect([payloads[0].found, payloads[1].exists]).toEqual([false, false]);
    expect([payloads[3].exists, payloads[4].value, payloads[6].value]).toEqual([true, 1, 2]);
    expect(payloads[9].exists).toBe(false);
  });
});

test('any batch answers what its commands answer one by one', async () => {
  const keys = fc.constantFrom('a', 'b', 'c');
  const value = fc.integer({ min: 0, max: 9 });
  const command = fc.oneof(
    fc.tuple(keys, value).map(([key, n]) => at('kv.set', key, { value: n })),
    fc.tuple(keys, value).map(([key, n]) => at('kv.set', key, { value: n, nx: true })),
    fc
      .constantFrom('kv.get', 'kv.exists', 'kv.ttl', 'kv.incr', 'kv.del', 'kv.strlen')
      .chain((name) => keys.map((key) => at(name, key))),
    fc.tuple(keys, value).map(([key, n]) => at('hash.set', `h${key}`, { field: 'f', value: n })),
    fc
      .constantFrom('hash.get', 'hash.incrby')
      .chain((name) => keys.map((key) => at(name, `h${key}`, { field: 'f', increment: 1 }))),
    fc.tuple(keys, value).map(([key, n]) => at('list.rpush', key, { values: [n] })),
  );
  let round = 0;
  const prefixed = (commands: readonly Command[], prefix: string): Command[] =>
    commands.map(({ command: name, payload }) => ({
      command: name,
      payload: { ...payload, key: `${prefix}${payload.key}` },
    }));
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async (commands) => {
      round++;
      const together: unknown[] = await batch(prefixed(commands, `t${round}:`));
      const single: object[] = [];
      for (const { command: name, payload } of prefixed(commands, `s${round}:`)) {
        const { status, success, payload: answer, error } = (await send(server, name, payload)).json;
        single.push({ status, success, ...(success ? { payload: answer } : { error }) });
      }
      // Keys are repeated in answers.
      const text = JSON.stringify(single).replaceAll(`s${round}:`, `t${round}:`);
      expect(together).toEqual(JSON.parse(text));
    }),
    { numRuns: 60 },
  );
});

describe('the path', () => {
  const set = (path: string) => server.post(path, at('kv.set', 'path', { value: 1 }));

  test('may have the slash of a base URL before it, for commands, routes and sockets', async () => {
    for (const path of ['//api/v1/command', '///api/v1/command']) {
      expect((await set(path)).json).toMatchObject({ success: true, payload: { key: 'path' } });
    }
    expect((await server.get('//kv/get/path')).status).toBe(200);
    expect((await server.get('//health?x=//y')).status).toBe(200);
    const client = await connect(server, '//api/v1/ws');
    expect((await client.call('kv.get', { key: 'path' })).payload.value).toBe(1);
    await client.close();
  });

  test('may have none inside it', async () => {
    expect((await set('/api//v1/command')).status).toBe(404);
    expect((await server.get('//nothing')).status).toBe(404);
  });
});
