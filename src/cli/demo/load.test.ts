/** The bound on batches under way. The load itself is tested against a real server, in test/process. */
import { expect, test } from 'vitest';
import { eachBounded } from './load.ts';

test('eachBounded keeps to its bound and visits every item once', async () => {
  const visited: number[] = [];
  let inFlight = 0;
  let most = 0;
  await eachBounded([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    visited.push(item);
    inFlight--;
  });
  expect(visited.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('eachBounded stops at the first failure and waits for what is under way', async () => {
  const ended: number[] = [];
  const run = eachBounded([1, 2, 3, 4, 5], 2, async (item) => {
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(item);
    if (item === 1) throw new Error('first');
    if (item === 2) throw new Error('second');
  });
  await expect(run).rejects.toThrow('first');
  expect(ended).toEqual([1, 2]);
});
