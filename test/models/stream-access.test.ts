/** What the streams keep about those who read: nothing for role read, and no new rows in a namespace that is full. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FacetError, PLANS } from '../../src/base/index.ts';
import type { OperationContext } from '../../src/models/index.ts';
import * as models from '../../src/models/index.ts';
import { type Model, openModel, READER } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
  for (const n of [0, 1, 2]) await publish(n);
});
afterAll(() => model.stop());

const publish = (n: number) =>
  model.call(models.streamPublish, { room: 'r', eventType: 't', dataJson: String(n), createRoom: true });
const asReader = { principal: READER };
const rowsOf = async (sql: string): Promise<unknown> => (await model.call(models.sqlQuery, { sql })).rows;

it('positions of subscribers are for those who may write', () => {
  const { streamConsume, consumerGroupJoin, consumerGroupHeartbeat, consumerGroupCommit } = models;
  for (const { name, access } of [
    streamConsume,
    consumerGroupJoin,
    consumerGroupHeartbeat,
    consumerGroupCommit,
  ]) {
    expect(access, name).toBe('write');
  }
});

it('who may only read makes no room by following it', async () => {
  const input = { room: 'not there', createRoom: true };
  expect((await model.fault(models.streamSubscribe, input, asReader)).code).toBe('ROOM_NOT_FOUND');
  expect((await model.call(models.streamRooms, {})).rooms).toEqual(['r']);
});

it('who may only read sees a group without its lost members, and changes nothing', async () => {
  await model.call(models.topicCreate, { topic: 't', partitions: 2 });
  await model.call(models.consumerGroupCreate, { group: 'g', topic: 't', sessionMs: 1_000 });
  await model.call(models.consumerGroupJoin, { group: 'g', memberId: 'gone' });
  await sleep(1_100);
  const before = await rowsOf(
    'SELECT m.id, g.generation FROM stream.member m JOIN stream.consumer_group g ON true',
  );
  expect(await model.call(models.consumerGroupStats, { group: 'g' }, asReader)).toMatchObject({
    memberCount: 0,
    generation: 1,
  });
  const asked = { group: 'g', memberId: 'gone' };
  expect((await model.fault(models.consumerGroupAssignment, asked, asReader)).code).toBe('MEMBER_NOT_FOUND');
  expect(
    await rowsOf('SELECT m.id, g.generation FROM stream.member m JOIN stream.consumer_group g ON true'),
  ).toEqual(before);
  expect(before).toEqual([['gone', '1']]);
  expect(await model.call(models.consumerGroupStats, { group: 'g' })).toMatchObject({ generation: 2 });
});

it('in a namespace that is full known subscribers go on, and new ones are refused and not remembered', async () => {
  const database = await model.store.namespace(model.store.defaultNamespace);
  const consume = (subscriberId: string, full: boolean) => {
    const refusal = new FacetError('QUOTA_EXCEEDED', 'full');
    const usage = {
      used: () => Promise.reject(refusal),
      assertRoom: () => {
        if (full) throw refusal;
      },
    };
    const context: Pick<OperationContext, 'database' | 'transaction' | 'principal' | 'signal' | 'usage'> = {
      database,
      transaction: undefined,
      principal: { name: 'w', role: 'write', plan: PLANS[0] },
      signal: new AbortController().signal,
      usage,
    };
    return models.streamConsume.run(context as OperationContext, { room: 'r', subscriberId, limit: 1 });
  };
  expect((await consume('known', false)).events.map(({ offset }) => offset)).toEqual([0]);
  expect((await consume('known', true)).events.map(({ offset }) => offset)).toEqual([1]);
  await expect(consume('new', true)).rejects.toThrow('full');
  expect(await rowsOf('SELECT name, next_offset FROM stream.subscriber')).toEqual([['known', '2']]);
});
