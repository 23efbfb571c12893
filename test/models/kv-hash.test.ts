/** Hashes: every command, kinds, expiry, transactions, many callers. */
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

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const set = (key: string, field: string, valueJson: string) => call(kv.hashSet, { key, field, valueJson });
const get = async (key: string, field: string) => (await call(kv.hashGet, { key, field })).valueJson;

describe('fields', () => {
  it('are set, overwritten, read and deleted', async () => {
    expect(await set('h', 'a', '1')).toEqual({ created: true });
    expect(await set('h', 'a', '{"x": 2}')).toEqual({ created: false });
    expect(await call(kv.hashGet, { key: 'h', field: 'a' })).toEqual({ found: true, valueJson: '{"x": 2}' });
    expect(await call(kv.hashGet, { key: 'h', field: 'b' })).toEqual({ found: false, valueJson: null });
    expect(await call(kv.hashSetnx, { key: 'h', field: 'a', valueJson: '9' })).toEqual({ created: false });
    expect(await call(kv.hashSetnx, { key: 'h', field: 'c', valueJson: '9' })).toEqual({ created: true });
    expect(await get('h', 'a')).toBe('{"x": 2}');
    expect(await call(kv.hashLen, { key: 'h' })).toEqual({ exists: true, length: 2 });
    expect(await call(kv.hashExists, { key: 'h', field: 'c' })).toEqual({ exists: true });
    expect(await call(kv.hashDel, { key: 'h', fields: ['a', 'b', 'c', 'c'] })).toEqual({ deleted: 2 });
    expect(await call(kv.keyExists, { key: 'h' })).toEqual({ exists: false });
    expect(await call(kv.hashDel, { key: 'h', fields: ['a'] })).toEqual({ deleted: 0 });
  });

  it('are written and read many at once', async () => {
    const pairs = ['x', '', 'é🎈', 'x', `long${'y'.repeat(5_000)}`].map((field, n) => ({
      field,
      valueJson: String(n),
    }));
    expect(await call(kv.hashMset, { key: 'm', pairs })).toEqual({ created: 4 });
    expect(await call(kv.hashMset, { key: 'm', pairs: pairs.slice(0, 1) })).toEqual({ created: 0 });
    const fields = ['', 'nowhere', 'x', `long${'y'.repeat(5_000)}`, `long${'y'.repeat(5_001)}`];
    expect(await call(kv.hashMget, { key: 'm', fields })).toEqual({
      valuesJson: ['1', null, '0', '4', null],
    });
    const all = await call(kv.hashGetall, { key: 'm' });
    expect(all.exists).toBe(true);
    expect(new Map(all.pairs.map(({ field, valueJson }) => [field, valueJson])).get('é🎈')).toBe('2');
    expect((await call(kv.hashKeys, { key: 'm' })).fields).toHaveLength(4);
    expect((await call(kv.hashVals, { key: 'm' })).valuesJson.sort()).toEqual(['0', '1', '2', '4']);
    expect(await call(kv.hashGetall, { key: 'nowhere' })).toEqual({ exists: false, pairs: [] });
    const { bytes } = await call(kv.memoryUsage, { key: 'm' });
    expect(bytes).toBe(1 + 1 + 0 + 6 + 5_004 + 4);
  });

  it('tell a hash that is too large to be returned whole', async () => {
    const pairs = range(LIMITS.kvElementsMax).map((n) => ({ field: `f${n}`, valueJson: '0' }));
    await call(kv.hashMset, { key: 'huge', pairs });
    expect((await call(kv.hashKeys, { key: 'huge' })).fields).toHaveLength(LIMITS.kvElementsMax);
    await set('huge', 'one more', '1');
    await expect(call(kv.hashGetall, { key: 'huge' })).rejects.toThrow('kvElementsMax');
    const big = JSON.stringify('x'.repeat(LIMITS.kvValueBytesMax - 2));
    for (const n of range(9)) await set('heavy', `f${n}`, big);
    await expect(call(kv.hashVals, { key: 'heavy' })).rejects.toThrow('kvCommandBytesMax');
  }, 60_000);

  it.each(['\0', '\ud800'])('refuse what is no text', async (field) => {
    expect(await codeOf(set('h', field, '1'))).toBe('INVALID_PARAMETER');
    expect(await codeOf(call(kv.hashGet, { key: 'h', field }))).toBe('INVALID_PARAMETER');
  });
});

describe('numbers in fields', () => {
  const incr = async (amount: unknown, field = 'n') =>
    (await call(kv.hashIncrby, { key: 'c', field, amount })).value;
  const add = (amount: number, field: string) => call(kv.hashIncrbyfloat, { key: 'c', field, amount });

  it('are exact in 64 bits', async () => {
    expect(await incr(5)).toBe(5n);
    expect(await incr('-7')).toBe(-2n);
    await set('c', 'big', '9223372036854775806');
    expect(await incr(1n, 'big')).toBe(9223372036854775807n);
    expect(await codeOf(incr(1, 'big'))).toBe('INTEGER_OVERFLOW');
    expect(await get('c', 'big')).toBe('9223372036854775807');
    await set('c', 'text', '"12"');
    expect(await incr(1, 'text')).toBe(13n);
    for (const amount of [1.5, '1.5', 'x', '9223372036854775808', 2 ** 60]) {
      expect(await codeOf(incr(amount))).toBe('NOT_AN_INTEGER');
    }
    await set('c', 'no', '[1]');
    expect(await codeOf(incr(1, 'no'))).toBe('NOT_AN_INTEGER');
  });

  it('with a point are added without rounding', async () => {
    expect(await add(0.1, 'f')).toEqual({ value: 0.1, valueJson: '0.1' });
    expect((await add(0.2, 'f')).valueJson).toBe('0.3');
    expect((await add(-5.3, 'f')).valueJson).toBe('-5');
    await set('c', 'e', '5.0e3');
    expect((await add(200, 'e')).valueJson).toBe('5200');
    expect((await add(1e300, 'e')).value).toBe(1e300);
    expect((await add(1e300, 'e')).value).toBe(2e300);
    await set('c', 'max', '9e307');
    expect(await codeOf(add(9e307, 'max'))).toBe('INVALID_PARAMETER');
    await set('c', 'word', '"abc"');
    expect(await codeOf(add(1, 'word'))).toBe('INVALID_PARAMETER');
  });
});

describe('a hash', () => {
  it('is refused by commands for other kinds, and they by it', async () => {
    await set('kind', 'f', '1');
    await call(kv.kvSet, { key: 'text', valueJson: '1' });
    expect(await codeOf(call(kv.kvGet, { key: 'kind' }))).toBe('WRONG_TYPE');
    expect(await codeOf(call(kv.kvIncr, { key: 'kind' }))).toBe('WRONG_TYPE');
    const refused = [
      set('text', 'f', '1'),
      call(kv.hashGet, { key: 'text', field: 'f' }),
      call(kv.hashGetall, { key: 'text' }),
      call(kv.hashLen, { key: 'text' }),
      call(kv.hashDel, { key: 'text', fields: ['f'] }),
      call(kv.hashIncrby, { key: 'text', field: 'f', amount: 1 }),
      call(kv.hashMset, { key: 'text', pairs: [{ field: 'f', valueJson: '1' }] }),
      call(kv.hashMget, { key: 'text', fields: ['f'] }),
    ];
    expect(new Set(await Promise.all(refused.map(codeOf)))).toEqual(new Set(['WRONG_TYPE']));
    expect(await call(kv.keyType, { key: 'kind' })).toEqual({ type: 'hash' });
  });

  it('expires as a whole, and comes back empty', async () => {
    await set('e', 'a', '1');
    await set('e', 'b', '1');
    await call(kv.kvExpire, { key: 'e', ttlMs: 300 });
    await set('e', 'a', '2');
    expect((await call(kv.kvTtl, { key: 'e' })).ttlMs).not.toBeNull();
    await sleep(350);
    expect(await get('e', 'a')).toBeNull();
    expect(await set('e', 'c', '3')).toEqual({ created: true });
    expect((await call(kv.hashGetall, { key: 'e' })).pairs).toEqual([{ field: 'c', valueJson: '3' }]);
    expect(await call(kv.hashLen, { key: 'e' })).toEqual({ exists: true, length: 1 });
    expect((await call(kv.kvTtl, { key: 'e' })).ttlMs).toBeNull();
  });

  it('is renamed, copied, deleted, and what is left is removed', async () => {
    for (const n of range(5)) await set('from', `f${n}`, String(n));
    await call(kv.keyRename, { source: 'from', destination: 'to' });
    await call(kv.keyCopy, { source: 'to', destination: 'twin' });
    await set('twin', 'f0', '"other"');
    expect(await get('to', 'f0')).toBe('0');
    expect(await call(kv.hashLen, { key: 'twin' })).toEqual({ exists: true, length: 5 });
    const count = () =>
      test.admin(
        'SELECT count(*) FROM kv.hash_field AS f WHERE NOT EXISTS (SELECT FROM kv.entry AS e WHERE e.id = f.entry_id)',
      );
    await call(kv.kvDel, { keys: ['to', 'twin'] });
    await expect.poll(count, { timeout: 5_000 }).toEqual([['0']]);
  });

  it('is seen by SQL', async () => {
    await set('view', 'name', '"Zürich"');
    expect(await test.admin("SELECT field, value ->> 0 FROM kv.hashes WHERE key = 'view'")).toHaveLength(1);
  });

  it('is as before when its transaction is rolled back', async () => {
    await set('tx', 'a', '1');
    const [before] = (await call(kv.kvVersions, { keys: ['tx'] })).versions;
    const transaction = await beginOn(test.database);
    await call(kv.hashSet, { key: 'tx', field: 'a', valueJson: '2' }, transaction);
    await call(kv.hashIncrby, { key: 'tx', field: 'n', amount: 1 }, transaction);
    expect(await codeOf(call(kv.hashSet, { key: 'text', field: 'a', valueJson: '2' }, transaction))).toBe(
      'WRONG_TYPE',
    );
    expect((await call(kv.hashGet, { key: 'tx', field: 'a' }, transaction)).valueJson).toBe('2');
    expect(await get('tx', 'a')).toBe('1');
    await test.database.rollback(transaction);
    expect(await get('tx', 'a')).toBe('1');
    expect((await call(kv.kvVersions, { keys: ['tx'] })).versions).toEqual([before]);
    await set('tx', 'a', '3');
    expect((await call(kv.kvVersions, { keys: ['tx'] })).versions).not.toEqual([before]);
  });

  it('takes the writes of many callers, each once', async () => {
    const created = await Promise.all(
      range(300).map((n) => call(kv.hashSet, { key: 'many', field: `f${n % 100}`, valueJson: String(n) })),
    );
    expect(created.filter((result) => result.created)).toHaveLength(100);
    expect(await get('many', 'f7')).toBe('207');
    await Promise.all(range(100).map(() => call(kv.hashIncrby, { key: 'many', field: 'sum', amount: 2 })));
    expect(await get('many', 'sum')).toBe('200');
    const codes = await Promise.all(
      range(20).map((n) => codeOf(set(n % 2 === 0 ? 'many' : 'text', 'f', '1'))),
    );
    expect(codes).toEqual(range(20).map((n) => (n % 2 === 0 ? 'none' : 'WRONG_TYPE')));
  });

  it('is counted', async () => {
    const stats = await call(kv.hashStats, {});
    expect(stats.keys).toBeGreaterThan(0);
    expect(stats.elements).toBeGreaterThan(100);
    expect(stats.operations.set).toBeGreaterThan(300);
  });
});
