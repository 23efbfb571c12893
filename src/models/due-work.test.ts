/** Work that is done when it is due. */
import { expect, test } from 'vitest';
import { DueWork } from './due-work.ts';

const LONG_MS = 60_000;

test('the earliest time counts, and one run serves all that was due', async () => {
  let runs = 0;
  const due = new DueWork(async () => void runs++, LONG_MS);
  expect(due.idle).toBe(true);
  due.within(LONG_MS);
  due.within(5);
  due.within(LONG_MS);
  expect(due.idle).toBe(false);
  await expect.poll(() => runs).toBe(1);
  expect(due.idle).toBe(true);
  await due.stop();
});

test('what becomes due during a run is done after it, not beside it', async () => {
  const seen: string[] = [];
  const due: DueWork = new DueWork(async () => {
    seen.push('begin');
    if (seen.length === 1) due.within(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push('end');
  }, LONG_MS);
  due.within(0);
  await expect.poll(() => seen.length).toBe(4);
  expect(seen).toEqual(['begin', 'end', 'begin', 'end']);
  await due.stop();
});

test('what fails is tried again', async () => {
  let runs = 0;
  const due = new DueWork(async () => {
    if (++runs < 3) throw new Error('away');
  }, 5);
  due.within(0);
  await expect.poll(() => runs).toBe(3);
  expect(due.idle).toBe(true);
  await due.stop();
});

test('a stop waits for the run that is under way, and nothing runs after it', async () => {
  let runs = 0;
  let ended = false;
  const due: DueWork = new DueWork(async () => {
    runs++;
    due.within(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    ended = true;
  }, LONG_MS);
  due.within(0);
  await expect.poll(() => runs, { interval: 5 }).toBe(1);
  await due.stop();
  expect([ended, due.stopped]).toEqual([true, true]);
  due.within(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs).toBe(1);
});
