/** What the queues and the rooms of a namespace hold together, as the statistics of a server show it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as models from '../../src/models/index.ts';
import { openPair, type Pair } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

it('queues: what waits, is under lease and is dead, of all that are there', async () => {
  const { here, there } = pair;
  const none = { queues: 0, depth: 0, inFlight: 0, deadLetters: 0 };
  expect(await here(models.queueTotals, {})).toEqual(none);
  for (const queue of ['one', 'two', 'gone']) {
    await here(models.queueCreate, { queue });
    for (const caller of [here, there]) await caller(models.queuePublish, { queue, messageJson: '1' });
  }
  await here(models.queueConsume, { queue: 'one', consumerId: 'me' });
  await here(models.queueDelete, { queue: 'gone' });
  expect(await there(models.queueTotals, {})).toEqual({ queues: 2, depth: 3, inFlight: 1, deadLetters: 0 });
});

it('rooms: all of them, and the live subscribers of this process', async () => {
  const { here, there } = pair;
  expect(await here(models.streamTotals, {})).toEqual({ rooms: 0, subscriberCount: 0 });
  for (const room of ['a', 'b', 'c']) await here(models.streamCreate, { room });
  const feeds = [];
  for (const room of ['a', 'b', 'b']) feeds.push((await here(models.streamSubscribe, { room })).feed);
  expect(await here(models.streamTotals, {})).toEqual({ rooms: 3, subscriberCount: 3 });
  expect(await there(models.streamTotals, {})).toEqual({ rooms: 3, subscriberCount: 0 });
  for (const feed of feeds) feed.close();
  expect(await here(models.streamTotals, {})).toEqual({ rooms: 3, subscriberCount: 0 });
});
