/** A transaction holds a room or a queue: all who want it wait for one bound, and those who want another one do not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import type { Database } from '../../src/engine/index.ts';
import * as models from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let database: Database;
let call: Caller;

beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  call = callerOn(test.store, database);
});
afterAll(() => test.close());

/** What a busy machine needs on top of a bound. */
const SLACK_MS = 4_000;
const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work;
  return performance.now() - from;
};

it('a room and a queue that are held', async () => {
  for (const name of ['held', 'free']) {
    await call(models.streamCreate, { room: name });
    await call(models.queueCreate, { queue: name });
  }
  const append = (room: string) => call(models.streamPublish, { room, eventType: 'e', dataJson: '1' });
  const publish = (queue: string) => call(models.queuePublish, { queue, messageJson: '1' });
  const consume = (room: string) => call(models.streamConsume, { room, subscriberId: 's' });
  const holder = await beginOn(database);
  const options = { transaction: holder };
  await database.runUser("SELECT 1 FROM stream.room WHERE name = 'held' FOR UPDATE", [], options);
  await database.runUser("SELECT 1 FROM queue.queue WHERE name = 'held' FOR UPDATE", [], options);
  const codes: string[] = [];
  const times = [0, 1, 2]
    .flatMap(() => [append('held'), publish('held'), consume('held')])
    .map((work) => elapsed(codeOf(work).then((code) => codes.push(code))));
  expect(await elapsed(Promise.all([append('free'), publish('free'), consume('free')]))).toBeLessThan(
    SLACK_MS,
  );
  for (const ms of await Promise.all(times)) expect(ms).toBeLessThan(LIMITS.streamLockMsMax + SLACK_MS);
  expect(new Set(codes)).toEqual(new Set(['LOCK_TIMEOUT']));
  await database.rollback(holder);
  await Promise.all([append('held'), publish('held'), consume('held')]);
}, 60_000);

it('what a transaction is about to make or remove', async () => {
  await call(models.topicCreate, { topic: 'there' });
  await call(models.consumerGroupCreate, { group: 'there', topic: 'there' });
  await call(models.consumerGroupJoin, { group: 'there', memberId: 'm' });
  const holder = await beginOn(database);
  await call(models.streamCreate, { room: 'new' }, holder);
  await call(models.topicCreate, { topic: 'new' }, holder);
  await call(models.consumerGroupCreate, { group: 'new', topic: 'there' }, holder);
  await call(models.queueCreate, { queue: 'new' }, holder);
  const options = { transaction: holder };
  await database.runUser('SELECT 1 FROM stream.consumer_group FOR UPDATE', [], options);
  await database.runUser('SELECT 1 FROM stream.topic FOR UPDATE', [], options);
  const waiting: [string, Promise<unknown>][] = [
    ['stream.create', call(models.streamCreate, { room: 'new' })],
    ['topic.create', call(models.topicCreate, { topic: 'new' })],
    ['consumer_group.create', call(models.consumerGroupCreate, { group: 'new', topic: 'there' })],
    ['queue.create', call(models.queueCreate, { queue: 'new' })],
    ['consumer_group.delete', call(models.consumerGroupDelete, { group: 'there' })],
    ['consumer_group.join', call(models.consumerGroupJoin, { group: 'there', memberId: 'n' })],
    ['consumer_group.commit', call(models.consumerGroupCommit, { group: 'there', partition: 0, offset: 1 })],
    ['topic.delete', call(models.topicDelete, { topic: 'there' })],
  ];
  const answers = waiting.map(async ([name, work]) => {
    const from = performance.now();
    const code = await codeOf(work);
    return [name, code, performance.now() - from < LIMITS.streamLockMsMax + SLACK_MS];
  });
  for (const [name, ...outcome] of await Promise.all(answers)) {
    expect(outcome, String(name)).toEqual(['LOCK_TIMEOUT', true]);
  }
  await database.rollback(holder);
}, 60_000);
