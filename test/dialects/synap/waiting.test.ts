/** What a request may hold while it waits, and how one that has waited in vain is answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { ok, send } from './client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await ok(server, 'queue.create', { queue: 'empty' });
});
afterAll(() => server.stop());

const batch = (commands: readonly unknown[], atomic: boolean) =>
  server.post('/api/v1/command', { type: 'batch', atomic, commands });
const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work;
  return performance.now() - from;
};

describe('consuming from an empty queue', () => {
  const consume = { queue: 'empty', consumer_id: 'c', timeout: 30 };

  it('does not wait in an atomic batch, which holds what others want', async () => {
    const commands = [
      { command: 'kv.set', payload: { key: 'held', value: 1 } },
      { command: 'queue.consume', payload: consume },
    ];
    const answered = batch(commands, true);
    expect(await elapsed(answered)).toBeLessThan(10_000);
    expect((await answered).status).toBe(200);
  }, 60_000);

  it('does not wait in EXEC', async () => {
    const client = { client_id: 'one' };
    await ok(server, 'transaction.multi', client);
    await ok(server, 'queue.consume', { ...consume, ...client });
    expect(await elapsed(ok(server, 'transaction.exec', client))).toBeLessThan(10_000);
  }, 60_000);
});

it('a key that a transaction holds is answered with 503 and words of ours', async () => {
  await ok(server, 'kv.set', { key: 'hot', value: 1 });
  const id = (await server.post('/api/v1/transactions', {})).json.txn_id;
  await server.sql("update kv.entry set value = '2' where key = 'hot'", [], {
    headers: { 'x-facet-txn-id': id },
  });
  const set = { command: 'kv.set', payload: { key: 'hot', value: 3 } };
  const both = batch([set, { command: 'kv.set', payload: { key: 'cold', value: 1 } }], false);
  const answer = await send(server, 'kv.set', { key: 'hot', value: 3 });
  expect(answer.status).toBe(503);
  expect(answer.json.error).toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    details: { reason: 'LOCK_TIMEOUT' },
  });
  expect(answer.text).not.toContain('canceling');
  const [hot, cold] = (await both).json.results;
  expect([hot.status, cold.status]).toEqual(['error', 'success']);
  await server.post(`/api/v1/transactions/${id}/rollback`, {});
}, 60_000);

it('a batch ends when its client has left', async () => {
  const commands = Array.from({ length: 6_000 }, (_, n) => ({
    command: n % 2 === 0 ? 'kv.incr' : 'kv.exists',
    payload: { key: 'steps' },
  }));
  const gone = new AbortController();
  const left = fetch(`${server.url}/api/v1/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'batch', commands }),
    signal: gone.signal,
  }).catch(() => undefined);
  const count = async (): Promise<number> =>
    Number((await ok(server, 'kv.get', { key: 'steps' })).value ?? 0);
  while ((await count()) === 0) await sleep(10);
  gone.abort();
  await left;
  await sleep(500);
  const seen = await count();
  await sleep(500);
  expect(await count()).toBe(seen);
  expect(seen).toBeLessThan(3_000);
}, 60_000);
