/** Giving deliveries back: they have not failed, and nobody else's lease is touched. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  queueAck,
  queueConsume,
  queueCreate,
  queueDelete,
  queuePublish,
  queueRelease,
  queueStats,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { beginOn } from './kv-support.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

let queues = 0;
async function filled(count: number, config: object = {}): Promise<string> {
  const queue = `release ${++queues}`;
  await model.call(queueCreate, { queue, maxRetries: 0, ...config });
  for (let n = 0; n < count; n++) await model.call(queuePublish, { queue, messageJson: String(n) });
  return queue;
}
const take = async (queue: string, more: object = {}) =>
  (await model.call(queueConsume, { queue, countMax: 100, ...more })).messages;
const release = (queue: string, receipts: readonly string[]) =>
  model.call(queueRelease, { queue, receipts: [...receipts] });

it('puts messages back to where they were, without a failure', async () => {
  const queue = await filled(4);
  const first = await take(queue, { countMax: 3 });
  await release(
    queue,
    first.map(({ receipt }) => receipt),
  );
  expect((await take(queue)).map(({ messageJson, retryCount }) => [messageJson, retryCount])).toEqual([
    ['0', 0],
    ['1', 0],
    ['2', 0],
    ['3', 0],
  ]);
  expect(await model.call(queueStats, { queue })).toMatchObject({ depth: 0, inFlight: 4, deadLetters: 0 });
});

it('touches no other delivery of the message: receipts are good for one', async () => {
  const queue = await filled(1);
  const [first] = await take(queue);
  const old = first?.receipt ?? '';
  await release(queue, [old]);
  const [second] = await take(queue);
  expect(second?.messageId).toBe(first?.messageId);
  expect(second?.receipt).not.toBe(old);
  await release(queue, [old, old]);
  expect((await model.fault(queueAck, { queue, messageId: old })).code).toBe('MESSAGE_NOT_FOUND');
  expect(await model.call(queueStats, { queue })).toMatchObject({ depth: 0, inFlight: 1 });
  await model.call(queueAck, { queue, messageId: second?.receipt });
  await release(queue, [second?.receipt ?? '']);
  expect(await model.call(queueStats, { queue })).toMatchObject({ depth: 0, inFlight: 0 });
});

it('wakes those who wait, also for what a limit kept from them', async () => {
  const queue = await filled(2, { prefetchLimit: 1 });
  const [first] = await take(queue, { consumerId: 'one' });
  const waiting = take(queue, { consumerId: 'one', timeoutMs: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await release(queue, [first?.receipt ?? '']);
  expect((await waiting).map(({ messageJson }) => messageJson)).toEqual(['0']);
});

it('is part of a transaction', async () => {
  const queue = await filled(1);
  const [first] = await take(queue);
  const database = await model.store.namespace(model.store.defaultNamespace);
  const transaction = await beginOn(database);
  await model.call(queueRelease, { queue, receipts: [first?.receipt] }, { transactionId: transaction.id });
  expect(await take(queue)).toEqual([]);
  await database.rollback(transaction);
  expect(await model.call(queueStats, { queue })).toMatchObject({ depth: 0, inFlight: 1 });
});

it('says what is no receipt, and passes over a queue that is gone', async () => {
  const queue = await filled(1);
  const [first] = await take(queue);
  const wrong = (receipt: string | undefined) => model.fault(queueRelease, { queue, receipts: [receipt] });
  expect((await wrong(first?.messageId)).code).toBe('INVALID_PARAMETER');
  expect((await wrong('nothing')).code).toBe('MESSAGE_NOT_FOUND');
  await model.call(queueDelete, { queue });
  await release(queue, [first?.receipt ?? '']);
  expect(queueRelease.access).toBe(queueConsume.access);
});
