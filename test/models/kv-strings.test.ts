/** Strings: setting and getting in all ways, counters, many at once, and commands on their text. */
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

const value = async (key: string): Promise<string | null> => (await call(kv.kvGet, { key })).valueJson;
const set = (key: string, valueJson: string): Promise<unknown> => call(kv.kvSet, { key, valueJson });

describe('set and get', () => {
  it.each([
    ['text', '"grüße 🎈"'],
    ['number', '12345678901234567890.10'],
    ['object', '{"b":1, "a":[null,true,"\\u0000"]}'],
    ['awkward', '"\\"\\\\{},NULL\\n\'"'],
    ['null', 'null'],
    ['empty', '""'],
  ])('give back the JSON text of a %s as it was', async (key, valueJson) => {
    expect(await set(key, valueJson)).toEqual({ written: true, previousJson: null });
    expect(await call(kv.kvGet, { key })).toEqual({ found: true, valueJson, ttlMs: null });
  });

  it('tell a missing key', async () => {
    expect(await call(kv.kvGet, { key: 'nowhere' })).toEqual({ found: false, valueJson: null, ttlMs: null });
  });

  it.each([
    'a b/c:d.e-f',
    "it's",
    '{x}',
    ',',
    '"',
    '\\',
    'NULL',
    '🎈',
    'ﬀ',
    '%',
    '_',
  ])('take the key %s', async (key) => {
    await set(key, '1');
    expect(await value(key)).toBe('1');
  });

  it('tell keys apart that are alike for 64 KiB, and refuse one byte more', async () => {
    const beginning = 'é'.repeat(32_767);
    for (const end of ['a', 'b']) await set(`${beginning}${end}`, `"${end}"`);
    expect(await value(`${beginning}a`)).toBe('"a"');
    expect(await value(`${beginning}b`)).toBe('"b"');
    const { keys } = await call(kv.kvScan, { prefix: 'é'.repeat(2_000) });
    expect(keys.map((key) => key.at(-1)).sort()).toEqual(['a', 'b']);
    expect(await codeOf(set(`${beginning}abc`, '1'))).toBe('INVALID_PARAMETER');
  });

  it.each([
    ['nothing', ''],
    ['NUL', 'a\0b'],
    ['half a pair', 'a\ud800'],
  ])('refuse a key of %s', async (_what, key) => {
    expect(await codeOf(set(key, '1'))).toBe('INVALID_PARAMETER');
    expect(await codeOf(call(kv.kvGet, { key }))).toBe('INVALID_PARAMETER');
  });

  it('refuse a value over the bound, and take one at it', async () => {
    const most = `"${'x'.repeat(LIMITS.kvValueBytesMax - 2)}"`;
    await set('large', most);
    expect((await value('large'))?.length).toBe(most.length);
    expect(await codeOf(set('large', `${most} `))).toBe('VALUE_TOO_LARGE');
  });

  it('answer everybody when the values asked for at once are more than one result may be', async () => {
    const large = `"${'x'.repeat(LIMITS.kvValueBytesMax - 2)}"`;
    const keys = Array.from({ length: 10 }, (_, n) => `large${n}`);
    expect(keys.length * large.length).toBeGreaterThan(LIMITS.resultBytesMax);
    for (const key of keys) await set(key, large);
    const lengths = await Promise.all(keys.map(async (key) => (await value(key))?.length));
    expect(new Set(lengths)).toEqual(new Set([large.length]));
    await call(kv.kvDel, { keys });
  });

  it('write only what nx and xx allow', async () => {
    expect(await call(kv.kvSet, { key: 'c', valueJson: '1', xx: true })).toEqual({
      written: false,
      previousJson: null,
    });
    expect(await call(kv.kvSet, { key: 'c', valueJson: '2', nx: true })).toEqual({
      written: true,
      previousJson: null,
    });
    expect(await call(kv.kvSet, { key: 'c', valueJson: '3', nx: true })).toEqual({
      written: false,
      previousJson: null,
    });
    expect(await call(kv.kvSet, { key: 'c', valueJson: '4', xx: true, previous: true })).toEqual({
      written: true,
      previousJson: '2',
    });
    expect(await call(kv.kvSet, { key: 'c', valueJson: '5', nx: true, previous: true })).toEqual({
      written: false,
      previousJson: '4',
    });
    expect(await value('c')).toBe('4');
    expect(kv.kvSet.input.safeParse({ key: 'c', valueJson: '1', nx: true, xx: true }).success).toBe(false);
  });

  it('drop the time to live unless it is kept', async () => {
    await call(kv.kvSet, { key: 't', valueJson: '1', ttlMs: 60_000 });
    await call(kv.kvSet, { key: 't', valueJson: '2', keepTtl: true });
    const { valueJson, ttlMs } = await call(kv.kvGet, { key: 't' });
    expect(valueJson).toBe('2');
    expect(ttlMs).toBeGreaterThan(50_000);
    await set('t', '3');
    expect((await call(kv.kvGet, { key: 't' })).ttlMs).toBeNull();
  });

  it('keep the order of one caller who does not wait', async () => {
    const results = [];
    for (let n = 0; n < 50; n++) {
      void set('order', String(n));
      results.push(call(kv.kvGet, { key: 'order' }));
      if (n % 10 === 9)
        results.push(
          call(kv.kvIncr, { key: 'order', amount: 0 }).then(({ value }) => ({ valueJson: String(value) })),
        );
    }
    const seen = (await Promise.all(results)).map(({ valueJson }) => valueJson);
    const wanted = Array.from({ length: 50 }, (_, n) =>
      n % 10 === 9 ? [String(n), String(n)] : [String(n)],
    ).flat();
    expect(seen).toEqual(wanted);
  });
});

describe('keys of another kind', () => {
  beforeAll(async () => {
    await test.admin("SELECT kv.open_entry('hash', NULL, 2::smallint)");
  });

  it('are refused by commands on strings, one by one', async () => {
    await set('neighbour', '1');
    const [wrong, right] = await Promise.all([codeOf(call(kv.kvGet, { key: 'hash' })), value('neighbour')]);
    expect([wrong, right]).toEqual(['WRONG_TYPE', '1']);
    expect(await codeOf(call(kv.kvIncr, { key: 'hash' }))).toBe('WRONG_TYPE');
    expect(await codeOf(call(kv.kvAppend, { key: 'hash', text: 'x' }))).toBe('WRONG_TYPE');
    expect(await codeOf(call(kv.kvStrlen, { key: 'hash' }))).toBe('WRONG_TYPE');
    expect(await codeOf(call(kv.kvGetset, { key: 'hash', valueJson: '1' }))).toBe('WRONG_TYPE');
    expect(await call(kv.kvMget, { keys: ['hash', 'neighbour'] })).toEqual({ valuesJson: [null, '1'] });
  });

  it('are overwritten by set, and their elements become garbage', async () => {
    await set('hash', '"now a string"');
    expect(await value('hash')).toBe('"now a string"');
    expect(await test.admin('SELECT kind FROM kv.garbage')).toEqual([['2']]);
  });
});

describe('counters', () => {
  it('begin at 0, and count strings of digits as numbers', async () => {
    expect(await call(kv.kvIncr, { key: 'n' })).toEqual({ value: 1n });
    expect(await call(kv.kvDecr, { key: 'n', amount: 11 })).toEqual({ value: -10n });
    await set('s', '"5"');
    expect(await call(kv.kvIncr, { key: 's', amount: '+2' })).toEqual({ value: 7n });
    expect(await value('s')).toBe('7');
  });

  it('are exact to the last of 64 bits, and no further', async () => {
    await set('max', '9223372036854775806');
    expect(await call(kv.kvIncr, { key: 'max' })).toEqual({ value: 9223372036854775807n });
    expect(await codeOf(call(kv.kvIncr, { key: 'max' }))).toBe('INTEGER_OVERFLOW');
    await set('min', '-9223372036854775807');
    expect(await call(kv.kvDecr, { key: 'min' })).toEqual({ value: -9223372036854775808n });
    expect(await codeOf(call(kv.kvDecr, { key: 'min' }))).toBe('INTEGER_OVERFLOW');
    expect(await value('min')).toBe('-9223372036854775808');
    expect(await codeOf(call(kv.kvDecr, { key: 'free', amount: '-9223372036854775808' }))).toBe(
      'INTEGER_OVERFLOW',
    );
  });

  it('overflow only where they do, in one batch', async () => {
    await set('edge', '9223372036854775805');
    const outcomes = await Promise.allSettled(
      [1, 1, 1, -1].map((amount) => call(kv.kvIncr, { key: 'edge', amount })),
    );
    expect(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.value : 'refused')),
    ).toEqual([9223372036854775806n, 9223372036854775807n, 'refused', 9223372036854775806n]);
  });

  it.each([
    1.5,
    '1.5',
    '',
    'x',
    Number.NaN,
    2 ** 60,
    '99999999999999999999',
  ])('refuse to add %s', async (amount) => {
    const code = await codeOf(call(kv.kvIncr, { key: 'n', amount })).catch(() => 'refused by the schema');
    expect(['NOT_AN_INTEGER', 'refused by the schema']).toContain(code);
  });

  it.each([
    '1.5',
    '"abc"',
    '{}',
    'true',
    'null',
    '""',
    '1e3',
    '99999999999999999999',
    '"9223372036854775808"',
  ])('refuse to add to %s, and leave it', async (valueJson) => {
    await set('no', valueJson);
    expect(await codeOf(call(kv.kvIncr, { key: 'no' }))).toBe('NOT_AN_INTEGER');
    expect(await value('no')).toBe(valueJson);
  });

  it('keep the time to live', async () => {
    await call(kv.kvSet, { key: 'ct', valueJson: '1', ttlMs: 60_000 });
    await call(kv.kvIncr, { key: 'ct' });
    expect((await call(kv.kvTtl, { key: 'ct' })).ttlMs).toBeGreaterThan(50_000);
  });
});

describe('many at once', () => {
  it('set all, of equal keys the last, and get in the order of the keys', async () => {
    const pairs = [1, 2, 3, 1].map((key, n) => ({ key: `m${key}`, valueJson: String(n) }));
    expect(await call(kv.kvMset, { pairs })).toEqual({ written: 3 });
    expect(await call(kv.kvMget, { keys: ['m3', 'none', 'm1', 'm1'] })).toEqual({
      valuesJson: ['2', null, '3', '3'],
    });
  });

  it('work on more than one statement takes', async () => {
    const pairs = Array.from({ length: 2_500 }, (_, n) => ({ key: `bulk${n}`, valueJson: String(n) }));
    expect(await call(kv.kvMset, { pairs, ttlMs: 60_000 })).toEqual({ written: 2_500 });
    const { valuesJson } = await call(kv.kvMget, { keys: pairs.map(({ key }) => key) });
    expect(valuesJson).toEqual(pairs.map(({ valueJson }) => valueJson));
    expect(await call(kv.kvMdel, { keys: pairs.map(({ key }) => key) })).toEqual({ deleted: 2_500 });
  });

  it('set all or none with msetnx', async () => {
    const pairs = [
      { key: 'x1', valueJson: '1' },
      { key: 'x2', valueJson: '2' },
    ];
    expect(await call(kv.kvMsetnx, { pairs })).toEqual({ written: true });
    const more = [
      { key: 'x0', valueJson: '0' },
      { key: 'x2', valueJson: 'null' },
    ];
    expect(await call(kv.kvMsetnx, { pairs: more })).toEqual({ written: false });
    expect(await call(kv.kvMget, { keys: ['x0', 'x1', 'x2'] })).toEqual({ valuesJson: [null, '1', '2'] });
  });

  it('refuse nothing at all, and more than the bound', async () => {
    expect(await codeOf(call(kv.kvMset, { pairs: [] }))).toBe('INVALID_PARAMETER');
    const keys = new Array<string>(LIMITS.kvItemsMax + 1).fill('k');
    expect(await codeOf(call(kv.kvMget, { keys }))).toBe('LIMIT_EXCEEDED');
    expect(await codeOf(call(kv.kvDel, { keys }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('many, each by itself', () => {
  const pairsOf = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ key: `${name}-${n}`, valueJson: `"${name}"` }));

  it('are all written, those of several callers at once too; of equal keys the last one counts', async () => {
    const same = { key: 'each-same', valueJson: '1' };
    const answers = await Promise.all(
      ['each-a', 'each-b', 'each-c'].map((name) =>
        call(kv.kvSetEach, { pairs: [same, ...pairsOf(name, 1_500), { ...same, valueJson: '2' }] }),
      ),
    );
    for (const { outcomes } of answers) expect(outcomes).toEqual(new Array(1_502).fill(null));
    expect(await value('each-a-0')).toBe('"each-a"');
    expect(await value('each-c-1499')).toBe('"each-c"');
    expect(await value('each-same')).toBe('2');
  });

  it('are in order with what is submitted before and after them', async () => {
    const before = set('each-order', '"before"');
    const each = call(kv.kvSetEach, { pairs: [{ key: 'each-order', valueJson: '"each"' }] });
    const seen = value('each-order');
    const after = set('each-order', '"after"');
    await Promise.all([before, each, after]);
    expect(await seen).toBe('"each"');
    expect(await value('each-order')).toBe('"after"');
  });

  it('are refused as a whole when one of them cannot be, before anything is written', async () => {
    const pairs = [
      { key: 'each-good', valueJson: '1' },
      { key: '', valueJson: '1' },
    ];
    expect(await codeOf(call(kv.kvSetEach, { pairs }))).toBe('INVALID_PARAMETER');
    expect(await codeOf(call(kv.kvSetEach, { pairs: [] }))).toBe('INVALID_PARAMETER');
    expect(await value('each-good')).toBeNull();
  });

  it('are part of the transaction of the caller', async () => {
    const transaction = await beginOn(test.database);
    await call(kv.kvSetEach, { pairs: pairsOf('each-txn', 3) }, transaction);
    expect(await value('each-txn-0')).toBeNull();
    await test.database.rollback(transaction);
    expect(await value('each-txn-0')).toBeNull();
  });
});

describe('text', () => {
  it('is appended to, and counted in bytes', async () => {
    expect(await call(kv.kvAppend, { key: 'a', text: 'né' })).toEqual({ length: 3 });
    expect(await call(kv.kvAppend, { key: 'a', text: '"\0' })).toEqual({ length: 5 });
    expect(JSON.parse((await value('a')) ?? '')).toBe('né"\0');
    expect(await call(kv.kvStrlen, { key: 'a' })).toEqual({ length: 5 });
    expect(await call(kv.kvStrlen, { key: 'nowhere' })).toEqual({ length: 0 });
  });

  it('of another JSON value is its JSON text', async () => {
    await set('four', '4');
    expect(await call(kv.kvAppend, { key: 'four', text: '2' })).toEqual({ length: 2 });
    expect(await value('four')).toBe('"42"');
    expect(await call(kv.kvIncr, { key: 'four' })).toEqual({ value: 43n });
  });

  it.each([
    [0, 3, 'This'],
    [-3, -1, 'ing'],
    [0, -1, 'This is a string'],
    [10, 100, 'string'],
    [-100, 3, 'This'],
    [5, 3, ''],
    [100, 200, ''],
  ])('has a part from %i to %i', async (start, end, text) => {
    await set('r', '"This is a string"');
    expect(await call(kv.kvGetrange, { key: 'r', start, end })).toEqual({ text });
  });

  it('that is cut within a character has U+FFFD there, and is not written so', async () => {
    await set('u', '"aé"');
    expect(await call(kv.kvGetrange, { key: 'u', start: 0, end: 1 })).toEqual({ text: 'a\ufffd' });
    expect(await codeOf(call(kv.kvSetrange, { key: 'u', offset: 2, text: 'x' }))).toBe('INVALID_PARAMETER');
    expect(await value('u')).toBe('"aé"');
  });

  it('is overwritten in place, with NUL in gaps', async () => {
    await set('w', '"Hello World"');
    expect(await call(kv.kvSetrange, { key: 'w', offset: 6, text: 'Redis' })).toEqual({ length: 11 });
    expect(await value('w')).toBe('"Hello Redis"');
    expect(await call(kv.kvSetrange, { key: 'gap', offset: 2, text: 'x' })).toEqual({ length: 3 });
    expect(JSON.parse((await value('gap')) ?? '')).toBe('\0\0x');
    expect(await codeOf(call(kv.kvSetrange, { key: 'gap', offset: LIMITS.kvValueBytesMax, text: 'x' }))).toBe(
      'VALUE_TOO_LARGE',
    );
  });

  it('is exchanged by getset', async () => {
    expect(await call(kv.kvGetset, { key: 'gs', valueJson: '1' })).toEqual({ previousJson: null });
    expect(await call(kv.kvGetset, { key: 'gs', valueJson: '2' })).toEqual({ previousJson: '1' });
  });
});
