/** Following by triggers on a server without logical decoding: what is noted, in which order, and within which bounds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { Outbox } from '../../src/engine/changes/triggers/index.ts';
import { command } from '../../src/engine/command.ts';
import { type ChangeCursor, type Database, openStore, type Store } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import type { Session } from '../../src/engine/session.ts';
import { brief, changesOf, takeItems, takeUntil, untilEnded } from '../support/change-tables.ts';
import { failure } from '../support/failure.ts';

const home = mkdtempSync(join(tmpdir(), 'facet-triggers-'));
let store: Store;
let database: Database;
const sessions: Session[] = [];

beforeAll(async () => {
  const uri = `file://${home}/data`;
  await (await openStore(uri, { observe: ignoreObservations })).stop();
  const settings = 'wal_level = replica\nmax_wal_senders = 0\nmax_prepared_transactions = 5\n';
  writeFileSync(join(home, 'data', 'postgres', 'custom.conf'), settings);
  store = await openStore(uri, { observe: ignoreObservations });
  database = await store.namespace('default');
});
afterAll(async () => {
  for (const session of sessions) await session.close();
  await store.stop();
  rmSync(home, { recursive: true });
});

const run = (text: string) => database.run({ name: 'test', text });

/** A session of its own. */
async function connect(user = 'facet'): Promise<Session> {
  const pidFile = readFileSync(join(home, 'data', 'postgres', 'postmaster.pid'), 'utf8');
  const host = pidFile.split('\n')[4] ?? '';
  const session = await probe({ hosts: [{ host, port: 5432 }], user, tls: { first: false } }, 'facet');
  sessions.push(session);
  return session;
}

let tables = 0;
async function watched(columns: string): Promise<{ table: string; cursor: ChangeCursor }> {
  const table = `t${tables++}`;
  await run(`CREATE TABLE ${table} (${columns})`);
  await database.changes.watch({ schema: 'public', name: table });
  return { table, cursor: await database.changes.open({ whenSlow: 'wait' }) };
}

const rest = async (cursor: ChangeCursor) => takeUntil(cursor, await database.changes.now());

describe('what is noted', () => {
  it('has the text of values that other ways have, whatever the settings of the writer', async () => {
    expect(database.changes.source).toBe('triggers');
    const { table, cursor } = await watched(
      'a timestamptz, b interval, c float8, d bytea, e date, f numeric, g text[], h jsonb, i regclass, j float4, k xml',
    );
    const writer = await connect();
    await command(
      writer,
      `SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German, DMY'; SET IntervalStyle = 'iso_8601';
       SET extra_float_digits = -5; SET bytea_output = 'escape'; SET search_path = public;
       INSERT INTO ${table} VALUES ('2026-02-03 04:05:06.789+00', '1 year 2 days 03:04:05', 0.1::float8 + 0.2, '\\xdeadbeef00',
         '2026-12-31', 1.50000, ARRAY['a,b', NULL, '"', ''], '{"k": [1, null]}', '${table}', 1.1, '<a>&amp;</a>')`,
    );
    const [change] = changesOf(await takeItems(cursor, 1));
    const { rows } = await run(`SELECT * FROM ${table}`);
    expect(change?.newRow?.toSpliced(8, 1)).toEqual(rows[0]?.toSpliced(8, 1));
    expect(change?.newRow?.[2]).toBe('0.30000000000000004');
    expect(change?.newRow?.[8]).toBe(`public.${table}`);
    cursor.close();
  });

  it('covers every way to write', async () => {
    const { table, cursor } = await watched(
      'id int PRIMARY KEY, v text, twice int GENERATED ALWAYS AS (id * 2) STORED',
    );
    await run(`INSERT INTO ${table} VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET v = 'x'`);
    await run(`INSERT INTO ${table} VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET v = 'b'`);
    await run(`MERGE INTO ${table} t USING (VALUES (1, 'c'), (2, 'd')) s (id, v) ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)`);
    const replica = await connect('postgres');
    await command(
      replica,
      `SET session_replication_role = replica; DELETE FROM public.${table} WHERE id = 1`,
    );
    await command(replica, `COPY public.${table} (id, v) FROM PROGRAM 'echo 3,e' WITH (FORMAT csv)`);
    await run(`UPDATE ${table} SET v = NULL WHERE false`);
    await run(`TRUNCATE ${table}`);
    const items = (await rest(cursor)).filter(({ kind }) => kind !== 'commit');
    expect(brief(items)).toEqual([
      ['insert', undefined, ['1', 'a', '2']],
      ['update', ['1', 'a', '2'], ['1', 'b', '2']],
      ['update', ['1', 'b', '2'], ['1', 'c', '2']],
      ['insert', undefined, ['2', 'd', '4']],
      ['delete', ['1', 'c', '2'], undefined],
      ['insert', undefined, ['3', 'e', '6']],
      ['truncate', undefined, undefined],
    ]);
    cursor.close();
  });

  it('is told with the columns of its moment, also within one transaction', async () => {
    const { table, cursor } = await watched('a int, b text');
    const writer = await connect();
    await command(
      writer,
      `BEGIN; INSERT INTO public.${table} VALUES (1, 'x'); DELETE FROM public.${table};
       INSERT INTO public.${table} VALUES (2, 'y');
       ALTER TABLE public.${table} RENAME a TO c; ALTER TABLE public.${table} ADD d numeric DEFAULT 1.0;
       INSERT INTO public.${table} VALUES (3, 'z'); DELETE FROM public.${table} WHERE c = 3;
       ALTER TABLE public.${table} DROP b; UPDATE public.${table} SET d = 2; COMMIT`,
    );
    const changes = changesOf(await rest(cursor));
    const shown = changes.map(({ table: { columns }, oldRow, newRow }) => [
      columns.map(({ name }) => name).join(),
      (oldRow ?? []).join(),
      (newRow ?? []).join(),
    ]);
    expect(shown).toEqual([
      ['a,b', '', '1,x'],
      ['a,b', '1,x', ''],
      ['a,b', '', '2,y'],
      ['c,b,d', '', '3,z,1.0'],
      ['c,b,d', '3,z,1.0', ''],
      ['c,d', '2,1.0', '2,2'],
    ]);
    cursor.close();
  });

  it('is told of partitions as of their table, also of those that come later and have another order', async () => {
    const { table, cursor } = await watched('id int, v text) PARTITION BY RANGE (id');
    await run(`CREATE TABLE ${table}_low PARTITION OF ${table} FOR VALUES FROM (0) TO (10)`);
    await run(`CREATE TABLE ${table}_high (gone int, v text, id int)`);
    await run(`ALTER TABLE ${table}_high DROP gone`);
    await run(`ALTER TABLE ${table} ATTACH PARTITION ${table}_high FOR VALUES FROM (10) TO (20)`);
    await run(`INSERT INTO ${table} VALUES (1, 'a'), (11, 'b')`);
    await run(`UPDATE ${table} SET id = 12 WHERE id = 1`);
    await run(`TRUNCATE ${table}`);
    const changes = changesOf(await rest(cursor));
    expect(brief(changes)).toEqual([
      ['insert', undefined, ['1', 'a']],
      ['insert', undefined, ['11', 'b']],
      ['delete', ['1', 'a'], undefined],
      ['insert', undefined, ['12', 'a']],
      ['truncate', undefined, undefined],
    ]);
    expect(new Set(changes.map((change) => change.table))).toHaveProperty('size', 1);
    cursor.close();
  });

  it('survives that nothing but rows may be written', async () => {
    const { table, cursor } = await watched('id int');
    const admin = await connect('postgres');
    await command(admin, 'CREATE ROLE writer LOGIN; GRANT CONNECT ON DATABASE facet TO writer');
    await command(admin, `GRANT INSERT ON public.${table} TO writer`);
    const writer = await connect('writer');
    await command(writer, `INSERT INTO public.${table} VALUES (1)`);
    for (const attempt of [
      'INSERT INTO cdc.outbox_change (position, xid, table_oid, kind) VALUES (1, pg_current_xact_id(), 1, $$i$$)',
      `SELECT cdc.outbox_announce(pg_current_xact_id(), '${table}'::regclass)`,
      'SELECT cdc.outbox_trim(1000000000000, 1)',
      `ALTER TABLE public.${table} DISABLE TRIGGER "!facet_changes"`,
      `CREATE TEMPORARY TABLE own (); CREATE TRIGGER t AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION cdc.outbox_note()`,
    ]) {
      expect((await failure(command(writer, attempt))).code, attempt).toBe('PERMISSION_DENIED');
    }
    expect(brief(changesOf(await rest(cursor)))).toEqual([['insert', undefined, ['1']]]);
    cursor.close();
  });

  it('is refused of tables of somebody else', async () => {
    const admin = await connect('postgres');
    await command(admin, 'CREATE TABLE public.foreigner (id int)');
    const refused = await failure(database.changes.watch({ schema: 'public', name: 'foreigner' }));
    expect(refused).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('foreigner'),
    });
  });
});

describe('the order', () => {
  it('is that of the commits, whoever began first', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY, n int');
    await run(`INSERT INTO ${table} SELECT i, 0 FROM generate_series(0, 4) i`);
    await takeItems(cursor, 6);
    const writers = await Promise.all([0, 1, 2, 3].map(() => connect()));
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let round = 0; round < 60; round++) {
          const row = (round * 7 + index) % 5;
          const end = round % 9 === 0 ? 'ROLLBACK' : 'COMMIT';
          const early = round % 5 === 0 ? 'SET CONSTRAINTS ALL IMMEDIATE;' : '';
          await command(
            writer,
            `BEGIN; UPDATE public.${table} SET n = n + 1 WHERE id = ${row}; ${early} ${end}`,
          );
        }
      }),
    );
    const items = await rest(cursor);
    const counts = new Map<string, number>();
    let last = 0n;
    for (const { oldRow, newRow, transaction } of changesOf(items)) {
      expect(transaction.commitLsn).toBeGreaterThan(last);
      last = transaction.commitLsn;
      const [id = null, n = null] = newRow ?? [];
      expect(oldRow).toEqual([id, String(counts.get(id ?? '') ?? 0)]);
      counts.set(id ?? '', Number(n));
    }
    const { rows } = await run(`SELECT id, n FROM ${table} ORDER BY id`);
    expect([...counts].sort().map(([id, n]) => [id, String(n)])).toEqual(rows);
    cursor.close();
  });

  it('within a transaction is kept over savepoints and constraints that are checked early', async () => {
    const { table, cursor } = await watched('id int');
    const writer = await connect();
    await command(
      writer,
      `BEGIN; SAVEPOINT a; INSERT INTO public.${table} VALUES (1); ROLLBACK TO a;
       INSERT INTO public.${table} VALUES (2); SAVEPOINT b; SET CONSTRAINTS ALL IMMEDIATE;
       INSERT INTO public.${table} VALUES (3); ROLLBACK TO b;
       INSERT INTO public.${table} VALUES (4); SET CONSTRAINTS ALL IMMEDIATE;
       INSERT INTO public.${table} VALUES (5); SAVEPOINT c; INSERT INTO public.${table} VALUES (6); RELEASE c; COMMIT`,
    );
    await command(
      writer,
      `BEGIN; INSERT INTO public.${table} VALUES (7); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK`,
    );
    await command(
      writer,
      `BEGIN; SAVEPOINT a; INSERT INTO public.${table} VALUES (8); ROLLBACK TO a; COMMIT`,
    );
    const items = await rest(cursor);
    expect(brief(items)).toEqual([
      ...['2', '4', '5', '6'].map((id) => ['insert', undefined, [id]]),
      ['commit', 4],
    ]);
    expect(changesOf(items).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    cursor.close();
  });

  it('waits for a transaction that has its position and has not ended, and for no other', async () => {
    const { table, cursor } = await watched('id int');
    const [prepared, open] = [await connect(), await connect()];
    await command(open, `BEGIN; INSERT INTO public.${table} VALUES (3)`);
    await command(prepared, `BEGIN; INSERT INTO public.${table} VALUES (1); PREPARE TRANSACTION 'one'`);
    await run(`INSERT INTO ${table} VALUES (2)`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(cursor.take(10)).toEqual([]);
    await command(prepared, "COMMIT PREPARED 'one'");
    expect(brief(changesOf(await takeItems(cursor, 4))).map(([, , row]) => row)).toEqual([['1'], ['2']]);
    await command(open, 'COMMIT');
    expect(brief(changesOf(await takeItems(cursor, 2)))).toEqual([['insert', undefined, ['3']]]);
    cursor.close();
  });

  it('costs serializable transactions no conflicts', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY');
    const writers = await Promise.all([0, 1, 2, 3, 4, 5].map(() => connect()));
    for (const [id, writer] of writers.entries()) {
      await command(writer, `BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO public.${table} VALUES (${id})`);
    }
    for (const writer of writers) await command(writer, 'COMMIT');
    expect(changesOf(await rest(cursor)).map(({ newRow }) => newRow?.[0])).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    cursor.close();
  });
});

describe('the outbox', () => {
  it('is emptied in steps of what nobody needs, and says so', async () => {
    const { table, cursor } = await watched('id int');
    const from = await database.changes.now();
    const consumer = await database.changes.consumer('trimmed');
    await run(`INSERT INTO ${table} SELECT generate_series(1, 12000)`);
    await run(`INSERT INTO ${table} VALUES (0)`);
    const items = await rest(cursor);
    const last = items.at(-1)?.transaction.commitLsn ?? 0n;
    cursor.close();
    expect(consumer).toMatchObject({ available: true, sequence: 0 });
    await new Outbox(database).advance(last);
    const { rows } = await run('SELECT count(*) FROM cdc.outbox_change');
    expect(rows).toEqual([['2']]);
    expect(await failure(database.changes.open({ whenSlow: 'wait', from: from - 10n ** 9n }))).toMatchObject({
      code: 'LSN_NOT_AVAILABLE',
    });
    expect((await database.changes.consumers('trimmed'))[0]?.available).toBe(false);
    const again = await database.changes.open({ whenSlow: 'wait', from: last });
    expect(brief(await takeItems(again, 2))).toEqual([
      ['insert', undefined, ['0']],
      ['commit', 1],
    ]);
    again.close();
    expect((await database.changes.reset('trimmed')).available).toBe(true);
    await database.changes.forget('trimmed');
  });

  it('that is full stops nobody from writing: followers begin anew', async () => {
    const { table, cursor } = await watched('id int');
    const limit = (bytes: string) =>
      run(`CREATE OR REPLACE FUNCTION cdc.outbox_bytes_max() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN ${bytes}::bigint`);
    await run(`INSERT INTO ${table} VALUES (1)`);
    await takeItems(cursor, 2);
    const { position } = await database.changes.consumer('behind');
    await limit('8192');
    await run(`INSERT INTO ${table} SELECT generate_series(2, 500)`);
    expect((await untilEnded(cursor)).reason.code).toBe('LSN_NOT_AVAILABLE');
    await limit('4294967296');
    const anew = await database.changes.open({ whenSlow: 'wait' });
    expect((await failure(database.changes.open({ whenSlow: 'wait', from: position }))).code).toBe(
      'LSN_NOT_AVAILABLE',
    );
    expect((await database.changes.consumers('behind'))[0]?.available).toBe(false);
    await run(`INSERT INTO ${table} VALUES (501)`);
    expect(brief(await takeItems(anew, 2))).toEqual([
      ['insert', undefined, ['501']],
      ['commit', 1],
    ]);
    anew.close();
  });

  it('goes on where it was after PostgreSQL was killed', async () => {
    const { table, cursor } = await watched('id int');
    await run(`INSERT INTO ${table} VALUES (1)`);
    const before = await takeItems(cursor, 2);
    const killed = store.facts.postmasterPid;
    process.kill(killed ?? 0, 'SIGKILL');
    // Backends go on for a moment without their postmaster.
    await expect.poll(() => store.facts.postmasterPid, { timeout: 30_000 }).not.toBe(killed);
    const written = () =>
      run(`INSERT INTO ${table} VALUES (2)`).then(
        () => true,
        () => false,
      );
    await expect.poll(written, { timeout: 30_000, interval: 100 }).toBe(true);
    const after = await takeItems(cursor, 2);
    expect(brief(after)).toEqual([
      ['insert', undefined, ['2']],
      ['commit', 1],
    ]);
    expect(after[0]?.transaction.commitLsn).toBeGreaterThan(before[0]?.transaction.commitLsn ?? 0n);
    cursor.close();
  });
});

it('a commit notifies nobody where transactions can be prepared', async () => {
  const { table, cursor } = await watched('id int');
  const ear = await connect();
  const heard: string[] = [];
  ear.onNotification = ({ channel }) => heard.push(channel);
  await command(ear, 'LISTEN facet_changes; SELECT pg_advisory_lock_shared(1667523329, 0)');
  await run(`INSERT INTO ${table} VALUES (1)`);
  await takeItems(cursor, 2);
  await query(ear, 'SELECT 1');
  expect(heard).toEqual([]);
  cursor.close();
});

it('ends when the server offers logical decoding: nobody writes for it, consumers begin anew', async () => {
  const { table, cursor } = await watched('id int');
  await database.changes.consumer('mover');
  cursor.close();
  for (const session of sessions.splice(0)) await session.close();
  await store.stop();
  writeFileSync(join(home, 'data', 'postgres', 'custom.conf'), '');
  store = await openStore(`file://${home}/data`, { observe: ignoreObservations });
  database = await store.namespace('default');
  expect(database.changes.source).toBe('logical');
  expect((await run("SELECT FROM pg_trigger WHERE tgname LIKE '!facet%'")).rows).toEqual([]);
  await database.changes.watch({ schema: 'public', name: table });
  expect((await database.changes.consumers('mover'))[0]?.available).toBe(false);
  const follower = await database.changes.open({ whenSlow: 'wait' });
  await run(`INSERT INTO ${table} VALUES (1)`);
  expect(brief(await takeItems(follower, 2))).toEqual([
    ['insert', undefined, ['1']],
    ['commit', 1],
  ]);
  expect((await run('SELECT count(*) FROM cdc.outbox_change')).rows).toEqual([['0']]);
  follower.close();
});
