/** Two processes on one PostgreSQL: what one connection at a time may have, one connection of either has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import {
  changesDropSlot,
  changesListSlots,
  changesReplicate,
  subscriptionAttach,
  subscriptionCreate,
} from '../../src/models/index.ts';
import { until as untilAsync } from '../support/patience.ts';
import { codeOf } from './kv-support.ts';
import { openPair, type Pair } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
  await pair.database.runUser('CREATE TABLE item (id int PRIMARY KEY)');
}, 60_000);
afterAll(async () => await pair.close());

describe('a slot', () => {
  it('is followed by one connection of one process', async () => {
    const { here, there } = pair;
    const first = await here(changesReplicate, { slot: 'shared' });
    expect(await codeOf(there(changesReplicate, { slot: 'shared' }))).toBe('SLOT_IN_USE');
    expect(await codeOf(there(changesDropSlot, { slot: 'shared' }))).toBe('SLOT_IN_USE');
    for (const process of [here, there]) {
      const { slots } = await process(changesListSlots, {});
      expect(slots).toMatchObject([{ name: 'shared', inUse: true }]);
    }
    first.feed.close();
    // Here it is free at once, however the lease gets on.
    const again = await here(changesReplicate, { slot: 'shared' });
    again.feed.close();
    await untilAsync('it is free for others', async () => {
      const { slots } = await there(changesListSlots, {});
      return slots[0]?.inUse === false;
    });
    const second = await there(changesReplicate, { slot: 'shared' });
    expect(await codeOf(here(changesReplicate, { slot: 'shared' }))).toBe('SLOT_IN_USE');
    second.feed.close();
  });

  it('of a process that was killed is free when its lease has ended', async () => {
    const { there, test } = pair;
    await there(changesReplicate, { slot: 'left' }).then(({ feed }) => feed.close());
    const lease = (seconds: number) =>
      test.admin(
        `UPDATE cdc.consumer SET holder = 'gone', held_until = clock_timestamp() + ${seconds} * interval '1 s' WHERE name = 'slot:left'`,
      );
    await untilAsync('it was let go', async () => {
      const held = await test.admin(
        "SELECT FROM cdc.consumer WHERE name = 'slot:left' AND holder IS NOT NULL",
      );
      return held.length === 0;
    });
    await lease(LIMITS.subscriptionLeaseMs / 1_000);
    expect(await codeOf(there(changesReplicate, { slot: 'left' }))).toBe('SLOT_IN_USE');
    await lease(-1);
    const next = await there(changesReplicate, { slot: 'left' });
    // Whose lease was taken over learns it at the next renewal.
    await lease(60);
    await untilAsync('it has ended', () => next.feed.ended !== undefined);
    expect(next.feed.ended?.reason.code).toBe('SLOT_IN_USE');
    await lease(-1);
    expect(await there(changesDropSlot, { slot: 'left' })).toEqual({ slot: 'left', dropped: true });
    expect(await there(changesDropSlot, { slot: 'left' })).toEqual({ slot: 'left', dropped: false });
  });
});

it('a subscription is attached to by one connection of one process', async () => {
  const { here, there } = pair;
  const { id } = await here(subscriptionCreate, {
    ...{ name: 'items', table: 'item', events: ['insert'], delivery: 'websocket' },
  });
  const first = await here(subscriptionAttach, { subscriptionId: id });
  expect(await codeOf(there(subscriptionAttach, { subscriptionId: id }))).toBe('SLOT_IN_USE');
  first.feed.close();
});
