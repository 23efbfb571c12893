/** The position that a commit tells: at or behind the commit in the log, and no further than a replica can come. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, type Participant, statement, type Transaction } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
let database: Database;
beforeAll(async () => {
  test = await openTestStore();
  database = test.database;
  await database.runUser('CREATE TABLE note (id int)');
});
beforeEach(async () => {
  await database.runUser('TRUNCATE note');
});
afterAll(() => test.close());

const NOTE = statement('test.note', 'INSERT INTO note VALUES ($1::int)');
const note = (transaction: Transaction) => database.run(NOTE, ['1'], { transaction });

const begin = (readOnly = false): Promise<Transaction> =>
  database.begin({ owner: 'ann', isolationLevel: 'read_committed', readOnly, timeoutMs: 20_000 });

/** Position of the log of a statement within a transaction: its commit comes behind it. */
async function inserted(transaction?: Transaction): Promise<string> {
  const { rows } = await database.run(statement('test.at', 'SELECT pg_current_wal_insert_lsn()'), [], {
    transaction,
  });
  return rows[0]?.[0] ?? '';
}

/** Whether `a` is behind `b`, and whether `a` has been flushed. */
async function compared(a: string | undefined, b: string): Promise<readonly (string | null)[]> {
  const [row] = await test.admin('SELECT $1::pg_lsn > $2::pg_lsn, $1::pg_lsn <= pg_current_wal_flush_lsn()', [
    a ?? null,
    b,
  ]);
  return row ?? [];
}

const SHARES: Participant<string> = {
  name: 'test.shares',
  ahead: true,
  sharesFlush: true,
  finish: async (transaction) => void (await note(transaction)),
};

describe('the position of a commit', () => {
  it('of an interactive transaction is told when asked for, and on the disk', async () => {
    const silent = await begin();
    await note(silent);
    expect((await database.commit(silent)).position).toBeUndefined();
    const transaction = await begin();
    await note(transaction);
    const before = await inserted(transaction);
    const { position } = await database.commit(transaction, { position: true });
    expect(position).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
    expect(await compared(position, before)).toEqual(['t', 't']);
  });

  it('of a transaction for one call is told after it, unless it is rolled back or joined another', async () => {
    const told: string[] = [];
    let before = '';
    const work = async (transaction: Transaction) => {
      await note(transaction);
      before = await inserted(transaction);
    };
    const position = (lsn: string): void => void told.push(lsn);
    await database.inTransaction(work, { position });
    expect(await compared(told[0], before)).toEqual(['t', 't']);
    await database.inTransaction(work, { position, rollback: true });
    const transaction = await begin();
    await database.inTransaction(work, { position, transaction });
    await database.rollback(transaction);
    expect(told).toHaveLength(1);
  });

  it('of one that only read is behind what it has seen', async () => {
    await database.run(NOTE, ['1']);
    // Not what is inserted: others write to the same log, and nobody has seen what they have not committed.
    const flushed = await database.run(statement('test.flushed', 'SELECT pg_current_wal_flush_lsn()'));
    const before = flushed.rows[0]?.[0] ?? '';
    const transaction = await begin(true);
    await database.runUser('SELECT * FROM note', [], { transaction });
    const { position } = await database.commit(transaction, { position: true });
    const [row] = await test.admin('SELECT $1::pg_lsn >= $2::pg_lsn', [position ?? null, before]);
    expect(row).toEqual(['t']);
  });

  it('of one that does not wait for the disk by its own wish is behind it all the same', async () => {
    for (let round = 0; round < 20; round++) {
      const transaction = await begin();
      await database.runUser('SET LOCAL synchronous_commit = off', [], { transaction });
      await note(transaction);
      const before = await inserted(transaction);
      const { position } = await database.commit(transaction, { position: true });
      expect((await compared(position, before))[0]).toBe('t');
    }
  });

  it('of those that share the wait for the disk is on the disk', async () => {
    const commit = async (): Promise<void> => {
      const transaction = await begin();
      transaction.enlist(SHARES, 'x');
      await note(transaction);
      const before = await inserted(transaction);
      const { position } = await database.commit(transaction, { position: true });
      expect(await compared(position, before)).toEqual(['t', 't']);
    };
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 8 }, commit));
  });
});
