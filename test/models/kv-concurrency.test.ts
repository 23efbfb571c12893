/** Many callers, several processes, transactions: what each sees, and who wins. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import * as kv from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { beginOn, type Caller, callerOn, codeOf } from './kv-support.ts';

let test: TestStore;
let other: Store;
let database: Database;
let call: Caller;
let there: Caller;

beforeAll(async () => {
  test = await openTestStore();
  other = await openStore(test.uri, { observe: () => {} });
  database = test.database;
  call = callerOn(test.store, database);
  there = callerOn(other, await other.namespace('default'));
});
afterAll(async () => {
  await other.stop();
  await test.close();
});

const value = async (key: string): Promise<string | null> => (await call(kv.kvGet, { key })).valueJson;
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('many callers', () => {
  it('count to the same number, and each sees its own step', async () => {
    const results = await Promise.all(range(100).map(() => call(kv.kvIncr, { key: 'n' })));
    expect(results.map((result) => Number(result.value)).sort((a, b) => a - b)).toEqual(
      range(100).map((n) => n + 1),
    );
    expect(await value('n')).toBe('100');
  });

  it('of two processes count to the same number', async () => {
    const steps = range(200).map((n) => (n % 2 === 0 ? call : there)(kv.kvIncr, { key: 'both' }));
    const seen = (await Promise.all(steps)).map((result) => result.value);
    expect(new Set(seen).size).toBe(200);
    expect(await value('both')).toBe('200');
  });

  it('cannot all be the first: exactly one nx wins', async () => {
    for (const round of range(10)) {
      const key = `lock${round}`;
      const tries = range(20).map((n) =>
        (n % 2 === 0 ? call : there)(kv.kvSet, {
          key,
          valueJson: String(n),
          nx: true,
          ...(n % 4 < 2 ? { previous: true } : {}),
        }),
      );
      const written = (await Promise.all(tries)).map((result) => result.written);
      expect(written.filter(Boolean)).toHaveLength(1);
      expect(await value(key)).toBe(String(written.indexOf(true)));
    }
  });

  it('of two processes write the same keys without a deadlock', async () => {
    const rounds = range(20).flatMap((round) =>
      [call, there].map((caller) => {
        const keys = range(50).map((n) => `d${(n * 7 + round) % 50}`);
        return caller(kv.kvMset, { pairs: keys.map((key) => ({ key, valueJson: String(round) })) });
      }),
    );
    await Promise.all([
      ...rounds,
      ...range(100).map((n) => (n % 2 === 0 ? call : there)(kv.kvSet, { key: `d${n % 50}`, valueJson: '1' })),
      ...range(20).map((n) =>
        there(kv.keyRename, { source: `d${n}`, destination: `d${49 - n}` }).catch(() => undefined),
      ),
    ]);
    const { deleted } = await call(kv.kvDel, { keys: range(50).map((n) => `d${n}`) });
    expect(deleted).toBeGreaterThan(0);
  });

  it('appending lose nothing', async () => {
    await Promise.all(
      range(40).map((n) => (n % 2 === 0 ? call : there)(kv.kvAppend, { key: 'log', text: 'x' })),
    );
    expect(await value('log')).toBe(JSON.stringify('x'.repeat(40)));
  });
});

describe('two processes', () => {
  it('see what the other wrote once it was answered', async () => {
    await call(kv.kvSet, { key: 'shared', valueJson: '1' });
    expect((await there(kv.kvGet, { key: 'shared' })).valueJson).toBe('1');
    await there(kv.kvDel, { keys: ['shared'] });
    expect(await value('shared')).toBeNull();
  });
});

describe('a transaction', () => {
  it('sees its own writes, and nobody else does before it commits', async () => {
    const transaction = await beginOn(database);
    await call(kv.kvSet, { key: 't', valueJson: '1' }, transaction);
    await call(kv.kvIncr, { key: 't', amount: 4 }, transaction);
    await call(kv.kvMset, { pairs: [{ key: 't2', valueJson: '2' }] }, transaction);
    await call(kv.kvAppend, { key: 't3', text: 'x' }, transaction);
    expect((await call(kv.kvGet, { key: 't' }, transaction)).valueJson).toBe('5');
    expect((await call(kv.kvScan, { prefix: 't' }, transaction)).keys).toEqual(['t', 't2', 't3']);
    expect(await value('t')).toBeNull();
    expect((await there(kv.kvScan, { prefix: 't' })).keys).toEqual([]);
    await database.commit(transaction);
    expect((await there(kv.kvMget, { keys: ['t', 't2', 't3'] })).valuesJson).toEqual(['5', '2', '"x"']);
  });

  it('that is rolled back leaves nothing', async () => {
    await call(kv.kvSet, { key: 'kept', valueJson: '1' });
    const transaction = await beginOn(database);
    await call(kv.kvSet, { key: 'kept', valueJson: '2' }, transaction);
    await call(kv.kvSet, { key: 'rolled', valueJson: '2', nx: true }, transaction);
    await call(kv.kvDel, { keys: ['kept', 'n'] }, transaction);
    await call(kv.keyRename, { source: 'rolled', destination: 'back' }, transaction);
    await database.rollback(transaction);
    expect(await value('kept')).toBe('1');
    expect(await value('n')).toBe('100');
    expect((await call(kv.kvMget, { keys: ['rolled', 'back'] })).valuesJson).toEqual([null, null]);
  });

  it('goes on after a command that was refused', async () => {
    const transaction = await beginOn(database);
    await call(kv.kvSet, { key: 'word', valueJson: '"a"' }, transaction);
    expect(await codeOf(call(kv.kvIncr, { key: 'word' }, transaction))).toBe('NOT_AN_INTEGER');
    expect(await codeOf(call(kv.keyRename, { source: 'no', destination: 'b' }, transaction))).toBe(
      'KEY_NOT_FOUND',
    );
    const pairs = [
      { key: 'new', valueJson: '1' },
      { key: 'word', valueJson: '1' },
    ];
    expect(await call(kv.kvMsetnx, { pairs }, transaction)).toEqual({ written: false });
    await database.commit(transaction);
    expect((await call(kv.kvMget, { keys: ['word', 'new'] })).valuesJson).toEqual(['"a"', null]);
  });

  it('that holds a key holds up only those who want this key', async () => {
    await call(kv.kvSet, { key: 'busy', valueJson: '1' });
    const transaction = await beginOn(database);
    await call(kv.kvSet, { key: 'busy', valueJson: '2' }, transaction);
    let done = 0;
    const waiting = [
      call(kv.kvSet, { key: 'busy', valueJson: '3' }),
      call(kv.kvIncr, { key: 'busy' }),
      call(kv.kvSet, { key: 'busy', valueJson: '9', previous: true }),
    ].map((one) => one.then(() => done++));
    await sleep(50);
    for (const n of range(5)) {
      await call(kv.kvSet, { key: `free${n}`, valueJson: '1' });
      expect(await value(`free${n}`)).toBe('1');
    }
    expect(done).toBe(0);
    await database.commit(transaction);
    await Promise.all(waiting);
    expect(await value('busy')).toBe('9');
  });
});
