/** Keys of every kind: deleting, walking, matching, renaming, copying, counting. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import * as kv from '../../src/models/index.ts';
import { parseGlob } from '../../src/models/kv/keys/glob.ts';
import { openTestStore } from '../support/test-store.ts';
import { callerOn, codeOf } from './kv-support.ts';

const test = await openTestStore();
const call = callerOn(test.store, test.database);
afterAll(() => test.close());

const set = (key: string, valueJson = '1', ttlMs?: number): Promise<unknown> =>
  call(kv.kvSet, ttlMs === undefined ? { key, valueJson } : { key, valueJson, ttlMs });

beforeEach(async () => {
  await call(kv.kvFlushdb, {});
});

describe('deleting', () => {
  it('counts what was there, each key once', async () => {
    await set('a');
    await set('b');
    expect(await call(kv.kvDel, { keys: ['a', 'b', 'c', 'a'] })).toEqual({ deleted: 2 });
    expect(await call(kv.kvExists, { key: 'a' })).toEqual({ exists: false });
    expect(await call(kv.kvDel, { keys: ['a'] })).toEqual({ deleted: 0 });
    expect(await codeOf(call(kv.kvDel, { keys: [] }))).toBe('INVALID_PARAMETER');
  });

  it('of the whole namespace tells how many there were', async () => {
    await set('a');
    await set('b');
    expect(await call(kv.kvDbsize, {})).toEqual({ keys: 2 });
    expect(await call(kv.kvFlushdb, {})).toEqual({ deleted: 2 });
    expect(await call(kv.kvDbsize, {})).toEqual({ keys: 0 });
    expect(kv.kvFlushdb.access).toBe('admin');
  });
});

describe('scan', () => {
  it('goes through all keys in pages, by prefix', async () => {
    const keys = Array.from({ length: 25 }, (_, n) => `user:${String(n).padStart(2, '0')}`);
    await call(kv.kvMset, { pairs: [...keys, 'usea', 'user;', 'z'].map((key) => ({ key, valueJson: '1' })) });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { keys: string[]; cursor: string | null } = await call(kv.kvScan, {
        prefix: 'user:',
        cursor,
        count: 10,
      });
      seen.push(...page.keys);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual(keys);
  });

  it('is not moved by what is written and deleted meanwhile', async () => {
    await call(kv.kvMset, { pairs: [...'bdfhjl'].map((key) => ({ key, valueJson: '1' })) });
    const first = await call(kv.kvScan, { count: 3 });
    expect(first.keys).toEqual(['b', 'd', 'f']);
    await call(kv.kvDel, { keys: ['b', 'f', 'j'] });
    for (const key of 'acegk') await set(key);
    const second = await call(kv.kvScan, { count: 10, cursor: first.cursor });
    expect(second).toEqual({ keys: ['g', 'h', 'k', 'l'], cursor: null });
  });

  it('takes prefixes literally, and those at the end of Unicode', async () => {
    for (const key of ['%a', '_a', '*a', 'a', '\ud7ff', '\ue000', '\u{10ffff}', '\u{10ffff}x'])
      await set(key);
    const found = async (prefix: string): Promise<string[]> => (await call(kv.kvScan, { prefix })).keys;
    expect(await found('%')).toEqual(['%a']);
    expect(await found('*')).toEqual(['*a']);
    expect(await found('\ud7ff')).toEqual(['\ud7ff']);
    expect(await found('\u{10ffff}')).toEqual(['\u{10ffff}', '\u{10ffff}x']);
    expect((await found('')).length).toBe(8);
  });

  it('refuses cursors and counts of others', async () => {
    for (const cursor of ['', '0', 'abc', Buffer.from('{"after":1}').toString('base64url')]) {
      expect(await codeOf(call(kv.kvScan, { cursor })), cursor).toBe('INVALID_CURSOR');
    }
    for (const count of [0, -1, 1.5, LIMITS.kvScanKeysMax + 1]) {
      expect(kv.kvScan.input.safeParse({ count }).success).toBe(false);
    }
  });

  it('walks along the index, however many keys there are', async () => {
    await test.admin(
      `INSERT INTO kv.entry (key, kind, value, version) SELECT 'n' || n, 1, '1', 1 FROM generate_series(1, 20000) AS n`,
    );
    await test.admin('SELECT pg_stat_force_next_flush()').catch(() => []);
    const before = Number(
      (await test.admin("SELECT pg_stat_get_tuples_fetched('kv.entry'::regclass)"))[0]?.[0],
    );
    expect((await call(kv.kvScan, { count: 5 })).keys.length).toBe(5);
    await call(kv.kvScan, { prefix: 'n', count: 5 });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await call(kv.kvScan, { prefix: 'n1', count: 5 });
    const after = Number(
      (await test.admin("SELECT pg_stat_get_tuples_fetched('kv.entry'::regclass)"))[0]?.[0],
    );
    expect(after - before).toBeLessThan(1_000);
  });
});

describe('patterns', () => {
  it('find keys', async () => {
    for (const key of ['hello', 'hallo', 'hxllo', 'hllo', 'heeello', 'h*llo', 'other']) await set(key);
    const found = async (pattern?: string): Promise<string[]> =>
      (await call(kv.kvKeys, pattern === undefined ? {} : { pattern })).keys;
    expect(await found('h?llo')).toEqual(['h*llo', 'hallo', 'hello', 'hxllo']);
    expect(await found('h*llo')).toHaveLength(6);
    expect(await found('h\\*llo')).toEqual(['h*llo']);
    expect(await found('h[ae]llo')).toEqual(['hallo', 'hello']);
    expect(await found('h[^e]llo')).toEqual(['h*llo', 'hallo', 'hxllo']);
    expect(await found('h[a-e]llo')).toEqual(['hallo', 'hello']);
    expect(await found()).toHaveLength(7);
  });

  it.each([
    ['', '', true],
    ['*', '', true],
    ['a**b', 'ab', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*ab', 'aab', true],
    ['[]', 'a', false],
    ['[a', 'a', true],
    ['[z-a]', 'm', true],
    ['\\', '\\', true],
    ['?', '🎈', true],
    ['[🎈]', '🎈', true],
    ['a*a*a*a*a*a*b', 'a'.repeat(3_000), false],
  ])('%s against %s: %s', (pattern, text, matches) => {
    expect(parseGlob(pattern).matches(text)).toBe(matches);
  });
});

describe('patterns that are made to take long', () => {
  it('are refused, and hold up nobody meanwhile', async () => {
    expect(await codeOf(call(kv.kvKeys, { pattern: '*'.repeat(LIMITS.kvPatternCharactersMax + 1) }))).toBe(
      'INVALID_PARAMETER',
    );
    const pairs = Array.from({ length: 40 }, (_, n) => ({
      key: `${'b'.repeat(10_000)}${n}`,
      valueJson: '1',
    }));
    await call(kv.kvMset, { pairs });
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    expect((await call(kv.kvKeys, { pattern: `*${'b'.repeat(100)}z` })).keys).toEqual([]);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
    const long = 'b'.repeat(LIMITS.kvPatternCharactersMax - 2);
    expect(await codeOf(call(kv.kvKeys, { pattern: `*${long}z` }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('rename and copy', () => {
  it('move value and time to live over whatever was there', async () => {
    await set('a', '"A"', 60_000);
    await set('b', '"B"');
    await call(kv.keyRename, { source: 'a', destination: 'b' });
    const { valueJson, ttlMs } = await call(kv.kvGet, { key: 'b' });
    expect(valueJson).toBe('"A"');
    expect(ttlMs).toBeGreaterThan(50_000);
    expect(await call(kv.kvExists, { key: 'a' })).toEqual({ exists: false });
    expect(await call(kv.kvDbsize, {})).toEqual({ keys: 1 });
  });

  it('refuse what is missing or taken, and leave no trace', async () => {
    await set('a', '"A"');
    await set('b', '"B"');
    expect(await codeOf(call(kv.keyRename, { source: 'none', destination: 'new' }))).toBe('KEY_NOT_FOUND');
    expect(await codeOf(call(kv.keyRename, { source: 'none', destination: 'none' }))).toBe('KEY_NOT_FOUND');
    expect(await codeOf(call(kv.keyRenamenx, { source: 'a', destination: 'b' }))).toBe('KEY_EXISTS');
    expect(await codeOf(call(kv.keyCopy, { source: 'a', destination: 'b' }))).toBe('KEY_EXISTS');
    expect(await codeOf(call(kv.keyCopy, { source: 'none', destination: 'b' }))).toBe('KEY_NOT_FOUND');
    await call(kv.keyRename, { source: 'a', destination: 'a' });
    expect(await test.admin('SELECT key, value FROM kv.entry ORDER BY key')).toEqual([
      ['a', '"A"'],
      ['b', '"B"'],
    ]);
  });

  it('copy leaves the source, and replaces when asked', async () => {
    await set('a', '"A"');
    await call(kv.keyCopy, { source: 'a', destination: 'c' });
    await set('a', '"A2"');
    await call(kv.keyCopy, { source: 'a', destination: 'c', replace: true });
    expect(await call(kv.kvMget, { keys: ['a', 'c'] })).toEqual({ valuesJson: ['"A2"', '"A2"'] });
  });

  it('renamenx takes a name that has expired', async () => {
    await set('a', '"A"');
    await set('old', '1');
    await test.admin("UPDATE kv.entry SET expires_at = now() - interval '1 s' WHERE key = 'old'");
    await call(kv.keyRenamenx, { source: 'a', destination: 'old' });
    expect(await call(kv.kvGet, { key: 'old' })).toEqual({ found: true, valueJson: '"A"', ttlMs: null });
  });

  it('of long keys works, too', async () => {
    const long = 'x'.repeat(10_000);
    await set('a', '"A"');
    await call(kv.keyRename, { source: 'a', destination: long });
    expect((await call(kv.kvScan, {})).keys).toEqual([long]);
    await call(kv.keyRename, { source: long, destination: 'b' });
    expect((await call(kv.kvScan, {})).keys).toEqual(['b']);
  });

  it('note a collection that was overwritten as garbage, not one that moved', async () => {
    await test.admin(
      "SELECT kv.open_entry('one', NULL, 2::smallint), kv.open_entry('two', NULL, 3::smallint)",
    );
    const [[id]] = (await test.admin("SELECT id FROM kv.entry WHERE key = 'one'")) as [[string]];
    await call(kv.keyRename, { source: 'one', destination: 'two' });
    expect(await test.admin('SELECT key, kind, id FROM kv.entry')).toEqual([['two', '2', id]]);
    expect(await call(kv.keyType, { key: 'two' })).toEqual({ type: 'hash' });
  });
});

describe('facts', () => {
  it('tell kinds, sizes and versions', async () => {
    await set('key', '"12345"');
    expect(await call(kv.keyType, { key: 'key' })).toEqual({ type: 'string' });
    expect(await call(kv.keyType, { key: 'none' })).toEqual({ type: null });
    expect(await call(kv.memoryUsage, { key: 'key' })).toEqual({ bytes: 10 });
    expect(await call(kv.memoryUsage, { key: 'none' })).toEqual({ bytes: 0 });
    const stats = await call(kv.kvStats, {});
    expect(stats).toMatchObject({ keys: 1, keysByType: { string: 1 } });
    expect(stats.bytesOnDisk).toBeGreaterThan(0);
  });

  it('draw a key by lot', async () => {
    expect(await call(kv.keyRandomkey, {})).toEqual({ key: null });
    await set('a');
    await set('b');
    const drawn = new Set<string | null>();
    for (let n = 0; n < 64; n++) drawn.add((await call(kv.keyRandomkey, {})).key);
    expect([...drawn].sort()).toEqual(['a', 'b']);
  });

  it('change their version with every change of the key, and with nothing else', async () => {
    const version = async (): Promise<string | null> =>
      (await call(kv.kvVersions, { keys: ['w'] })).versions[0] ?? null;
    const seen = [await version()];
    const changes = [
      () => set('w'),
      () => set('w'),
      () => call(kv.kvIncr, { key: 'w' }),
      () => call(kv.kvAppend, { key: 'w', text: '1' }),
      () => call(kv.kvExpire, { key: 'w', ttlMs: 60_000 }),
      () => call(kv.kvPersist, { key: 'w' }),
      () => call(kv.kvDel, { keys: ['w'] }),
      () => set('w'),
    ];
    for (const change of changes) {
      await change();
      seen.push(await version());
    }
    expect(seen.filter((one) => one === null)).toHaveLength(2);
    expect(new Set(seen).size).toBe(seen.length - 1);
    const before = await version();
    await call(kv.kvGet, { key: 'w' });
    await call(kv.kvSet, { key: 'w', valueJson: '2', nx: true });
    expect(await version()).toBe(before);
  });

  it('are there for users of SQL', async () => {
    await set('json', '{"a": 1}');
    const { rows } = await test.database.runUser("SELECT value ->> 'a' FROM kv.strings WHERE key = 'json'");
    expect(rows).toEqual([['1']]);
    expect((await test.database.runUser('SELECT key, type FROM kv.keys')).rows).toEqual([['json', 'string']]);
  });
});
