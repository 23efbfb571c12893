/** Many consumers in two processes: every message is accounted for, whatever happens to its deliveries. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/engine/index.ts';
import {
  queueAck,
  queueConsume,
  queueCreate,
  queueDeadLetters,
  queueNack,
  queuePublish,
  queuePublishMany,
  queueStats,
} from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let other: Store;
let callers: readonly [Caller, Caller];
beforeAll(async () => {
  test = await openTestStore();
  other = await openStore(test.uri, { observe: () => {} });
  callers = [callerOn(test.store, test.database), callerOn(other, await other.namespace('default'))];
});
afterAll(async () => {
  await other.stop();
  await test.close();
});

it('delivers to one consumer at a time, and loses nothing', async () => {
  const [here] = callers;
  const queue = 'accounted';
  const total = 1_500;
  await here(queueCreate, { queue, ackDeadlineMs: 400, maxRetries: 4 });
  const held = new Set<number>();
  const acked = new Map<number, number>();
  let leaseEnds = 0;
  let done = false;

  async function consumer(number: number): Promise<void> {
    const call = callers[number % 2] ?? here;
    for (let n = number; !done; n++) {
      const { messages } = await call(queueConsume, {
        queue,
        consumerId: `c${number}`,
        timeoutMs: 200,
        countMax: 1 + (n % 3),
      });
      for (const { messageId, messageJson, leaseEndsAtMs, receipt } of messages) {
        const value = Number(messageJson);
        const dice = (value * 7 + n * 13) % 40;
        if (dice === 0) {
          // It dies, and never answers.
          leaseEnds++;
          continue;
        }
        // Nobody else may have it now.
        if (leaseEndsAtMs - Date.now() > 100) {
          expect(held.has(value)).toBe(false);
          held.add(value);
        }
        const answer =
          dice < 8
            ? call(queueNack, { queue, messageId: receipt })
            : call(queueAck, { queue, messageId, consumerId: `c${number}` });
        held.delete(value);
        const code = await codeOf(answer);
        if (code === 'none' && dice >= 8) acked.set(value, (acked.get(value) ?? 0) + 1);
        else if (code !== 'none') expect(code).toBe('MESSAGE_NOT_FOUND');
      }
    }
  }

  const consumers = Array.from({ length: 8 }, (_, number) => consumer(number));
  for (let n = 0; n < total; n += 100) {
    const call = callers[(n / 100) % 2] ?? here;
    const messages = Array.from({ length: 100 }, (_, i) => ({
      messageJson: String(n + i),
      priority: i % 10,
    }));
    await call(queuePublishMany, { queue, messages });
  }
  for (;;) {
    const { depth, inFlight } = await here(queueStats, { queue });
    if (depth + inFlight === 0) break;
    await sleep(50);
  }
  done = true;
  await Promise.all(consumers);

  expect([...acked.values()].every((times) => times === 1)).toBe(true);
  const dead = new Set<number>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await here(queueDeadLetters, {
      queue,
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { messageJson } of page.messages) dead.add(Number(messageJson));
    cursor = page.pagination.nextCursor;
  }
  expect([...acked.keys()].filter((value) => dead.has(value))).toEqual([]);
  expect(acked.size + dead.size).toBe(total);
  expect(leaseEnds).toBeGreaterThan(0);
  expect(await here(queueStats, { queue })).toMatchObject({
    published: total,
    acked: acked.size,
    deadLetters: dead.size,
    deadLettered: dead.size,
    depth: 0,
    inFlight: 0,
    consumers: 0,
  });
});

it('keeps the order of one caller, and of priorities, under concurrency', async () => {
  const [here] = callers;
  const queue = 'ordered';
  await here(queueCreate, { queue });
  const published = await Promise.all(
    Array.from({ length: 500 }, (_, n) =>
      here(queuePublish, { queue, messageJson: String(n), priority: n % 2 }),
    ),
  );
  expect(published.map(({ position }) => position).slice(0, 6)).toEqual([1, 1, 3, 2, 5, 3]);
  const { messages } = await here(queueConsume, { queue, countMax: 500 });
  const rest = await here(queueConsume, { queue, countMax: 500 });
  const seen = [...messages, ...rest.messages].map(({ messageJson }) => Number(messageJson));
  const numbers = Array.from({ length: 500 }, (_, n) => n);
  expect(seen).toEqual([...numbers.filter((n) => n % 2 === 1), ...numbers.filter((n) => n % 2 === 0)]);
});
