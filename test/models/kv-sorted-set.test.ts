/** Sorted sets: every command against a plain map, scores beyond the usual, many callers, transactions. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as kv from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let call: Caller;

beforeAll(async () => {
  test = await openTestStore();
  call = callerOn(test.store, test.database);
});
afterAll(() => test.close());

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const add = (key: string, member: string, score: number) =>
  call(kv.sortedsetZadd, { key, members: [{ member, score }] });
const all = async (key: string) =>
  (await call(kv.sortedsetZrange, { key })).members.map(({ member, score }) => [member, score]);

type Flags = { readonly nx?: true; readonly xx?: true; readonly gt?: true; readonly lt?: true };
type Command =
  | { readonly type: 'zadd'; readonly members: readonly (readonly [string, number])[]; readonly flags: Flags }
  | { readonly type: 'zincrby'; readonly member: string; readonly amount: number }
  | { readonly type: 'zrem' | 'zscore' | 'zrank' | 'zrevrank'; readonly member: string }
  | {
      readonly type: 'zrange' | 'zrevrange' | 'zremrangebyrank';
      readonly start: number;
      readonly stop: number;
    }
  | { readonly type: 'zpopmin' | 'zpopmax'; readonly count: number }
  | {
      readonly type: 'zcount' | 'zrangebyscore' | 'zremrangebyscore';
      readonly min: number;
      readonly max: number;
      readonly minExclusive: boolean;
      readonly maxExclusive: boolean;
    };

const member = fc.constantFrom('a', 'B', 'é🎈', 'ab', '', 'z'.repeat(700));
const score = fc.constantFrom(0, 1, 2, -1.5, 0.1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const rank = fc.integer({ min: -6, max: 6 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('zadd' as const),
      members: fc.uniqueArray(fc.tuple(member, score), {
        minLength: 1,
        maxLength: 4,
        selector: ([name]) => name,
      }),
      flags: fc.constantFrom<Flags>({}, {}, { nx: true }, { xx: true }, { gt: true }, { xx: true, lt: true }),
    }),
  },
  fc.record({ type: fc.constant('zincrby' as const), member, amount: fc.constantFrom(1, -2, 0.5) }),
  fc.record({ type: fc.constantFrom('zrem', 'zscore', 'zrank', 'zrevrank'), member }),
  fc.record({ type: fc.constantFrom('zrange', 'zrevrange', 'zremrangebyrank'), start: rank, stop: rank }),
  fc.record({ type: fc.constantFrom('zpopmin', 'zpopmax'), count: fc.integer({ min: 0, max: 2 }) }),
  fc.record({
    type: fc.constantFrom('zcount', 'zrangebyscore', 'zremrangebyscore'),
    min: score,
    max: score,
    minExclusive: fc.boolean(),
    maxExclusive: fc.boolean(),
  }),
);

type Pair = [string, number];
const ordered = (map: ReadonlyMap<string, number>): Pair[] =>
  [...map].sort(([a, x], [b, y]) =>
    x === y ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : x < y ? -1 : 1,
  );

function added(
  map: Map<string, number>,
  members: readonly (readonly [string, number])[],
  flags: Flags,
): number[] {
  let [fresh, changed] = [0, 0];
  for (const [name, value] of members) {
    const before = map.get(name);
    if (before === undefined) {
      if (flags.xx) continue;
      fresh++;
    } else if (flags.nx || before === value || (flags.gt && value < before) || (flags.lt && value > before)) {
      continue;
    } else {
      changed++;
    }
    map.set(name, value);
  }
  return [fresh, changed];
}

function expected(map: Map<string, number>, one: Command): unknown {
  const list = ordered(map);
  const remove = (pairs: readonly Pair[]): Pair[] => pairs.filter(([name]) => map.delete(name));
  switch (one.type) {
    case 'zadd':
      return added(map, one.members, one.flags);
    case 'zincrby':
      map.set(one.member, (map.get(one.member) ?? 0) + one.amount);
      return map.get(one.member);
    case 'zrem':
      return map.delete(one.member) ? 1 : 0;
    case 'zscore':
      return map.get(one.member) ?? null;
    case 'zrank':
    case 'zrevrank': {
      const at = list.findIndex(([name]) => name === one.member);
      if (at < 0) return null;
      return one.type === 'zrank' ? at : list.length - 1 - at;
    }
    case 'zrange':
    case 'zrevrange':
    case 'zremrangebyrank': {
      if (one.type === 'zrevrange') list.reverse();
      const from = Math.max(one.start < 0 ? one.start + list.length : one.start, 0);
      const part = list.slice(from, Math.max(one.stop < 0 ? one.stop + list.length : one.stop, -1) + 1);
      return one.type === 'zremrangebyrank' ? remove(part).length : part;
    }
    case 'zpopmin':
      return remove(list.slice(0, one.count));
    case 'zpopmax':
      return remove(list.reverse().slice(0, one.count));
    default: {
      const part = list.filter(
        ([, value]) =>
          (one.minExclusive ? value > one.min : value >= one.min) &&
          (one.maxExclusive ? value < one.max : value <= one.max),
      );
      if (one.type === 'zcount') return part.length;
      return one.type === 'zremrangebyscore' ? remove(part).length : part;
    }
  }
}

const pairsOf = ({ members }: { readonly members: readonly { member: string; score: number }[] }): Pair[] =>
  members.map((one) => [one.member, one.score]);

async function actual(key: string, one: Command): Promise<unknown> {
  switch (one.type) {
    case 'zadd': {
      const members = one.members.map(([name, value]) => ({ member: name, score: value }));
      const result = await call(kv.sortedsetZadd, { key, members, ...one.flags });
      return [result.added, result.changed];
    }
    case 'zincrby':
      return (await call(kv.sortedsetZincrby, { key, member: one.member, amount: one.amount })).score;
    case 'zrem':
      return (await call(kv.sortedsetZrem, { key, members: [one.member] })).removed;
    case 'zscore':
      return (await call(kv.sortedsetZscore, { key, member: one.member })).score;
    case 'zrank':
      return (await call(kv.sortedsetZrank, { key, member: one.member })).rank;
    case 'zrevrank':
      return (await call(kv.sortedsetZrevrank, { key, member: one.member })).rank;
    case 'zrange':
      return pairsOf(await call(kv.sortedsetZrange, { key, start: one.start, stop: one.stop }));
    case 'zrevrange':
      return pairsOf(await call(kv.sortedsetZrevrange, { key, start: one.start, stop: one.stop }));
    case 'zremrangebyrank':
      return (await call(kv.sortedsetZremrangebyrank, { key, start: one.start, stop: one.stop })).removed;
    case 'zpopmin':
      return pairsOf(await call(kv.sortedsetZpopmin, { key, count: one.count }));
    case 'zpopmax':
      return pairsOf(await call(kv.sortedsetZpopmax, { key, count: one.count }));
    default: {
      const { type, ...range } = one;
      if (type === 'zcount') return (await call(kv.sortedsetZcount, { key, ...range })).count;
      if (type === 'zrangebyscore') return pairsOf(await call(kv.sortedsetZrangebyscore, { key, ...range }));
      return (await call(kv.sortedsetZremrangebyscore, { key, ...range })).removed;
    }
  }
}

describe('a sorted set', () => {
  it('answers as a sorted map does', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const key = `z${run++}`;
        const map = new Map<string, number>();
        const answers = await Promise.all(commands.map((one) => actual(key, one)));
        expect(answers).toEqual(commands.map((one) => expected(map, one)));
        expect(await all(key)).toEqual(ordered(map));
        expect((await call(kv.keyExists, { key })).exists).toBe(map.size > 0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('stores sums and products of the smallest and the largest scores', async () => {
    const scores = [5e-324, -5e-324, 1.797e308, -1.797e308, Number.POSITIVE_INFINITY, 0];
    const members = scores.map((score, n) => ({ member: `m${n}`, score }));
    await call(kv.sortedsetZadd, { key: 'edges', members });
    const store = { destination: 'edges2', keys: ['edges', 'edges'] };
    await call(kv.sortedsetZinterstore, store);
    expect(new Map((await all('edges2')) as [string, number][])).toEqual(
      new Map(members.map(({ member, score }) => [member, score + score])),
    );
    await call(kv.sortedsetZunionstore, { ...store, weights: [1, -1] });
    expect((await all('edges2')).map(([, score]) => score)).toEqual(scores.map(() => 0));
    await call(kv.sortedsetZunionstore, { ...store, weights: [0.5, 0.5] });
    expect(await all('edges2')).toHaveLength(scores.length);
  });

  it('takes infinities and no NaN', async () => {
    await add('inf', 'up', Number.POSITIVE_INFINITY);
    const amount = Number.NEGATIVE_INFINITY;
    const sum = call(kv.sortedsetZincrby, { key: 'inf', member: 'up', amount });
    expect(await codeOf(sum)).toBe('INVALID_PARAMETER');
    await expect(add('inf', 'x', Number.NaN)).rejects.toThrow();
    await add('inf', 'big', 1.7e308);
    const more = await call(kv.sortedsetZincrby, { key: 'inf', member: 'big', amount: 1.7e308 });
    expect(more.score).toBe(Number.POSITIVE_INFINITY);
  });

  it('adds to a score under conditions', async () => {
    const incr = async (flags: Flags) =>
      (await call(kv.sortedsetZadd, { key: 'i', members: [{ member: 'm', score: 2 }], incr: true, ...flags }))
        .score;
    expect([await incr({ xx: true }), await incr({ nx: true }), await incr({ nx: true })]).toEqual([
      null,
      2,
      null,
    ]);
    expect([await incr({ lt: true }), await incr({ gt: true })]).toEqual([null, 4]);
    await expect(incr({ nx: true, xx: true })).rejects.toThrow('exclude');
  });

  it('is stored as what several have in common', async () => {
    for (const [name, value] of [
      ['a', 1],
      ['b', 2],
    ] as const)
      await add('x', name, value);
    for (const [name, value] of [
      ['b', 10],
      ['c', 20],
    ] as const)
      await add('y', name, value);
    await call(kv.setAdd, { key: 's', membersJson: ['b'] });
    const keys = ['x', 'y'];
    await call(kv.sortedsetZunionstore, { destination: 'u', keys, weights: [1, 2] });
    expect(await all('u')).toEqual([
      ['a', 1],
      ['b', 22],
      ['c', 40],
    ]);
    await call(kv.sortedsetZinterstore, { destination: 'u', keys: [...keys, 's'], aggregate: 'max' });
    expect(await all('u')).toEqual([['b', 10]]);
    expect(await call(kv.sortedsetZdiffstore, { destination: 'x', keys })).toEqual({ count: 1 });
    expect(await all('x')).toEqual([['a', 1]]);
    expect(await call(kv.sortedsetZinterstore, { destination: 'u', keys: ['x', 'none'] })).toEqual({
      count: 0,
    });
    expect((await call(kv.keyExists, { key: 'u' })).exists).toBe(false);
    await expect(call(kv.sortedsetZunionstore, { destination: 'u', keys, weights: [1] })).rejects.toThrow(
      'weights',
    );
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    const wrong = call(kv.sortedsetZunionstore, { destination: 'u', keys: ['text'] });
    expect(await codeOf(wrong)).toBe('WRONG_TYPE');
  });

  it('refuses other kinds, and is refused', async () => {
    const key = 'text';
    await call(kv.kvSet, { key, valueJson: '1' });
    await add('kind', 'a', 1);
    const refused = [
      add(key, 'a', 1),
      call(kv.sortedsetZincrby, { key, member: 'a', amount: 1 }),
      call(kv.sortedsetZrem, { key, members: ['a'] }),
      call(kv.sortedsetZscore, { key, member: 'a' }),
      call(kv.sortedsetZrange, { key }),
      call(kv.sortedsetZrank, { key, member: 'a' }),
      call(kv.sortedsetZcount, { key }),
      call(kv.sortedsetZpopmin, { key }),
      call(kv.sortedsetZremrangebyrank, { key }),
      call(kv.kvGet, { key: 'kind' }),
      call(kv.hashSet, { key: 'kind', field: 'f', valueJson: '1' }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
    expect((await call(kv.sortedsetZmscore, { key: 'kind', members: ['b', 'a'] })).scores).toEqual([null, 1]);
  });

  it('takes the writes of many callers, and nothing from a transaction that is rolled back', async () => {
    await Promise.all(numbers(200).map((n) => add('many', `m${n % 50}`, n)));
    await Promise.all(
      numbers(100).map(() => call(kv.sortedsetZincrby, { key: 'many', member: 'sum', amount: 1 })),
    );
    expect((await call(kv.sortedsetZscore, { key: 'many', member: 'sum' })).score).toBe(100);
    const popped = await Promise.all(numbers(40).map(() => call(kv.sortedsetZpopmin, { key: 'many' })));
    expect(new Set(popped.map(({ members }) => members[0]?.member)).size).toBe(40);
    const before = await all('many');
    const transaction = await beginOn(test.database);
    await call(kv.sortedsetZadd, { key: 'many', members: [{ member: 'new', score: 1 }] }, transaction);
    await call(kv.sortedsetZremrangebyscore, { key: 'many', min: 100 }, transaction);
    await test.database.rollback(transaction);
    expect(await all('many')).toEqual(before);
    expect((await call(kv.sortedsetStats, {})).operations.zpopmin).toBeGreaterThanOrEqual(40);
    expect(await test.admin(`SELECT member FROM kv.sorted_sets WHERE key = 'many'`)).toHaveLength(11);
  });
});
