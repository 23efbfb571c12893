/** Times to live: what is over is gone at once for everybody, and later from the disk. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import * as kv from '../../src/models/index.ts';
import { openTestStore } from '../support/test-store.ts';
import { callerOn, codeOf } from './kv-support.ts';

const test = await openTestStore();
const call = callerOn(test.store, test.database);
afterAll(() => test.close());

const set = (key: string, valueJson: string, ttlMs?: number): Promise<unknown> =>
  call(kv.kvSet, ttlMs === undefined ? { key, valueJson } : { key, valueJson, ttlMs });
const end = (key: string): Promise<unknown> =>
  test.admin("UPDATE kv.entry SET expires_at = now() - interval '1 s' WHERE key = $1", [key]);

/** Waits until `check` holds, or fails. */
async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await check()) return;
    await sleep(25);
  }
  throw new Error('it did not happen');
}

describe('times to live', () => {
  it('are set, read and taken away', async () => {
    await set('a', '1');
    expect(await call(kv.kvTtl, { key: 'a' })).toEqual({ found: true, ttlMs: null });
    expect(await call(kv.kvExpire, { key: 'a', ttlMs: 5_000 })).toEqual({ changed: true });
    const { ttlMs } = await call(kv.kvTtl, { key: 'a' });
    expect(ttlMs).toBeGreaterThan(3_000);
    expect(ttlMs).toBeLessThanOrEqual(5_000);
    expect(await call(kv.kvPersist, { key: 'a' })).toEqual({ changed: true });
    expect(await call(kv.kvPersist, { key: 'a' })).toEqual({ changed: false });
    expect(await call(kv.kvTtl, { key: 'a' })).toEqual({ found: true, ttlMs: null });
  });

  it('of a missing key change nothing', async () => {
    expect(await call(kv.kvExpire, { key: 'none', ttlMs: 5_000 })).toEqual({ changed: false });
    expect(await call(kv.kvTtl, { key: 'none' })).toEqual({ found: false, ttlMs: null });
    expect(await call(kv.kvPersist, { key: 'none' })).toEqual({ changed: false });
  });

  it.each([0, -1, 1.5, Number.NaN, LIMITS.kvTtlMsMax + 1])('are never %s', (ttlMs) => {
    expect(kv.kvSet.input.safeParse({ key: 'a', valueJson: '1', ttlMs }).success).toBe(false);
    expect(kv.kvExpire.input.safeParse({ key: 'a', ttlMs }).success).toBe(false);
  });

  it('may be as long as the bound', async () => {
    await set('century', '1', LIMITS.kvTtlMsMax);
    expect((await call(kv.kvTtl, { key: 'century' })).ttlMs).toBeGreaterThan(LIMITS.kvTtlMsMax - 60_000);
  });
});

describe('an expired key', () => {
  it('does not exist for any command, though its row is still there', async () => {
    await set('gone', '41', 60_000);
    const mark = (await call(kv.kvVersions, { keys: ['gone'] })).versions;
    await end('gone');
    expect(mark[0]).not.toBeNull();
    expect(await call(kv.kvGet, { key: 'gone' })).toEqual({ found: false, valueJson: null, ttlMs: null });
    expect(await call(kv.kvMget, { keys: ['gone'] })).toEqual({ valuesJson: [null] });
    expect(await call(kv.kvExists, { key: 'gone' })).toEqual({ exists: false });
    expect(await call(kv.keyType, { key: 'gone' })).toEqual({ type: null });
    expect(await call(kv.kvTtl, { key: 'gone' })).toEqual({ found: false, ttlMs: null });
    expect(await call(kv.kvExpire, { key: 'gone', ttlMs: 1_000 })).toEqual({ changed: false });
    expect(await call(kv.kvPersist, { key: 'gone' })).toEqual({ changed: false });
    expect((await call(kv.kvScan, { prefix: 'gone' })).keys).toEqual([]);
    expect(await call(kv.kvVersions, { keys: ['gone'] })).toEqual({ versions: [null] });
    expect(await call(kv.memoryUsage, { key: 'gone' })).toEqual({ bytes: 0 });
    expect(await codeOf(call(kv.keyRename, { source: 'gone', destination: 'x' }))).toBe('KEY_NOT_FOUND');
    expect(await call(kv.kvSet, { key: 'gone', valueJson: '1', xx: true })).toMatchObject({ written: false });
    expect(await call(kv.kvSet, { key: 'gone', valueJson: '1', nx: true })).toMatchObject({ written: true });
  });

  it('is begun anew by a counter, by append and by msetnx', async () => {
    for (const key of ['count', 'text', 'many']) {
      await set(key, '41', 60_000);
      await end(key);
    }
    expect(await call(kv.kvIncr, { key: 'count' })).toEqual({ value: 1n });
    expect(await call(kv.kvTtl, { key: 'count' })).toEqual({ found: true, ttlMs: null });
    expect(await call(kv.kvAppend, { key: 'text', text: 'x' })).toEqual({ length: 1 });
    expect(await call(kv.kvMsetnx, { pairs: [{ key: 'many', valueJson: '1' }] })).toEqual({ written: true });
  });

  it('is not counted when it is deleted', async () => {
    await set('dead', '1', 60_000);
    await end('dead');
    expect(await call(kv.kvDel, { keys: ['dead'] })).toEqual({ deleted: 0 });
  });
});

describe('the sweep', () => {
  it('removes rows soon after they expire, many and one by one', async () => {
    const pairs = Array.from({ length: 2_500 }, (_, n) => ({ key: `s${n}`, valueJson: '1' }));
    await call(kv.kvMset, { pairs, ttlMs: 200 });
    await set('late', '1', 900);
    await set('stays', '1');
    const left = async (): Promise<number> =>
      Number((await test.admin("SELECT count(*) FROM kv.entry WHERE key LIKE 's%' OR key = 'late'"))[0]?.[0]);
    expect(await left()).toBe(2_502);
    await eventually(async () => (await left()) === 1);
    expect(await call(kv.kvExists, { key: 'stays' })).toEqual({ exists: true });
  });

  it('follows a time to live that was set in a transaction', async () => {
    await set('held', '1');
    await test.database.inTransaction((transaction) =>
      call(kv.kvExpire, { key: 'held', ttlMs: 100 }, transaction),
    );
    await eventually(async () => (await test.admin("SELECT FROM kv.entry WHERE key = 'held'")).length === 0);
  });

  it('removes what is left of collections', async () => {
    await test.admin("SELECT kv.open_entry('list', NULL, 3::smallint)");
    await call(kv.kvDel, { keys: ['list'] });
    await eventually(async () => (await test.admin('SELECT FROM kv.garbage')).length === 0);
  });
});
