/** Topics with partitions, and consumer groups: who has which partitions, and where the group is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../src/models/index.ts';
import { beginOn, codeOf } from './kv-support.ts';
import { openPair, type Pair, range } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const event = (topic: string, n: number, key?: string) => ({
  topic,
  eventType: 'test',
  dataJson: String(n),
  ...(key === undefined ? {} : { key }),
});

describe('topics', () => {
  it('keep the events of a key in one partition and in order, from two processes', async () => {
    const { here, there } = pair;
    expect(await here(models.topicCreate, { topic: 'orders', partitions: 4 })).toMatchObject({
      partitions: 4,
    });
    const published = await Promise.all(
      range(200).map((n) => (n % 2 ? here : there)(models.topicPublish, event('orders', n, `key${n % 10}`))),
    );
    for (const n of range(10)) {
      const partitions = new Set(published.filter((_, k) => k % 10 === n).map(({ partition }) => partition));
      expect(partitions.size).toBe(1);
    }
    let total = 0;
    for (const partition of range(4)) {
      const page = await here(models.topicConsume, { topic: 'orders', partition, limit: 1_000 });
      expect(page.events.map(({ offset }) => offset)).toEqual(range(page.events.length));
      expect(page.nextOffset).toBe(page.events.length);
      expect(page.events.every(({ room }) => room === 'orders')).toBe(true);
      total += page.events.length;
      const rest = await here(models.topicConsume, {
        topic: 'orders',
        partition,
        fromOffset: page.nextOffset,
      });
      expect(rest).toMatchObject({ events: [], nextOffset: page.nextOffset });
    }
    expect(total).toBe(200);
    expect(await here(models.topicStats, { topic: 'orders' })).toMatchObject({
      messageCount: 200,
      partitions: 4,
    });
  });

  it('without a key go round', async () => {
    const { here } = pair;
    await here(models.topicCreate, { topic: 'round' });
    const published = await Promise.all(range(9).map((n) => here(models.topicPublish, event('round', n))));
    const counts = range(3).map((p) => published.filter(({ partition }) => partition === p).length);
    expect(counts).toEqual([3, 3, 3]);
  });

  it('are made, listed, deleted, and made again with other partitions that others notice', async () => {
    const { here, there } = pair;
    await here(models.topicCreate, { topic: 'again', partitions: 8 });
    expect(await codeOf(there(models.topicCreate, { topic: 'again' }))).toBe('TOPIC_EXISTS');
    await there(models.topicPublish, event('again', 1, 'k'));
    expect((await here(models.topicList, {})).topics).toContain('again');
    expect((await here(models.streamRooms, {})).rooms).toEqual([]);
    await here(models.topicDelete, { topic: 'again' });
    expect(await codeOf(there(models.topicPublish, event('again', 1)))).toBe('TOPIC_NOT_FOUND');
    expect(await codeOf(there(models.topicConsume, { topic: 'again', partition: 0 }))).toBe(
      'TOPIC_NOT_FOUND',
    );
    await here(models.topicCreate, { topic: 'again', partitions: 1 });
    expect(await there(models.topicPublish, event('again', 1, 'k'))).toMatchObject({
      partition: 0,
      offset: 0,
    });
    expect(await codeOf(there(models.topicConsume, { topic: 'again', partition: 1 }))).toBe(
      'INVALID_PARAMETER',
    );
    expect(await codeOf(there(models.topicStats, { topic: 'nope' }))).toBe('TOPIC_NOT_FOUND');
  });

  it('join transactions', async () => {
    const { here, database } = pair;
    const transaction = await beginOn(database);
    await here(models.topicCreate, { topic: 'inner', partitions: 1 }, transaction);
    expect(await here(models.topicPublish, event('inner', 1), transaction)).toMatchObject({ offset: 0 });
    await database.rollback(transaction);
    expect(await codeOf(here(models.topicPublish, event('inner', 1)))).toBe('TOPIC_NOT_FOUND');
  });
});

describe('consumer groups', () => {
  beforeAll(() => pair.here(models.topicCreate, { topic: 'work', partitions: 6 }));

  it('divide partitions anew with every member, one division after the other', async () => {
    const { here, there } = pair;
    const group = 'dividing';
    await here(models.consumerGroupCreate, { group, topic: 'work', strategy: 'range' });
    const joined = await Promise.all(
      range(4).map((n) => (n % 2 ? here : there)(models.consumerGroupJoin, { group, memberId: `m${n}` })),
    );
    expect(joined.map(({ generation }) => generation).sort()).toEqual([1, 2, 3, 4]);
    const all = async (ids: number[]) =>
      (
        await Promise.all(ids.map((n) => there(models.consumerGroupAssignment, { group, memberId: `m${n}` })))
      ).map(({ partitions }) => partitions);
    expect((await all(range(4))).flat().sort()).toEqual(range(6));
    expect(await there(models.consumerGroupLeave, { group, memberId: 'm2' })).toEqual({
      left: true,
      generation: 5,
    });
    const left = await all([0, 1, 3]);
    expect(left.flat().sort()).toEqual(range(6));
    expect(left.map(({ length }) => length)).toEqual([2, 2, 2]);
    // Who is there already joins without disturbing the others.
    expect((await here(models.consumerGroupJoin, { group, memberId: 'm1' })).generation).toBe(5);
    expect(await codeOf(here(models.consumerGroupAssignment, { group, memberId: 'm2' }))).toBe(
      'MEMBER_NOT_FOUND',
    );
    expect(await here(models.consumerGroupStats, { group })).toMatchObject({
      state: 'stable',
      memberCount: 3,
      generation: 5,
      partitions: 6,
      committedPartitions: 0,
    });
  });

  it('lose members whose session times out, to the good of the others', async () => {
    const { here, there, test } = pair;
    const group = 'timing';
    await here(models.consumerGroupCreate, { group, topic: 'work', sessionMs: 60_000, strategy: 'sticky' });
    const first = await here(models.consumerGroupJoin, { group });
    const second = await there(models.consumerGroupJoin, { group });
    await test.admin(`UPDATE stream.member SET seen_at = now() - interval '61 seconds' WHERE id = $1`, [
      second.memberId,
    ]);
    expect(await here(models.consumerGroupHeartbeat, { group, memberId: first.memberId })).toEqual({
      generation: 3,
    });
    const assignment = await here(models.consumerGroupAssignment, { group, memberId: first.memberId });
    expect(assignment.partitions).toEqual(range(6));
    const late = { group, memberId: second.memberId };
    expect(await codeOf(there(models.consumerGroupHeartbeat, late))).toBe('MEMBER_NOT_FOUND');
    expect(await codeOf(there(models.consumerGroupLeave, late))).toBe('MEMBER_NOT_FOUND');
  });

  it('remember offsets, for members with the partition only', async () => {
    const { here, there } = pair;
    const group = 'offsets';
    await here(models.consumerGroupCreate, { group, topic: 'work' });
    const at = (partition: number) => there(models.consumerGroupOffset, { group, partition });
    expect(await at(2)).toEqual({ offset: null });
    await here(models.consumerGroupCommit, { group, partition: 2, offset: 5 });
    expect(await at(2)).toEqual({ offset: 5 });
    for (const memberId of ['a', 'b']) await here(models.consumerGroupJoin, { group, memberId });
    await here(models.consumerGroupCommit, { group, partition: 2, offset: 6, memberId: 'a' });
    const foreign = { group, partition: 2, offset: 9, memberId: 'b' };
    expect(await codeOf(here(models.consumerGroupCommit, foreign))).toBe('INVALID_PARAMETER');
    expect(await at(2)).toEqual({ offset: 6 });
    const beyond = { group, partition: 6, offset: 1 };
    expect(await codeOf(here(models.consumerGroupCommit, beyond))).toBe('INVALID_PARAMETER');
  });

  it('are made, listed and deleted', async () => {
    const { here } = pair;
    const input = { group: 'made', topic: 'work' };
    await here(models.consumerGroupCreate, input);
    expect(await codeOf(here(models.consumerGroupCreate, input))).toBe('CONSUMER_GROUP_EXISTS');
    expect((await here(models.consumerGroupList, {})).groups).toContain('made');
    expect(await here(models.consumerGroupStats, { group: 'made' })).toMatchObject({ state: 'empty' });
    expect(await here(models.consumerGroupDelete, { group: 'made' })).toEqual({ deleted: true });
    expect(await codeOf(here(models.consumerGroupJoin, { group: 'made' }))).toBe('CONSUMER_GROUP_NOT_FOUND');
    expect(await codeOf(here(models.consumerGroupOffset, { group: 'made', partition: 0 }))).toBe(
      'CONSUMER_GROUP_NOT_FOUND',
    );
    expect(await codeOf(here(models.consumerGroupCreate, { group: 'x', topic: 'nope' }))).toBe(
      'TOPIC_NOT_FOUND',
    );
  });
});
