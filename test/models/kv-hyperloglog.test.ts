/** HyperLogLogs: how far estimates are off, merging, kinds, expiry, transactions. */
import { setTimeout as sleep } from 'node:timers/promises';
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

const add = async (key: string, ...elements: (string | Uint8Array)[]) =>
  (await call(kv.hyperloglogPfadd, { key, elements })).added;
const count = async (...keys: string[]) => (await call(kv.hyperloglogPfcount, { keys })).count;
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `element ${from + n}`);

describe('a HyperLogLog', () => {
  it.each([10, 1_000, 30_000, 100_000])('estimates %d elements within 2 %%', async (elements) => {
    const key = `n${elements}`;
    await call(kv.hyperloglogPfadd, { key, elements: range(0, elements) });
    expect(Math.abs((await count(key)) - elements) / elements).toBeLessThan(0.02);
    expect(await add(key, ...range(0, 10))).toBe(false);
  });

  it('counts few elements exactly, texts as their bytes', async () => {
    expect(await add('few', 'a', 'b')).toBe(true);
    expect(await add('few', 'a')).toBe(false);
    expect(await add('few', new TextEncoder().encode('b'))).toBe(false);
    expect(await count('few')).toBe(2);
    expect(await add('empty')).toBe(true);
    expect(await add('empty')).toBe(false);
    expect(await call(kv.hyperloglogPfcount, { keys: ['none'] })).toEqual({ exists: false, count: 0 });
  });

  it('is merged with others', async () => {
    await add('x', ...range(0, 2_000));
    await add('y', ...range(1_000, 3_000));
    const union = await count('x', 'y');
    expect(Math.abs(union - 3_000) / 3_000).toBeLessThan(0.02);
    expect(await call(kv.hyperloglogPfmerge, { destination: 'z', sources: ['x', 'y', 'none'] })).toEqual({
      count: union,
    });
    await add('z', 'more');
    expect(await call(kv.hyperloglogPfmerge, { destination: 'z', sources: ['x'] })).toEqual({
      count: await count('z'),
    });
    expect(await count('z')).toBeGreaterThanOrEqual(union);
  });

  it('takes elements of many callers, expires, and keeps to its kind', async () => {
    await Promise.all(range(0, 100).map((element) => add('many', element)));
    expect(await count('many')).toBeGreaterThan(97);
    await call(kv.hyperloglogPfadd, { key: 'many', elements: ['x'], ttlMs: 150 });
    await add('many', 'y');
    await sleep(200);
    expect(await count('many')).toBe(0);
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    const refused = [
      add('text', 'a'),
      count('text'),
      call(kv.hyperloglogPfmerge, { destination: 'text', sources: ['x'] }),
      call(kv.hyperloglogPfmerge, { destination: 'new', sources: ['text'] }),
      call(kv.kvGet, { key: 'x' }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
    expect((await call(kv.keyExists, { key: 'new' })).exists).toBe(false);
  });

  it('is as before when its transaction is rolled back', async () => {
    await add('tx', 'a');
    const transaction = await beginOn(test.database);
    await call(kv.hyperloglogPfadd, { key: 'tx', elements: ['b'] }, transaction);
    await call(kv.hyperloglogPfmerge, { destination: 'tx', sources: ['x'] }, transaction);
    await test.database.rollback(transaction);
    expect(await count('tx')).toBe(1);
    expect((await call(kv.hyperloglogStats, {})).keys).toBeGreaterThan(3);
  });
});
