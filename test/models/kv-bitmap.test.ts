/** Bitmaps: single bits, counting and finding, whole bitmaps, integers within them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
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

const set = async (key: string, offset: number, value = 1) =>
  (await call(kv.bitmapSetbit, { key, offset, value })).oldValue;
const count = async (key: string, start?: number, end?: number) =>
  (await call(kv.bitmapBitcount, { key, ...(start === undefined ? {} : { start, end }) })).count;
const field = async (key: string, ...operations: unknown[]) =>
  (await call(kv.bitmapBitfield, { key, operations })).results;

describe('a bitmap', () => {
  it('has bits that are set, read, counted and found', async () => {
    expect([await set('b', 7), await set('b', 7), await set('b', 100)]).toEqual([0, 1, 0]);
    expect(await call(kv.bitmapGetbit, { key: 'b', offset: 100 })).toEqual({ exists: true, value: 1 });
    expect(await call(kv.bitmapGetbit, { key: 'b', offset: 9_999 })).toEqual({ exists: true, value: 0 });
    expect(await call(kv.bitmapGetbit, { key: 'none', offset: 1 })).toEqual({ exists: false, value: 0 });
    expect([
      await count('b'),
      await count('b', 0, 7),
      await count('b', 8, 99),
      await count('b', -4, -4),
    ]).toEqual([2, 1, 0, 1]);
    const pos = async (value: number, start?: number) =>
      (await call(kv.bitmapBitpos, { key: 'b', value, ...(start === undefined ? {} : { start }) })).position;
    expect([await pos(1), await pos(1, 8), await pos(0), await pos(0, 7)]).toEqual([7, 100, 0, 8]);
    const [full] = [await field('full', { type: 'set', offset: 0, width: 16, value: 65_535 })];
    expect(full).toEqual([0n]);
    expect((await call(kv.bitmapBitpos, { key: 'full', value: 0 })).position).toBe(16);
    expect((await call(kv.bitmapBitpos, { key: 'full', value: 0, end: -1 })).position).toBeNull();
  });

  it('has a largest offset', async () => {
    expect(await set('far', LIMITS.kvBitmapBitsMax - 1)).toBe(0);
    expect(await count('far')).toBe(1);
    await expect(set('far', LIMITS.kvBitmapBitsMax)).rejects.toThrow('kvBitmapBitsMax');
    await expect(set('far', -1)).rejects.toThrow();
  });

  it('is combined with others', async () => {
    for (const offset of [0, 1]) await set('x', offset);
    for (const offset of [1, 9]) await set('y', offset);
    const op = async (operation: string, ...keys: string[]) => {
      const { bits } = await call(kv.bitmapBitop, { destination: 'r', operation, keys });
      return [bits, await count('r')];
    };
    expect(await op('and', 'x', 'y')).toEqual([16, 1]);
    expect(await op('or', 'x', 'y')).toEqual([16, 3]);
    expect(await op('xor', 'x', 'y')).toEqual([16, 2]);
    expect(await op('not', 'x')).toEqual([8, 6]);
    expect(await op('or', 'none')).toEqual([0, 0]);
    expect((await call(kv.keyExists, { key: 'r' })).exists).toBe(false);
    await expect(op('not', 'x', 'y')).rejects.toThrow('one key');
  });

  it('holds integers of any width', async () => {
    const i5 = { offset: 3, width: 5, signed: true };
    expect(await field('f', { type: 'set', ...i5, value: -3 }, { type: 'get', ...i5 })).toEqual([0n, -3n]);
    expect(await field('f', { type: 'incrby', ...i5, increment: 20 })).toEqual([-15n]);
    expect(await field('f', { type: 'incrby', ...i5, increment: -20, overflow: 'sat' })).toEqual([-16n]);
    expect(await field('f', { type: 'incrby', ...i5, increment: -1, overflow: 'fail' })).toEqual([null]);
    expect(await field('f', { type: 'get', offset: 0, width: 8 })).toEqual([16n]);
    const i64 = { offset: 64, width: 64, signed: true };
    expect(await field('f', { type: 'set', ...i64, value: -(2n ** 63n) }, { type: 'get', ...i64 })).toEqual([
      0n,
      -(2n ** 63n),
    ]);
    expect(await codeOf(field('f', { type: 'get', offset: 0, width: 64 }))).toBe('INVALID_PARAMETER');
  });

  it('keeps bits of many callers, its time to live, and its kind', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, offset) => set('many', offset)));
    expect(await count('many')).toBe(200);
    await call(kv.kvExpire, { key: 'many', ttlMs: 300 });
    await set('many', 1_000);
    await field('many', { type: 'set', offset: 2_000, width: 1, value: 1 });
    await sleep(350);
    expect(await call(kv.bitmapBitcount, { key: 'many' })).toEqual({ exists: false, count: 0 });
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    const refused = [
      set('text', 1),
      count('text'),
      call(kv.bitmapGetbit, { key: 'text', offset: 1 }),
      call(kv.bitmapBitpos, { key: 'text', value: 1 }),
      call(kv.bitmapBitop, { destination: 'r', operation: 'or', keys: ['text'] }),
      field('text', { type: 'set', offset: 0, width: 1, value: 1 }),
      call(kv.kvGet, { key: 'far' }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
  });

  it('is as before when its transaction is rolled back', async () => {
    await set('tx', 0);
    const transaction = await beginOn(test.database);
    await call(kv.bitmapSetbit, { key: 'tx', offset: 5, value: 1 }, transaction);
    await call(kv.bitmapBitop, { destination: 'tx', operation: 'not', keys: ['tx'] }, transaction);
    expect((await call(kv.bitmapBitcount, { key: 'tx' }, transaction)).count).toBe(6);
    await test.database.rollback(transaction);
    expect(await count('tx')).toBe(1);
    expect((await call(kv.bitmapStats, {})).elements).toBeGreaterThan(0);
  });
});
