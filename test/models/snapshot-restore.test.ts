/** Snapshot and journal together: a graph rebuilt to any point of its history. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  graphDefine,
  graphQuery,
  type JournalSource,
  journalDisable,
  journalEnable,
  journalExport,
  journalStatus,
  planRestore,
  type RestoreOptions,
  restoreGraph,
  snapshotRead,
  startOf,
  transactionBegin,
  transactionCommit,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { ADMIN, type Dump, databaseOf, dumpOf } from './journal-support.ts';

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return Buffer.concat(found);
}

const again = (bytes: Uint8Array) => async () =>
  (async function* () {
    yield bytes;
  })();

const fileOf = (name: string, bytes: Uint8Array): JournalSource => ({ name, open: again(bytes) });

async function exportOf(model: Model, input: Record<string, unknown> = {}): Promise<JournalSource> {
  const { chunks } = await model.call(journalExport, input, ADMIN);
  return fileOf('journal.wal', await all(chunks));
}

async function restored(model: Model, options: RestoreOptions): Promise<{ dump: Dump; head: string }> {
  const database = await databaseOf(model);
  const plan =
    options.snapshot === undefined
      ? await planRestore(options, await startOf(model.store, database))
      : await planRestore(options);
  const { head } = await restoreGraph(model.store, database, plan, options);
  return {
    dump: await dumpOf(database),
    head: `${head.sequence} ${Buffer.from(head.hash).toString('hex')}`,
  };
}

const headOf = async (model: Model): Promise<string> => {
  const { head } = await model.call(journalStatus, {});
  return `${head.sequence} ${head.hash}`;
};

const cypher = (model: Model, query: string, params = {}, transactionId?: string) =>
  model.call(graphQuery, { query, params }, transactionId === undefined ? {} : { transactionId });

/** One entry each. */
const HISTORY = [
  'CREATE CONSTRAINT person_key FOR (p:Person) REQUIRE p.id IS NODE KEY',
  'UNWIND range(1, 50) AS i CREATE (:Person {id: i, at: datetime(), random: rand(), uuid: randomUUID()})',
  'MATCH (a:Person), (b:Person) WHERE a.id = 1 AND b.id > 40 CREATE (a)-[:KNOWS {since: b.id}]->(b)',
  'MERGE (c:City {name: "Rome"}) ON CREATE SET c.made = timestamp()',
  'MATCH (p:Person {id: 2}) SET p:Admin, p.at = null, p.list = [1, 2.0]',
  'MATCH (:Person {id: 1})-[k:KNOWS]->() WHERE k.since > 45 DELETE k',
  'CREATE INDEX city_name FOR (c:City) ON (c.name)',
  'MATCH (p:Person) WHERE p.id IN [3, 4] DETACH DELETE p',
  'MATCH (p:Person {id: 5}) REMOVE p.uuid SET p.id = 500',
  'DROP INDEX city_name',
];

/** The graph as it was behind each entry, and what there is of it. */
interface Story {
  readonly states: readonly Dump[];
  readonly heads: readonly string[];
  readonly times: readonly number[];
  /** After entry 4. */
  readonly snapshot: Uint8Array;
  readonly journal: JournalSource;
}

let source: Model;
let target: Model;
let story: Story;

beforeAll(async () => {
  source = await openModel();
  await source.call(journalEnable, {}, ADMIN);
  const database = await databaseOf(source);
  const states = [await dumpOf(database)];
  const heads = [await headOf(source)];
  const times = [0];
  let snapshot: Uint8Array = Buffer.alloc(0);
  for (const [at, query] of HISTORY.entries()) {
    await cypher(source, query);
    states.push(await dumpOf(database));
    heads.push(await headOf(source));
    times.push((await source.call(journalStatus, {})).head.timestampMs);
    if (at === 3) snapshot = await all((await source.call(snapshotRead, {})).pieces);
    // So that each entry has a time of its own.
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  story = { states, heads, times, snapshot, journal: await exportOf(source) };
});
afterAll(() => source.stop());

describe('a graph is rebuilt', () => {
  beforeEach(async () => {
    target = await openModel();
    return () => target.stop();
  });

  test('from a snapshot and the journal, to the end', async () => {
    const snapshot = again(story.snapshot);
    const { dump, head } = await restored(target, { snapshot, journal: [story.journal] });
    expect(dump).toEqual(story.states.at(-1));
    expect(head).toBe(story.heads.at(-1));
    // It goes on as a graph of its own: its journal continues the chain.
    await cypher(target, 'CREATE (:Person {id: 1000})');
    expect(await headOf(target)).toMatch(/^11 /);
    expect((await target.call(journalStatus, {})).state).toBe('on');
  });

  test('from a snapshot alone', async () => {
    const { dump, head } = await restored(target, { snapshot: again(story.snapshot), journal: [] });
    expect([dump, head]).toEqual([story.states[4], story.heads[4]]);
  });

  test('from a journal alone, and from where that has ended', async () => {
    const first = await exportOf(source, { to: 3 });
    const rest = await exportOf(source, { from: 4 });
    const begun = await restored(target, { journal: [first] });
    expect([begun.dump, begun.head]).toEqual([story.states[3], story.heads[3]]);
    const ended = await restored(target, { journal: [rest] });
    expect([ended.dump, ended.head]).toEqual([story.states.at(-1), story.heads.at(-1)]);
  });

  test('from delimited entries', async () => {
    const journal = await exportOf(source, { format: 'delimited', from: 5 });
    const { dump, head } = await restored(target, { snapshot: again(story.snapshot), journal: [journal] });
    expect([dump, head]).toEqual([story.states.at(-1), story.heads.at(-1)]);
  });
});

test('to every entry and to every time', async () => {
  for (let sequence = 4; sequence <= HISTORY.length; sequence += 2) {
    const model = await openModel();
    try {
      const snapshot = again(story.snapshot);
      const { dump, head } = await restored(model, { snapshot, journal: [story.journal], sequence });
      expect([dump, head]).toEqual([story.states[sequence], story.heads[sequence]]);
    } finally {
      await model.stop();
    }
  }
  for (const sequence of [5, 8]) {
    const model = await openModel();
    try {
      const snapshot = again(story.snapshot);
      const timeMs = story.times[sequence];
      const { dump, head } = await restored(model, { snapshot, journal: [story.journal], timeMs });
      expect([dump, head]).toEqual([story.states[sequence], story.heads[sequence]]);
    } finally {
      await model.stop();
    }
  }
});

describe('nothing is changed when', () => {
  beforeAll(async () => {
    target = await openModel();
    return () => target.stop();
  });

  const refused = async (options: RestoreOptions, code: string, message: string) => {
    await expect(restored(target, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect((await cypher(target, 'MATCH (n) RETURN count(n)')).rows).toEqual([[0n]]);
    expect(await headOf(target)).toMatch(/^0 /);
  };

  test('the journal does not join', async () => {
    const gap = await exportOf(source, { from: 7 });
    await refused(
      { snapshot: again(story.snapshot), journal: [gap] },
      'JOURNAL_MISMATCH',
      'entries 5 to 6 are missing',
    );
    await refused({ journal: [gap] }, 'JOURNAL_MISMATCH', 'entries 1 to 6 are missing');
  });

  test('the end is beyond the journal', async () => {
    const both = { snapshot: again(story.snapshot), journal: [story.journal] };
    await refused({ ...both, sequence: 11 }, 'INVALID_PARAMETER', 'The journal ends with entry 10');
    await refused({ ...both, sequence: 3 }, 'INVALID_PARAMETER', 'Entry 3 is before the snapshot');
    await refused(
      { ...both, timeMs: Date.now() + 10_000 },
      'INVALID_PARAMETER',
      'The last entry of the journal',
    );
  });

  test('the hash is not the one that was recorded', async () => {
    await refused(
      { snapshot: again(story.snapshot), journal: [story.journal], chainHash: Buffer.alloc(32, 1) },
      'JOURNAL_MISMATCH',
      `and ${'01'.repeat(32)} is expected`,
    );
  });

  test('the snapshot or the journal is damaged', async () => {
    const snapshot = Buffer.from(story.snapshot);
    snapshot[snapshot.length - 40] = (snapshot[snapshot.length - 40] ?? 0) ^ 1;
    await refused({ snapshot: again(snapshot), journal: [] }, 'FILE_DAMAGED', '');
    const bytes = await all(await story.journal.open());
    bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1;
    await refused(
      { snapshot: again(story.snapshot), journal: [fileOf('bad.wal', bytes)] },
      'JOURNAL_DAMAGED',
      'bad.wal: Entry 10',
    );
  });
});

test('a graph that is there already is left as it is', async () => {
  const model = await openModel();
  try {
    await cypher(model, 'CREATE (:Mine)');
    for (const options of [
      { snapshot: again(story.snapshot), journal: [story.journal] },
      { journal: [story.journal] },
    ]) {
      await expect(restored(model, options)).rejects.toMatchObject({ code: 'GRAPH_NOT_EMPTY' });
    }
    expect((await cypher(model, 'MATCH (n) RETURN labels(n)')).rows).toEqual([[['Mine']]]);
  } finally {
    await model.stop();
  }
});

test('transactions come whole, declared tables with their rows', async () => {
  const [from, to] = [await openModel(), await openModel()];
  try {
    await from.call(journalEnable, {}, ADMIN);
    await from.call(graphDefine, {
      statement: 'CREATE NODE TABLE Town(id INT64, name STRING, PRIMARY KEY(id))',
    });
    const snapshot = again(await all((await from.call(snapshotRead, {})).pieces));
    await from.call(graphDefine, { statement: 'CREATE REL TABLE Road(FROM Town TO Town, km DOUBLE)' });
    const { txnId: id } = await from.call(transactionBegin, {});
    await cypher(from, 'CREATE (:Town {id: 1, name: "A"})', {}, id);
    await cypher(from, 'CREATE (:Town {id: 2, name: "B"})', {}, id);
    await cypher(from, 'MATCH (a:Town {id: 1}), (b:Town {id: 2}) CREATE (a)-[:Road {km: 1.5}]->(b)', {}, id);
    await from.call(transactionCommit, { txnId: id });
    const { dump, head } = await restored(to, { snapshot, journal: [await exportOf(from)] });
    expect(dump).toEqual(await dumpOf(await databaseOf(from)));
    expect(head).toBe(await headOf(from));
    const tables = (model: Model) => model.call(graphDefine, { statement: 'CALL show_tables() RETURN *' });
    expect((await tables(to)).rows).toEqual((await tables(from)).rows);
  } finally {
    await from.stop();
    await to.stop();
  }
});

test('what was written while the journal was off is not passed over silently', async () => {
  const [from, to] = [await openModel(), await openModel()];
  try {
    await from.call(journalEnable, {}, ADMIN);
    await cypher(from, 'CREATE (:A)');
    const before = again(await all((await from.call(snapshotRead, {})).pieces));
    await from.call(journalDisable, {}, ADMIN);
    await cypher(from, 'CREATE (:B)');
    await from.call(journalEnable, {}, ADMIN);
    await cypher(from, 'CREATE (:C)');
    const journal = [await exportOf(from)];
    await expect(restored(to, { snapshot: before, journal })).rejects.toMatchObject({
      code: 'JOURNAL_MISMATCH',
      message: expect.stringContaining('a past which is neither in it nor in the snapshot'),
    });
    expect((await cypher(to, 'MATCH (n) RETURN count(n)')).rows).toEqual([[0n]]);
  } finally {
    await from.stop();
    await to.stop();
  }
});

test('a snapshot that was taken while many write joins the journal exactly', async () => {
  const [from, to] = [await openModel(), await openModel()];
  try {
    await from.call(journalEnable, {}, ADMIN);
    await cypher(from, 'CREATE (:Counter {n: 0})');
    let writing = true;
    const writer = async (name: number): Promise<void> => {
      for (let round = 0; writing; round++) {
        await cypher(from, 'MATCH (c:Counter) CREATE (c)-[:MADE]->(:Event {by: $name, round: $round})', {
          name,
          round,
        });
        if (round % 3 === 0)
          await cypher(from, 'MATCH (e:Event {by: $name}) WITH e LIMIT 1 DETACH DELETE e', { name });
      }
    };
    const writers = [1, 2, 3, 4].map(writer);
    const snapshots: Buffer[] = [];
    for (let round = 0; round < 5; round++) {
      snapshots.push(await all((await from.call(snapshotRead, {})).pieces));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    writing = false;
    await Promise.all(writers);
    const journal = [await exportOf(from)];
    const live = await dumpOf(await databaseOf(from));
    const { dump, head } = await restored(to, { snapshot: again(snapshots[2] ?? Buffer.alloc(0)), journal });
    expect(dump).toEqual(live);
    expect(head).toBe(await headOf(from));
    // Each of the others stands at a place of the journal, too: replaying up to the next one gives the next one.
    for (const [at, snapshot] of snapshots.entries()) {
      const place = await planRestore({ snapshot: again(snapshot), journal });
      expect(place.journal.entries).toBeGreaterThan(0);
      const next = snapshots[at + 1];
      if (next === undefined || at % 2 === 1) continue;
      const sequence = (await planRestore({ snapshot: again(next), journal: [] })).start.head.sequence;
      const [one, other] = [await openModel(), await openModel()];
      try {
        const replayed = await restored(one, { snapshot: again(snapshot), journal, sequence });
        const loaded = await restored(other, { snapshot: again(next), journal: [] });
        expect(replayed).toEqual(loaded);
      } finally {
        await one.stop();
        await other.stop();
      }
    }
  } finally {
    await from.stop();
    await to.stop();
  }
});
