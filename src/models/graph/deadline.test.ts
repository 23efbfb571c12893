/** The time of a query: it counts work, and not the pauses of who reads. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { Deadline } from './deadline.ts';

it('passes', async () => {
  const deadline = new Deadline({ timeoutMs: 20 });
  deadline.check();
  await sleep(30);
  expect(deadline.check).toThrow(expect.objectContaining({ code: 'QUERY_TIMEOUT' }));
  expect(deadline.leftMs).toBe(1);
});

it('stands still in a pause', async () => {
  const deadline = new Deadline({ timeoutMs: 1_000 });
  await sleep(5);
  deadline.pause();
  await sleep(1_100);
  deadline.pause();
  deadline.resume();
  deadline.resume();
  deadline.check();
  expect(deadline.leftMs).toBeGreaterThan(0);
  expect(deadline.leftMs).toBeLessThan(1_000);
});

it('is called off, and has a length when nobody gives one', () => {
  const controller = new AbortController();
  const deadline = new Deadline({ signal: controller.signal });
  expect(deadline.leftMs).toBeGreaterThan(LIMITS.queryTimeoutMsDefault - 1_000);
  controller.abort();
  expect(deadline.check).toThrow(expect.objectContaining({ code: 'QUERY_CANCELLED' }));
});
