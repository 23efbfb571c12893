/** What of a journal may be removed, and what comes of it when it is turned on, pruned and read by many at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { statement } from '../../src/engine/index.ts';
import {
  applyEntries,
  type ChainedEntry,
  checkpointCreate,
  checkpointRollback,
  graphQuery,
  journalBegin,
  journalDisable,
  journalEnable,
  journalExport,
  journalPrune,
  journalStatus,
  journalVerify,
  snapshotCreate,
  startOf,
} from '../../src/models/index.ts';
import { type Model, openFileModel, openModel } from './call-operation.ts';
import { ADMIN, databaseOf, enable, exported } from './journal-support.ts';

let model: Model;

async function write(count = 1): Promise<void> {
  for (let at = 0; at < count; at++) await model.call(graphQuery, { query: 'CREATE (:Note)' });
}

/** The last entry that was removed, and the last there is. */
async function ends(): Promise<string> {
  const { base, head } = await model.call(journalStatus, {});
  return `${base.sequence} ${head.sequence}`;
}

const prune = (input: Record<string, unknown> = {}) => model.call(journalPrune, input, ADMIN);

describe('behind a rollback to a restore point', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
    model = await openFileModel(folder);
  });
  afterEach(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('snapshots of the history that was left let nothing go', async () => {
    await enable(model);
    await write(2);
    await model.call(checkpointCreate, { name: 'before' }, ADMIN);
    await write(3);
    await model.call(snapshotCreate, {}, ADMIN);
    await model.call(checkpointRollback, { checkpoint: 'before' }, ADMIN);
    await write();
    // The journal does not get as far as the snapshot, then it does.
    const refused = { code: 'INVALID_PARAMETER', message: expect.stringContaining('No snapshot') };
    await expect(prune()).rejects.toMatchObject(refused);
    const server = { journalRetentionMs: -1 };
    await write(4);
    await expect(prune()).rejects.toMatchObject(refused);
    expect(await ends()).toBe('0 7');
    const { sequence } = await model.call(snapshotCreate, {}, { ...ADMIN, server });
    expect(sequence).toBe(7);
    await write();
    await model.call(snapshotCreate, {}, { ...ADMIN, server });
    expect(await ends()).toBe('7 8');
    // One that cannot be read may have no more than it says.
    const { path, name } = await model.call(snapshotCreate, {}, ADMIN);
    await writeFile(path.replace(name, '0000000000000007-20200101T000000000Z.snapshot'), 'something else');
    await write(5);
    await model.call(snapshotCreate, {}, ADMIN);
    expect((await prune()).removed).toBe(0);
  });

  test('the journal is turned on again if nobody had decided then', async () => {
    await write();
    await model.call(checkpointCreate, { name: 'undecided' }, ADMIN);
    await model.call(journalBegin, {}, ADMIN);
    await write();
    await model.call(checkpointRollback, { checkpoint: 'undecided' }, ADMIN);
    expect(await model.call(journalBegin, {}, ADMIN)).toEqual({ state: 'on' });
  });
});

describe('many at once', () => {
  beforeEach(async () => {
    model = await openModel();
  });
  afterEach(() => model.stop());

  test('turn it on', async () => {
    const calls = LIMITS.poolConnectionsDefault * 3;
    await Promise.all(Array.from({ length: calls }, () => model.call(journalBegin, {}, ADMIN)));
    await model.call(journalDisable, {}, ADMIN);
    const answers = await Promise.all(
      Array.from({ length: calls }, () => model.call(journalEnable, {}, ADMIN)),
    );
    expect(answers.filter(({ changed }) => changed).length).toBe(1);
  });

  test('write while it is turned on and off', async () => {
    let isOver = false;
    const writers = Array.from({ length: LIMITS.poolConnectionsDefault * 3 }, async () => {
      while (!isOver) await write();
    });
    try {
      for (let round = 0; round < 3; round++) {
        expect(await model.call(journalEnable, {}, ADMIN)).toMatchObject({ changed: true });
        expect(await model.call(journalDisable, {}, ADMIN)).toMatchObject({ changed: true });
      }
    } finally {
      isOver = true;
      await Promise.all(writers);
    }
  });

  test('prune: what one has removed does not come back', async () => {
    await enable(model);
    await write(20);
    const database = await databaseOf(model);
    let second: Promise<unknown> = Promise.resolve();
    await database.inTransaction(async (transaction) => {
      const run = (text: string) => database.run(statement('test.prune', text), [], { transaction });
      await run('SET LOCAL facet.prunes_journal = on');
      await run(`UPDATE graph.journal_base AS b SET sequence = e.sequence, at_ms = e.at_ms, hash = e.hash
        FROM graph.journal_entry AS e WHERE e.sequence = 10`);
      second = prune({ to: 5 });
      second.catch(() => {});
      const waits = statement('test.waits', `SELECT count(*) FROM pg_locks WHERE NOT granted`);
      await expect.poll(async () => (await database.run(waits)).rows[0]?.[0]).not.toBe('0');
      await run('DELETE FROM graph.journal_entry WHERE sequence <= 10');
    });
    expect(await second).toMatchObject({ removed: 0 });
    expect(await ends()).toBe('10 20');
  });

  test('prune while others read', async () => {
    await enable(model);
    const perWriter = Math.ceil((LIMITS.journalPageEntries * 3) / 2 / 50);
    await Promise.all(Array.from({ length: 50 }, () => write(perWriter)));
    const walk = (await model.call(journalVerify, {}, ADMIN)).steps[Symbol.asyncIterator]();
    await walk.next();
    const { chunks } = await model.call(journalExport, {}, ADMIN);
    await prune({ to: LIMITS.journalPageEntries + 200 });
    const steps = [await walk.next(), await walk.next()];
    expect(steps.at(-1)?.value).toMatchObject({
      result: { sound: true, head: { sequence: perWriter * 50 } },
    });
    await expect(
      (async () => {
        for await (const _ of chunks);
      })(),
    ).rejects.toMatchObject({ code: 'JOURNAL_NOT_KEPT' });
  });
});

test('an import that has broken off goes on', async () => {
  model = await openModel();
  const target = await openModel();
  try {
    await enable(model);
    // Two of them are more than one transaction of the import.
    const text = 'x'.repeat(Math.ceil(LIMITS.journalReplayBytes / 4));
    for (let at = 0; at < 3; at++) {
      await model.call(graphQuery, { query: 'CREATE (:Note {text: $text})', params: { text } });
    }
    const database = await databaseOf(target);
    const cutOff = (async function* (): AsyncGenerator<ChainedEntry> {
      yield* exported(model);
      throw new Error('the file ends here');
    })();
    await expect(applyEntries(database, cutOff)).rejects.toThrow('the file ends here');
    expect((await startOf(target.store, database)).head.sequence).toBe(2);
    await applyEntries(database, exported(model));
    expect(await target.call(journalStatus, {})).toMatchObject({
      state: 'on',
      head: { hash: (await model.call(journalStatus, {})).head.hash },
    });
  } finally {
    await target.stop();
    await model.stop();
  }
});
