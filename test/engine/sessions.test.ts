/** What one caller does to a session must never reach the next, and the lane is only for what cannot do anything to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  // One connection for statements, one for transactions: the next caller gets the session of the last.
  test = await openTestStore({ poolConnections: 1, transactionsOpenMax: 1 });
  database = test.database;
  await database.runUser('CREATE TABLE item (id int PRIMARY KEY, name text)');
  await database.runUser(`INSERT INTO item SELECT g, 'item' FROM generate_series(1, 5000) g`);
});
afterAll(() => test.close());

const one = async (sql: string): Promise<string | null | undefined> =>
  (await database.runUser(sql)).rows[0]?.[0];

/** Runs `sql` in an interactive transaction that is committed. */
const inClientTransaction = async (sql: string): Promise<void> => {
  const transaction = await database.begin({
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 10_000,
  });
  await database.runUser(sql, [], { transaction });
  await database.commit(transaction);
};

const locksHeld = async (): Promise<string | null | undefined> =>
  (
    await test.admin(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
  )[0]?.[0];

/** Cleaning happens behind the answer. */
const cleaned = async (): Promise<void> => {
  for (let n = 0; n < 100 && database.counts.poolInUse > 0; n++) await sleep(5);
};

const LEAKS: readonly [name: string, sql: string][] = [
  ['set_config', `SELECT set_config('search_path', 'pg_catalog', false)`],
  ['SET', `SET search_path = pg_catalog`],
  ['SET in a DO block', `DO $$ BEGIN SET search_path = pg_catalog; END $$`],
  ['set_config in a view', `SELECT * FROM sneaky`],
  ['set_config in a rule of names', `SELECT pg_catalog."set_config"('search_path', 'pg_catalog', false)`],
  ['set_config behind a comment', `SELECT/**/set_config/* ' */('search_path', 'pg_catalog', false)`],
  ['set_config after an escaped string', `SELECT E'\\'', set_config('search_path', 'pg_catalog', false), ''`],
  ['set_config in a function', `SELECT change_path()`],
  ['set_config in a trigger', `INSERT INTO watched VALUES (1)`],
  ['set_config in a default', `INSERT INTO defaulted (id) VALUES (1)`],
];

describe('settings', () => {
  beforeAll(async () => {
    const body = `BEGIN PERFORM set_config('search_path', 'pg_catalog', false); RETURN NULL; END`;
    await test.admin(`CREATE VIEW public.sneaky AS SELECT set_config('search_path', 'pg_catalog', false)`);
    await test.admin('GRANT SELECT ON public.sneaky TO facet');
    await database.runUser(`CREATE FUNCTION change_path() RETURNS text LANGUAGE plpgsql AS $$ ${body} $$`);
    await database.runUser(
      `CREATE FUNCTION change_path_row() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$`,
    );
    await database.runUser('CREATE TABLE watched (id int)');
    await database.runUser(
      'CREATE TRIGGER t AFTER INSERT ON watched FOR EACH STATEMENT EXECUTE FUNCTION change_path_row()',
    );
    await database.runUser(
      `CREATE TABLE defaulted (id int, path text DEFAULT set_config('search_path', 'pg_catalog', false))`,
    );
    await sleep(300);
  });

  // A change of code makes everything suspect until the catalog was read again, which would hide a wrong catalog.
  beforeEach(() => sleep(250));

  it.each(LEAKS)('%s does not reach the next statement', async (_, sql) => {
    for (let n = 0; n < 4; n++) {
      await database.runUser(sql);
      expect(await one('SHOW search_path')).toBe('public, vector');
    }
    await inClientTransaction(sql);
    const transaction = await database.begin({
      owner: 'bob',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 10_000,
    });
    expect((await database.runUser('SHOW search_path', [], { transaction })).rows).toEqual([
      ['public, vector'],
    ]);
    await database.rollback(transaction);
  });

  it('of value formats are the same for all', async () => {
    await database.runUser(`SET TimeZone = 'Asia/Tokyo'`);
    await database.runUser(`SELECT set_config('DateStyle', 'German', false)`);
    expect(await one(`SELECT timestamptz '2026-01-31 00:00:00Z'`)).toBe('2026-01-31 00:00:00+00');
  });

  it('are let go of when the catalog has no such thing any more', async () => {
    await test.admin('DROP VIEW public.sneaky');
    await database.runUser('DROP TABLE watched, defaulted');
    await database.runUser('DROP FUNCTION change_path');
    await database.runUser('DROP FUNCTION change_path_row');
    await sleep(300);
  });
});

describe('what else a session can hold', () => {
  it('advisory locks are released', async () => {
    await database.runUser('SELECT pg_advisory_lock(7)');
    await cleaned();
    expect(await locksHeld()).toBe('0');
    await inClientTransaction('SELECT pg_advisory_lock(7)');
    await cleaned();
    expect(await locksHeld()).toBe('0');
  });

  it('temporary tables are dropped', async () => {
    for (const sql of [
      'CREATE TEMP TABLE secret (id int)',
      'SELECT 1 AS id INTO TEMPORARY secret',
      'CREATE TABLE pg_temp.secret (id int)',
      `DO $$ BEGIN CREATE TEMP TABLE secret (id int); END $$`,
    ]) {
      await database.runUser(sql);
      expect((await failure(database.runUser('SELECT * FROM secret'))).code).toBe('TABLE_NOT_FOUND');
      await inClientTransaction(sql);
      const next = database.inTransaction((transaction) =>
        database.runUser('SELECT * FROM secret', [], { transaction }),
      );
      expect((await failure(next)).code).toBe('TABLE_NOT_FOUND');
    }
  });

  it('prepared statements, cursors and listeners are gone', async () => {
    await database.runUser('PREPARE mine AS SELECT 1');
    expect((await failure(database.runUser('EXECUTE mine'))).code).toBe('PREPARED_STATEMENT_NOT_FOUND');
    await inClientTransaction('DECLARE mine CURSOR WITH HOLD FOR SELECT 1');
    expect((await failure(database.runUser('FETCH mine'))).code).toBe('CURSOR_NOT_FOUND');
    await database.runUser('LISTEN mine');
    expect(await one('SELECT count(*) FROM pg_listening_channels()')).toBe('0');
  });

  it('a role cannot be kept, nor the session of others ended', async () => {
    expect((await failure(database.runUser('SET ROLE postgres'))).code).toBe('PERMISSION_DENIED');
    const ended = database.runUser('SELECT pg_terminate_backend(pid) FROM pg_stat_activity');
    expect((await failure(ended)).code).toBe('PERMISSION_DENIED');
    expect((await failure(database.runUser('SELECT pg_cancel_backend(1)'))).code).toBe('PERMISSION_DENIED');
  });

  it('cleaning does not forget how to run what was prepared', async () => {
    const sql = 'SELECT name FROM item WHERE id = $1 AND pg_backend_pid() > 0';
    for (let n = 0; n < 5; n++) expect((await database.runUser(sql, ['1'])).rows).toEqual([['item']]);
  });
});

describe('those who may only read', () => {
  const readOnly = true;
  it.each([
    ['DELETE FROM item', 'READ_ONLY_TRANSACTION'],
    ['CREATE TABLE other (id int)', 'READ_ONLY_TRANSACTION'],
    [`DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM item; END $$`, 'READ_ONLY_TRANSACTION'],
    ['WITH gone AS (DELETE FROM item RETURNING id) SELECT * FROM gone', 'READ_ONLY_TRANSACTION'],
    ['SELECT * INTO other FROM item', 'READ_ONLY_TRANSACTION'],
    ['SELECT * FROM item FOR UPDATE', 'READ_ONLY_TRANSACTION'],
    ['EXPLAIN ANALYZE DELETE FROM item', 'READ_ONLY_TRANSACTION'],
    [`SELECT set_config('transaction_read_only', 'off', true)`, 'INVALID_TRANSACTION_STATE'],
    [`SELECT lo_creat(-1)`, 'READ_ONLY_TRANSACTION'],
    ['COMMIT', 'TRANSACTION_CONTROL_NOT_ALLOWED'],
  ])('%s: %s', async (sql, code) => {
    expect((await failure(database.runUser(sql, [], { readOnly }))).code).toBe(code);
    expect(await one('SELECT count(*) FROM item')).toBe('5000');
  });

  it('cannot make the next statement write either', async () => {
    await database.runUser(`SELECT set_config('default_transaction_read_only', 'off', false)`, [], {
      readOnly,
    });
    const sql = `WITH gone AS (DELETE FROM item RETURNING id) SELECT * FROM gone`;
    expect((await failure(database.runUser(sql, [], { readOnly }))).code).toBe('READ_ONLY_TRANSACTION');
  });

  it('can read, see plans and settings', async () => {
    for (let n = 0; n < 5; n++) {
      expect((await database.runUser('SELECT count(*) FROM item', [], { readOnly })).rows).toEqual([
        ['5000'],
      ]);
    }
    expect(
      (await database.runUser('EXPLAIN SELECT * FROM item', [], { readOnly })).rows.length,
    ).toBeGreaterThan(0);
    expect((await database.runUser('SHOW TimeZone', [], { readOnly })).rows).toEqual([['UTC']]);
    expect((await database.runUser('TABLE item LIMIT 1', [], { readOnly })).rows).toHaveLength(1);
    expect((await database.runUser('', [], { readOnly })).rows).toEqual([]);
  });
});

describe('the lane', () => {
  /** The backend that ran a statement for a read of the catalog that may go over the lane. */
  const onLane = async (sql: string, parameters: readonly (string | null)[] = []): Promise<boolean> => {
    let shared = 0;
    for (let n = 0; n < 6; n++) {
      // With the only connection of the pool taken, only the lane can answer.
      const holder = database.runUser('SELECT pg_sleep(0.1)');
      await sleep(10);
      const answer = database.runUser(sql, parameters).then(
        () => 'answered' as const,
        () => 'answered' as const,
      );
      const first = await Promise.race([answer, sleep(50, 'waits' as const)]);
      if (first === 'answered') shared++;
      await Promise.all([holder, answer]);
    }
    return shared > 0;
  };

  it('takes short reads that have proved to be short', async () => {
    expect(await onLane('SELECT name FROM item WHERE id = $1', ['1'])).toBe(true);
    expect(await onLane('SELECT now(), lower(name), random() FROM item WHERE id = $1', ['1'])).toBe(true);
    expect(await onLane('WITH a AS (SELECT 1 AS n) SELECT n FROM a')).toBe(true);
  });

  it('does not take what writes, locks, is large, or calls what it does not know', async () => {
    for (const sql of [
      'UPDATE item SET name = name WHERE id = 1',
      'SELECT id FROM item WHERE id = 1 FOR UPDATE',
      'SELECT id FROM item',
      'WITH u AS (UPDATE item SET name = name WHERE id = 1 RETURNING id) SELECT id FROM u',
      `SELECT set_config('a.b', 'c', true)`,
      'SELECT pg_sleep(0)',
    ]) {
      expect(`${sql}: ${await onLane(sql)}`).toBe(`${sql}: false`);
    }
  });

  it('hands back what turns out to be slow, which then runs to its end in the pool', async () => {
    const sql = 'SELECT count(*) FROM generate_series(1, $1::int)';
    for (let n = 0; n < 4; n++) await database.runUser(sql, ['10']);
    expect((await database.runUser(sql, ['6000000'])).rows).toEqual([['6000000']]);
    expect(await onLane(sql, ['10'])).toBe(false);
  });

  it('hands back what meets a lock', async () => {
    const sql = 'SELECT name FROM item WHERE id = 2';
    for (let n = 0; n < 4; n++) await database.runUser(sql);
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 10_000,
    });
    await database.runUser('LOCK TABLE item', [], { transaction });
    const reading = database.runUser(sql);
    await sleep(400);
    await database.commit(transaction);
    expect((await reading).rows).toEqual([['item']]);
  });

  it('bounds results, too', async () => {
    const sql = `SELECT repeat('x', $1::int)`;
    for (let n = 0; n < 4; n++) await database.runUser(sql, ['10']);
    const error = await failure(database.runUser(sql, ['100000'], { bytesMax: 50_000 }));
    expect(error.code).toBe('RESULT_TOO_LARGE');
    expect((await database.runUser(sql, ['3'])).rows).toEqual([['xxx']]);
  });
});
