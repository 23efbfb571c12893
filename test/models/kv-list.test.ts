/** Lists: every command against a plain array, both ends under load, insertions at one place, transactions. */
import { setTimeout as sleep } from 'node:timers/promises';
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
const all = async (key: string) => (await call(kv.listLrange, { key })).valuesJson;
const rpush = (key: string, ...valuesJson: string[]) => call(kv.listRpush, { key, valuesJson });

type Command =
  | { readonly type: 'lpush' | 'rpush' | 'lpushx' | 'rpushx'; readonly values: readonly string[] }
  | { readonly type: 'lpop' | 'rpop'; readonly count: number }
  | { readonly type: 'lrange' | 'ltrim'; readonly start: number; readonly stop: number }
  | { readonly type: 'lindex'; readonly index: number }
  | { readonly type: 'lset'; readonly index: number; readonly value: string }
  | { readonly type: 'lrem'; readonly count: number; readonly value: string }
  | { readonly type: 'linsert'; readonly before: boolean; readonly pivot: string; readonly value: string }
  | { readonly type: 'lpos'; readonly value: string; readonly rank: number }
  | { readonly type: 'rotate' | 'llen' };

const value = fc.constantFrom('1', '2', '"a"', '"\\"{},NULL"', 'null', '[1, 2]');
const index = fc.integer({ min: -6, max: 6 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('lpush', 'rpush', 'lpushx', 'rpushx'),
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
    }),
  },
  fc.record({ type: fc.constantFrom('lpop', 'rpop'), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ type: fc.constantFrom('lrange', 'ltrim'), start: index, stop: index }),
  fc.record({ type: fc.constant('lindex' as const), index }),
  fc.record({ type: fc.constant('lset' as const), index, value }),
  fc.record({ type: fc.constant('lrem' as const), count: fc.integer({ min: -2, max: 2 }), value }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('linsert' as const),
      before: fc.boolean(),
      pivot: value,
      value,
    }),
  },
  fc.record({ type: fc.constant('lpos' as const), value, rank: fc.constantFrom(1, 2, -1, -2) }),
  fc.record({ type: fc.constantFrom('rotate', 'llen') }),
);

/** Both inclusive, as a part of the array. */
function bounds(list: readonly string[], start: number, stop: number): [number, number] {
  const from = Math.max(start < 0 ? start + list.length : start, 0);
  // Before the beginning is nothing, where slice would count from the end again.
  return [from, Math.max((stop < 0 ? stop + list.length : Math.min(stop, list.length - 1)) + 1, 0)];
}

/** What a command answers by the array, which it changes. */
function expected(list: string[], one: Command): unknown {
  switch (one.type) {
    case 'lpushx':
    case 'rpushx':
    case 'lpush':
    case 'rpush':
      if (one.type.endsWith('x') && list.length === 0) return 0;
      if (one.type.startsWith('l')) list.unshift(...[...one.values].reverse());
      else list.push(...one.values);
      return list.length;
    case 'lpop':
      return list.splice(0, one.count);
    case 'rpop':
      return list.splice(Math.max(0, list.length - one.count), one.count).reverse();
    case 'lrange':
      return list.slice(...bounds(list, one.start, one.stop));
    case 'ltrim':
      list.splice(0, list.length, ...list.slice(...bounds(list, one.start, one.stop)));
      return 'done';
    case 'lindex':
      return list.at(one.index) ?? null;
    case 'lset': {
      if (list.length === 0) return 'KEY_NOT_FOUND';
      const at = one.index < 0 ? one.index + list.length : one.index;
      if (at < 0 || at >= list.length) return 'INVALID_PARAMETER';
      list[at] = one.value;
      return 'none';
    }
    case 'lrem': {
      const places = numbers(list.length).filter((n) => list[n] === one.value);
      const from = one.count < 0 ? places.reverse() : places;
      const gone = one.count === 0 ? from : from.slice(0, Math.abs(one.count));
      list.splice(0, list.length, ...list.filter((_, n) => !gone.includes(n)));
      return gone.length;
    }
    case 'linsert': {
      const at = list.indexOf(one.pivot);
      if (at >= 0) list.splice(one.before ? at : at + 1, 0, one.value);
      return [at >= 0, list.length];
    }
    case 'lpos': {
      const places = numbers(list.length).filter((n) => list[n] === one.value);
      return (one.rank > 0 ? places[one.rank - 1] : places.at(one.rank)) ?? null;
    }
    case 'rotate': {
      const last = list.pop();
      if (last !== undefined) list.unshift(last);
      return last ?? null;
    }
    case 'llen':
      return list.length;
  }
}

async function actual(key: string, one: Command): Promise<unknown> {
  switch (one.type) {
    case 'lpush':
      return (await call(kv.listLpush, { key, valuesJson: one.values })).length;
    case 'rpush':
      return (await call(kv.listRpush, { key, valuesJson: one.values })).length;
    case 'lpushx':
      return (await call(kv.listLpushx, { key, valuesJson: one.values })).length;
    case 'rpushx':
      return (await call(kv.listRpushx, { key, valuesJson: one.values })).length;
    case 'lpop':
      return (await call(kv.listLpop, { key, count: one.count })).valuesJson;
    case 'rpop':
      return (await call(kv.listRpop, { key, count: one.count })).valuesJson;
    case 'lrange':
      return (await call(kv.listLrange, { key, start: one.start, stop: one.stop })).valuesJson;
    case 'ltrim':
      await call(kv.listLtrim, { key, start: one.start, stop: one.stop });
      return 'done';
    case 'lindex':
      return (await call(kv.listLindex, { key, index: one.index })).valueJson;
    case 'lset':
      return codeOf(call(kv.listLset, { key, index: one.index, valueJson: one.value }));
    case 'lrem':
      return (await call(kv.listLrem, { key, count: one.count, valueJson: one.value })).removed;
    case 'linsert': {
      const input = { key, before: one.before, pivotJson: one.pivot, valueJson: one.value };
      const { inserted, length } = await call(kv.listLinsert, input);
      return [inserted, length];
    }
    case 'lpos':
      return (await call(kv.listLpos, { key, valueJson: one.value, rank: one.rank })).position;
    case 'rotate':
      return (await call(kv.listRpoplpush, { source: key, destination: key })).valueJson;
    case 'llen':
      return (await call(kv.listLlen, { key })).length;
  }
}

describe('a list', () => {
  it('answers as an array does', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const key = `list${run++}`;
        const list: string[] = [];
        // Sent without waiting: the order of one key is the order of submission.
        const answers = await Promise.all(commands.map((one) => actual(key, one)));
        expect(answers).toEqual(commands.map((one) => expected(list, one)));
        expect(await all(key)).toEqual(list);
        expect((await call(kv.keyExists, { key })).exists).toBe(list.length > 0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('keeps its order through thousands of insertions at one place', async () => {
    await rpush('mid', '"head"', '"pivot"', '"tail"');
    const list = ['"head"', '"pivot"', '"tail"'];
    for (const n of numbers(30)) {
      const parts = numbers(100).map((part) => String(n * 100 + part));
      await Promise.all(
        parts.map((valueJson, part) =>
          call(kv.listLinsert, { key: 'mid', before: part % 2 === 0, pivotJson: '"pivot"', valueJson }),
        ),
      );
      for (const [part, valueJson] of parts.entries()) {
        const at = list.indexOf('"pivot"');
        list.splice(part % 2 === 0 ? at : at + 1, 0, valueJson);
      }
    }
    expect(await all('mid')).toEqual(list);
  }, 120_000);

  it('goes on at the end of all positions', async () => {
    await rpush('far', '1', '2', '3');
    await test.admin(
      `UPDATE kv.list_item SET position = position + 4611686018427387904 WHERE entry_id = (
         SELECT id FROM kv.entry WHERE key = 'far')`,
    );
    await rpush('far', '4');
    await call(kv.listLpush, { key: 'far', valuesJson: ['0'] });
    expect(await all('far')).toEqual(['0', '1', '2', '3', '4']);
  });

  it('finds equal strings however they are written', async () => {
    await rpush('spelling', '"\\u0061"', ' "b" ', '1.0');
    expect(await call(kv.listLpos, { key: 'spelling', valueJson: '"a"' })).toEqual({
      exists: true,
      position: 0,
    });
    expect((await call(kv.listLpos, { key: 'spelling', valueJson: '"b"' })).position).toBe(1);
    expect((await call(kv.listLpos, { key: 'spelling', valueJson: '1' })).position).toBeNull();
    expect(await codeOf(call(kv.listLpos, { key: 'spelling', valueJson: '1', rank: 0 }))).toBe(
      'INVALID_PARAMETER',
    );
  });

  it('moves items to another list, or to none', async () => {
    await rpush('source', '1', '2');
    const move = () => call(kv.listRpoplpush, { source: 'source', destination: 'target' });
    expect([(await move()).valueJson, (await move()).valueJson]).toEqual(['2', '1']);
    expect(await move()).toEqual({ exists: false, valueJson: null });
    expect(await all('target')).toEqual(['1', '2']);
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    const wrong = call(kv.listRpoplpush, { source: 'target', destination: 'text' });
    expect(await codeOf(wrong)).toBe('WRONG_TYPE');
    expect(await all('target')).toEqual(['1', '2']);
  });

  it('tells a missing list, and refuses other kinds', async () => {
    expect(await call(kv.listLpop, { key: 'none' })).toEqual({ exists: false, valuesJson: [] });
    expect(await call(kv.listLlen, { key: 'none' })).toEqual({ exists: false, length: 0 });
    const key = 'text';
    await call(kv.kvSet, { key, valueJson: '1' });
    const refused = [
      rpush(key, '1'),
      rpush(key, '1', '2'),
      call(kv.listRpushx, { key, valuesJson: ['1'] }),
      call(kv.listLpop, { key }),
      call(kv.listLrange, { key }),
      call(kv.listLlen, { key }),
      call(kv.listLset, { key, index: 0, valueJson: '1' }),
      call(kv.listLtrim, { key }),
      call(kv.listLrem, { key, count: 0, valueJson: '1' }),
      call(kv.listLpos, { key, valueJson: '1' }),
      call(kv.listLinsert, { key, before: true, pivotJson: '1', valueJson: '2' }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
    await rpush('kind', '1');
    expect(await codeOf(call(kv.kvGet, { key: 'kind' }))).toBe('WRONG_TYPE');
    expect(await codeOf(call(kv.setAdd, { key: 'kind', membersJson: ['1'] }))).toBe('WRONG_TYPE');
  });

  it('expires as a whole', async () => {
    await rpush('e', '1');
    await call(kv.kvExpire, { key: 'e', ttlMs: 200 });
    await rpush('e', '2');
    await sleep(250);
    expect(await call(kv.listLpop, { key: 'e' })).toEqual({ exists: false, valuesJson: [] });
    expect((await rpush('e', '3')).length).toBe(1);
    expect(await all('e')).toEqual(['3']);
  });

  it('gives each item to one of many callers', async () => {
    await rpush('work', ...numbers(300).map(String));
    const taken = await Promise.all(
      numbers(400).map((n) => call(n % 2 === 0 ? kv.listLpop : kv.listRpop, { key: 'work' })),
    );
    const items = taken.flatMap(({ valuesJson }) => valuesJson);
    expect(items).toHaveLength(300);
    expect(new Set(items).size).toBe(300);
    await Promise.all(numbers(200).map((n) => rpush('work', String(n))));
    expect(await all('work')).toEqual(numbers(200).map(String));
  });

  it('is as before when its transaction is rolled back', async () => {
    await rpush('tx', '1', '2');
    const transaction = await beginOn(test.database);
    await call(kv.listRpush, { key: 'tx', valuesJson: ['3'] }, transaction);
    await call(kv.listLpop, { key: 'tx', count: 2 }, transaction);
    expect((await call(kv.listLrange, { key: 'tx' }, transaction)).valuesJson).toEqual(['3']);
    expect(await all('tx')).toEqual(['1', '2']);
    await test.database.rollback(transaction);
    expect(await all('tx')).toEqual(['1', '2']);
  });

  it('is seen by SQL and copied', async () => {
    await rpush('view', '"a"', '"b"');
    await call(kv.keyCopy, { source: 'view', destination: 'copy' });
    const rows = await test.admin(
      `SELECT index, value ->> 0 FROM kv.lists WHERE key = 'copy' ORDER BY index`,
    );
    expect(rows).toHaveLength(2);
    expect((await call(kv.listStats, {})).operations.rpush).toBeGreaterThan(1);
  });
});
