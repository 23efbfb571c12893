/**
 * What one caller must not do to another on a server of our own: escape from read-only, reach into another namespace,
 * leave something in a shared session. Each case was an attack that worked once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';

let store: Store;
let database: Database;
beforeAll(async () => {
  store = await openStore('memory://isolation', { observe: ignoreObservations });
  database = await store.namespace('default');
});
afterAll(() => store.stop());

const cell = async (sql: string, readOnly = false): Promise<string | null | undefined> =>
  (await database.runUser(sql, [], { readOnly })).rows[0]?.[0];

/** Runs it often enough to be promoted to the shared lane, by the rules of routing.ts. */
async function often(sql: string): Promise<void> {
  for (let n = 0; n < 6; n++) await database.runUser(sql, [], { readOnly: true }).catch(() => undefined);
}

/** The catalog is read again a moment after DDL; until then nothing is taken for safe. */
const settled = (): Promise<void> => sleep(300);

describe('a caller that may only read', () => {
  it.each([
    'EXPLAIN ANALYZE CREATE TABLE escaped AS SELECT 1 a',
    'EXPLAIN (ANALYZE) SELECT 1 INTO escaped',
    'EXPLAIN ("analyze") CREATE MATERIALIZED VIEW escaped AS SELECT 1 a',
  ])('makes no table by %s', async (sql) => {
    expect((await failure(database.runUser(sql, [], { readOnly: true }))).code).toBe('READ_ONLY_TRANSACTION');
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: true,
      timeoutMs: 5_000,
    });
    expect((await failure(database.runUser(sql, [], { transaction }))).code).toBe('READ_ONLY_TRANSACTION');
    await database.rollback(transaction);
    expect(await cell(`SELECT count(*) FROM pg_class WHERE relname = 'escaped'`)).toBe('0');
  });

  it.each([
    `SELECT pg_create_logical_replication_slot('a', 'pgoutput')`,
    `SELECT pg_create_physical_replication_slot('a', true)`,
    `SELECT pg_logical_emit_message(false, 'a', 'b')`,
    `SELECT pg_clear_relation_stats('public', 'a')`,
    'SELECT pg_terminate_backend(1)',
  ])('may not %s', async (sql) => {
    expect((await failure(database.runUser(sql, [], { readOnly: true }))).code).toBe('PERMISSION_DENIED');
  });

  it('creates no namespace', async () => {
    expect((await failure(store.namespace('unheard_of', { create: false }))).code).toBe('DATABASE_NOT_FOUND');
    const [refused, made] = await Promise.allSettled([
      store.namespace('soon', { create: false }),
      store.namespace('soon'),
    ]);
    expect([refused.status, made.status]).toEqual(['rejected', 'fulfilled']);
    expect(await store.namespace('soon', { create: false })).toBe(await store.namespace('soon'));
  });
});

describe('a namespace', () => {
  it.each([
    'DROP DATABASE ns_victim WITH (FORCE)',
    'ALTER DATABASE ns_victim CONNECTION LIMIT 0',
    'ALTER DATABASE facet ALLOW_CONNECTIONS false',
    'ALTER ROLE ns_victim SET work_mem = 64',
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
  ])('cannot %s', async (sql) => {
    await store.namespace('victim');
    expect((await failure(database.runUser(sql))).code).toBe('PERMISSION_DENIED');
  });

  it('is the owner of what it makes, and of its public schema', async () => {
    const other = await store.namespace('owner');
    await other.runUser('CREATE TABLE mine (id int)');
    await other.runUser('CREATE SCHEMA more');
    await other.runUser('DROP SCHEMA public CASCADE');
    const [row] = (await other.runUser('SELECT current_user, current_database()')).rows;
    expect(row).toEqual(['ns_owner', 'ns_owner']);
  });

  it('does not see what another one runs', async () => {
    const other = await store.namespace('secretive');
    const secret = other.runUser(`SELECT 'the secret', pg_sleep(0.5)`);
    await sleep(100);
    const seen = await cell(
      `SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE datname = 'ns_secretive'`,
    );
    expect(seen).toContain('insufficient privilege');
    expect(seen).not.toContain('the secret');
    await secret;
  });

  it('opens again whatever its role has set for itself', async () => {
    const name = 'stubborn';
    const before = await openStore('memory://stubborn', { observe: ignoreObservations });
    try {
      const stubborn = await before.namespace(name);
      await stubborn.runUser(`ALTER ROLE ns_${name} SET idle_session_timeout = 1`);
      await stubborn.runUser(`ALTER ROLE ns_${name} SET transaction_timeout = 1`);
      await stubborn.runUser(`ALTER ROLE ns_${name} SET search_path = 'nowhere'`);
      await sleep(20);
      // Enough at once that new sessions are opened.
      const all = Array.from({ length: 8 }, () =>
        stubborn.runUser('SELECT current_schemas(false), pg_sleep(0.05)'),
      );
      for (const result of await Promise.all(all)) expect(result.rows[0]?.[0]).toBe('{public,vector}');
    } finally {
      await before.stop();
    }
  });
});

describe('a shared session', () => {
  const path = () => cell('SHOW search_path');

  it.each([
    `UPDATE pg_settings SET setting = 'pg_catalog' WHERE name = 'search_path'`,
    `EXPLAIN ANALYZE UPDATE pg_settings SET setting = 'pg_catalog' WHERE name = 'search_path'`,
  ])('is not changed by %s', async (sql) => {
    expect((await failure(database.runUser(sql))).code).toBe('PERMISSION_DENIED');
    expect(await path()).toBe('public, vector');
  });

  it('is not changed by the check of a domain', async () => {
    await database.runUser(
      `CREATE DOMAIN evil AS text CHECK (set_config('search_path', VALUE, false) IS NOT NULL)`,
    );
    await settled();
    await often(`SELECT 'poison,public'::evil`);
    await often('SHOW search_path');
    expect(await path()).toBe('public, vector');
    expect(await cell(`SELECT current_setting('search_path')`, true)).toBe('public, vector');
    await database.runUser('DROP DOMAIN evil');
  });

  it('is not changed by an aggregate of builtin parts', async () => {
    await database.runUser(
      `CREATE AGGREGATE evilagg(text, bool) (sfunc = set_config, stype = text, initcond = 'search_path')`,
    );
    await database.runUser(`CREATE VIEW innocent AS SELECT evilagg('poison,public', false)`);
    await settled();
    await often('SELECT * FROM innocent');
    await often(`SELECT current_setting('search_path')`);
    expect(await cell(`SELECT current_setting('search_path')`, true)).toBe('public, vector');
    await database.runUser('DROP VIEW innocent');
    await database.runUser('DROP AGGREGATE evilagg(text, bool)');
  });

  it('keeps no lock that an operator took', async () => {
    await database.runUser('CREATE OPERATOR #@ (FUNCTION = pg_try_advisory_lock, RIGHTARG = bigint)');
    await settled();
    await often('SELECT #@ 4711');
    // Sessions are cleaned after their user was answered.
    await sleep(100);
    expect(await cell(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711`)).toBe(
      '0',
    );
    await database.runUser('DROP OPERATOR #@ (NONE, bigint)');
  });

  it('is not changed by a view that a function has just replaced', async () => {
    await database.runUser('CREATE VIEW shifting AS SELECT 1::text AS a');
    await database.runUser(`CREATE FUNCTION shift() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
      CREATE OR REPLACE VIEW shifting AS SELECT set_config('search_path', 'poison,public', false) AS a; END $$`);
    await settled();
    await often('SELECT * FROM shifting');
    await database.runUser('SELECT shift()');
    await often('SELECT * FROM shifting');
    await settled();
    await often('SELECT * FROM shifting');
    await often(`SELECT current_setting('search_path')`);
    expect(await cell(`SELECT current_setting('search_path')`, true)).toBe('public, vector');
  });

  it('hides no table behind a temporary one, however its name is written', async () => {
    await database.runUser('CREATE TABLE accounts (id int)');
    await database.runUser(`CREATE TABLE U&"pg\\005ftemp".accounts (id int, v text)`);
    await database.runUser('INSERT INTO accounts VALUES (1)');
    expect(await cell('SELECT count(*) FROM public.accounts')).toBe('1');
  });

  it('is not cancelled for the deadline of the transaction that had it before', async () => {
    const failures: string[] = [];
    let running = true;
    const innocent = Array.from({ length: 4 }, async () => {
      while (running) {
        await database.runUser('SELECT pg_sleep(0.003)').catch((error) => failures.push(error.message));
      }
    });
    const guilty = Array.from({ length: 8 }, async (_, n) => {
      for (let round = 0; round < 20; round++) {
        const transaction = await database.begin({
          owner: `owner ${n}`,
          isolationLevel: 'read_committed',
          readOnly: false,
          timeoutMs: 50,
        });
        await database
          .runUser(`SELECT pg_sleep(${(45 + ((n + round) % 8)) / 1_000})`, [], { transaction })
          .catch(() => undefined);
        await sleep(10);
      }
    });
    await Promise.all(guilty);
    running = false;
    await Promise.all(innocent);
    expect(failures).toEqual([]);
  });
});
