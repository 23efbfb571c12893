/** Rooms: offsets, pages, positions of subscribers, retention, what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../src/models/index.ts';
import { beginOn, codeOf } from './kv-support.ts';
import { openPair, type Pair, range } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const event = (room: string, data: unknown, createRoom = true) => ({
  room,
  eventType: 'test',
  dataJson: JSON.stringify(data),
  createRoom,
});
const offsets = (result: { events: { offset: number }[] }): number[] =>
  result.events.map(({ offset }) => offset);

describe('publishing', () => {
  it('gives out offsets from 0 without gaps, to callers of two processes at once', async () => {
    const { here, there } = pair;
    const published = await Promise.all(
      range(600).map((n) => (n % 2 === 0 ? here : there)(models.streamPublish, event('busy', n))),
    );
    expect(published.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(range(600));
    const all = await here(models.streamHistory, { room: 'busy', limit: 1_000 });
    expect(offsets(all)).toEqual(range(600));
    for (const [n, { offset, eventId }] of published.entries()) {
      expect(all.events[offset]).toMatchObject({ dataJson: String(n), eventId });
    }
  });

  it('keeps the order of one caller, over many rooms in one batch', async () => {
    const { here } = pair;
    const published = await Promise.all(
      range(300).map((n) => here(models.streamPublish, event(`order${n % 7}`, n))),
    );
    for (const [n, { offset }] of published.entries()) expect(offset).toBe(Math.floor(n / 7));
  });

  it('leaves no hole when a transaction is rolled back, and others wait for it', async () => {
    const { here, database } = pair;
    await here(models.streamPublish, event('hole', 0));
    const transaction = await beginOn(database);
    expect(await here(models.streamPublish, event('hole', 'gone'), transaction)).toMatchObject({ offset: 1 });
    const waiting = here(models.streamPublish, event('hole', 1));
    const elsewhere = await here(models.streamPublish, event('not-held', 1));
    expect(elsewhere.offset).toBe(0);
    await database.rollback(transaction);
    expect((await waiting).offset).toBe(1);
    const committed = await beginOn(database);
    expect(await here(models.streamPublish, event('hole', 2), committed)).toMatchObject({ offset: 2 });
    expect(offsets(await here(models.streamHistory, { room: 'hole' }))).toEqual([0, 1]);
    expect(offsets(await here(models.streamHistory, { room: 'hole' }, committed))).toEqual([0, 1, 2]);
    await database.commit(committed);
    const { events } = await here(models.streamHistory, { room: 'hole' });
    expect(events.map(({ dataJson }) => dataJson)).toEqual(['0', '1', '2']);
  });

  it('keeps text and metadata as they were given', async () => {
    const { here } = pair;
    const dataJson = '{"n": 12345678901234567890123, "t": "\\u0000 ü \\"{},\\\\"}';
    const metadata = { trace: 'a,b"c', empty: '' };
    await here(models.streamPublish, {
      room: 'exact',
      eventType: 'A b',
      dataJson,
      metadata,
      createRoom: true,
    });
    const [read] = (await here(models.streamHistory, { room: 'exact' })).events;
    expect(read).toMatchObject({ dataJson, metadata, eventType: 'A b', offset: 0, room: 'exact' });
  });

  it('refuses what cannot be, and only that', async () => {
    const { here } = pair;
    const good = here(models.streamPublish, event('refusals', 1));
    const missing = codeOf(here(models.streamPublish, event('no such room', 1, false)));
    await good;
    expect(await missing).toBe('ROOM_NOT_FOUND');
    for (const room of ['', 'a\0b', 'line\n', 'x'.repeat(513), '\ud800']) {
      expect(await codeOf(here(models.streamPublish, event(room, 1)))).toBe('INVALID_PARAMETER');
    }
    const large = { ...event('refusals', 1), dataJson: `"${'x'.repeat(8 * 1024 * 1024)}"` };
    expect(await codeOf(here(models.streamPublish, large))).toBe('VALUE_TOO_LARGE');
  });
});

describe('reading', () => {
  beforeAll(async () => {
    await Promise.all(range(50).map((n) => pair.here(models.streamPublish, event('pages', n))));
  });

  it('begins at an offset, at the oldest, or with the last ones', async () => {
    const page = async (input: object) =>
      offsets(await pair.there(models.streamHistory, { room: 'pages', ...input }));
    expect(await page({})).toEqual(range(50));
    expect(await page({ fromOffset: 0, limit: 3 })).toEqual([0, 1, 2]);
    expect(await page({ fromOffset: 47 })).toEqual([47, 48, 49]);
    expect(await page({ fromOffset: -2 })).toEqual([48, 49]);
    expect(await page({ fromOffset: -200, limit: 2 })).toEqual([0, 1]);
    expect(await page({ fromOffset: 10, toOffset: 12 })).toEqual([10, 11, 12]);
    expect(await page({ fromOffset: 5_000_000 })).toEqual([]);
    const result = await pair.here(models.streamHistory, { room: 'pages', limit: 1 });
    expect(result).toMatchObject({ oldestOffset: 0, newestOffset: 49, nextOffset: 50 });
    expect(await codeOf(pair.here(models.streamHistory, { room: 'nowhere' }))).toBe('ROOM_NOT_FOUND');
  });

  it('remembers where a subscriber is, in every process', async () => {
    const { here, there } = pair;
    const next = (caller: typeof here, input: object = {}) =>
      caller(models.streamConsume, { room: 'pages', subscriberId: 'worker', limit: 20, ...input });
    expect(offsets(await next(here))).toEqual(range(20));
    expect(offsets(await next(there))).toEqual(range(20, 20));
    const last = await next(here);
    expect(offsets(last)).toEqual(range(10, 40));
    expect(last.nextOffset).toBe(50);
    expect(await next(here)).toEqual({ events: [], nextOffset: 50 });
    expect(offsets(await next(here, { fromOffset: 30, limit: 1 }))).toEqual([30]);
    expect(offsets(await next(there, { limit: 1 }))).toEqual([31]);
    expect(await next(here, { fromOffset: 9_999 })).toEqual({ events: [], nextOffset: 9_999 });
    expect(await here(models.streamStats, { room: 'pages' })).toMatchObject({
      messageCount: 50,
      consumerCount: 1,
      totalPublished: 50,
      totalConsumed: 52,
      totalRemoved: 0,
      subscriberCount: 0,
    });
  });
});

describe('rooms', () => {
  it('are made once, listed, deleted, and are others when they are made again', async () => {
    const { here, there } = pair;
    const made = await here(models.streamCreate, { room: 'r/one' });
    expect(made.created).toBe(true);
    expect(await codeOf(there(models.streamCreate, { room: 'r/one' }))).toBe('ROOM_EXISTS');
    expect(await there(models.streamGetOrCreate, { room: 'r/one' })).toEqual({ ...made, created: false });
    await here(models.streamGetOrCreate, { room: 'r/two' });
    const listed = await here(models.streamRooms, { prefix: 'r/' });
    expect(listed.rooms).toEqual(['r/one', 'r/two']);
    expect(await here(models.streamRooms, { prefix: 'r/', after: 'r/one' })).toMatchObject({
      rooms: ['r/two'],
    });
    await here(models.streamPublish, event('r/one', 1));
    expect(await there(models.streamDelete, { room: 'r/one' })).toEqual({ deleted: true });
    expect(await there(models.streamDelete, { room: 'r/one' })).toEqual({ deleted: false });
    expect(await codeOf(here(models.streamStats, { room: 'r/one' }))).toBe('ROOM_NOT_FOUND');
    const again = await here(models.streamCreate, { room: 'r/one' });
    expect(Number(again.generation)).toBeGreaterThan(Number(made.generation));
    expect(await here(models.streamHistory, { room: 'r/one' })).toMatchObject({ events: [], nextOffset: 0 });
  });

  it('that are made at once are made once', async () => {
    const made = await Promise.all(
      range(20).map((n) => (n % 2 ? pair.here : pair.there)(models.streamGetOrCreate, { room: 'race' })),
    );
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ generation }) => generation)).size).toBe(1);
  });
});

describe('retention', () => {
  const settled = async (room: string, messageCount: number): Promise<void> => {
    let now = -1;
    const look = async (): Promise<void> => {
      now = (await pair.here(models.streamStats, { room })).messageCount;
    };
    for (let attempt = 0; attempt < 100 && now !== messageCount; attempt++) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(now).toBe(messageCount);
  };

  it('keeps a number of events, and offsets go on', async () => {
    const { here } = pair;
    await here(models.streamCreate, { room: 'few', retention: { eventsMax: 10 } });
    await Promise.all(range(100).map((n) => here(models.streamPublish, event('few', n))));
    await settled('few', 10);
    expect(offsets(await here(models.streamHistory, { room: 'few' }))).toEqual(range(10, 90));
    expect(offsets(await here(models.streamHistory, { room: 'few', fromOffset: 0, limit: 1 }))).toEqual([90]);
    const below = here(models.streamHistory, { room: 'few', fromOffset: 5 });
    await expect(below).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      detail: expect.stringContaining('90'),
    });
    const consume = { room: 'few', subscriberId: 's', fromOffset: 5 };
    expect(await codeOf(here(models.streamConsume, consume))).toBe('OFFSET_OUT_OF_RANGE');
    expect(await codeOf(here(models.streamSubscribe, { room: 'few', fromOffset: 5 }))).toBe(
      'OFFSET_OUT_OF_RANGE',
    );
    expect((await here(models.streamPublish, event('few', 1))).offset).toBe(100);
  });

  it('keeps a number of bytes, and at least the newest event', async () => {
    const { here } = pair;
    await here(models.streamCreate, { room: 'small', retention: { bytesMax: 1_000, eventsMax: null } });
    const text = 'x'.repeat(94);
    await Promise.all(range(30).map(() => here(models.streamPublish, event('small', text))));
    await settled('small', 10);
    expect(await here(models.streamStats, { room: 'small' })).toMatchObject({
      bytes: 1_000,
      totalRemoved: 20,
    });
    await here(models.streamPublish, event('small', 'y'.repeat(5_000)));
    await settled('small', 1);
  });

  it('does not wait for a room that a transaction holds', async () => {
    const { here, database } = pair;
    for (const room of ['kept-1', 'kept-2']) {
      await here(models.streamCreate, { room, retention: { eventsMax: 2 } });
    }
    const transaction = await beginOn(database);
    for (const n of range(10)) await here(models.streamPublish, event('kept-1', n), transaction);
    for (const n of range(10)) await here(models.streamPublish, event('kept-2', n));
    await settled('kept-2', 2);
    await database.commit(transaction);
    await settled('kept-1', 2);
  });

  it('keeps events for a time', async () => {
    const { here } = pair;
    await here(models.streamCreate, { room: 'brief', retention: { ageMsMax: 300 } });
    await Promise.all(range(5).map((n) => here(models.streamPublish, event('brief', n))));
    await settled('brief', 0);
    expect(await here(models.streamHistory, { room: 'brief' })).toEqual({
      events: [],
      oldestOffset: null,
      newestOffset: null,
      nextOffset: 5,
    });
    expect((await here(models.streamPublish, event('brief', 5))).offset).toBe(5);
  });

  it('removes the events of rooms that are gone', async () => {
    const { here, test } = pair;
    const { generation } = await here(models.streamCreate, { room: 'gone' });
    await Promise.all(range(20).map((n) => here(models.streamPublish, event('gone', n))));
    await here(models.streamDelete, { room: 'gone' });
    let left = '20';
    for (let attempt = 0; attempt < 100 && left !== '0'; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const [row] = await test.admin('SELECT count(*) FROM stream.event WHERE room_id = $1', [generation]);
      left = row?.[0] ?? '';
    }
    expect(left).toBe('0');
  });
});
