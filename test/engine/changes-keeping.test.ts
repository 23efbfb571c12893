/** What PostgreSQL keeps for the change feed, and for how long: the slot's life, and the write-ahead log behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ignoreObservations, LIMITS } from '../../src/base/index.ts';
import { type Database, inspectStore, openStore } from '../../src/engine/index.ts';
import { brief, changesOf, takeItems, takeUntil } from '../support/change-tables.ts';
import { failure } from '../support/failure.ts';
import { until } from '../support/patience.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const IDLE_MS = 250;
/** What takes minutes and megabytes otherwise. */
const SOON = { changeIdleMs: IDLE_MS, changeLookMs: 30, changeHistoryBytes: 64 * 1_024 };

let test: TestStore;
afterEach(() => test.close());

const slotName = () => `facet_${test.name}`;

async function slot(): Promise<{ active: boolean; confirmed: bigint } | undefined> {
  const [row] = await test.admin(
    `SELECT active, confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots WHERE slot_name = $1`,
    [slotName()],
  );
  return row === undefined ? undefined : { active: row[0] === 't', confirmed: BigInt(row[1] ?? 0) };
}

/** Makes a table that is watched. */
async function watched(database: Database): Promise<void> {
  await database.run({ name: 'test', text: 'CREATE TABLE t (id int)' });
  await database.changes.watch({ schema: 'public', name: 't' });
}

const insert = (database: Database, id: number) =>
  database.run({ name: 'test', text: `INSERT INTO t VALUES (${id})` });

/** Another process, so to speak: the store opened once more, for as long as `work` takes. */
async function withStore<T>(pace: object, work: (database: Database) => Promise<T>): Promise<T> {
  const store = await openStore(test.uri, { observe: ignoreObservations, changePace: pace });
  try {
    return await work(await store.namespace('default'));
  } finally {
    await store.stop();
  }
}

const MEBIBYTE = 1_048_576;
/** Write-ahead log that means nothing. */
const fill = (mebibytes: number) =>
  test.admin(
    `SELECT pg_logical_emit_message(true, '', repeat('x', ${MEBIBYTE})) FROM generate_series(1, ${mebibytes})`,
  );

describe('the slot', () => {
  it('is dropped when nobody has followed for a while, and is made anew by the next use', async () => {
    test = await openTestStore({ changePace: SOON });
    const { database } = test;
    await watched(database);
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await sleep(IDLE_MS * 2);
    expect(await slot()).toMatchObject({ active: true });
    expect(database.counts.held).toBeGreaterThan(0);
    cursor.close();
    await until('the slot is gone', async () => (await slot()) === undefined);
    await until('the namespace may be closed', () => database.counts.held === 0);
    expect(database.changes.facts).toMatchObject({ following: false, retainedBytes: 0, cursors: 0 });
    const again = await database.changes.open({ whenSlow: 'wait' });
    await insert(database, 1);
    expect(brief(await takeItems(again, 2))).toEqual([
      ['insert', undefined, ['1']],
      ['commit', 1],
    ]);
    again.close();
  });

  it('is dropped when it is found at the start and nobody comes', async () => {
    test = await openTestStore();
    await withStore({}, watched);
    expect(await slot()).toMatchObject({ active: false });
    await withStore(SOON, () => until('the slot is gone', async () => (await slot()) === undefined));
  });

  it('stays for a durable consumer, and the namespace stays open with it', async () => {
    // Longer than a loaded machine takes from the slot to the consumer's row.
    const changeIdleMs = 1_500;
    test = await openTestStore({ changePace: { ...SOON, changeIdleMs } });
    const { database } = test;
    await database.changes.consumer('mail');
    await sleep(changeIdleMs * 2);
    expect(await slot()).toBeDefined();
    expect(database.counts.held).toBeGreaterThan(0);
    await database.changes.forget('mail');
    await until('the slot is gone', async () => (await slot()) === undefined);
    await until('the namespace may be closed', () => database.counts.held === 0);
  });

  it('is left to another process that reads from it', async () => {
    test = await openTestStore({ changePace: { ...SOON, changeIdleMs: 1_000 } });
    const { database } = test;
    await watched(database);
    await withStore({}, async (theirs) => {
      const cursor = await theirs.changes.open({ whenSlow: 'wait' });
      // Once more, for it may have been dropped before they came: whoever is idle now finds them reading.
      await database.changes.watch({ schema: 'public', name: 't' });
      await until('we have let go', () => database.counts.held === 0);
      expect(await slot()).toMatchObject({ active: true });
      await insert(database, 1);
      expect(changesOf(await takeUntil(cursor, await theirs.changes.now()))).toHaveLength(1);
      cursor.close();
    });
    await until('the slot is gone', async () => (await slot()) === undefined);
  });
});

describe('a durable consumer', () => {
  it('has its place and its changes when the store is opened again', async () => {
    test = await openTestStore();
    const made = await withStore(SOON, async (database) => {
      await watched(database);
      const consumer = await database.changes.consumer('mail');
      await insert(database, 1);
      await database.changes.advance('mail', await database.changes.now());
      await insert(database, 2);
      return consumer;
    });
    await insert(test.database, 3);
    await fill(2);
    await test.admin('CHECKPOINT');
    await withStore(SOON, async (database) => {
      // Longer than it takes to be dropped, and to be moved on beyond the history, if nobody needed it.
      await sleep(IDLE_MS * 3);
      const { position, available } = await database.changes.consumer('mail');
      expect(available).toBe(true);
      expect(position).toBeGreaterThan(made.position);
      const cursor = await database.changes.open({ whenSlow: 'wait', from: position });
      expect(brief(changesOf(await takeUntil(cursor, await database.changes.now())))).toEqual([
        ['insert', undefined, ['2']],
        ['insert', undefined, ['3']],
      ]);
      cursor.close();
    });
  });
});

describe('the write-ahead log', () => {
  /** PostgreSQL moves the beginning of what it keeps past places where it has logged which transactions run. */
  const released = async (database: Database, bytes: number): Promise<boolean> => {
    await test.admin('CHECKPOINT');
    return database.changes.facts.retainedBytes < bytes;
  };

  it('is given back when consumers advance, though nobody reads', async () => {
    test = await openTestStore({ changePace: SOON });
    const { changes } = test.database;
    await watched(test.database);
    await changes.consumer('slow');
    await changes.consumer('fast');
    const before = await slot();
    await fill(8);
    await changes.advance('fast', await changes.now());
    await until('it is seen what is kept', () => changes.facts.retainedBytes >= 8 * MEBIBYTE);
    await test.admin('CHECKPOINT');
    await sleep(IDLE_MS);
    expect(changes.facts.retainedBytes).toBeGreaterThanOrEqual(8 * MEBIBYTE);
    expect((await slot())?.confirmed).toBe(before?.confirmed);
    await until('it is given back', async () => {
      await fill(1);
      for (const name of ['slow', 'fast']) await changes.advance(name, await changes.now());
      return released(test.database, 5 * MEBIBYTE);
    });
    expect((await slot())?.confirmed).toBeGreaterThan(before?.confirmed ?? 0n);
    expect(changes.facts.following).toBe(false);
    expect(await changes.consumer('slow')).toMatchObject({ available: true });
  });

  it('is given back while a cursor follows, too, and kept for one that does not take', async () => {
    test = await openTestStore({ changePace: SOON });
    const { database } = test;
    await watched(database);
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await insert(database, 1);
    await until('it has come', () => database.changes.facts.changes === 1);
    await fill(8);
    await until('it is kept', () => database.changes.facts.retainedBytes >= 8 * MEBIBYTE);
    await test.admin('CHECKPOINT');
    await sleep(IDLE_MS);
    expect(database.changes.facts.retainedBytes).toBeGreaterThanOrEqual(8 * MEBIBYTE);
    expect(await takeUntil(cursor, await database.changes.now())).toHaveLength(2);
    await until('it is given back', () => released(database, 4 * MEBIBYTE));
    cursor.close();
  });
});

it('a look at the store says how the slot is and what it keeps', async () => {
  test = await openTestStore();
  const found = async () =>
    (await inspectStore(test.uri)).flatMap(({ level, subject, message }) =>
      subject === 'change feed' || subject === 'replication' ? [`${level} ${message}`] : [],
    );
  const room = expect.stringMatching(/^ok [1-9]\d* slots and [1-9]\d* WAL senders are free$/);
  expect(await found()).toEqual(['ok by logical decoding', room]);
  await watched(test.database);
  await fill(3);
  const rest = new RegExp(`^ok slot ${slotName()}: at rest, keeps ([3-9]\\d{3} kB|[1-9]\\d* MB)$`);
  expect(await found()).toEqual(['ok by logical decoding', expect.stringMatching(rest), room]);
  const cursor = await test.database.changes.open({ whenSlow: 'wait' });
  const followed = new RegExp(`^ok slot ${slotName()}: followed, keeps \\d+ (kB|MB)$`);
  expect(await found()).toEqual(['ok by logical decoding', expect.stringMatching(followed), room]);
  cursor.close();
});

it('no more tables are followed than there may be', async () => {
  test = await openTestStore();
  const { database } = test;
  await watched(database);
  // Tables that are not there count as well, and are quickly made.
  await test.admin(
    `DO $$ BEGIN
       SET LOCAL allow_system_table_mods = on;
       INSERT INTO pg_publication_rel (oid, prpubid, prrelid)
       SELECT 900000000 + i, p.oid, 900000000 + i FROM pg_publication p, generate_series(2, ${LIMITS.changeTablesMax}) i;
     END $$`,
  );
  await database.run({ name: 'test', text: 'CREATE TABLE one_more (id int)' });
  expect(await failure(database.changes.watch({ schema: 'public', name: 'one_more' }))).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('changeTablesMax'),
  });
  await database.changes.watch({ schema: 'public', name: 't' });
});
