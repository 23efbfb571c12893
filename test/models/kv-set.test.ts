/** Sets: every command against plain sets, drawing by lot, many callers, transactions. */
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
const add = (key: string, ...membersJson: string[]) => call(kv.setAdd, { key, membersJson });
const all = async (key: string) => (await call(kv.setMembers, { key })).membersJson.sort();

type Command =
  | { readonly type: 'add' | 'rem'; readonly key: string; readonly members: readonly string[] }
  | { readonly type: 'ismember'; readonly key: string; readonly member: string }
  | { readonly type: 'card' | 'members'; readonly key: string }
  | { readonly type: 'move'; readonly key: string; readonly to: string; readonly member: string }
  | { readonly type: 'inter' | 'union' | 'diff'; readonly keys: readonly string[]; readonly to?: string };

const key = fc.constantFrom('a', 'b', 'c');
const member = fc.constantFrom('1', '2', '3', '"x"', '"é🎈"', `"${'long'.repeat(300)}"`);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('add', 'add', 'rem'),
      key,
      members: fc.array(member, { minLength: 1, maxLength: 3 }),
    }),
  },
  fc.record({ type: fc.constant('ismember' as const), key, member }),
  fc.record({ type: fc.constantFrom('card', 'members'), key }),
  fc.record({ type: fc.constant('move' as const), key, to: key, member }),
  {
    weight: 2,
    arbitrary: fc.record(
      {
        type: fc.constantFrom('inter', 'union', 'diff'),
        keys: fc.array(key, { minLength: 1, maxLength: 3 }),
        to: key,
      },
      { requiredKeys: ['type', 'keys'] },
    ),
  },
);

type Sets = Map<string, Set<string>>;
const setOf = (sets: Sets, name: string): Set<string> => {
  const found = sets.get(name) ?? new Set();
  sets.set(name, found);
  return found;
};

function combined(sets: Sets, type: 'inter' | 'union' | 'diff', keys: readonly string[]): string[] {
  const [first = new Set<string>(), ...others] = keys.map((name) => setOf(sets, name));
  if (type === 'union') return [...new Set([first, ...others].flatMap((one) => [...one]))];
  return [...first].filter((one) =>
    type === 'inter' ? others.every((other) => other.has(one)) : !others.some((other) => other.has(one)),
  );
}

function expected(sets: Sets, one: Command): unknown {
  switch (one.type) {
    case 'add': {
      const before = setOf(sets, one.key).size;
      for (const each of one.members) setOf(sets, one.key).add(each);
      return setOf(sets, one.key).size - before;
    }
    case 'rem':
      return new Set(one.members.filter((each) => setOf(sets, one.key).delete(each))).size;
    case 'ismember':
      return setOf(sets, one.key).has(one.member);
    case 'card':
      return setOf(sets, one.key).size;
    case 'members':
      return [...setOf(sets, one.key)].sort();
    case 'move': {
      if (!setOf(sets, one.key).delete(one.member)) return false;
      setOf(sets, one.to).add(one.member);
      return true;
    }
    default: {
      const result = combined(sets, one.type, one.keys);
      if (one.to === undefined) return result.sort();
      sets.set(one.to, new Set(result));
      return result.length;
    }
  }
}

const COMBINE = { inter: kv.setInter, union: kv.setUnion, diff: kv.setDiff };
const STORE = { inter: kv.setInterstore, union: kv.setUnionstore, diff: kv.setDiffstore };

async function actual(prefix: string, one: Command): Promise<unknown> {
  if ('keys' in one) {
    const keys = one.keys.map((name) => prefix + name);
    if (one.to === undefined) return (await call(COMBINE[one.type], { keys })).membersJson.sort();
    return (await call(STORE[one.type], { destination: prefix + one.to, keys })).count;
  }
  const name = prefix + one.key;
  switch (one.type) {
    case 'add':
      return (await add(name, ...one.members)).added;
    case 'rem':
      return (await call(kv.setRem, { key: name, membersJson: one.members })).removed;
    case 'ismember':
      return (await call(kv.setIsmember, { key: name, memberJson: one.member })).isMember;
    case 'card':
      return (await call(kv.setCard, { key: name })).count;
    case 'members':
      return all(name);
    case 'move':
      return (await call(kv.setMove, { source: name, destination: prefix + one.to, memberJson: one.member }))
        .moved;
  }
}

describe('sets', () => {
  it('answer as sets do', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const prefix = `${run++}.`;
        const sets: Sets = new Map();
        const answers = await Promise.all(commands.map((one) => actual(prefix, one)));
        expect(answers).toEqual(commands.map((one) => expected(sets, one)));
        for (const [name, members] of sets) {
          expect((await call(kv.keyExists, { key: prefix + name })).exists).toBe(members.size > 0);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('draw members by lot', async () => {
    await add('lot', ...numbers(50).map(String));
    const drawn = (await call(kv.setRandmember, { key: 'lot', count: 20 })).membersJson;
    expect(new Set(drawn).size).toBe(20);
    const seen = new Set<string>();
    for (let n = 0; n < 200; n++) {
      for (const one of (await call(kv.setRandmember, { key: 'lot' })).membersJson) seen.add(one);
    }
    expect(seen.size).toBeGreaterThan(25);
    const popped = await Promise.all(numbers(60).map(() => call(kv.setPop, { key: 'lot' })));
    expect(new Set(popped.flatMap(({ membersJson }) => membersJson)).size).toBe(50);
    expect(await call(kv.setPop, { key: 'lot', count: 3 })).toEqual({ exists: false, membersJson: [] });
    await add('lot', '1', '2', '3');
    expect((await call(kv.setPop, { key: 'lot', count: 9 })).membersJson).toHaveLength(3);
    expect((await call(kv.keyExists, { key: 'lot' })).exists).toBe(false);
  });

  it('know a member however it is written', async () => {
    expect(await add('same', '"a"', '"\\u0061"', ' "a"', '1', '1.0')).toEqual({ added: 3 });
    expect(await all('same')).toEqual(['"a"', '1', '1.0']);
  });

  it('refuse other kinds, and are refused', async () => {
    const name = 'text';
    await call(kv.kvSet, { key: name, valueJson: '1' });
    await add('kind', '1');
    const refused = [
      add(name, '1'),
      add(name, '1', '2'),
      call(kv.setRem, { key: name, membersJson: ['1'] }),
      call(kv.setIsmember, { key: name, memberJson: '1' }),
      call(kv.setMembers, { key: name }),
      call(kv.setPop, { key: name }),
      call(kv.setMove, { source: 'kind', destination: name, memberJson: '1' }),
      call(kv.setUnion, { keys: ['kind', name] }),
      call(kv.setInterstore, { destination: 'x', keys: [name] }),
      call(kv.kvGet, { key: 'kind' }),
      call(kv.listRpush, { key: 'kind', valuesJson: ['1'] }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
    expect(await call(kv.setUnionstore, { destination: name, keys: ['kind'] })).toEqual({ count: 1 });
    expect(await call(kv.keyType, { key: name })).toEqual({ type: 'set' });
  });

  it('tell a missing set', async () => {
    const membersJson = ['1'];
    expect(await call(kv.setRem, { key: 'none', membersJson })).toEqual({ exists: false, removed: 0 });
    expect(await call(kv.setIsmember, { key: 'none', memberJson: '1' })).toEqual({
      exists: false,
      isMember: false,
    });
    expect(await call(kv.setCard, { key: 'none' })).toEqual({ exists: false, count: 0 });
  });

  it('take each member once from many callers, and nothing from a transaction that is rolled back', async () => {
    const added = await Promise.all(numbers(300).map((n) => add('many', String(n % 60))));
    expect(added.reduce((sum, one) => sum + one.added, 0)).toBe(60);
    const transaction = await beginOn(test.database);
    await call(kv.setAdd, { key: 'many', membersJson: ['"new"'] }, transaction);
    await call(kv.setPop, { key: 'many', count: 10 }, transaction);
    await call(kv.setDiffstore, { destination: 'many', keys: ['none'] }, transaction);
    expect((await call(kv.setCard, { key: 'many' }, transaction)).exists).toBe(false);
    await test.database.rollback(transaction);
    expect((await call(kv.setCard, { key: 'many' })).count).toBe(60);
    expect((await call(kv.setStats, {})).elements).toBeGreaterThanOrEqual(60);
    expect(await test.admin(`SELECT member FROM kv.sets WHERE key = 'many'`)).toHaveLength(60);
  });
});
