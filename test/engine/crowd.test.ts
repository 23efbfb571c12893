/** Many callers at once doing everything to each other: afterwards nothing is open, lost or left over. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { type Database, statement } from '../../src/engine/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const CALLERS = 150;
const ROUNDS = 40;

let test: TestStore;
let database: Database;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  test = await openTestStore({ poolConnections: 6, transactionsOpenMax: 8, transactionsPerPrincipalMax: 8 });
  database = test.database;
  await database.runUser('CREATE TABLE tally (id int PRIMARY KEY, n int NOT NULL)');
  await database.runUser('INSERT INTO tally SELECT g, 0 FROM generate_series(0, 9) g');
});
afterAll(async () => {
  await test.close();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Acknowledged increments. */
let added = 0;
/** Increments whose fate is not known: cancelled when they may have been done already. */
let unsure = 0;

const add = async (id: number, options: { signal?: AbortSignal; timeoutMs?: number }): Promise<void> => {
  try {
    await database.runUser('UPDATE tally SET n = n + 1 WHERE id = $1', [String(id)], options);
    added++;
  } catch (error) {
    if (error instanceof FacetError && error.code === 'UNAVAILABLE') unsure++;
    throw error;
  }
};

const actions: readonly ((n: number) => Promise<unknown>)[] = [
  (n) => database.run(statement('test.read', 'SELECT n FROM tally WHERE id = $1'), [String(n % 10)]),
  (n) => database.runUser('SELECT n FROM tally WHERE id = $1', [String(n % 10)]),
  (n) => add(n % 10, {}),
  (n) => add(n % 10, { timeoutMs: 1 + (n % 7) }),
  (n) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), n % 9);
    return add(n % 10, { signal: controller.signal });
  },
  () => database.runUser('SELECT pg_sleep(0.002)', [], { timeoutMs: 3 }),
  () => database.runUser(`SELECT set_config('search_path', 'pg_catalog', false)`),
  () => database.runUser('SELECT 1/0'),
  () => database.runUser('SELECT FROM WHERE'),
  async (n) => {
    const stream = database.streamUser('SELECT generate_series(1, 3000)', [], {
      timeoutMs: n % 3 === 0 ? 2 : 5_000,
    });
    for await (const batch of stream) if (batch.length > 500 && n % 2 === 0) break;
  },
  async (n) => {
    const transaction = await database.begin({
      owner: `p${n % 4}`,
      isolationLevel: n % 2 === 0 ? 'serializable' : 'read_committed',
      readOnly: false,
      timeoutMs: n % 5 === 0 ? 5 : 5_000,
    });
    try {
      await database.runUser('UPDATE tally SET n = n + 1 WHERE id = $1', [String(n % 10)], { transaction });
      if (n % 3 === 0) throw new FacetError('QUERY_CANCELLED', 'the caller has changed its mind');
      await database.commit(transaction);
      added++;
    } catch (error) {
      await database.rollback(transaction).catch(() => undefined);
      throw error;
    }
  },
];

it('leaves nothing behind, and loses nothing that was acknowledged', async () => {
  const choices = fc.sample(fc.nat(actions.length * 1_000 - 1), CALLERS * ROUNDS);
  const codes = new Map<string, number>();
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      for (let round = 0; round < ROUNDS; round++) {
        const choice = choices[caller * ROUNDS + round] ?? 0;
        try {
          await actions[choice % actions.length]?.(choice);
        } catch (error) {
          if (!(error instanceof FacetError)) throw error;
          codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
        }
      }
    }),
  );
  for (let n = 0; n < 200 && database.counts.poolInUse + database.counts.transactionsOpen > 0; n++)
    await sleep(10);
  expect(database.counts).toMatchObject({
    transactionsOpen: 0,
    poolInUse: 0,
    poolWaiting: 0,
    laneInFlight: 0,
  });
  expect(codes.has('INTERNAL_ERROR')).toBe(false);
  const [sum] = (await database.runUser('SELECT sum(n) FROM tally')).rows[0] ?? [];
  expect(Number(sum)).toBeGreaterThanOrEqual(added);
  expect(Number(sum)).toBeLessThanOrEqual(added + unsure);
  expect((await database.runUser('SHOW search_path')).rows).toEqual([['public, vector']]);
});
