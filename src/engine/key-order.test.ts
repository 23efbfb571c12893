/** Work on several keys: who waits for whom, and that nobody waits in a circle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyOrder, lockWaitOver } from './key-order.ts';

describe('work on keys', () => {
  it('begins at once on free keys, and a repeated key is one', () => {
    const order = new KeyOrder();
    const begun: string[] = [];
    const work = (name: string) => async () => void begun.push(name);
    void order.run(['a', 'b', 'a'], work('first'));
    void order.run(['c'], work('second'));
    void order.run([], work('third'));
    void order.run(['b', 'd'], work('fourth'));
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('leaves its keys when it fails, and tells its own caller only', async () => {
    const order = new KeyOrder();
    const failing = order.run(['a', 'b'], () => {
      throw new Error('failed');
    });
    const next = order.run(['b'], async () => 'next');
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('next');
    expect(order.busy).toBe(0);
  });

  it('that shares a key runs in the order of submission, all of it to the end', async () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(keys, { maxLength: 20 }), async (scheduler, works) => {
        const order = new KeyOrder();
        const inUse = new Set<string>();
        const begun: number[] = [];
        const all = works.map((keys, n) =>
          order.run(keys, async () => {
            begun.push(n);
            for (const key of new Set(keys)) {
              expect(inUse).not.toContain(key);
              inUse.add(key);
            }
            await scheduler.schedule(Promise.resolve());
            for (const key of keys) inUse.delete(key);
          }),
        );
        await scheduler.waitFor(Promise.all(all));
        expect(order.busy).toBe(0);
        for (const key of ['a', 'b', 'c', 'd']) {
          const those = begun.filter((n) => works[n]?.some((own) => own === key));
          expect(those).toEqual([...those].sort((a, b) => a - b));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('work that waits for a lock', () => {
  const stalled = (order: KeyOrder, keys: readonly string[], until: Promise<unknown>, fails = false) =>
    order.run(keys, async (wait) => {
      wait.stall();
      await until;
      if (fails) throw lockWaitOver(1);
    });

  it('holds up no reads, on whatever key they stand behind it', async () => {
    const order = new KeyOrder();
    let free = (): void => {};
    const until = new Promise<void>((resolve) => {
      free = resolve;
    });
    const begun: string[] = [];
    const work = (name: string) => async () => void begun.push(name);
    const ahead = order.run(['a'], () => new Promise<void>((resolve) => setImmediate(resolve)));
    const first = stalled(order, ['a'], until);
    const both = order.run(['a', 'b'], work('both'));
    const early = [
      order.run(['a'], work('a'), { reads: true }),
      order.run(['b'], work('b'), { reads: true }),
    ];
    const write = order.run(['b'], work('write'));
    await Promise.all([ahead, ...early]);
    await order.run(['c', 'b'], work('late'), { reads: true });
    expect(begun).toEqual(['a', 'b', 'late']);
    free();
    await Promise.all([first, both, write]);
    expect(begun.slice(3)).toEqual(['both', 'write']);
    expect(order.busy).toBe(0);
  });

  it('takes those behind it along when they have waited for as long as they may', async () => {
    const order = new KeyOrder();
    let free = (): void => {};
    const until = new Promise<void>((resolve) => {
      free = resolve;
    });
    const first = stalled(order, ['a'], until, true);
    const bound = { lockMsMax: 1 };
    const behind = [order.run(['a'], async () => 'a', bound), order.run(['a', 'b'], async () => 'ab', bound)];
    const cold = order.run(['b'], async () => 'b', bound);
    for (const one of behind) await expect(one).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await cold).toBe('b');
    free();
    await expect(first).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await order.run(['a'], async () => 'free')).toBe('free');
    expect(order.busy).toBe(0);
  });
});
