/** Live subscribers of rooms: history joined to what comes, other processes, slow ones, rooms that go away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { openStore } from '../../src/engine/index.ts';
import * as models from '../../src/models/index.ts';
import { beginOn, callerOn, codeOf } from './kv-support.ts';
import { collect, openPair, type Pair, range, until } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const publish = (room: string, data: unknown, caller = pair.here) =>
  caller(models.streamPublish, { room, eventType: 'test', dataJson: JSON.stringify(data), createRoom: true });
const offsets = (events: readonly { offset: number }[]): number[] => events.map(({ offset }) => offset);

describe('a live subscriber', () => {
  it('gets every event once and in order, whenever it comes, while two processes publish', async () => {
    const { here, there } = pair;
    const total = 3_000;
    let published = 0;
    await here(models.streamCreate, { room: 'load' });
    const publishers = [here, there].map(async (caller, place) => {
      for (let n = place; n < total; n += 2 * 25) {
        const some = range(25)
          .map((k) => n + 2 * k)
          .filter((k) => k < total);
        await Promise.all(some.map((k) => publish('load', k, caller)));
        published += some.length;
        await sleep(1);
      }
    });
    const seen: { from: number; events: models.StreamEvent[]; feed: models.Feed<models.StreamEvent> }[] = [];
    while (published < total) {
      const caller = seen.length % 3 === 0 ? there : here;
      const fromOffset = [null, 0, -10, Math.floor(published / 2), published][seen.length % 5];
      const { feed, fromOffset: from } = await caller(models.streamSubscribe, { room: 'load', fromOffset });
      seen.push({ from, events: collect(feed), feed });
      await sleep(3);
    }
    await Promise.all(publishers);
    expect(seen.length).toBeGreaterThan(10);
    await until(
      () => seen.every(({ events }) => events.at(-1)?.offset === total - 1 || events.length === 0),
      'all',
    );
    for (const { from, events, feed } of seen) {
      expect(offsets(events)).toEqual(range(total - from, from));
      feed.close();
    }
    const all = await here(models.streamHistory, { room: 'load', limit: total });
    expect(all.events.map(({ dataJson }) => Number(dataJson)).sort((a, b) => a - b)).toEqual(range(total));
  });

  it('shares the events with other subscribers, and counts as notified', async () => {
    const { here, database } = pair;
    await publish('shared', 0);
    const feeds = await Promise.all(range(3).map(() => here(models.streamSubscribe, { room: 'shared' })));
    const taken = feeds.map(({ feed }) => collect(feed));
    expect((await publish('shared', 1)).subscribersNotified).toBe(3);
    expect(taken[0]?.[0]).toMatchObject({ offset: 1, dataJson: '1', room: 'shared' });
    expect(taken[1]?.[0]).toBe(taken[0]?.[0]);
    expect(database.counts.held).toBeGreaterThan(0);
    expect((await here(models.streamStats, { room: 'shared' })).subscriberCount).toBe(3);
    for (const { feed } of feeds) feed.close();
    expect((await publish('shared', 2)).subscribersNotified).toBe(0);
  });

  it('that is ahead waits', async () => {
    const { feed } = await pair.here(models.streamSubscribe, {
      room: 'ahead',
      fromOffset: 3,
      createRoom: true,
    });
    const taken = collect(feed);
    for (const n of range(5)) await publish('ahead', n, n % 2 ? pair.here : pair.there);
    await until(() => taken.length === 2, 'two events');
    expect(offsets(taken)).toEqual([3, 4]);
    feed.close();
  });

  it('sees a transaction after its commit only, in both processes', async () => {
    const { here, there, database } = pair;
    const feeds = await Promise.all(
      [here, there].map((caller) => caller(models.streamSubscribe, { room: 'txn', createRoom: true })),
    );
    const taken = feeds.map(({ feed }) => collect(feed));
    const gone = await beginOn(database);
    const input = { room: 'txn', eventType: 'a', dataJson: '"gone"' };
    await here(models.streamPublish, input, gone);
    await database.rollback(gone);
    const transaction = await beginOn(database);
    for (const n of range(3))
      await here(models.streamPublish, { ...input, dataJson: String(n) }, transaction);
    await sleep(50);
    expect(taken).toEqual([[], []]);
    await database.commit(transaction);
    await until(() => taken.every(({ length }) => length === 3), 'the committed events');
    for (const events of taken) expect(events.map(({ dataJson }) => dataJson)).toEqual(['0', '1', '2']);
    const open = await beginOn(database);
    expect(await codeOf(here(models.streamSubscribe, { room: 'txn' }, open))).toBe('INVALID_PARAMETER');
    await database.rollback(open);
    for (const { feed } of feeds) feed.close();
  });

  it('loses nothing when the session that listens is cut', async () => {
    const { there, test } = pair;
    const { feed } = await there(models.streamSubscribe, { room: 'cut', createRoom: true });
    const taken = collect(feed);
    await publish('cut', 0);
    await until(() => taken.length === 1, 'the first');
    for (const round of range(3)) {
      const cut = await test.admin(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()`,
      );
      expect(cut.length).toBeGreaterThan(0);
      await Promise.all(range(20).map((n) => publish('cut', n)));
      await until(() => taken.length === 1 + 20 * (round + 1), 'what was missed');
    }
    expect(offsets(taken)).toEqual(range(61));
    feed.close();
  });

  it('that takes nothing is dropped, told where to resume, and resumes', async () => {
    const { here } = pair;
    const more = LIMITS.feedItemsMax + 500;
    const { feed } = await here(models.streamSubscribe, { room: 'slow', createRoom: true });
    const quick = collect((await here(models.streamSubscribe, { room: 'slow' })).feed);
    let told = 0;
    feed.onReady(() => told++);
    await publish('slow', 'x');
    expect(feed.take(1)).toHaveLength(1);
    await Promise.all(range(more).map((n) => publish('slow', n)));
    expect(feed.ended?.reason.code).toBe('SUBSCRIBER_TOO_SLOW');
    expect(feed.ended?.reason.detail).toContain('offset 1');
    expect(feed.take(10)).toEqual([]);
    expect(told).toBe(3);
    expect(quick).toHaveLength(more + 1);
    const again = await here(models.streamSubscribe, { room: 'slow', fromOffset: feed.ended?.resumeOffset });
    const resumed = collect(again.feed);
    await until(() => resumed.length === more, 'the rest');
    expect(offsets(resumed)).toEqual(range(more, 1));
    again.feed.close();
  });

  it('that reads history at leisure is not dropped', async () => {
    const { here } = pair;
    const { feed } = await here(models.streamSubscribe, { room: 'slow', fromOffset: 0 });
    const all: models.StreamEvent[] = [];
    while (all.length < LIMITS.feedItemsMax + 501) {
      all.push(...feed.take(700));
      await sleep(2);
    }
    expect(offsets(all)).toEqual(range(all.length));
    feed.close();
  });

  it('is told when its room is deleted, also by another process', async () => {
    const { here, there } = pair;
    const feeds = await Promise.all(
      [here, there].map((caller) => caller(models.streamSubscribe, { room: 'doomed', createRoom: true })),
    );
    await here(models.streamDelete, { room: 'doomed' });
    await until(() => feeds.every(({ feed }) => feed.ended !== undefined), 'the end');
    for (const { feed } of feeds) expect(feed.ended?.reason.code).toBe('ROOM_NOT_FOUND');
    await publish('doomed', 1);
    for (const { feed } of feeds) expect(feed.take(1)).toEqual([]);
  });

  it('is told when the store stops, and by its session when that ends', async () => {
    const { test, here } = pair;
    const store = await openStore(test.uri, { observe: () => {} });
    const call = callerOn(store, await store.namespace('default'));
    const { feed } = await call(models.streamSubscribe, { room: 'stopping', createRoom: true });
    await store.stop();
    expect(feed.ended?.reason.code).toBe('UNAVAILABLE');
    const session = new AbortController();
    const mine = await callerOn(
      test.store,
      test.database,
      session.signal,
    )(models.streamSubscribe, {
      room: 'stopping',
    });
    expect((await here(models.streamStats, { room: 'stopping' })).subscriberCount).toBe(1);
    session.abort();
    expect((await here(models.streamStats, { room: 'stopping' })).subscriberCount).toBe(0);
    expect(mine.feed.take(1)).toEqual([]);
  });

  it('needs a room, or says that it be made', async () => {
    const { here } = pair;
    expect(await codeOf(here(models.streamSubscribe, { room: 'not there' }))).toBe('ROOM_NOT_FOUND');
  });

  it('is not misled by notifications that somebody made up', async () => {
    const { here, test } = pair;
    const { feed, generation } = await here(models.streamSubscribe, { room: 'forged', createRoom: true });
    const taken = collect(feed);
    for (const text of ['', 'x', `${generation}:-1`, `${generation}:999`, `${generation}:1:2`, '{}']) {
      await test.admin('SELECT pg_notify($1, $2)', ['facet_stream', text]);
    }
    await sleep(100);
    await publish('forged', 1);
    await until(() => taken.length === 1, 'the event');
    expect(feed.ended).toBeUndefined();
    feed.close();
  });
});
