/** Waiting for messages: wakes, cancellation, several processes, transactions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/engine/index.ts';
import {
  type OperationContext,
  queueAck,
  queueConsume,
  queueCreate,
  queueDeadLetters,
  queueDelete,
  queueNack,
  queuePublish,
  queueStats,
} from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let other: Store;
let here: Caller;
let there: Caller;
beforeAll(async () => {
  test = await openTestStore();
  // Another process, as far as the database can tell.
  other = await openStore(test.uri, { observe: () => {} });
  here = callerOn(test.store, test.database);
  there = callerOn(other, await other.namespace('default'));
});
afterAll(async () => {
  await other.stop();
  await test.close();
});

let queues = 0;
async function newQueue(config: object = {}): Promise<string> {
  const queue = `waiting ${++queues}`;
  await here(queueCreate, { queue, ...config });
  return queue;
}
const publish = (caller: Caller, queue: string, value: unknown) =>
  caller(queuePublish, { queue, messageJson: JSON.stringify(value) });
const take = (caller: Caller, queue: string, timeoutMs: number) => caller(queueConsume, { queue, timeoutMs });
const values = ({ messages }: { messages: readonly { messageJson: string | null }[] }): unknown[] =>
  messages.map(({ messageJson }) => JSON.parse(messageJson ?? 'null'));

/** Consumes with a signal, which `Caller` does not pass. */
function takeWith(signal: AbortSignal, queue: string, timeoutMs: number) {
  const context: Partial<OperationContext> = {
    store: test.store,
    database: test.database,
    transaction: undefined,
    signal,
  };
  return queueConsume.run(context as OperationContext, { queue, timeoutMs });
}

it('wakes those who wait, in the order in which they came', async () => {
  const queue = await newQueue();
  const waiting = [1, 2, 3].map(() => take(here, queue, 20_000));
  await sleep(50);
  for (const n of [1, 2, 3]) await publish(here, queue, n);
  expect((await Promise.all(waiting)).map(values)).toEqual([[1], [2], [3]]);
  expect(test.database.counts.held).toBe(0);
});

it('answers with nothing when the time is over', async () => {
  const queue = await newQueue();
  const startedMs = performance.now();
  expect(values(await take(here, queue, 60))).toEqual([]);
  expect(performance.now() - startedMs).toBeGreaterThan(55);
});

it('does nothing while it waits', async () => {
  const queue = await newQueue();
  const statements = (): number => test.observations.filter(({ type }) => type === 'statement').length;
  const waiting = take(here, queue, 20_000);
  await sleep(300);
  const before = statements();
  await sleep(500);
  expect(statements() - before).toBe(0);
  await publish(here, queue, 'x');
  expect(values(await waiting)).toEqual(['x']);
});

it('wakes those who wait in another process: by publishing, failing, lease ends', async () => {
  const queue = await newQueue();
  const first = take(there, queue, 20_000);
  await sleep(100);
  const { messageId } = await publish(here, queue, 'a');
  expect(values(await first)).toEqual(['a']);
  const second = take(here, queue, 20_000);
  await sleep(100);
  await there(queueNack, { queue, messageId });
  expect(values(await second)).toEqual(['a']);
  await here(queueAck, { queue, messageId });

  // A consumer that never answers, in a process that others know nothing of.
  await publish(here, queue, 'b');
  const lost = await there(queueConsume, { queue, ackDeadlineMs: 300 });
  expect(values(lost)).toEqual(['b']);
  expect(values(await take(here, queue, 20_000))).toEqual(['b']);
});

it('gives back at once what is claimed for somebody who has gone', async () => {
  const queue = await newQueue();
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const waiting = codeOf(takeWith(controller.signal, queue, 20_000));
    await sleep(5);
    const published = publish(here, queue, round);
    // Somewhere between the message and the answer.
    if (round % 2 === 0) await published;
    for (let turn = 0; turn < round; turn++) await Promise.resolve();
    controller.abort();
    await published;
    const code = await waiting;
    if (code === 'none') {
      // It was answered before it went, and keeps what it has until its lease ends.
      await test.admin('UPDATE queue.lease SET ends_at = now()');
    } else {
      expect(code).toBe('QUERY_CANCELLED');
    }
    const [again] = (await take(here, queue, 20_000)).messages;
    expect(again).toMatchObject({ messageJson: String(round), retryCount: code === 'none' ? 1 : 0 });
    await here(queueAck, { queue, messageId: again?.messageId });
  }
  expect(await here(queueStats, { queue })).toMatchObject({ depth: 0, inFlight: 0, acked: 20 });
});

it('leaves the dead where they are when a message is given back', async () => {
  const queue = await newQueue();
  await publish(here, queue, 'dead');
  const [first] = (await take(here, queue, 20_000)).messages;
  await here(queueNack, { queue, messageId: first?.messageId, requeue: false });
  await publish(here, queue, 'alive');
  const [second] = (await take(here, queue, 20_000)).messages;
  const id = BigInt(`0x${second?.messageId.slice('msg_'.length)}`).toString();
  const given = await test.admin(`SELECT queue.release(false, ARRAY[$1], '{1}', ARRAY[$2::bigint], '{1}')`, [
    queue,
    id,
  ]);
  expect(given).toEqual([['1']]);
  expect(await here(queueStats, { queue })).toMatchObject({ depth: 1, inFlight: 0, deadLetters: 1 });
  const { messages } = await here(queueDeadLetters, { queue });
  expect(messages.map(({ messageJson }) => messageJson)).toEqual(['"dead"']);
});

it('refuses a wait that was cancelled before, and ends waits when the store stops', async () => {
  const queue = await newQueue();
  expect(await codeOf(takeWith(AbortSignal.abort(), queue, 1_000))).toBe('QUERY_CANCELLED');
  const third = await openStore(test.uri, { observe: () => {} });
  const caller = callerOn(third, await third.namespace('default'));
  const waiting = codeOf(take(caller, queue, 20_000));
  await sleep(50);
  await third.stop();
  expect(await waiting).toBe('UNAVAILABLE');
});

it('shows and wakes only after the commit, and nothing after a rollback', async () => {
  const queue = await newQueue();
  const [mine, theirs] = [take(here, queue, 20_000), take(there, queue, 20_000)];
  const rolledBack = await beginOn(test.database);
  await here(queuePublish, { queue, messageJson: '0' }, rolledBack);
  await test.database.rollback(rolledBack);
  const transaction = await beginOn(test.database);
  const first = await here(queuePublish, { queue, messageJson: '1' }, transaction);
  const second = await here(queuePublish, { queue, messageJson: '2' }, transaction);
  expect([first.position, second.position]).toEqual([1, 2]);
  expect(await Promise.race([mine, theirs, sleep(100)])).toBeUndefined();
  expect(await here(queueStats, { queue })).toMatchObject({ depth: 0, published: 0 });
  await test.database.commit(transaction);
  expect([...values(await mine), ...values(await theirs)].sort()).toEqual([1, 2]);
});

it('takes part in transactions: what was consumed or acked comes back with a rollback', async () => {
  const queue = await newQueue();
  await publish(here, queue, 'a');
  const consuming = await beginOn(test.database);
  const [taken] = (await here(queueConsume, { queue }, consuming)).messages;
  const waiting = take(here, queue, 20_000);
  await sleep(50);
  await test.database.rollback(consuming);
  const [again] = (await waiting).messages;
  expect(again).toMatchObject({ messageId: taken?.messageId, retryCount: 0 });

  const acking = await beginOn(test.database);
  await here(queueAck, { queue, messageId: again?.messageId }, acking);
  await test.database.rollback(acking);
  expect(await here(queueStats, { queue })).toMatchObject({ inFlight: 1, acked: 0 });
  const really = await beginOn(test.database);
  await here(queueAck, { queue, messageId: again?.messageId }, really);
  expect(await codeOf(here(queueAck, { queue, messageId: 'msg_ffffffffffff' }, really))).toBe(
    'MESSAGE_NOT_FOUND',
  );
  await test.database.commit(really);
  expect(await here(queueStats, { queue })).toMatchObject({ inFlight: 0, acked: 1, depth: 0 });
});

it('waits in a transaction, too', async () => {
  const queue = await newQueue();
  const transaction = await beginOn(test.database);
  expect(values(await here(queueConsume, { queue, timeoutMs: 30 }, transaction))).toEqual([]);
  const waiting = here(queueConsume, { queue, timeoutMs: 20_000 }, transaction);
  await sleep(50);
  await publish(there, queue, 'x');
  expect(values(await waiting)).toEqual(['x']);
  await test.database.rollback(transaction);
  expect(values(await take(here, queue, 20_000))).toEqual(['x']);
});

it('holds up nobody else while a transaction is about to remove a queue', async () => {
  const [doomed, free] = [await newQueue(), await newQueue()];
  await publish(here, doomed, 'kept');
  const removing = await beginOn(test.database);
  expect(await here(queueDelete, { queue: doomed }, removing)).toEqual({ deleted: true });
  const waiting = take(here, doomed, 20_000);
  const publishing = publish(here, doomed, 'late');
  expect(values(await take(here, doomed, 0))).toEqual([]);
  await publish(here, free, 'x');
  expect(values(await take(here, free, 20_000))).toEqual(['x']);
  await test.database.rollback(removing);
  expect(values(await waiting)).toEqual(['kept']);
  await publishing;
  expect(values(await take(here, doomed, 20_000))).toEqual(['late']);

  const really = await beginOn(test.database);
  await here(queueDelete, { queue: doomed }, really);
  const code = codeOf(take(here, doomed, 20_000));
  await sleep(50);
  await test.database.commit(really);
  expect(await code).toBe('QUEUE_NOT_FOUND');
});

it('folds what transactions have counted', async () => {
  const queue = await newQueue();
  const transaction = await beginOn(test.database);
  await here(queuePublish, { queue, messageJson: '1' }, transaction);
  await test.database.commit(transaction);
  const unfolded = 'SELECT count(*) FROM queue.counter WHERE slot < 0';
  expect(Number((await test.admin(unfolded))[0]?.[0])).toBeGreaterThan(0);
  await test.admin('SELECT queue.sweep(500, 10000)');
  expect((await test.admin(unfolded))[0]?.[0]).toBe('0');
  expect(await here(queueStats, { queue })).toMatchObject({ depth: 1, published: 1 });
});
