/**
 * kill -9 of PostgreSQL under writers whose commits share their wait for the disk: of one of its processes, upon which it
 * starts all of them anew and what was in their memory is gone, and of the postmaster. What was acknowledged is there
 * afterwards, with all that belongs to it, and what was numbered under a lock has its numbers without gaps.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asFacetError } from '../../src/base/index.ts';
import {
  type Database,
  openStore,
  type Participant,
  type Store,
  statement,
  type Transaction,
} from '../../src/engine/index.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 8);
const WRITERS = 12;
/** Between two blows that many commits have to be acknowledged. */
const ACKNOWLEDGED_MIN = 200;
const RECOVERY_MS = 30_000;

let store: Store;
let database: Database;
beforeAll(async () => {
  store = await openStore('memory://killed', { observe: () => {} });
  database = await store.namespace(store.defaultNamespace);
  await database.runUser('CREATE TABLE item (id text PRIMARY KEY)');
  await database.runUser('CREATE TABLE head (only_row boolean PRIMARY KEY, number bigint, shared bigint)');
  await database.runUser('INSERT INTO head VALUES (true, 0, 0)');
  await database.runUser('CREATE TABLE entry (number bigint PRIMARY KEY, item text)');
});
afterAll(() => store.stop());

const ITEM = statement('test.item', 'INSERT INTO item VALUES ($1)');
const APPEND = statement(
  'test.append',
  `WITH next AS (UPDATE head SET number = number + 1,
     shared = shared + (current_setting('synchronous_commit') = 'off')::int RETURNING number)
   INSERT INTO entry SELECT number, $1 FROM next`,
);
const JOURNAL: Participant<string> = {
  name: 'test.journal',
  ahead: true,
  sharesFlush: true,
  finish: async (transaction, items) => {
    await database.run(APPEND, [items.join()], { transaction });
  },
};

const acknowledged = new Set<string>();
const refused = new Map<string, number>();
let stopped = false;

async function write(id: string, interactive: boolean): Promise<void> {
  const work = async (transaction: Transaction): Promise<void> => {
    await database.run(ITEM, [id], { transaction });
    transaction.enlist(JOURNAL, id);
  };
  if (!interactive) {
    await database.inTransaction(work);
    return;
  }
  const options = {
    owner: 'ann',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 20_000,
  } as const;
  const transaction = await database.begin(options);
  await work(transaction);
  await database.commit(transaction);
}

async function writer(number: number): Promise<void> {
  for (let n = 0; !stopped; n++) {
    const id = `${number}-${n}`;
    try {
      await write(id, number % 3 === 0);
      acknowledged.add(id);
    } catch (thrown) {
      const { code } = asFacetError(thrown);
      refused.set(code, (refused.get(code) ?? 0) + 1);
      await sleep(20);
    }
  }
}

/** Processes of PostgreSQL that serve connections of ours. */
function backends(postmaster: number): readonly number[] {
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ');
  return children
    .map(Number)
    .filter((pid) =>
      / facet \[local\] /.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')),
    );
}

async function strike(round: number): Promise<void> {
  const postmaster = store.facts.postmasterPid ?? 0;
  const pids = backends(postmaster);
  const victim = round % 4 === 3 ? postmaster : pids[round % pids.length];
  process.kill(victim ?? postmaster, 'SIGKILL');
}

async function acknowledgedMore(count: number): Promise<void> {
  const enough = acknowledged.size + count;
  const deadlineMs = performance.now() + RECOVERY_MS;
  while (acknowledged.size < enough) {
    if (performance.now() > deadlineMs) throw new Error(`no answers: ${JSON.stringify([...refused])}`);
    await sleep(5);
  }
}

const number = async (sql: string): Promise<number> => Number((await database.runUser(sql)).rows[0]?.[0]);

// Which processes PostgreSQL has is read from /proc.
it.skipIf(process.platform !== 'linux')('loses nothing that was acknowledged, and no number', async () => {
  const writing = Array.from({ length: WRITERS }, (_, number) => writer(number));
  for (let round = 0; round < ROUNDS; round++) {
    await acknowledgedMore(ACKNOWLEDGED_MIN);
    await strike(round);
  }
  await acknowledgedMore(ACKNOWLEDGED_MIN);
  stopped = true;
  await Promise.all(writing);
  const { rows } = await database.runUser('SELECT item FROM entry ORDER BY number', [], {
    rowsMax: 1_000_000,
  });
  const kept = new Set(rows.map(([item]) => item ?? ''));
  expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
  expect(await number('SELECT count(*) FROM entry')).toBe(kept.size);
  expect(await number('SELECT max(number) FROM entry')).toBe(kept.size);
  expect(await number('SELECT number FROM head')).toBe(kept.size);
  expect(await number('SELECT count(*) FROM item JOIN entry ON item = id')).toBe(kept.size);
  expect(await number('SELECT count(*) FROM item')).toBe(kept.size);
  // Most of them shared the wait for the disk, and every blow was felt.
  expect(await number('SELECT shared FROM head')).toBeGreaterThan(kept.size / 2);
  expect(
    [...refused.keys()].filter((code) => code !== 'UNAVAILABLE' && code !== 'TRANSACTION_NOT_FOUND'),
  ).toEqual([]);
  expect(refused.get('UNAVAILABLE') ?? 0).toBeGreaterThanOrEqual(ROUNDS);
});
