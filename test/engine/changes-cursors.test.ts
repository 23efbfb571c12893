/** Cursors of the change feed: resuming, falling behind, catching up and joining, without a gap and without repeats. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import type { ChangeCursor, ChangeItem, Database, Lsn } from '../../src/engine/index.ts';
import { openChangeStore } from '../support/change-store.ts';
import { brief, changesOf, Mirror, takeItems, takeUntil, untilEnded } from '../support/change-tables.ts';
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
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function watchNew(table: string, columns = 'id int, v text'): Promise<void> {
  await run(`CREATE TABLE ${table} (${columns})`);
  await database.changes.watch({ schema: 'public', name: table });
}

/** More than the log keeps. */
const flood = async (table: string, rows = 60_000): Promise<void> => {
  for (let from = 0; from < rows; from += 10_000) {
    await run(
      `INSERT INTO ${table} SELECT i, repeat('x', 100) FROM generate_series(${from}, ${from + 9_999}) i`,
    );
  }
};

describe('a cursor', () => {
  it('resumes at a transaction, and behind it', async () => {
    await watchNew('resumed');
    const first = await database.changes.open({ whenSlow: 'wait' });
    for (let id = 0; id < 4; id++) await run(`INSERT INTO resumed VALUES (${id}, 'a'), (${id}, 'b')`);
    const items = await takeItems(first, 12);
    first.close();
    const transaction = items[3]?.transaction;
    const again = await database.changes.open({ whenSlow: 'wait', from: transaction?.commitLsn });
    expect(await takeItems(again, 9)).toEqual(items.slice(3));
    const behind = await database.changes.open({ whenSlow: 'wait', from: transaction?.endLsn });
    expect(await takeItems(behind, 6)).toEqual(items.slice(6));
    again.close();
    behind.close();
  });

  it('resumes from where the log no longer reaches', async () => {
    await watchNew('old');
    await run("INSERT INTO old VALUES (-1, 'first')");
    const from = (await database.changes.now()) - 1_000n;
    await run("INSERT INTO old VALUES (-2, 'second')");
    const now = await database.changes.open({ whenSlow: 'wait' });
    await flood('old');
    await takeUntil(now, await database.changes.now());
    const cursor = await database.changes.open({ whenSlow: 'drop', from });
    expect(database.changes.facts.catchingUp).toBe(1);
    const all = changesOf(await takeUntil(cursor, await database.changes.now()));
    const changes = all.filter(({ table }) => table.name === 'old');
    expect(changes.filter(({ newRow }) => Number(newRow?.[0]) === -2)).toHaveLength(1);
    expect(changes.filter(({ newRow }) => Number(newRow?.[0]) >= 0)).toHaveLength(60_000);
    await run("INSERT INTO old VALUES (-3, 'third')");
    const last = changesOf(await takeUntil(cursor, await database.changes.now()));
    expect(brief(last)).toEqual([['insert', undefined, ['-3', 'third']]]);
    expect(database.changes.facts).toMatchObject({ catchingUp: 0, cursors: 2 });
    cursor.close();
    now.close();
  });

  it('that is not to wait is dropped when it falls behind, and can resume', async () => {
    await watchNew('dropped');
    const cursor = await database.changes.open({ whenSlow: 'drop' });
    await run("INSERT INTO dropped VALUES (-1, 'taken')");
    await takeItems(cursor, 2);
    await flood('dropped');
    let ended = cursor.ended;
    for (let tries = 0; ended === undefined && tries < 500; tries++) {
      await pause(10);
      ended = cursor.ended;
    }
    expect(ended?.reason).toMatchObject({ code: 'SUBSCRIBER_TOO_SLOW' });
    expect(cursor.take(10)).toEqual([]);
    const resumed = await database.changes.open({ whenSlow: 'wait', from: ended?.resumeLsn });
    const changes = changesOf(await takeUntil(resumed, await database.changes.now()));
    expect(
      changes.filter(({ table }) => table.name === 'dropped').map(({ newRow }) => Number(newRow?.[0])),
    ).toEqual(Array.from({ length: 60_000 }, (_, index) => index));
    resumed.close();
  });

  it('that waits has everything, in bounded memory, also of a transaction larger than the log', async () => {
    await watchNew('large');
    const cursor = await database.changes.open({ whenSlow: 'wait' });
    await run("INSERT INTO large SELECT i, repeat('y', 300) FROM generate_series(0, 99999) i");
    await run("INSERT INTO large VALUES (-1, 'end')");
    const end = await database.changes.now();
    let next = 0;
    let peak = 0;
    for (;;) {
      const items = cursor.take(500);
      for (const item of items) {
        if (item.kind === 'commit' || item.table.name !== 'large') continue;
        expect(item.newRow?.[0]).toBe(next < 100_000 ? String(next) : '-1');
        if (next < 100_000) expect(item.sequence).toBe(next);
        next++;
      }
      peak = Math.max(peak, database.changes.facts.logBytes);
      if (cursor.position >= end && items.length === 0) break;
      if (next % 10_000 < 500) await pause(10);
      if (items.length === 0) {
        await new Promise<void>((resolve) => {
          cursor.onReady(resolve);
          cursor.onMoved(resolve);
        });
      }
    }
    expect(next).toBe(100_001);
    expect(peak).toBeLessThan(LIMITS.changeLogBytesMax + 10_000);
    cursor.close();
  }, 60_000);

  it('begins with what no earlier snapshot sees', async () => {
    await watchNew('snapshots');
    let stopped = false;
    let id = 0;
    const writers = Array.from({ length: 4 }, async () => {
      while (!stopped) await run(`INSERT INTO snapshots VALUES (${id++}, '')`);
    });
    for (let round = 0; round < 15; round++) {
      const cursor = await database.changes.open({ whenSlow: 'wait' });
      const { rows } = await run('SELECT id FROM snapshots');
      const seen = new Set(rows.map(([value]) => value));
      const after = changesOf(await takeUntil(cursor, await database.changes.now()));
      for (const { newRow } of after) if (newRow?.[0] != null) seen.add(newRow[0]);
      cursor.close();
      const numbers = [...seen].map(Number).sort((a, b) => a - b);
      // The last few of each writer may have come after both looks; before them nothing is missing.
      const gap = numbers.findIndex((number, index) => number !== index);
      if (gap !== -1) expect(numbers.length - gap).toBeLessThan(64);
      if (gap !== -1) {
        const { rows: there } = await run(
          `SELECT id FROM snapshots WHERE id < ${(numbers.at(-1) ?? 0) - 64}`,
        );
        for (const [value] of there) expect(seen.has(value ?? null)).toBe(true);
      }
    }
    stopped = true;
    await Promise.all(writers);
  });

  it('ends with its signal, and cannot begin where nothing is kept', async () => {
    const controller = new AbortController();
    const cursor = await database.changes.open({ whenSlow: 'wait', signal: controller.signal });
    const before = database.changes.facts.cursors;
    controller.abort();
    expect(database.changes.facts.cursors).toBe(before - 1);
    expect(cursor.take(1)).toEqual([]);
    expect(
      await failure(database.changes.open({ whenSlow: 'wait', signal: controller.signal })),
    ).toMatchObject({
      code: 'QUERY_CANCELLED',
    });
    expect(await failure(database.changes.open({ whenSlow: 'wait', from: 1n }))).toMatchObject({
      code: 'LSN_NOT_AVAILABLE',
    });
  });
});

/** A consumer that stops, resumes, dawdles and starts anew, as chance will have it. */
class Erratic {
  readonly mirror = new Mirror();
  #cursor: ChangeCursor | undefined = undefined;
  #position: Lsn;
  #transaction: Lsn = 0n;
  #sequence = -1;

  constructor(position: Lsn) {
    this.#position = position;
  }

  async step(random: () => number): Promise<void> {
    this.#cursor ??= await database.changes.open({
      whenSlow: random() < 0.5 ? 'wait' : 'drop',
      from: this.#position,
    });
    this.#take(Math.ceil(random() * 3_000));
    if (random() < 0.1) this.#leave();
    await pause(random() < 0.2 ? random() * 200 : 0);
  }

  async finish(until: Lsn): Promise<void> {
    this.#leave();
    const cursor = await database.changes.open({ whenSlow: 'wait', from: this.#position });
    for (const item of await takeUntil(cursor, until)) this.#apply(item);
    cursor.close();
  }

  /** One that was dropped has gone by itself. */
  #leave(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
  }

  #take(count: number): void {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    for (const item of cursor.take(count)) this.#apply(item);
    this.#position = cursor.ended?.resumeLsn ?? cursor.position;
    if (cursor.ended !== undefined) this.#cursor = undefined;
  }

  /** At least once: a transaction may begin anew. Nothing else may come again. */
  #apply(item: ChangeItem): void {
    if (item.kind === 'commit' || item.table.name !== 'chaos') return;
    const { commitLsn } = item.transaction;
    if (commitLsn === this.#transaction && item.sequence <= this.#sequence) return;
    if (commitLsn < this.#transaction) throw new Error('a transaction came again after a later one');
    this.#transaction = commitLsn;
    this.#sequence = item.sequence;
    this.mirror.apply(item);
  }
}

it('consumers that stop, resume and dawdle under load have what the table has', async () => {
  await watchNew('chaos', 'id int PRIMARY KEY, v text, n int DEFAULT 0');
  const start = await database.changes.now();
  let seed = 12_345;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const keeper = await database.changes.open({ whenSlow: 'wait', from: start });
  const erratics = Array.from({ length: 8 }, () => new Erratic(start));
  let stopped = false;
  const writers = [0, 1, 2].map(async (writer) => {
    for (let round = 0; round < 60; round++) {
      const from = Math.floor(random() * 3_000);
      const filler = `repeat('${writer}', 150)`;
      if (random() < 0.03) await run('TRUNCATE chaos');
      await run(
        `INSERT INTO chaos SELECT i, ${filler} FROM generate_series(${from}, ${from + 1_500}) i
         ORDER BY i ON CONFLICT (id) DO UPDATE SET n = chaos.n + 1`,
      ).catch(() => undefined);
      await run(`DELETE FROM chaos WHERE id % 97 = ${round}`).catch(() => undefined);
      await run(
        `UPDATE chaos SET id = -id WHERE id = ${from} AND NOT EXISTS (SELECT FROM chaos WHERE id = -${from})`,
      ).catch(() => undefined);
    }
  });
  const readers = erratics.map(async (erratic) => {
    while (!stopped) await erratic.step(random);
  });
  await Promise.all(writers);
  stopped = true;
  await Promise.all(readers);
  const until = await database.changes.now();
  const { rows } = await run('SELECT id, v, n FROM chaos ORDER BY id');
  for (const erratic of erratics) {
    await erratic.finish(until);
    expect(erratic.mirror.sorted).toEqual(rows);
  }
  keeper.close();
}, 120_000);

it('a dozen cursors behind the log take turns', async () => {
  const other = await openChangeStore({ changePace: { changeTurnMsMax: 50 } });
  const { changes } = other.database;
  const sql = (text: string) => other.database.run({ name: 'test', text });
  await sql('CREATE TABLE crowd (id int, v text)');
  await changes.watch({ schema: 'public', name: 'crowd' });
  const from = await changes.now();
  // The reader runs, and its log holds the end of this only.
  const ahead = await changes.open({ whenSlow: 'wait' });
  await sql("INSERT INTO crowd SELECT i, repeat('x', 100) FROM generate_series(0, 59999) i");
  const until = await changes.now();
  await takeUntil(ahead, until);
  const cursors = await Promise.all(
    Array.from({ length: 12 }, () => changes.open({ whenSlow: 'wait', from })),
  );
  expect(changes.facts.catchingUp).toBe(12);
  // Nobody takes: whoever has a place fills its buffer and keeps it, unless it is made to leave for the next.
  const ready = await Promise.all(
    cursors.map((cursor) => new Promise<boolean>((resolve) => cursor.onReady(() => resolve(true)))),
  );
  expect(ready).toEqual(cursors.map(() => true));
  expect(cursors.length).toBeGreaterThan(LIMITS.changeReadersMax);
  expect(changes.facts.catchingUp).toBe(12);
  for (const items of await Promise.all(cursors.map((cursor) => takeUntil(cursor, until)))) {
    expect(changesOf(items).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 60_000 }, (_, index) => index),
    );
  }
  expect(changes.facts.catchingUp).toBe(0);
  for (const cursor of [ahead, ...cursors]) cursor.close();
  await other.close();
}, 60_000);

it('closes with open cursors, and tells them first', async () => {
  const other = await openChangeStore();
  await other.database.run({ name: 'test', text: 'CREATE TABLE t (id int)' });
  await other.database.changes.watch({ schema: 'public', name: 't' });
  const cursor = await other.database.changes.open({ whenSlow: 'wait' });
  const order: string[] = [];
  const told = untilEnded(cursor).then(({ reason }) => order.push(reason.code));
  await other.close().then(() => order.push('closed'));
  await told;
  expect(order).toEqual(['UNAVAILABLE', 'closed']);
  expect(other.database.changes.facts).toMatchObject({ cursors: 0, following: false });
});
