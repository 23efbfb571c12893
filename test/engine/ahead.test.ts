/** Statements of a transaction that are sent without waiting for the one before: order, failures, ends, what is left. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statement } from '../../src/engine/index.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
  await test.database.runUser('CREATE TABLE mark (at int PRIMARY KEY)');
});
afterAll(() => test.close());

const MARK = statement('test.mark', 'INSERT INTO mark VALUES ($1)');
const COUNT = statement('test.count', 'SELECT count(*) FROM mark WHERE at >= $1');
const SLOW = statement('test.slow', 'SELECT pg_sleep(0.3)');
const countOf = async (from: number): Promise<string | null | undefined> =>
  (await test.database.run(COUNT, [String(from)])).rows[0]?.[0];

it('run in the order they were sent, and the transaction waits for all of them', async () => {
  let slowEnded = false;
  const seen = await test.database.inTransaction(async (transaction) => {
    const options = { transaction, ahead: true };
    void test.database.run(SLOW, [], options).then(() => {
      slowEnded = true;
    });
    void test.database.run(MARK, ['10'], options);
    const { rows } = await test.database.run(COUNT, ['10'], { transaction });
    void test.database.run(MARK, ['11'], options);
    return rows[0]?.[0];
  });
  expect([seen, slowEnded, await countOf(10)]).toEqual(['1', true, '2']);
});

it('are in flight together', async () => {
  await test.database.inTransaction(async (transaction) => {
    const order: string[] = [];
    const note = (name: string) => (): void => void order.push(name);
    const first = test.database.run(SLOW, [], { transaction, ahead: true }).then(note('first'));
    const second = test.database.run(SLOW, [], { transaction, ahead: true }).then(note('second'));
    const third = test.database.run(COUNT, ['0'], { transaction }).then(note('third'));
    await Promise.all([first, second, third]);
    expect(order).toEqual(['first', 'second', 'third']);
  });
});

it('all fail behind one that fails, and nothing is written', async () => {
  const outcomes: PromiseSettledResult<unknown>[] = [];
  const work = test.database.inTransaction(async (transaction) => {
    const options = { transaction, ahead: true };
    const sent = ['20', '20', '21'].map((at) => test.database.run(MARK, [at], options));
    outcomes.push(...(await Promise.allSettled(sent)));
  });
  expect((await failure(work)).code).toBe('TRANSACTION_ABORTED');
  expect(
    outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'ok')),
  ).toEqual(['ok', 'UNIQUE_VIOLATION', 'TRANSACTION_ABORTED']);
  expect(await countOf(20)).toBe('0');
});

it('behind a savepoint are undone with it, and the transaction goes on', async () => {
  const transaction = await test.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 10_000,
  });
  const work = test.database.inTransaction(
    async (inner) => {
      void test.database.run(MARK, ['30'], { transaction: inner, ahead: true });
      throw new Error('changed my mind');
    },
    { transaction },
  );
  await expect(work).rejects.toThrow('changed my mind');
  await test.database.run(MARK, ['31'], { transaction });
  await test.database.commit(transaction);
  expect(await countOf(30)).toBe('1');
});

it('a text with a NUL character is refused before it is sent, and the connection goes on', async () => {
  const cut = statement('test.nul', 'SELECT 1\0; SELECT 2');
  for (let round = 0; round < 2; round++) {
    expect(await failure(test.database.run(cut))).toMatchObject({ code: 'INVALID_SQL', position: 9 });
    expect(await countOf(1_000)).toBe('0');
  }
  const inside = test.database.inTransaction(async (transaction) => {
    expect(await failure(test.database.run(cut, [], { transaction }))).toMatchObject({ code: 'INVALID_SQL' });
    await test.database.run(MARK, ['40'], { transaction });
  });
  await inside;
  expect(await countOf(40)).toBe('1');
});
