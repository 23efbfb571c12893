/** Following keys: what is told of which change, in one process and across two, and what is not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import * as models from '../../src/models/index.ts';
import { beginOn, type Caller, codeOf } from './kv-support.ts';
import { collect, openPair, type Pair, range, until } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const set = (caller: Caller, key: string, value: unknown, rest: object = {}) =>
  caller(models.kvSet, { key, valueJson: JSON.stringify(value), ...rest });

type Watched = { readonly feed: models.Feed<models.KeyChange>; readonly taken: models.KeyChange[] };
async function follow(caller: Caller, ...keys: string[]): Promise<Watched> {
  const { feed } = await caller(models.kvWatch, { keys });
  return { feed, taken: collect(feed) };
}
const told = ({ taken }: Watched): string[] => taken.map(({ event, key }) => `${event} ${key}`);

/** Changes that were told before a mark, which is told last. */
async function toldBefore(watched: Watched, caller: Caller, mark: string): Promise<string[]> {
  await set(caller, mark, 0);
  await until(() => watched.taken.some(({ key }) => key === mark), `the mark ${mark}`);
  return told(watched).slice(0, -1);
}

const watchers = async (): Promise<number> =>
  Number((await pair.test.admin('SELECT count(*) FROM kv.watcher'))[0]?.[0]);
const asked = async (): Promise<boolean> =>
  (await pair.test.admin("SELECT pg_sequence_last_value('kv.watching'::regclass)"))[0]?.[0] !== null;

describe('a follower', () => {
  it('is told of keys by name and by what they begin with, each change once, in order, with its value', async () => {
    const { here } = pair;
    const one = await follow(here, 'a:1', 'a:*', 'a:1*', 'ä');
    const two = await follow(here, 'a:1');
    await set(here, 'a:1', { n: 1 });
    await set(here, 'b:1', 0);
    await set(here, 'a', 0);
    await set(here, 'a:2', 'zwei');
    await here(models.kvIncr, { key: 'ä', amount: 12345678901234567n });
    await here(models.kvDel, { keys: ['a:1', 'a:none'] });
    await until(() => one.taken.length >= 4 && two.taken.length >= 2, 'changes');
    expect(told(one)).toEqual(['set a:1', 'set a:2', 'set ä', 'del a:1']);
    expect(one.taken.map(({ valueJson }) => valueJson)).toEqual([
      '{"n":1}',
      '"zwei"',
      '12345678901234567',
      null,
    ]);
    expect(told(two)).toEqual(['set a:1', 'del a:1']);
    expect(two.taken[0]).toBe(one.taken[0]);
    one.feed.close();
    two.feed.close();
  });

  it('is told of every kind of change', async () => {
    const { here } = pair;
    const watched = await follow(here, 'k:*');
    const steps: [() => Promise<unknown>, string[]][] = [
      [() => set(here, 'k:s', 1), ['set k:s']],
      [() => here(models.kvMset, { pairs: [{ key: 'k:m', valueJson: '1' }] }), ['set k:m']],
      [() => here(models.kvAppend, { key: 'k:s', text: '2' }), ['set k:s']],
      [() => here(models.kvExpire, { key: 'k:s', ttlMs: 60_000 }), ['expire k:s']],
      [() => here(models.kvPersist, { key: 'k:s' }), ['persist k:s']],
      [() => here(models.keyRename, { source: 'k:s', destination: 'k:t' }), ['del k:s', 'set k:t']],
      [() => here(models.keyCopy, { source: 'k:t', destination: 'k:u' }), ['set k:u']],
      [() => here(models.hashSet, { key: 'k:h', field: 'f', valueJson: '1' }), ['change k:h']],
      [() => here(models.hashDel, { key: 'k:h', fields: ['f'] }), ['del k:h']],
      [() => here(models.listRpush, { key: 'k:l', valuesJson: ['1', '2'] }), ['change k:l']],
      [() => here(models.listLpop, { key: 'k:l' }), ['change k:l']],
      [() => here(models.setAdd, { key: 'k:set', membersJson: ['1'] }), ['change k:set']],
      [
        () => here(models.sortedsetZadd, { key: 'k:z', members: [{ member: 'm', score: 1 }] }),
        ['change k:z'],
      ],
      [() => here(models.bitmapSetbit, { key: 'k:b', offset: 7, value: 1 }), ['change k:b']],
      [() => here(models.hyperloglogPfadd, { key: 'k:p', elements: ['x'] }), ['change k:p']],
      [() => here(models.hashGetall, { key: 'k:none' }), []],
      [() => here(models.kvGet, { key: 'k:t' }), []],
      [() => set(here, 'k:t', 3, { nx: true }), []],
      [
        () => pair.test.admin("UPDATE kv.entry SET value = '4', version = version + 1 WHERE key = 'k:t'"),
        ['set k:t'],
      ],
    ];
    for (const [n, [change, expected]] of steps.entries()) {
      const before = watched.taken.length;
      await change();
      const all = await toldBefore(watched, here, `k:mark:${n}`);
      expect(all.slice(before)).toEqual(expected);
    }
    const before = watched.taken.length;
    const { deleted } = await here(models.kvFlushdb, {});
    await until(() => watched.taken.length >= before + steps.length, 'the flush');
    expect(
      told(watched)
        .slice(before)
        .every((each) => each.startsWith('del k:')),
    ).toBe(true);
    expect(deleted).toBeGreaterThanOrEqual(watched.taken.length - before);
    watched.feed.close();
  });

  it('is told that a key has expired, by the sweep', async () => {
    const { here } = pair;
    const watched = await follow(here, 'brief');
    await set(here, 'brief', 1, { ttlMs: 50 });
    await until(() => watched.taken.length >= 2, 'the sweep');
    expect(told(watched)).toEqual(['set brief', 'expired brief']);
    watched.feed.close();
  });

  it('gets values up to the bound, also those that a notification cannot hold', async () => {
    const { here } = pair;
    const watched = await follow(here, 'v:*');
    const sizes = [7_900, 7_990, 20_000, LIMITS.kvWatchValueBytesMax - 2, LIMITS.kvWatchValueBytesMax - 1];
    for (const size of sizes) await set(here, `v:${size}`, 'x'.repeat(size));
    await set(here, 'v:small', 'ü€');
    await until(() => watched.taken.length >= sizes.length + 1, 'values');
    expect(watched.taken.map(({ valueJson, truncated }) => [valueJson?.length, truncated])).toEqual([
      ...sizes.slice(0, -1).map((size) => [size + 2, false]),
      [undefined, true],
      [4, false],
    ]);
    watched.feed.close();
  });

  it('gets no value that is not the one of the change', async () => {
    const { here } = pair;
    const watched = await follow(here, 'w');
    const transaction = await beginOn(pair.database);
    await here(models.kvSet, { key: 'w', valueJson: JSON.stringify('a'.repeat(9_000)) }, transaction);
    await here(models.kvSet, { key: 'w', valueJson: '2' }, transaction);
    expect(watched.taken).toEqual([]);
    await pair.database.commit(transaction);
    await until(() => watched.taken.length >= 2, 'both');
    expect(watched.taken.map(({ valueJson, truncated }) => [valueJson, truncated])).toEqual([
      [null, true],
      ['2', false],
    ]);
    watched.feed.close();
  });

  it('is told at the commit of a transaction, and nothing of what was rolled back', async () => {
    const { here } = pair;
    const watched = await follow(here, 't:*');
    const lost = await beginOn(pair.database);
    await here(models.kvSet, { key: 't:lost', valueJson: '1' }, lost);
    await pair.database.rollback(lost);
    const kept = await beginOn(pair.database);
    await here(models.kvSet, { key: 't:kept', valueJson: '1' }, kept);
    await here(models.kvDel, { keys: ['t:kept'] }, kept);
    await set(here, 't:other', 1);
    await until(() => watched.taken.length >= 1, 'the other');
    await pair.database.commit(kept);
    await until(() => watched.taken.length >= 3, 'the commit');
    expect(told(watched)).toEqual(['set t:other', 'set t:kept', 'del t:kept']);
    watched.feed.close();
  });

  it('that takes nothing is dropped with a reason; the others are not', async () => {
    const { here } = pair;
    const { feed: slow } = await here(models.kvWatch, { keys: ['busy:*'] });
    const quick = await follow(here, 'busy:*');
    const count = LIMITS.feedItemsMax + 1;
    for (const part of range(11)) {
      const pairs = range(1_000, part * 1_000).map((n) => ({ key: `busy:${n}`, valueJson: '1' }));
      await here(models.kvMset, { pairs });
    }
    await until(() => quick.taken.length >= count && slow.ended !== undefined, 'all of them');
    expect(slow.ended?.reason.code).toBe('SUBSCRIBER_TOO_SLOW');
    expect(slow.waiting).toBe(0);
    expect(quick.feed.ended).toBeUndefined();
    await until(() => quick.taken.length === 11_000, 'the rest');
    quick.feed.close();
  });
});

describe('across processes', () => {
  it('a change is told wherever it is made, once followed, in the order of the commits', async () => {
    const { here, there } = pair;
    const watched = await follow(there, 'x');
    for (const n of range(100)) await set(n % 2 === 0 ? here : there, 'x', n);
    await until(() => watched.taken.length >= 100, 'all');
    expect(watched.taken.map(({ valueJson }) => Number(valueJson))).toEqual(range(100));
    const versions = watched.taken.map(({ version }) => version);
    expect(versions).toEqual(range(100, versions[0] ?? 0));
    watched.feed.close();
  });

  it('nobody is asked when nobody follows, also after a process was lost', async () => {
    const { here, there } = pair;
    for (let n = 0; (await watchers()) > 0 && n < 500; n++) await sleep(10);
    for (let n = 0; (await asked()) && n < 500; n++) await sleep(10);
    expect([await watchers(), await asked()]).toEqual([0, false]);
    const one = await follow(here, 'y');
    const two = await follow(there, 'z');
    expect([await watchers(), await asked()]).toEqual([2, true]);
    one.feed.close();
    for (let n = 0; (await watchers()) > 1 && n < 500; n++) await sleep(10);
    expect([await watchers(), await asked()]).toEqual([1, true]);
    await set(here, 'z', 1);
    await until(() => two.taken.length === 1, 'the one that still follows');
    // As if the other process had been killed an hour ago.
    await pair.test.admin(
      "INSERT INTO kv.watcher VALUES ('gone', '{}', ARRAY[''], clock_timestamp() - interval '1 hour')",
    );
    two.feed.close();
    for (let n = 0; (await asked()) && n < 500; n++) await sleep(10);
    expect([await watchers(), await asked()]).toEqual([0, false]);
  });

  it('the sweep forgets a process that was lost', async () => {
    const { here } = pair;
    await pair.test.admin("SELECT setval('kv.watching', 1, true)");
    await set(here, 'soon', 1, { ttlMs: 10 });
    for (let n = 0; (await asked()) && n < 500; n++) await sleep(10);
    expect(await asked()).toBe(false);
  });

  it('what is no notification of ours is passed over', async () => {
    const { here } = pair;
    const watched = await follow(here, '*');
    for (const payload of [
      '',
      'set',
      'set 1.1 v 3\nkey"',
      'set 1.1 v 9\nkey',
      'eat 1.1 - 1\nk',
      'set 1.1 v 1\nk}{',
    ]) {
      await pair.test.admin("SELECT pg_notify('facet_kv', $1)", [payload]);
    }
    expect(await toldBefore(watched, here, 'mark')).toEqual([]);
    watched.feed.close();
  });
});

it('refuses what cannot be followed', async () => {
  const { here } = pair;
  const watch = (keys: string[]): Promise<string> => codeOf(here(models.kvWatch, { keys }));
  for (const keys of [[], [''], ['a\0'], ['x'.repeat(2_049)], [`${'x'.repeat(2_049)}*`], ['\ud800*']]) {
    expect(await watch(keys)).toBe('INVALID_PARAMETER');
  }
  const transaction = await beginOn(pair.database);
  expect(await codeOf(here(models.kvWatch, { keys: ['a'] }, transaction))).toBe('INVALID_PARAMETER');
  await pair.database.rollback(transaction);
});
