/** Commits that share one wait for the disk: acknowledged when they are durable, whatever becomes of the flush. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, type Participant, statement, type Transaction } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  await database.runUser('CREATE TABLE entry (item text, sync text, at int GENERATED ALWAYS AS IDENTITY)');
});
beforeEach(async () => {
  await database.runUser('TRUNCATE entry');
});
afterAll(() => test.close());

const ENTRY = statement(
  'test.entry',
  `INSERT INTO entry (item, sync) SELECT $1, current_setting('synchronous_commit')
   FROM pg_advisory_xact_lock(77) RETURNING pg_current_wal_insert_lsn()`,
);
/** Where each item's row is in the log, at least. */
const at = new Map<string, string>();
const shares: Participant<string> = {
  name: 'test.shares',
  ahead: true,
  sharesFlush: true,
  finish: async (transaction, items) => {
    const item = items.join();
    const { rows } = await database.run(ENTRY, [item], { transaction });
    at.set(item, rows[0]?.[0] ?? '');
  },
};

async function syncs(): Promise<readonly (string | null)[]> {
  const { rows } = await database.runUser('SELECT DISTINCT sync FROM entry ORDER BY sync');
  return rows.map(([sync]) => sync ?? null);
}

const call = (item: string): Promise<void> =>
  database.inTransaction(async (transaction) => transaction.enlist(shares, item));

async function interactive(item: string, first: readonly string[] = []): Promise<void> {
  const transaction: Transaction = await database.begin({
    owner: 'ann',
    isolationLevel: 'repeatable_read',
    readOnly: false,
    timeoutMs: 30_000,
  });
  for (const sql of first) await database.runUser(sql, [], { transaction });
  transaction.enlist(shares, item);
  await database.commit(transaction);
}

const crowd = (name: string, commit = call): Promise<unknown> =>
  Promise.all(Array.from({ length: 16 }, (_, n) => commit(`${name}${n}`)));

/** The session that flushes is opened by the first commits that have company. */
async function warm(): Promise<void> {
  for (let round = 0; round < 50; round++) {
    await crowd('warm');
    if ((await syncs()).includes('off')) return;
  }
  throw new Error(
    'no commit shared its wait for the disk: ' +
      JSON.stringify(test.observations.filter((o) => o.type === 'warning')),
  );
}

/** The session that flushes for all. One of a transaction that did it by itself does something else in the next crowd. */
async function flusher(): Promise<string> {
  for (let round = 0; round < 50; round++) {
    await crowd(`w${round}-`);
    const found = await test.admin(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'facet'
         AND query LIKE 'SELECT%FROM facet.migration LIMIT 1%' AND pid <> pg_backend_pid()`,
    );
    if (found.length === 1) return found[0]?.[0] ?? '';
  }
  throw new Error('no session flushes');
}

describe('commits that share the wait for the disk', () => {
  it('wait by themselves when alone, and together in company', async () => {
    await warm();
    await database.runUser('TRUNCATE entry');
    await call('alone');
    expect(await syncs()).toEqual(['on']);
    await database.runUser('TRUNCATE entry');
    await crowd('many');
    expect(await syncs()).toContain('off');
    await crowd('interactive', interactive);
    const { rows } = await database.runUser('SELECT count(*) FROM entry');
    expect(rows).toEqual([['32']]);
    // It was for the transaction only.
    expect((await database.runUser('SHOW synchronous_commit')).rows).toEqual([['on']]);
  });

  it('are acknowledged when they are on the disk', async () => {
    await warm();
    let checked = 0;
    const FLUSHED = statement('test.flushed', 'SELECT $1::pg_lsn < pg_current_wal_flush_lsn()');
    const check = async (item: string): Promise<void> => {
      await call(item);
      const { rows } = await database.run(FLUSHED, [at.get(item) ?? null], { reads: true });
      expect(rows).toEqual([['t']]);
      checked++;
    };
    for (let round = 0; round < 10; round++) await crowd(`r${round}-`, check);
    expect(checked).toBe(160);
  });

  it('do so when the session that flushes is ended under them', async () => {
    await warm();
    for (let round = 0; round < 10; round++) {
      const pid = await flusher();
      const committing = crowd(`k${round}-`);
      expect(await test.admin('SELECT pg_terminate_backend($1::int)', [pid])).toEqual([['t']]);
      await committing;
      await crowd(`l${round}-`);
    }
    const { rows } = await database.runUser("SELECT count(*) FROM entry WHERE item LIKE 'k%'");
    expect(rows).toEqual([['160']]);
  });

  it('keep what a transaction has set for itself', async () => {
    await warm();
    await crowd('local', (item) => interactive(item, ['SET LOCAL synchronous_commit = local']));
    await crowd('off', (item) => interactive(item, ['SET LOCAL synchronous_commit = off']));
    const { rows } = await database.runUser("SELECT count(*) FROM entry WHERE item NOT LIKE 'warm%'");
    expect(rows).toEqual([['32']]);
  });

  it('commit in the order of the lock that they took last', async () => {
    await warm();
    await database.runUser('TRUNCATE entry RESTART IDENTITY');
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 25; n++) await call(`${writer}-${n}`);
      }),
    );
    // The order of commits is that of the log: a row's place in it and the row before were written under the lock.
    const { rows } = await database.runUser('SELECT item FROM entry ORDER BY at');
    const places = rows.map(([item]) => at.get(item ?? '') ?? '');
    const inOrder = await test.admin(
      "SELECT bool_and(a <= b) FROM (SELECT l::pg_lsn AS a, lead(l::pg_lsn) OVER (ORDER BY n) AS b FROM unnest(string_to_array($1, ',')) WITH ORDINALITY AS places (l, n)) AS pairs",
      [places.join(',')],
    );
    expect([rows.length, inOrder]).toEqual([200, [['t']]]);
  });

  it('do so when flushing in company fails', async () => {
    await warm();
    await test.admin('REVOKE UPDATE ON facet.migration FROM facet');
    await crowd('f');
    await test.admin('GRANT UPDATE ON facet.migration TO facet');
    const { rows } = await database.runUser(
      "SELECT count(*) FROM entry WHERE item LIKE 'f%' AND sync = 'off'",
    );
    expect(Number(rows[0]?.[0])).toBeGreaterThan(0);
    const [objects] = await test.admin('SELECT count(*) FROM pg_largeobject_metadata');
    expect(objects).toEqual(['0']);
  });
});

it('where a server forbids what flushing takes, commits wait by themselves', async () => {
  const other = await openTestStore();
  try {
    await other.admin('REVOKE UPDATE ON facet.migration FROM facet');
    await other.database.runUser('CREATE TABLE entry (sync text)');
    const SYNC = statement('test.sync', "INSERT INTO entry SELECT current_setting('synchronous_commit')");
    const participant: Participant<string> = {
      ...shares,
      finish: async (transaction) => void (await other.database.run(SYNC, [], { transaction })),
    };
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        Array.from({ length: 8 }, () =>
          other.database.inTransaction(async (transaction) => transaction.enlist(participant, 'x')),
        ),
      );
    }
    const { rows } = await other.database.runUser('SELECT sync, count(*) FROM entry GROUP BY sync');
    expect(rows).toEqual([['on', '40']]);
    const warnings = other.observations.filter(({ type }) => type === 'warning');
    expect(warnings).toEqual([
      expect.objectContaining({ message: 'Commits cannot share their wait for the disk' }),
    ]);
  } finally {
    await other.close();
  }
});
