/** The change feed when PostgreSQL fails under it: lost connections, crashes, a log that was removed, other processes. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type ChangeCursor, type Database, openStore, parseLsn, type Store } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import { brief, changesOf, takeItems, takeUntil, untilEnded } from '../support/change-tables.ts';
import { failure } from '../support/failure.ts';
import {
  asSuperuser,
  createDatabase,
  dropDatabase,
  openTestStore,
  type TestStore,
  uriOf,
} from '../support/test-store.ts';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds().catch(() => false)) return;
    await pause(50);
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Inserts 0, 1, 2 … each in a transaction of its own, through all failures, until stopped. */
function writer(database: Database, table: string) {
  let stopped = false;
  let next = 0;
  const done = (async () => {
    while (!stopped) {
      const id = next;
      const inserted = await database
        .run({ name: 'test', text: `INSERT INTO ${table} VALUES (${id}) ON CONFLICT DO NOTHING` })
        .then(() => true)
        .catch(() => false);
      if (inserted) next++;
      else await pause(20);
    }
    return next;
  })();
  return {
    get count() {
      return next;
    },
    stop: () => {
      stopped = true;
      return done;
    },
  };
}

/** All ids that were inserted, in order and each once. */
async function expectAll(cursor: ChangeCursor, database: Database, count: number): Promise<void> {
  const ids = changesOf(await takeUntil(cursor, await database.changes.now())).map(({ newRow }) =>
    Number(newRow?.[0]),
  );
  expect(ids).toEqual(Array.from({ length: count }, (_, index) => index));
}

describe('on a shared server', () => {
  let test: TestStore;
  let database: Database;
  const run = (text: string) => database.run({ name: 'test', text });
  beforeAll(async () => {
    test = await openTestStore();
    database = test.database;
    await run('CREATE TABLE t (id int PRIMARY KEY)');
    await database.changes.watch({ schema: 'public', name: 't' });
  });
  afterAll(() => test.close());

  const killReaders = () =>
    test.admin(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'walsender'",
    );

  it('nothing is lost or repeated when its connections are cut under load', async () => {
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    const load = writer(database, 't');
    for (let round = 0; round < 8; round++) {
      await pause(150);
      await killReaders();
    }
    await expectAll(cursor, database, await load.stop());
    cursor.close();
    const warnings = test.observations.filter(({ type }) => type === 'warning');
    expect(warnings.length).toBeLessThanOrEqual(8);
  });

  it('a transaction that is cut in the middle goes on where it was', async () => {
    await run('CREATE TABLE wide (id int, v text)');
    await database.changes.watch({ schema: 'public', name: 'wide' });
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    const inserting = run("INSERT INTO wide SELECT i, repeat('z', 50) FROM generate_series(0, 79999) i");
    const items = await takeItems(cursor, 5_000);
    await killReaders();
    await inserting;
    items.push(...(await takeItems(cursor, 20_000)));
    await killReaders();
    items.push(...(await takeItems(cursor, 55_001)));
    expect(changesOf(items).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 80_000 }, (_, index) => index),
    );
    cursor.close();
  });

  it('two processes follow side by side, and one goes on alone', async () => {
    const other = await openStore(test.uri, { observe: ignoreObservations });
    const theirs = await other.namespace('default');
    await run('CREATE TABLE twofold (id int PRIMARY KEY)');
    await theirs.changes.watch({ schema: 'public', name: 'twofold' });
    const [mine, their] = [
      await database.changes.open({ whenSlow: 'wait' }),
      await theirs.changes.open({ whenSlow: 'wait' }),
    ];
    await run('INSERT INTO twofold VALUES (1)');
    expect(brief(await takeItems(mine, 2))).toEqual(brief(await takeItems(their, 2)));
    mine.close();
    await other.stop();
    expect((await untilEnded(their)).reason).toMatchObject({ code: 'UNAVAILABLE' });
    const again = await database.changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO twofold VALUES (2)');
    expect(brief(await takeItems(again, 2))).toEqual([
      ['insert', undefined, ['2']],
      ['commit', 1],
    ]);
    again.close();
  });

  it('follows by triggers as a role that may not replicate', async () => {
    const role = 'facet_test_no_replication';
    const name = await createDatabase();
    await asSuperuser(name, async (session) => {
      await query(session, `CREATE ROLE ${role} LOGIN IN ROLE facet`);
    });
    try {
      const store = await openStore(uriOf(name, role), { observe: ignoreObservations });
      try {
        const { changes } = await store.namespace('default');
        expect(changes.source).toBe('triggers');
      } finally {
        await store.stop();
      }
    } finally {
      await dropDatabase(name);
      await asSuperuser('postgres', (session) => query(session, `DROP ROLE ${role}`));
    }
  });
});

describe('on our own server', () => {
  let store: Store;
  let database: Database;
  const run = (text: string) => database.run({ name: 'test', text });
  beforeAll(async () => {
    store = await openStore('memory://changes', { observe: ignoreObservations });
    database = await store.namespace('default');
  }, 60_000);
  afterAll(() => store.stop());

  async function asPostgres(sql: string) {
    const { dataDirectory } = store.facts;
    const [, , , port, directory] = readFileSync(`${dataDirectory}/postgres/postmaster.pid`, 'utf8').split(
      '\n',
    );
    const target = {
      hosts: [{ host: directory ?? '', port: Number(port) }],
      user: 'postgres',
      tls: { first: false },
    } as const;
    const session = await probe(target, 'facet');
    try {
      return (await query(session, sql)).rows;
    } finally {
      await session.close();
    }
  }

  it('all tables that come are followed from their first row on, partitions whole', async () => {
    await database.changes.watchAll();
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await run('CREATE TABLE fresh (id int)');
    await run('INSERT INTO fresh VALUES (1)');
    await run('UPDATE fresh SET id = 2');
    await run('CREATE TABLE parted (id int, v int) PARTITION BY LIST (id)');
    await run('CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1)');
    await run('CREATE TABLE part_2 (id int, v int)');
    await run('ALTER TABLE parted ATTACH PARTITION part_2 FOR VALUES IN (2)');
    await run('INSERT INTO parted VALUES (1, 0), (2, 0)');
    await run('UPDATE parted SET v = 1');
    await run('CREATE TEMP TABLE hidden (id int)');
    // The rows that a table is made with are there before anybody could follow it.
    await run('CREATE TABLE made AS SELECT 1 AS id');
    await run('INSERT INTO made VALUES (2)');
    await run('ALTER TABLE fresh REPLICA IDENTITY DEFAULT');
    await run('DELETE FROM fresh');
    const changes = changesOf(await takeUntil(cursor, await database.changes.now()));
    expect(changes.map(({ kind, table, oldRow, newRow }) => [table.name, kind, oldRow, newRow])).toEqual([
      ['fresh', 'insert', undefined, ['1']],
      ['fresh', 'update', ['1'], ['2']],
      ['parted', 'insert', undefined, ['1', '0']],
      ['parted', 'insert', undefined, ['2', '0']],
      ['parted', 'update', ['1', '0'], ['1', '1']],
      ['parted', 'update', ['2', '0'], ['2', '1']],
      ['made', 'insert', undefined, ['2']],
      ['fresh', 'delete', ['2'], undefined],
    ]);
    cursor.close();
  });

  it('users cannot get at what runs with more rights', async () => {
    await run('CREATE TEMP TABLE pg_publication (oid oid, pubname name)');
    await run('CREATE TABLE shadowed (id int)');
    const { rows } = await run(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_rel WHERE prrelid = 'shadowed'::regclass)",
    );
    expect(rows).toEqual([['t']]);
    for (const sql of [
      'DROP PUBLICATION facet_changes',
      "COMMENT ON PUBLICATION facet_changes IS ''",
      "SELECT pg_drop_replication_slot('facet_facet')",
      'SELECT facet_system.watch_ddl()',
    ]) {
      expect(await failure(run(sql)), sql).toBeDefined();
    }
  });

  it('survives kill -9 with a cursor that follows: nothing lost, nothing twice', async () => {
    await run('CREATE TABLE counted (id int PRIMARY KEY)');
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    const load = writer(database, 'counted');
    for (let round = 0; round < 3; round++) {
      await pause(300);
      const killed = store.facts.postmasterPid;
      process.kill(killed ?? 0, 'SIGKILL');
      // What was under way may still be answered, so writes are counted from the new server on.
      await until('PostgreSQL runs again', async () => store.facts.postmasterPid !== killed);
      const before = load.count;
      await until('PostgreSQL takes writes again', async () => load.count > before + 20);
    }
    await expectAll(cursor, database, await load.stop());
    cursor.close();
  }, 60_000);

  it('comes to what is not on the disk yet when it is asked to', async () => {
    await run('CREATE TABLE unflushed (id int)');
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    // PostgreSQL writes the log behind such a commit by itself, but only then.
    await asPostgres("ALTER SYSTEM SET wal_writer_delay = '10s'");
    await asPostgres('SELECT pg_reload_conf()');
    await pause(500);
    await run("INSERT INTO unflushed SELECT 1 FROM set_config('synchronous_commit', 'off', true)");
    const { rows } = await run(`SELECT ${database.changes.positions.awaited}`);
    const seen = parseLsn(rows[0]?.[0] ?? '', 'lsn');
    const reached = async (): Promise<boolean> => {
      cursor.hasten({ flush: true });
      await pause(20);
      cursor.take(100);
      return cursor.position >= seen;
    };
    await expect.poll(reached, { timeout: 5_000 }).toBe(true);
    cursor.close();
    await asPostgres('ALTER SYSTEM RESET wal_writer_delay');
    await asPostgres('SELECT pg_reload_conf()');
  }, 30_000);

  it('ends cursors when PostgreSQL has removed the log, and begins anew', async () => {
    await run('CREATE TABLE lost (id int)');
    const consumer = await database.changes.consumer('slow');
    const from = await database.changes.now();
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await asPostgres("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    await asPostgres('SELECT pg_reload_conf()');
    await until('the cursor has ended', async () => {
      await asPostgres(
        "SELECT pg_logical_emit_message(false, '', repeat('x', 1000000)) FROM generate_series(1, 20)",
      );
      await asPostgres('SELECT pg_switch_wal()');
      await asPostgres('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active');
      await asPostgres('CHECKPOINT');
      return cursor.ended !== undefined;
    });
    expect(cursor.ended?.reason).toMatchObject({ code: 'LSN_NOT_AVAILABLE' });
    await asPostgres('ALTER SYSTEM RESET max_slot_wal_keep_size');
    await asPostgres('SELECT pg_reload_conf()');
    const fresh = await database.changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO lost VALUES (1)');
    expect(brief(await takeItems(fresh, 2))).toEqual([
      ['insert', undefined, ['1']],
      ['commit', 1],
    ]);
    expect(
      await failure(database.changes.open({ whenSlow: 'wait', from: from - 100_000_000n })),
    ).toMatchObject({
      code: 'LSN_NOT_AVAILABLE',
    });
    expect(await database.changes.consumer('slow')).toMatchObject({
      available: false,
      position: consumer.position,
    });
    expect(await database.changes.reset('slow')).toMatchObject({ available: true });
    fresh.close();
  }, 60_000);

  it('stops with cursors that take nothing, without their changes', async () => {
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO parted SELECT 1, i FROM generate_series(1, 200000) i');
    const written = await database.changes.now();
    cursor.take(10);
    await store.stop();
    expect(cursor.ended?.reason).toMatchObject({ code: 'UNAVAILABLE' });
    expect(cursor.ended?.resumeLsn).toBeLessThan(written);
    expect(database.changes.facts).toMatchObject({ cursors: 0, following: false });
  }, 60_000);
});
