/** Cursors of Facet's own statements in a transaction, on a real PostgreSQL. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cell, statement, type Transaction } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
let transaction: Transaction;
beforeEach(async () => {
  store = await openTestStore();
  transaction = await store.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 60_000,
  });
});
afterEach(async () => {
  await store.database.rollback(transaction).catch(() => {});
  await store.close();
});

const NUMBERS = statement('test.numbers', 'SELECT i FROM generate_series(1, $1::int) AS i');
const OPEN_CURSORS = statement('test.cursors', "SELECT count(*) FROM pg_cursors WHERE name LIKE 'facet%'");

const walk = (
  count: number,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): AsyncIterator<readonly (readonly Cell[])[]> =>
  store.database.cursor(NUMBERS, [String(count)], { ...options, transaction })[Symbol.asyncIterator]();

const run = async (text: string): Promise<readonly (readonly Cell[])[]> =>
  (await store.database.run(statement('test.run', text), [], { transaction })).rows;

const openCursors = async (): Promise<string | null | undefined> =>
  (await store.database.run(OPEN_CURSORS, [], { transaction })).rows[0]?.[0];

test('rows come in steps, all of them and in their order', async () => {
  const steps: number[] = [];
  let next = 1;
  for await (const rows of store.database.cursor(NUMBERS, ['5000'], { transaction })) {
    steps.push(rows.length);
    for (const [value] of rows) expect(value).toBe(String(next++));
  }
  expect(next).toBe(5_001);
  expect(steps[0]).toBe(64);
  expect(Math.max(...steps)).toBe(1_000);
  expect(await openCursors()).toBe('0');
});

test.each([0, 1, 63, 64, 65, 1_064])('a result of %i rows ends where it ends', async (count) => {
  let rows = 0;
  for await (const step of store.database.cursor(NUMBERS, [String(count)], { transaction })) {
    expect(step.length).toBeGreaterThan(0);
    rows += step.length;
  }
  expect(rows).toBe(count);
});

test('wide rows come in small steps', async () => {
  const wide = statement('test.wide', `SELECT repeat('x', 100000) FROM generate_series(1, 200)`);
  const steps: number[] = [];
  for await (const rows of store.database.cursor(wide, [], { transaction })) steps.push(rows.length);
  expect(steps[0]).toBe(64);
  expect(Math.max(...steps.slice(1))).toBeLessThanOrEqual(6);
});

test('statements and other cursors run between the steps', async () => {
  const [first, second] = [walk(3_000), walk(2_000)];
  const counts = [0, 0];
  for (let open = true; open; ) {
    const [one, other] = [await first.next(), await second.next()];
    counts[0] = (counts[0] ?? 0) + (one.value?.length ?? 0);
    counts[1] = (counts[1] ?? 0) + (other.value?.length ?? 0);
    expect(await run('SELECT 1')).toEqual([['1']]);
    open = one.done !== true || other.done !== true;
  }
  expect(counts).toEqual([3_000, 2_000]);
});

test('what the transaction writes later is not in it', async () => {
  await run('CREATE TABLE public.seen AS SELECT i FROM generate_series(1, 500) AS i');
  const seen = store.database
    .cursor(statement('test.seen', 'SELECT i FROM public.seen'), [], { transaction })
    [Symbol.asyncIterator]();
  let rows = (await seen.next()).value?.length ?? 0;
  await run('DELETE FROM public.seen WHERE i > 100');
  await run('INSERT INTO public.seen SELECT 1000 + i FROM generate_series(1, 500) AS i');
  for (let step = await seen.next(); step.done !== true; step = await seen.next()) rows += step.value.length;
  expect(rows).toBe(500);
});

test('who stops taking closes it, and the transaction goes on', async () => {
  const cursor = walk(1_000_000);
  await cursor.next();
  expect(await openCursors()).toBe('1');
  await cursor.return?.();
  expect(await openCursors()).toBe('0');
  expect(await run('SELECT 2')).toEqual([['2']]);
  await store.database.commit(transaction);
});

test('a cursor of a transaction that has ended rejects', async () => {
  const cursor = walk(1_000);
  await cursor.next();
  await store.database.commit(transaction);
  await expect(cursor.next()).rejects.toMatchObject({ code: 'TRANSACTION_NOT_ACTIVE' });
});

test('an abort and a timeout end the step that runs', async () => {
  const slow = statement('test.slow', 'SELECT pg_sleep(30)');
  const controller = new AbortController();
  const cursor = store.database
    .cursor(slow, [], { transaction, signal: controller.signal })
    [Symbol.asyncIterator]();
  const step = cursor.next();
  setTimeout(() => controller.abort(), 50);
  await expect(step).rejects.toMatchObject({ code: 'QUERY_CANCELLED' });
  await expect(run('SELECT 1')).rejects.toMatchObject({ code: 'TRANSACTION_ABORTED' });
  await store.database.rollback(transaction);
  transaction = await store.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 60_000,
  });
  const late = store.database.cursor(slow, [], { transaction, timeoutMs: 50 })[Symbol.asyncIterator]();
  await expect(late.next()).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
});

test('the deadline of the transaction ends it', async () => {
  const short = await store.database.begin({
    owner: 'tester',
    isolationLevel: 'read_committed',
    readOnly: true,
    timeoutMs: 100,
  });
  const slow = statement('test.slow', 'SELECT pg_sleep(30)');
  const cursor = store.database.cursor(slow, [], { transaction: short })[Symbol.asyncIterator]();
  await expect(cursor.next()).rejects.toMatchObject({ sqlState: '57014' });
});

test('the same text is prepared once', async () => {
  for (let count = 0; count < 3; count++) for await (const _ of { [Symbol.asyncIterator]: () => walk(100) });
  const rows = await run(
    `SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%generate_series(1, $1::int) AS i'`,
  );
  expect(rows).toEqual([['1']]);
});
