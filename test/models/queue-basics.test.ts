/** Queues by themselves: publishing, order, leases, answers, dead letters, bounds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import {
  queueAck,
  queueConsume,
  queueCreate,
  queueDeadLetters,
  queueDelete,
  queueList,
  queueNack,
  queuePeek,
  queuePublish,
  queuePublishMany,
  queuePurge,
  queuePurgeDeadLetters,
  queueRedrive,
  queueStats,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

let queues = 0;
async function newQueue(config: object = {}): Promise<string> {
  const queue = `basics ${++queues}`;
  expect(await model.call(queueCreate, { queue, ...config })).toEqual({ created: true });
  return queue;
}
const publish = (queue: string, value: unknown, more: object = {}) =>
  model.call(queuePublish, { queue, messageJson: JSON.stringify(value), ...more });
async function take(queue: string, more: object = {}) {
  const { messages } = await model.call(queueConsume, { queue, ...more });
  return messages;
}
async function next(queue: string, more: object = {}) {
  const [message] = await take(queue, more);
  if (message === undefined) throw new Error(`nothing in ${queue}`);
  return message;
}
const values = (messages: readonly { messageJson: string | null }[]): unknown[] =>
  messages.map(({ messageJson }) => JSON.parse(messageJson ?? 'null'));
const stats = (queue: string) => model.call(queueStats, { queue });

it('hands out by priority, then in the order of publishing, and tells positions', async () => {
  const queue = await newQueue();
  const positions: number[] = [];
  for (const [value, priority] of [['a'], ['b', 9], ['c', 0], ['d'], ['e', 9]] as const) {
    const { messageId, position } = await publish(queue, value, priority === undefined ? {} : { priority });
    expect(messageId).toMatch(/^msg_[0-9a-f]{12}$/);
    positions.push(position);
  }
  expect(positions).toEqual([1, 1, 3, 3, 2]);
  expect(values((await model.call(queuePeek, { queue, countMax: 9 })).messages)).toEqual([
    'b',
    'e',
    'a',
    'd',
    'c',
  ]);
  expect(values(await take(queue, { countMax: 3 }))).toEqual(['b', 'e', 'a']);
  expect(values(await take(queue, { countMax: 3 }))).toEqual(['d', 'c']);
  expect(await take(queue)).toEqual([]);
});

it('keeps messages as they were given: JSON text, bytes, headers', async () => {
  const queue = await newQueue({ maxRetries: 7 });
  const messageJson = '{"n": 12345678901234567890, "t":"\\"{,}NULL\\\\ é😀"}';
  const headersJson = '{"a":{"b":[1]}}';
  const published = await model.call(queuePublish, { queue, messageJson, headersJson });
  await model.call(queuePublish, { queue, payloadBase64: 'AAECAP8=', maxRetries: 0, priority: 1 });
  await model.call(queuePublish, { queue, payloadBase64: '', priority: 0 });
  const [first, second, third] = await take(queue, { countMax: 3, ackDeadlineMs: 5_000 });
  expect(first).toMatchObject({ ...published_(published), messageJson, headersJson, payloadBase64: null });
  expect(first).toMatchObject({ priority: 5, retryCount: 0, maxRetries: 7 });
  expect((first?.leaseEndsAtMs ?? 0) - (first?.deliveredAtMs ?? 0)).toBe(5_000);
  expect(second).toMatchObject({
    messageJson: null,
    payloadBase64: 'AAECAP8=',
    maxRetries: 0,
    headersJson: null,
  });
  expect(third?.payloadBase64).toBe('');
});
const published_ = ({ messageId }: { messageId: string }) => ({ messageId, receipt: `${messageId}.1` });

it('publishes many at once, all or none', async () => {
  const queue = await newQueue({ maxDepth: 5 });
  const messages = [1, 2, 3].map((n) => ({ messageJson: String(n), priority: n }));
  const answer = await model.call(queuePublishMany, { queue, messages });
  expect(answer.messages.map(({ position }) => position)).toEqual([1, 1, 1]);
  expect((await model.fault(queuePublishMany, { queue, messages })).code).toBe('QUEUE_FULL');
  expect((await stats(queue)).depth).toBe(3);
  // In one batch: the one that does not fit fails alone.
  const outcomes = await Promise.allSettled([
    model.call(queuePublishMany, { queue, messages }),
    publish(queue, 4),
    publish(queue, 5),
    publish(queue, 6),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'rejected']);
  expect(values(await take(queue, { countMax: 9 }))).toEqual([4, 5, 3, 2, 1]);
  // Only those that wait count.
  await publish(queue, 7);
});

it('acks once, and only what is leased', async () => {
  const queue = await newQueue();
  const other = await newQueue();
  await publish(queue, 'x');
  const { messageId, receipt } = await next(queue, { consumerId: 'me' });
  const codeOf = async (input: object) => (await model.fault(queueAck, input)).code;
  expect(await codeOf({ queue: other, messageId })).toBe('MESSAGE_NOT_FOUND');
  expect(await codeOf({ queue: 'nowhere', messageId })).toBe('QUEUE_NOT_FOUND');
  expect(await codeOf({ queue, messageId, consumerId: 'you' })).toBe('MESSAGE_NOT_FOUND');
  expect(await codeOf({ queue, messageId: `${messageId}.2` })).toBe('MESSAGE_NOT_FOUND');
  for (const id of ['msg_ffffffffffff', 'msg_1', '', '\0', "';--", `${messageId}.`, 'x'.repeat(100_000)]) {
    expect(await codeOf({ queue, messageId: id })).toBe('MESSAGE_NOT_FOUND');
  }
  expect(await model.call(queueAck, { queue, messageId: receipt, consumerId: 'me' })).toEqual({
    acked: true,
  });
  expect(await codeOf({ queue, messageId })).toBe('MESSAGE_NOT_FOUND');
  expect(await stats(queue)).toMatchObject({ depth: 0, inFlight: 0, acked: 1, consumed: 1, published: 1 });
  const both = await publish(queue, 'y').then(() => next(queue));
  const twice = await Promise.allSettled(
    [1, 2].map(() => model.call(queueAck, { queue, messageId: both.messageId })),
  );
  expect(twice.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

it('puts what failed behind those of its priority, until it dies', async () => {
  const queue = await newQueue({ maxRetries: 1 });
  await publish(queue, 'bad');
  await publish(queue, 'good');
  await publish(queue, 'low', { priority: 1 });
  const first = await next(queue);
  expect(await model.call(queueNack, { queue, messageId: first.messageId })).toEqual({
    action: 'requeued',
    reason: null,
  });
  expect(values([await next(queue)])).toEqual(['good']);
  const again = await next(queue);
  expect(again).toMatchObject({ messageJson: '"bad"', retryCount: 1, messageId: first.messageId });
  expect(again.receipt).not.toBe(first.receipt);
  // The old delivery has no say any more.
  expect((await model.fault(queueAck, { queue, messageId: first.receipt })).code).toBe('MESSAGE_NOT_FOUND');
  expect(await model.call(queueNack, { queue, messageId: again.messageId })).toEqual({
    action: 'dead_lettered',
    reason: 'max_retries',
  });
  const low = await next(queue);
  expect(await model.call(queueNack, { queue, messageId: low.messageId, requeue: false })).toEqual({
    action: 'dead_lettered',
    reason: 'rejected',
  });
  const page = await model.call(queueDeadLetters, { queue, limit: 1 });
  expect(page.messages).toMatchObject([
    { messageJson: '"bad"', reason: 'max_retries', retryCount: 2, priority: 5 },
  ]);
  expect(page.pagination).toMatchObject({ total: 2, hasMore: true });
  const rest = await model.call(queueDeadLetters, { queue, cursor: page.pagination.nextCursor ?? '' });
  expect(rest.messages).toMatchObject([{ messageJson: '"low"', reason: 'rejected' }]);
  expect(await stats(queue)).toMatchObject({
    deadLetters: 2,
    deadLettered: 2,
    nacked: 3,
    inFlight: 1,
    depth: 0,
  });

  expect(await model.call(queueRedrive, { queue, messageIds: [low.messageId, 'msg_ffffffffffff'] })).toEqual({
    redriven: 1,
  });
  expect(await next(queue)).toMatchObject({ messageJson: '"low"', retryCount: 0 });
  expect(await model.call(queueRedrive, { queue })).toEqual({ redriven: 1 });
  expect((await stats(queue)).deadLetters).toBe(0);
  const dying = await next(queue);
  await model.call(queueNack, { queue, messageId: dying.messageId, requeue: false });
  expect(await model.call(queuePurgeDeadLetters, { queue })).toEqual({ purged: 1 });
  expect((await model.call(queueDeadLetters, { queue })).pagination.total).toBe(0);
});

it('takes a message back when its lease ends, counting a failure', async () => {
  const queue = await newQueue({ ackDeadlineMs: 40, maxRetries: 1 });
  await publish(queue, 'slow');
  const first = await next(queue);
  const [second] = await take(queue, { timeoutMs: 5_000 });
  expect(second).toMatchObject({ messageId: first.messageId, retryCount: 1 });
  expect((await model.fault(queueAck, { queue, messageId: first.receipt })).code).toBe('MESSAGE_NOT_FOUND');
  await expect.poll(async () => (await stats(queue)).deadLetters, { timeout: 5_000 }).toBe(1);
  expect((await model.fault(queueAck, { queue, messageId: first.messageId })).code).toBe('MESSAGE_NOT_FOUND');
  const { messages } = await model.call(queueDeadLetters, { queue });
  expect(messages).toMatchObject([{ reason: 'max_retries', retryCount: 2 }]);
});

it('does not ack behind the end of the lease, even before the message was taken back', async () => {
  const queue = await newQueue();
  await publish(queue, 'x');
  const { messageId } = await next(queue, { ackDeadlineMs: 1 });
  await sleep(10);
  expect((await model.fault(queueAck, { queue, messageId })).code).toBe('MESSAGE_NOT_FOUND');
});

it('lets messages expire', async () => {
  const queue = await newQueue();
  await publish(queue, 'short', { ttlMs: 30 });
  await publish(queue, 'long', { ttlMs: 60_000 });
  await sleep(40);
  expect(values(await take(queue, { countMax: 5 }))).toEqual(['long']);
  await expect.poll(async () => (await stats(queue)).deadLetters, { timeout: 5_000 }).toBe(1);
  const { messages } = await model.call(queueDeadLetters, { queue });
  expect(messages).toMatchObject([{ reason: 'expired', messageJson: '"short"' }]);
  expect((await stats(queue)).depth).toBe(0);
});

it('keeps the settings of a queue that is there', async () => {
  const queue = await newQueue({ maxDepth: 2, defaultPriority: 3, prefetchLimit: 1 });
  expect(await model.call(queueCreate, { queue, maxDepth: 9 })).toEqual({ created: false });
  await publish(queue, 1);
  expect(await next(queue)).toMatchObject({ priority: 3 });
  expect((await stats(queue)).config).toEqual({
    maxDepth: 2,
    ackDeadlineMs: 30_000,
    maxRetries: 3,
    defaultPriority: 3,
    prefetchLimit: 1,
  });
});

it('makes a queue on publishing or consuming only when asked to', async () => {
  expect((await model.fault(queuePublish, { queue: 'made', messageJson: '1' })).code).toBe('QUEUE_NOT_FOUND');
  expect((await model.fault(queueConsume, { queue: 'made' })).code).toBe('QUEUE_NOT_FOUND');
  await publish('made', 1, { autoCreate: true });
  expect(values(await take('made'))).toEqual([1]);
  expect(await take('made too', { autoCreate: true })).toEqual([]);
  expect((await model.call(queueList, {})).queues).toEqual(expect.arrayContaining(['made', 'made too']));
});

it('gives a named consumer no more than the prefetch limit', async () => {
  const queue = await newQueue({ prefetchLimit: 2 });
  for (const n of [1, 2, 3, 4, 5, 6]) await publish(queue, n);
  const mine = await take(queue, { consumerId: 'a', countMax: 5 });
  expect(values(mine)).toEqual([1, 2]);
  expect(await take(queue, { consumerId: 'a' })).toEqual([]);
  const [waits, other, anybody] = [
    take(queue, { consumerId: 'a', timeoutMs: 10_000 }),
    take(queue, { consumerId: 'b', timeoutMs: 10_000 }),
    take(queue, { timeoutMs: 10_000 }),
  ];
  expect(values([...(await other), ...(await anybody)])).toEqual([3, 4]);
  await model.call(queueAck, { queue, messageId: mine[0]?.messageId });
  expect(values(await waits)).toEqual([5]);
  // Consumer a, consumer b, and one without a name.
  expect((await stats(queue)).consumers).toBe(3);
});

it('counts as consumers who waits and who holds, each name once', async () => {
  const queue = await newQueue();
  const count = async () => (await stats(queue)).consumers;
  expect(await count()).toBe(0);
  const gone = new AbortController();
  const waits = ['a', 'a', 'b', undefined, undefined].map((consumerId) => {
    const input = { queue, timeoutMs: 10_000, ...(consumerId === undefined ? {} : { consumerId }) };
    return model.fault(queueConsume, input, { signal: gone.signal });
  });
  await sleep(50);
  expect(await count()).toBe(4);
  gone.abort();
  await Promise.all(waits);
  expect(await count()).toBe(0);

  for (const n of [1, 2, 3, 4]) await publish(queue, n);
  const ids: string[] = [];
  for (const more of [{ consumerId: 'a' }, { consumerId: 'a' }, {}])
    ids.push((await next(queue, more)).messageId);
  await next(queue, { ackDeadlineMs: 1 });
  await sleep(20);
  // The lease of the fourth has ended: nobody holds it.
  expect(await count()).toBe(2);
  for (const messageId of ids) await model.call(queueAck, { queue, messageId });
  expect(await count()).toBe(0);
});

it('empties a queue, and removes it with those who wait there', async () => {
  const queue = await newQueue();
  for (const n of [1, 2, 3]) await publish(queue, n);
  const held = await next(queue);
  expect(await model.call(queuePurge, { queue })).toEqual({ purged: 2 });
  expect(await stats(queue)).toMatchObject({ depth: 0, inFlight: 1, oldestMessageAgeMs: null });
  await model.call(queueAck, { queue, messageId: held.messageId });
  const waiting = model.fault(queueConsume, { queue, timeoutMs: 10_000 });
  await sleep(50);
  expect(await model.call(queueDelete, { queue })).toEqual({ deleted: true });
  expect((await waiting).code).toBe('QUEUE_NOT_FOUND');
  expect(await model.call(queueDelete, { queue })).toEqual({ deleted: false });
  for (const operation of [
    queueStats,
    queuePurge,
    queuePeek,
    queueDeadLetters,
    queueRedrive,
    queuePurgeDeadLetters,
  ]) {
    expect((await model.fault(operation as typeof queueStats, { queue })).code).toBe('QUEUE_NOT_FOUND');
  }
});

it('refuses what no queue can take', async () => {
  const queue = await newQueue();
  const codeOf = async (input: object) => (await model.fault(queuePublish, input)).code;
  expect(await codeOf({ queue: '', messageJson: '1' })).toBe('INVALID_PARAMETER');
  expect(await codeOf({ queue: 'a\0b', messageJson: '1' })).toBe('INVALID_PARAMETER');
  expect(await codeOf({ queue: 'a\ud800', messageJson: '1' })).toBe('INVALID_PARAMETER');
  expect(await codeOf({ queue: 'x'.repeat(1_025), messageJson: '1' })).toBe('INVALID_PARAMETER');
  expect(await codeOf({ queue, messageJson: '"\0"' })).toBe('INVALID_PARAMETER');
  for (const headersJson of ['[]', '1', 'null', '{', '']) {
    expect(await codeOf({ queue, messageJson: '1', headersJson })).toBe('INVALID_PARAMETER');
  }
  const long = (length: number): string => `"${'x'.repeat(length)}"`;
  expect(await codeOf({ queue, messageJson: long(LIMITS.queueMessageBytesMax) })).toBe('VALUE_TOO_LARGE');
  expect(
    await codeOf({ queue, messageJson: '1', headersJson: `{"h":${long(LIMITS.queueHeadersBytesMax)}}` }),
  ).toBe('VALUE_TOO_LARGE');
  for (const input of [
    { queue },
    { queue, messageJson: '1', payloadBase64: 'AA==' },
    { queue, payloadBase64: 'é' },
    { queue, messageJson: '1', priority: 10 },
    { queue, messageJson: '1', priority: -1 },
    { queue, messageJson: '1', priority: 1.5 },
    { queue, messageJson: '1', ttlMs: 0 },
    { queue, messageJson: '1', maxRetries: -1 },
    { queue, messageJson: '1', unknown: true },
  ]) {
    expect(queuePublish.input.safeParse(input).success, JSON.stringify(input)).toBe(false);
  }
  for (const input of [
    { queue, timeoutMs: -1 },
    { queue, timeoutMs: Number.NaN },
    { queue, ackDeadlineMs: 0 },
    { queue, countMax: 0 },
    { queue, consumerId: '' },
  ]) {
    expect(queueConsume.input.safeParse(input).success, JSON.stringify(input)).toBe(false);
  }
  const tooMany = {
    queue,
    messages: Array.from({ length: LIMITS.queueItemsMax + 1 }, () => ({ messageJson: '1' })),
  };
  expect(queuePublishMany.input.safeParse(tooMany).success).toBe(false);
  expect((await model.fault(queueConsume, { queue, consumerId: 'a\0' })).code).toBe('INVALID_PARAMETER');
  expect((await stats(queue)).depth).toBe(0);
});

it('takes messages of the largest size', async () => {
  const queue = await newQueue();
  const messageJson = `"${'é'.repeat((LIMITS.queueMessageBytesMax - 2) / 2)}"`;
  await Promise.all([model.call(queuePublish, { queue, messageJson }), publish(queue, 'small')]);
  const [large, small] = await take(queue, { countMax: 2 });
  expect(large?.messageJson === messageJson).toBe(true);
  expect(values(small === undefined ? [] : [small])).toEqual(['small']);
  await model.call(queueAck, { queue, messageId: large?.messageId });
});
