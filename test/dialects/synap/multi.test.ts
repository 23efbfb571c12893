/** MULTI to EXEC under pressure: other principals, bounds, silence. All of it is run, or nothing, whoever looks at answers. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { parseCredentials } from '../../../src/server/credentials.ts';
import { newToken } from '../../../src/server/index.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type SynapAnswer, send } from './client.ts';

const tokens = { admin: newToken(), writer: newToken(), reader: newToken() };
type Who = keyof typeof tokens;
const roles = { admin: 'admin', writer: 'write', reader: 'read' };
const credentials = parseCredentials(
  Object.entries(tokens).map(([name, { hash }]) => ({ name, role: roles[name as Who], secret: hash })),
  'test',
);

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ config: { credentials }, flags: { 'synap-allow-flush': 'true' } });
});
afterEach(async () => {
  await server.stop();
  vi.restoreAllMocks();
});

const options = (who: Who) => ({ headers: { 'x-api-key': tokens[who].token } });
const by = (who: Who, command: string, payload: object): Promise<SynapAnswer> =>
  send(server, command, payload, options(who));
const batch = async (who: Who, commands: readonly object[]) =>
  (await server.post('/api/v1/command', { type: 'batch', commands }, options(who))).json.results;
const found = async (key: string): Promise<boolean> => (await by('admin', 'kv.get', { key })).payload.found;
const QUEUED = { success: true, queued: true };

/** As if so much time had passed: the clock that silence is measured with goes ahead. */
function later(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

describe('another principal', () => {
  test('takes no place and no bytes that others have', async () => {
    const client_id = 'victim';
    await by('writer', 'transaction.multi', { client_id });
    expect((await by('writer', 'kv.set', { key: 'one', value: 1, client_id })).payload).toEqual(QUEUED);

    const most = LIMITS.synapMultiClientsPerPrincipalMax;
    const begun = await batch(
      'reader',
      Array.from({ length: most + 1 }, (_, n) => ({
        command: 'transaction.multi',
        payload: { client_id: `evil-${n}` },
      })),
    );
    expect(begun.filter(({ success }: { success: boolean }) => success)).toHaveLength(most);
    expect(begun[most].error.message).toContain('synapMultiClientsPerPrincipalMax');

    expect((await by('writer', 'kv.set', { key: 'two', value: 2, client_id })).payload).toEqual(QUEUED);
    expect(await found('two')).toBe(false);
    expect((await by('writer', 'transaction.exec', { client_id })).payload.results).toHaveLength(2);
    expect(await found('two')).toBe(true);
  });

  test('has clients of its own under the same client_id', async () => {
    const client_id = 'shared';
    await by('writer', 'transaction.multi', { client_id });
    expect((await by('admin', 'transaction.exec', { client_id })).json.error.code).toBe(
      'NO_ACTIVE_TRANSACTION',
    );
    expect((await by('admin', 'kv.set', { key: 'k', value: 1, client_id })).payload.key).toBe('k');
    await by('writer', 'transaction.discard', { client_id });
  });
});

test('bytes have a bound by principal, and are given back', async () => {
  const value = 'x'.repeat(1_000_000);
  const fits = Math.floor(LIMITS.synapMultiBytesPerPrincipalMax / 1_000_300);
  const client_id = 'large';
  await by('writer', 'transaction.multi', { client_id });
  for (let n = 0; n < fits; n++) {
    expect((await by('writer', 'kv.set', { key: `l${n}`, value, client_id })).payload).toEqual(QUEUED);
  }
  const refused = await by('writer', 'kv.set', { key: 'over', value, client_id });
  expect(refused.json.error.message).toContain('synapMultiBytesPerPrincipalMax');
  await by('admin', 'transaction.multi', { client_id });
  expect((await by('admin', 'kv.set', { key: 'other', value, client_id })).payload).toEqual(QUEUED);

  const exec = await by('writer', 'transaction.exec', { client_id });
  expect(exec.status).toBe(409);
  expect(exec.json.error.details.detail).toContain(`command ${fits} (kv.set)`);
  expect(await found('l0')).toBe(false);
  await by('writer', 'transaction.multi', { client_id });
  expect((await by('writer', 'kv.set', { key: 'again', value, client_id })).payload).toEqual(QUEUED);
  await by('writer', 'transaction.exec', { client_id });
  expect(await found('again')).toBe(true);
});

describe('a client that was silent', () => {
  const client_id = 'sleeper';
  const write = (key: string) => by('writer', 'kv.set', { key, value: 1, client_id });

  test.each([
    'transaction.multi',
    'transaction.discard',
    'transaction.exec',
  ])('writes nothing until %s', async (command) => {
    await by('writer', 'transaction.multi', { client_id });
    await write('before');
    later(LIMITS.synapMultiIdleMsMax + 1_000);
    for (let n = 0; n < 2; n++) {
      const refused = await write('after');
      expect(refused.status).toBe(409);
      expect(refused.json.error.message).toMatch(/was ended after 300 s/);
    }
    expect((await by('writer', 'kv.get', { key: 'before', client_id })).payload.found).toBe(false);
    const answer = await by('writer', command, { client_id });
    expect(answer.status).toBe(command === 'transaction.exec' ? 409 : 200);
    expect((await write('then')).status).toBe(200);
    expect(await found('then')).toBe(command !== 'transaction.multi');
    if (command === 'transaction.multi') await by('writer', 'transaction.exec', { client_id });
    expect([await found('before'), await found('after'), await found('then')]).toEqual([false, false, true]);
  });

  test('does not overwrite what it watched', async () => {
    await by('writer', 'transaction.watch', { client_id, keys: ['balance'] });
    later(LIMITS.synapMultiIdleMsMax + 1_000);
    await by('admin', 'kv.set', { key: 'balance', value: 'theirs' });
    await by('writer', 'transaction.multi', { client_id });
    await write('balance');
    expect((await by('writer', 'transaction.exec', { client_id })).payload).toMatchObject({ aborted: true });
    expect((await by('admin', 'kv.get', { key: 'balance' })).payload.value).toBe('theirs');
    await by('writer', 'transaction.multi', { client_id });
    await write('balance');
    expect((await by('writer', 'transaction.exec', { client_id })).payload.success).toBe(true);
  });
});

describe('a client that does not look at answers', () => {
  const sent = (...commands: [string, object][]) =>
    commands.map(([command, payload]) => ({ command, payload: { client_id: 'blind', ...payload } }));

  test('writes nothing when its MULTI was refused', async () => {
    await batch(
      'writer',
      Array.from({ length: LIMITS.synapMultiClientsPerPrincipalMax }, (_, n) => ({
        command: 'transaction.multi',
        payload: { client_id: `c${n}` },
      })),
    );
    const results = await batch(
      'writer',
      sent(['transaction.multi', {}], ['kv.set', { key: 'blind', value: 1 }], ['transaction.exec', {}]),
    );
    expect(results.map(({ status }: { status: string }) => status)).toEqual(['error', 'error', 'error']);
    expect(results[1].error.message).toMatch(/could not begin/);
    expect(await found('blind')).toBe(false);
    await by('writer', 'transaction.discard', { client_id: 'c0' });
  });

  test('writes nothing when one of its commands was refused', async () => {
    const results = await batch(
      'writer',
      sent(
        ['transaction.multi', {}],
        ['kv.set', { key: 'first', value: 1 }],
        ['kv.set', { key: 'no value' }],
        ['kv.incr', { key: 'third' }],
        ['transaction.exec', {}],
        ['kv.set', { key: 'outside', value: 1 }],
      ),
    );
    expect(results.map(({ status }: { status: string }) => status).join(' ')).toBe(
      'success success error error error success',
    );
    expect(results[2].error).toMatchObject({ code: 'INVALID_PAYLOAD', message: "'value' is required" });
    expect(results[4].error.details.detail).toBe(
      "command 1 (kv.set) of the transaction, counted from 0: 'value' is required",
    );
    expect([await found('first'), await found('third'), await found('outside')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('overwrites nothing when its WATCH was refused', async () => {
    const keys = Array.from({ length: LIMITS.synapMultiCommandsMax + 1 }, (_, n) => `k${n}`);
    const results = await batch(
      'writer',
      sent(
        ['transaction.watch', { keys }],
        ['transaction.multi', {}],
        ['kv.set', { key: 'k0', value: 1 }],
        ['transaction.exec', {}],
      ),
    );
    expect(results[0].error.message).toContain('synapMultiCommandsMax');
    expect(results[3].payload).toMatchObject({ aborted: true });
    expect(await found('k0')).toBe(false);
    await by('writer', 'transaction.watch', { keys: ['x'], client_id: 'un' });
    expect((await by('writer', 'transaction.unwatch', { client_id: 'un' })).status).toBe(200);
  });

  test('a client_id that is no name is refused and not passed over', async () => {
    for (const client_id of [5, {}, 'x'.repeat(LIMITS.synapClientIdCharactersMax + 1)]) {
      expect((await by('writer', 'transaction.multi', { client_id })).status).toBe(422);
      expect((await by('writer', 'kv.set', { key: 'odd', value: 1, client_id })).status).toBe(422);
    }
    expect(await found('odd')).toBe(false);
  });
});

describe('a command is looked at when it is kept', () => {
  const client_id = 'early';
  const kept = async (who: Who, command: string, payload: object): Promise<SynapAnswer> => {
    await by(who, 'transaction.multi', { client_id });
    const answer = await by(who, command, { ...payload, client_id });
    const exec = await by(who, 'transaction.exec', { client_id });
    expect(exec.status).toBe(answer.status === 200 ? 200 : 409);
    return answer;
  };

  test('its role', async () => {
    expect((await kept('reader', 'kv.set', { key: 'k', value: 1 })).status).toBe(403);
    expect((await kept('reader', 'kv.set', {})).status).toBe(403);
    expect((await kept('writer', 'kv.flushdb', {})).status).toBe(403);
    await by('writer', 'kv.set', { key: 'k', value: 1 });
    expect((await kept('admin', 'kv.flushdb', {})).payload).toEqual(QUEUED);
    expect(await found('k')).toBe(false);
  });

  test.each([
    ['kv.set', { key: 'k' }],
    ['kv.set', { key: 'k', value: 1, ttl: 0 }],
    ['kv.set', { key: 'k', value: 1, nx: true, xx: true }],
    ['kv.mset', { pairs: [{ key: 'k' }] }],
    ['kv.incrbyfloat', { key: 'k', increment: 1 }],
    ['queue.publish', { queue: 'q', message: 1, priority: 'high' }],
    ['queue.consume', { queue: 'q', timeout: -1 }],
    ['sortedset.zadd', { key: 'k', member: 'm', score: 'NaN' }],
  ])('%s %j', async (command, payload) => {
    const alone = await by('writer', command, payload);
    expect(alone.status).toBeGreaterThanOrEqual(400);
    const early = await kept('writer', command, payload);
    expect([early.status, early.json.error]).toEqual([alone.status, alone.json.error]);
  });

  test('what only the data knows is said by EXEC, with the command that it is about', async () => {
    await by('writer', 'list.rpush', { key: 'list', values: [1] });
    await by('writer', 'transaction.multi', { client_id });
    await by('writer', 'kv.set', { key: 'sound', value: 1, client_id });
    await by('writer', 'kv.incr', { key: 'list', client_id });
    const exec = await by('writer', 'transaction.exec', { client_id });
    expect(exec.json.error).toMatchObject({
      code: 'WRONG_TYPE',
      details: {
        detail: 'command 1 (kv.incr) of the transaction, counted from 0; none of them took effect',
      },
    });
    expect(await found('sound')).toBe(false);
  });

  test('numbers that a double cannot hold stay exact', async () => {
    await by('writer', 'transaction.multi', { client_id });
    const body = `{"command":"kv.set","payload":{"key":"big","value":12345678901234567890,"client_id":"${client_id}"}}`;
    await server.post('/api/v1/command', body, options('writer'));
    await by('writer', 'transaction.exec', { client_id });
    expect((await by('writer', 'kv.get', { key: 'big' })).text).toContain(':12345678901234567890,');
  });
});
