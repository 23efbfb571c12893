/**
 * Batchers of one keyspace against a plain map: whatever the order in which PostgreSQL would answer, each caller gets
 * what it would have got had everything been done one by one, in the order of submission.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FacetError } from '../base/index.ts';
import type { BatcherOptions } from './batch-options.ts';
import { Batcher } from './batcher.ts';
import { KeyOrder } from './key-order.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const options = <Item extends { key: string }, Result>(
  run: BatcherOptions<Item, Result>['run'],
  more: Partial<BatcherOptions<Item, Result>> = {},
): BatcherOptions<Item, Result> => ({
  name: 'test',
  itemsMax: 100,
  bytesMax: 1_000_000,
  waitingMax: 1_000,
  keyOf: ({ key }) => key,
  bytesOf: () => 10,
  run,
  ...more,
});

/** A `run` that answers with the keys, each batch when `open` is called. */
function gated() {
  const batches: string[][] = [];
  const gates: (() => void)[] = [];
  const run = async (items: readonly { key: string }[]): Promise<string[]> => {
    const keys = items.map(({ key }) => key);
    batches.push(keys);
    await new Promise<void>((resolve) => gates.push(resolve));
    return keys;
  };
  return { batches, run, open: () => gates.shift()?.() };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: FacetError) => error.code,
  );

type Submission =
  | { readonly type: 'get'; readonly caller: number; readonly key: string }
  | { readonly type: 'set' | 'add'; readonly caller: number; readonly key: string; readonly value: number }
  | { readonly type: 'copy'; readonly caller: number; readonly key: string; readonly to: string };

/** `wait`: for the answer to what the caller has sent last; `pause`: for some other time. */
type Pause = { readonly type: 'wait' | 'pause'; readonly caller: number };
type Call = Submission | Pause;
const isPause = (call: Call): call is Pause => call.type === 'wait' || call.type === 'pause';

const key = fc.constantFrom('a', 'b', 'c');
const caller = fc.nat(2);
/** 13 poisons a batch; 17 is refused by itself. */
const value = fc.oneof(
  { arbitrary: fc.nat(9), weight: 4 },
  { arbitrary: fc.constantFrom(13, 17), weight: 1 },
);
const call: fc.Arbitrary<Call> = fc.oneof(
  {
    arbitrary: fc.record({ type: fc.constantFrom('set' as const, 'add' as const), caller, key, value }),
    weight: 6,
  },
  { arbitrary: fc.record({ type: fc.constant('get' as const), caller, key }), weight: 2 },
  { arbitrary: fc.record({ type: fc.constantFrom('wait' as const, 'pause' as const), caller }), weight: 3 },
  { arbitrary: fc.record({ type: fc.constant('copy' as const), caller, key, to: key }), weight: 1 },
);

interface Write {
  readonly key: string;
  readonly value: number;
}

const POISON = new FacetError('INVALID_PARAMETER', 'poison');
const REFUSED = new FacetError('FORBIDDEN', 'refused');

/** What runs the batches, at moments of the scheduler's choice. */
function backend(scheduler: fc.Scheduler, alone: boolean, itemsMax: number) {
  const data = new Map<string, number>();
  const order = new KeyOrder();
  const seen = { largest: 0, batchesAtOnce: 0 };
  const later = (): Promise<void> => scheduler.schedule(Promise.resolve());
  const batched =
    <Item extends { key: string; value?: number }, Result>(each: (item: Item) => Result | FacetError) =>
    async (items: readonly Item[]): Promise<(Result | FacetError)[]> => {
      seen.largest = Math.max(seen.largest, items.length);
      await later();
      if (items.some((item) => item.value === 13)) throw POISON;
      const results = items.map(each);
      await later();
      return results;
    };
  const make = <Item extends { key: string; value?: number }, Result>(
    mergeable: boolean,
    each: (item: Item) => Result | FacetError,
  ): Batcher<Item, Result> => {
    const run = batched(each);
    let inFlight = 0;
    const counted = async (items: readonly Item[]) => {
      seen.batchesAtOnce = Math.max(seen.batchesAtOnce, ++inFlight);
      return run(items).finally(() => inFlight--);
    };
    const runAlone = async (item: Item) => (await run([item]))[0] as Result | FacetError;
    return new Batcher(
      options<Item, Result>(alone ? counted : run, {
        itemsMax,
        order,
        mergeable: () => mergeable,
        ...(alone ? { runAlone } : {}),
      }),
    );
  };
  const written = ({ key, value }: Write, next: number): number | FacetError => {
    if (value === 17) return REFUSED;
    data.set(key, next);
    return next;
  };
  return {
    data,
    order,
    seen,
    get: make<{ key: string }, number>(true, (item) => data.get(item.key) ?? 0),
    set: make<Write, number>(false, (item) => written(item, item.value)),
    add: make<Write, number>(true, (item) => written(item, (data.get(item.key) ?? 0) + item.value)),
    copy: (from: string, to: string) =>
      order.run([from, to], async () => {
        await later();
        const copied = data.get(from) ?? 0;
        await later();
        data.set(to, copied);
        return copied;
      }),
  };
}

describe('batchers that share a keyspace', () => {
  it('answer as if everything were done one by one, in the order of submission', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(call, { maxLength: 60, size: 'max' }),
        fc.boolean(),
        fc.constantFrom(1, 2, 50),
        async (scheduler, calls, alone, itemsMax) => {
          const store = backend(scheduler, alone, itemsMax);
          const model = new Map<string, number>();
          const answers: Promise<unknown>[] = [];
          const expected: unknown[] = [];
          const expectAnswer = (what: unknown, answer: Promise<unknown>): Promise<unknown> => {
            const caught = answer.catch((error: unknown) => error);
            expected.push(what);
            answers.push(caught);
            return caught;
          };
          const submit = (one: Submission): Promise<unknown> => {
            const now = model.get(one.key) ?? 0;
            if (one.type === 'copy') {
              model.set(one.to, now);
              return expectAnswer(now, store.copy(one.key, one.to));
            }
            if (one.type === 'set' || one.type === 'add') {
              const next = one.type === 'set' ? one.value : now + one.value;
              const error = one.value === 13 ? POISON : one.value === 17 ? REFUSED : undefined;
              if (error === undefined) model.set(one.key, next);
              return expectAnswer(error ?? next, store[one.type].submit(one));
            }
            return expectAnswer(now, store.get.submit(one));
          };
          const runCaller = async (own: number): Promise<void> => {
            let last: Promise<unknown> = Promise.resolve();
            for (const one of calls) {
              if (one.caller !== own) continue;
              if (!isPause(one)) last = submit(one);
              else if (one.type === 'wait') await last;
              else await scheduler.schedule(Promise.resolve());
            }
          };
          const all = Promise.all([0, 1, 2].map(runCaller)).then(() => Promise.all(answers));
          expect(await scheduler.waitFor(all)).toEqual(expected);
          expect([...store.data].sort()).toEqual([...model].sort());
          expect(store.seen.largest).toBeLessThanOrEqual(itemsMax);
          expect(store.seen.batchesAtOnce).toBeLessThanOrEqual(1);
          expect(store.order.busy).toBe(0);
          expect(store.get.waiting + store.set.waiting + store.add.waiting).toBe(0);
          await Promise.all([store.get.drained(), store.set.drained(), store.add.drained()]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('run nothing twice when the outcome is not known, and answer all with it', async () => {
    const outcome = fc.constantFrom('done', 'lost', 'lost after');
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(key, outcome), { minLength: 1, maxLength: 30 }),
        async (scheduler, items) => {
          const times = new Map<number, number>();
          const run = async (batch: readonly { key: string; how: string; id: number }[]) => {
            await scheduler.schedule(Promise.resolve());
            if (batch.some(({ how }) => how === 'lost')) throw new FacetError('UNAVAILABLE', 'lost');
            for (const { id } of batch) times.set(id, (times.get(id) ?? 0) + 1);
            await scheduler.schedule(Promise.resolve());
            if (batch.some(({ how }) => how === 'lost after')) throw new FacetError('UNAVAILABLE', 'lost');
            return batch.map(({ id }) => id);
          };
          const batcher = new Batcher(options(run, { itemsMax: 4 }));
          const answers = items.map(([key, how], id) =>
            batcher.submit({ key, how, id }).catch((error: FacetError) => error.code),
          );
          const outcomes = await scheduler.waitFor(Promise.all(answers));
          outcomes.forEach((answer, id) => {
            expect([id, 'UNAVAILABLE']).toContain(answer);
            expect(times.get(id) ?? 0).toBeLessThanOrEqual(1);
            if (answer === id) expect(times.get(id)).toBe(1);
            if (items[id]?.[1] !== 'done') expect(answer).toBe('UNAVAILABLE');
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a batch', () => {
  it('of a lone caller is sent in the turn of its submission', async () => {
    const { batches, run, open } = gated();
    const batcher = new Batcher(options(run));
    const answer = batcher.submit({ key: 'a' });
    await Promise.resolve();
    await Promise.resolve();
    expect(batches).toEqual([['a']]);
    open();
    expect(await answer).toBe('a');
  });

  it('gathers while another is in flight, is sorted, and bounded in items and bytes', async () => {
    const { batches, run, open } = gated();
    const batcher = new Batcher(
      options(run, { itemsMax: 3, bytesMax: 20, bytesOf: ({ key }) => key.length }),
    );
    const keys = ['first', 'z', 'b', 'a', 'y', 'x'.repeat(30), 'w'.repeat(15), 'v'.repeat(6)];
    const answers = [batcher.submit({ key: 'first' })];
    await turn();
    for (const key of keys.slice(1)) answers.push(batcher.submit({ key }));
    expect(batcher.waiting).toBe(7);
    for (let n = 0; n < 6; n++) {
      await turn();
      open();
    }
    expect(await Promise.all(answers)).toEqual(keys);
    expect(batches).toEqual([
      ['first'],
      ['a', 'b', 'z'],
      ['y'],
      ['x'.repeat(30)],
      ['w'.repeat(15)],
      ['v'.repeat(6)],
    ]);
  });

  it('holds an item of each key only once, unless they can be merged', async () => {
    for (const mergeable of [false, true]) {
      const { batches, run, open } = gated();
      const batcher = new Batcher(options(run, { mergeable: () => mergeable }));
      const answers = ['a', 'b', 'a', 'a', 'c'].map((key) => batcher.submit({ key }));
      for (let n = 0; n < 3; n++) {
        await turn();
        open();
      }
      await Promise.all(answers);
      expect(batches).toEqual(mergeable ? [['a', 'a', 'a', 'b', 'c']] : [['a', 'b', 'c'], ['a'], ['a']]);
    }
  });

  it('refuses what is too much, and takes more when there is room again', async () => {
    const { run, open } = gated();
    const batcher = new Batcher(options(run, { waitingMax: 2 }));
    const first = batcher.submit({ key: 'a' });
    await turn();
    const more = [batcher.submit({ key: 'b' }), batcher.submit({ key: 'a' })];
    expect(await codeOf(batcher.submit({ key: 'c' }))).toBe('LIMIT_EXCEEDED');
    open();
    expect(await first).toBe('a');
    await turn();
    const last = batcher.submit({ key: 'd' });
    for (let n = 0; n < 2; n++) {
      open();
      await turn();
    }
    expect(await Promise.all([...more, last])).toEqual(['b', 'a', 'd']);
  });

  it('that is answered with too few outcomes, or by an exception, is a fault of ours', async () => {
    const short = new Batcher(options<{ key: string }, string>(async () => []));
    expect(await codeOf(short.submit({ key: 'a' }))).toBe('INTERNAL_ERROR');
    const throwing = new Batcher(
      options<{ key: string }, string>(() => {
        throw new TypeError('broken');
      }),
    );
    const answers = ['a', 'b'].map((key) => codeOf(throwing.submit({ key })));
    expect(await Promise.all(answers)).toEqual(['INTERNAL_ERROR', 'INTERNAL_ERROR']);
  });
});

describe('an item that is refused', () => {
  const locked = new FacetError('LOCK_TIMEOUT', 'locked');

  it('is run alone with patience, while others go on and its key waits', async () => {
    const alone = gated();
    const batches: string[][] = [];
    const batcher = new Batcher<{ key: string }, string>(
      options(
        async (items) => {
          const keys = items.map(({ key }) => key);
          batches.push(keys);
          if (keys.includes('locked')) throw locked;
          return keys;
        },
        {
          runAlone: async (item) =>
            item.key === 'locked' ? ((await alone.run([item]))[0] ?? 'none') : item.key,
        },
      ),
    );
    const first = batcher.submit({ key: 'locked' });
    const others = ['a', 'b'].map((key) => batcher.submit({ key }));
    expect(await Promise.all(others)).toEqual(['a', 'b']);
    const second = batcher.submit({ key: 'locked' });
    expect(await batcher.submit({ key: 'a' })).toBe('a');
    expect(batches).toEqual([['a', 'b', 'locked'], ['a']]);
    alone.open();
    expect(await first).toBe('locked');
    await turn();
    alone.open();
    expect(await second).toBe('locked');
    expect(batches.at(-1)).toEqual(['locked']);
  });

  it('takes no more than some sessions at once', async () => {
    let now = 0;
    let most = 0;
    const batcher = new Batcher<{ key: string }, string>(
      options(
        async () => {
          throw locked;
        },
        {
          runAlone: async ({ key }) => {
            most = Math.max(most, ++now);
            await turn();
            now--;
            return key;
          },
        },
      ),
    );
    const keys = Array.from({ length: 100 }, (_, n) => `key ${n}`);
    expect(await Promise.all(keys.map((key) => batcher.submit({ key })))).toEqual(keys);
    expect(most).toBe(8);
  });
});

describe('stop', () => {
  it('refuses new items and ends when those that wait have been answered', async () => {
    const { run, open } = gated();
    const batcher = new Batcher(options(run));
    const answers = ['a', 'a', 'b'].map((key) => batcher.submit({ key }));
    let stopped = false;
    const stopping = batcher.stop().then(() => {
      stopped = true;
    });
    expect(await codeOf(batcher.submit({ key: 'c' }))).toBe('UNAVAILABLE');
    await turn();
    open();
    await turn();
    expect(stopped).toBe(false);
    open();
    await stopping;
    expect(await Promise.all(answers)).toEqual(['a', 'a', 'b']);
    await batcher.stop();
  });
});
