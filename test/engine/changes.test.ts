/** The change feed by logical decoding: what arrives, in which order, and whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change, ChangeCursor, Database } from '../../src/engine/index.ts';
import { openChangeStore } from '../support/change-store.ts';
import { brief, changesOf, takeItems, takeUntil } from '../support/change-tables.ts';
import { failure } from '../support/failure.ts';
import type { TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;

beforeAll(async () => {
  test = await openChangeStore();
  database = test.database;
});
afterAll(() => test.close());

const run = (text: string) => database.run({ name: 'test', text });

let tables = 0;
/** A new table that is watched, and a cursor on what commits from then on. */
async function watched(columns: string): Promise<{ table: string; cursor: ChangeCursor }> {
  const table = `t${tables++}`;
  await run(`CREATE TABLE ${table} (${columns})`);
  await database.changes.watch({ schema: 'public', name: table });
  return { table, cursor: await database.changes.open({ whenSlow: 'wait' }) };
}

/** Everything that has committed so far. */
const rest = async (cursor: ChangeCursor) => takeUntil(cursor, await database.changes.now());

describe('rows', () => {
  it('arrive whole, old and new, in the order of the commits', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY, name text, note text');
    await run(`INSERT INTO ${table} VALUES (1, 'Ann', 'é€😀'), (2, NULL, '')`);
    await run(`UPDATE ${table} SET name = 'Bea' WHERE id = 2`);
    await run(`DELETE FROM ${table} WHERE id = 1`);
    await run(`TRUNCATE ${table}`);
    const items = await takeItems(cursor, 9);
    expect(brief(items)).toEqual([
      ['insert', undefined, ['1', 'Ann', 'é€😀']],
      ['insert', undefined, ['2', null, '']],
      ['commit', 2],
      ['update', ['2', null, ''], ['2', 'Bea', '']],
      ['commit', 1],
      ['delete', ['1', 'Ann', 'é€😀'], undefined],
      ['commit', 1],
      ['truncate', undefined, undefined],
      ['commit', 1],
    ]);
    const [first, second] = changesOf(items);
    expect(first?.table).toMatchObject({
      schema: 'public',
      name: table,
      columns: [
        { name: 'id', typeOid: 23, typeModifier: -1, key: true },
        { name: 'name', typeOid: 25, typeModifier: -1, key: false },
        { name: 'note', typeOid: 25, typeModifier: -1, key: false },
      ],
    });
    expect(second?.table).toBe(first?.table);
    expect(second?.transaction).toBe(first?.transaction);
    expect([first?.sequence, second?.sequence]).toEqual([0, 1]);
    expect(first?.transaction.endLsn).toBeGreaterThan(first?.transaction.commitLsn ?? 0n);
    expect(Math.abs((first?.transaction.committedAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    cursor.close();
  });

  it('are ordered by commit, whoever began first', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY');
    const options = {
      owner: 'a',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 60_000,
    } as const;
    const [early, late] = [await database.begin(options), await database.begin(options)];
    await database.runUser(`INSERT INTO ${table} VALUES (1)`, [], { transaction: early });
    await database.runUser(`INSERT INTO ${table} VALUES (2)`, [], { transaction: late });
    await database.runUser(`INSERT INTO ${table} VALUES (3)`, [], { transaction: early });
    await database.commit(late);
    await database.commit(early);
    const items = await takeItems(cursor, 5);
    expect(items.map((item) => (item.kind === 'commit' ? '-' : item.newRow?.[0]))).toEqual([
      '2',
      '-',
      '1',
      '3',
      '-',
    ]);
    const lsns = items.map((item) => item.transaction.commitLsn);
    expect(lsns).toEqual([...lsns].sort((a, b) => (a < b ? -1 : 1)));
    cursor.close();
  });

  it('of work that was rolled back never arrive', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY');
    await failure(run(`INSERT INTO ${table} VALUES (1), (1)`));
    await database.inTransaction(async (transaction) => {
      const statement = (text: string) => database.run({ name: 'test', text }, [], { transaction });
      await statement(`INSERT INTO ${table} VALUES (2)`);
      await statement('SAVEPOINT here');
      await statement(`INSERT INTO ${table} VALUES (3)`);
      await statement('ROLLBACK TO here');
      await statement(`INSERT INTO ${table} VALUES (4)`);
    });
    expect(brief(await rest(cursor))).toEqual([
      ['insert', undefined, ['2']],
      ['insert', undefined, ['4']],
      ['commit', 2],
    ]);
    cursor.close();
  });

  it('have the values that were not sent because they are stored apart', async () => {
    const { table, cursor } = await watched('id int, big text, n int');
    await run(`ALTER TABLE ${table} ALTER big SET STORAGE EXTERNAL`);
    const big = 'x'.repeat(20_000);
    await run(`INSERT INTO ${table} VALUES (1, repeat('x', 20000), 0)`);
    await run(`UPDATE ${table} SET n = 1`);
    await run(`UPDATE ${table} SET id = 7`);
    await run(`DELETE FROM ${table}`);
    expect(brief(changesOf(await rest(cursor)))).toEqual([
      ['insert', undefined, ['1', big, '0']],
      ['update', ['1', big, '0'], ['1', big, '1']],
      ['update', ['1', big, '1'], ['7', big, '1']],
      ['delete', ['7', big, '1'], undefined],
    ]);
    cursor.close();
  });

  it('follow the table as it is altered', async () => {
    const { table, cursor } = await watched('id int PRIMARY KEY, a text');
    await run(`INSERT INTO ${table} VALUES (1, 'x')`);
    await run(`ALTER TABLE ${table} RENAME a TO b`);
    await run(`ALTER TABLE ${table} ADD c int DEFAULT 5`);
    await run(`INSERT INTO ${table} VALUES (2, 'y')`);
    await run(`ALTER TABLE ${table} RENAME TO ${table}_renamed`);
    await run(`ALTER TABLE ${table}_renamed DROP CONSTRAINT ${table}_pkey`);
    await run(`UPDATE ${table}_renamed SET c = 6 WHERE id = 1`);
    const [one, two, three] = changesOf(await rest(cursor));
    const columns = (change: Change | undefined) => change?.table.columns.map(({ name, key }) => [name, key]);
    expect(columns(one)).toEqual([
      ['id', expect.any(Boolean)],
      ['a', false],
    ]);
    expect(columns(two)).toEqual([
      ['id', expect.any(Boolean)],
      ['b', false],
      ['c', false],
    ]);
    expect(columns(three)).toEqual([
      ['id', false],
      ['b', false],
      ['c', false],
    ]);
    expect(three?.table.name).toBe(`${table}_renamed`);
    expect(three?.oldRow).toEqual(['1', 'x', '5']);
    cursor.close();
  });

  it('of partitions are those of the table they are part of', async () => {
    const { table, cursor } = await watched('id int, v text) PARTITION BY RANGE (id');
    await run(`CREATE TABLE ${table}_low PARTITION OF ${table} FOR VALUES FROM (0) TO (10)`);
    await database.changes.watch({ schema: 'public', name: table });
    await run(`INSERT INTO ${table} VALUES (1, 'a')`);
    await run(`UPDATE ${table}_low SET v = 'b'`);
    await run(`DELETE FROM ${table}`);
    const changes = changesOf(await rest(cursor));
    expect(brief(changes)).toEqual([
      ['insert', undefined, ['1', 'a']],
      ['update', ['1', 'a'], ['1', 'b']],
      ['delete', ['1', 'b'], undefined],
    ]);
    expect(new Set(changes.map((change) => change.table.name))).toEqual(new Set([table]));
    cursor.close();
  });

  it('of names with any characters arrive', async () => {
    await run('CREATE SCHEMA "sch""ema é"');
    await run(`CREATE TABLE "sch""ema é"."ta'b""le; DROP" ("co""l" int)`);
    const name = { schema: 'sch"ema é', name: `ta'b"le; DROP` };
    await database.changes.watch(name);
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await run(`INSERT INTO "sch""ema é"."ta'b""le; DROP" VALUES (1)`);
    const [change] = changesOf(await takeItems(cursor, 2));
    expect(change?.table).toMatchObject({ ...name, columns: [{ name: 'co"l' }] });
    cursor.close();
  });
});

describe('watch', () => {
  it('refuses what has no changes to follow', async () => {
    await run('CREATE VIEW v AS SELECT 1');
    await run('CREATE UNLOGGED TABLE fleeting (id int)');
    const { changes } = database;
    expect(await failure(changes.watch({ schema: 'public', name: 'nope' }))).toMatchObject({
      code: 'TABLE_NOT_FOUND',
    });
    for (const [schema, name] of [
      ['public', 'v'],
      ['public', 'fleeting'],
      ['pg_catalog', 'pg_class'],
      ['cdc', 'consumer'],
      ['facet', 'migration'],
    ] as const) {
      expect(await failure(changes.watch({ schema, name }))).toMatchObject({ code: 'FEATURE_NOT_SUPPORTED' });
    }
  });

  it('gives up on a table that is in use for too long, and leaves it as it was', async () => {
    await run('CREATE TABLE busy (id int)');
    const options = {
      owner: 'a',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 60_000,
    } as const;
    const holder = await database.begin(options);
    await database.runUser('INSERT INTO busy VALUES (1)', [], { transaction: holder });
    expect(await failure(database.changes.watch({ schema: 'public', name: 'busy' }))).toMatchObject({
      code: 'LOCK_TIMEOUT',
    });
    await database.rollback(holder);
    const { rows } = await run("SELECT relreplident FROM pg_class WHERE oid = 'busy'::regclass");
    expect(rows).toEqual([['d']]);
    await database.changes.watch({ schema: 'public', name: 'busy' });
  });

  it('delivers nothing of tables that are not watched', async () => {
    const { table, cursor } = await watched('id int');
    await run('CREATE TABLE unwatched (id int PRIMARY KEY)');
    await run('INSERT INTO unwatched VALUES (1)');
    await run(`INSERT INTO ${table} VALUES (1)`);
    expect(changesOf(await rest(cursor)).map((change) => change.table.name)).toEqual([table]);
    cursor.close();
  });

  it('of all covers the tables that there are', async () => {
    await run('CREATE TABLE before_all (id int)');
    await database.changes.watchAll();
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await run('INSERT INTO before_all VALUES (1)');
    await run('UPDATE before_all SET id = 2');
    expect(brief(changesOf(await rest(cursor)))).toEqual([
      ['insert', undefined, ['1']],
      ['update', ['1'], ['2']],
    ]);
    // Without a key, and without the whole row as its identity, PostgreSQL would refuse the update.
    await run('CREATE TABLE other (id int)');
    await run('INSERT INTO other VALUES (1)');
    await run('UPDATE other SET id = 2');
    cursor.close();
  });
});

it('moves its position when something commits that nobody watches', async () => {
  const { cursor } = await watched('id int');
  await run('CREATE TABLE elsewhere (id int PRIMARY KEY)');
  for (let round = 0; round < 20; round++) {
    await run(`INSERT INTO elsewhere VALUES (${round})`);
    await rest(cursor);
  }
  cursor.close();
});

describe('consumers', () => {
  it('are made where the feed stands, and advance but never go back', async () => {
    const { changes } = database;
    const made = await changes.consumer('mail');
    expect(made).toMatchObject({ name: 'mail', sequence: 0, available: true });
    expect((await changes.consumer('mail')).position).toBe(made.position);
    expect(await changes.advance('mail', made.position + 10n, 2)).toBe(true);
    expect(await changes.advance('mail', made.position)).toBe(true);
    expect(await changes.advance('nobody', made.position)).toBe(false);
    expect(await changes.consumer('mail')).toMatchObject({ position: made.position + 10n, sequence: 2 });
    await changes.consumer("other'; DROP TABLE cdc.consumer");
    expect((await changes.consumers('ma')).map(({ name }) => name)).toEqual(['mail']);
    expect(await changes.consumers()).toHaveLength(2);
    expect(await changes.forget('mail')).toBe(true);
    expect(await changes.forget('mail')).toBe(false);
    for (const name of ['', 'x'.repeat(257), 'a\0b']) {
      expect(await failure(changes.consumer(name))).toMatchObject({ code: 'INVALID_PARAMETER' });
    }
  });

  it('whose rows were tampered with do no harm', async () => {
    const { changes } = database;
    const { position } = await changes.consumer('tampered');
    await run("UPDATE cdc.consumer SET position = '0/0' WHERE name = 'tampered'");
    expect(await changes.consumer('tampered')).toMatchObject({ available: false, position: 0n });
    expect((await changes.reset('tampered')).position).toBeGreaterThanOrEqual(position);
    await run(
      "UPDATE cdc.consumer SET position = 'FFFFFFFF/FFFFFFFF', sequence = 9e18 WHERE name = 'tampered'",
    );
    expect(await changes.consumer('tampered')).toMatchObject({ available: true });
    await changes.forget('tampered');
  });
});
