/** The journal of a graph: what gets an entry, how entries are chained, and what is found when somebody changes them. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../src/base/index.ts';
import { type Database, statement } from '../../src/engine/index.ts';
import {
  entryContentOf,
  graphQuery,
  type JournalStatusResult,
  journalBegin,
  journalDisable,
  journalEnable,
  journalExport,
  journalPrune,
  journalStatus,
  journalVerify,
  readJournalFile,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel, READER, WRITER } from './call-operation.ts';

const ADMIN: Principal = { name: 'admin', role: 'admin' };
const asAdmin = { principal: ADMIN };

let model: Model;
let database: Database;

beforeAll(async () => {
  model = await openModel();
  database = await model.store.namespace(model.store.defaultNamespace);
});
afterAll(() => model.stop());

const sql = async (text: string): Promise<readonly (readonly (string | null | undefined)[])[]> =>
  (await database.run(statement('test.journal', text))).rows;

const cypher = (query: string, params: Record<string, unknown> = {}, transactionId?: string) =>
  model.call(graphQuery, { query, params }, transactionId === undefined ? {} : { transactionId });

const statusNow = (): Promise<JournalStatusResult> => model.call(journalStatus, {});

async function entries() {
  const { chunks } = await model.call(journalExport, {}, asAdmin);
  const read = [];
  for await (const entry of readJournalFile(chunks))
    read.push({
      ...entryContentOf(entry.payload),
      parameters: entryContentOf(entry.payload).parameters,
      entry,
    });
  return read;
}

async function verdict() {
  const { steps } = await model.call(journalVerify, {}, asAdmin);
  for await (const step of steps) if ('result' in step) return step.result;
  throw new Error('the walk has no result');
}

/** An empty graph with an empty journal that is on. */
async function anew(): Promise<void> {
  await sql('ALTER TABLE graph.journal_entry DISABLE TRIGGER journal_kept');
  for (const text of [
    'DELETE FROM graph.edge',
    'DELETE FROM graph.node',
    'DELETE FROM graph.journal_entry',
    `UPDATE graph.journal_base SET sequence = 0, at_ms = 0, hash = decode(repeat('00', 32), 'hex')`,
    'SELECT graph.journal_mend()',
    `SELECT setval('graph.journal_state', 0)`,
  ]) {
    await sql(text);
  }
  await sql('ALTER TABLE graph.journal_entry ENABLE TRIGGER journal_kept');
  await model.call(journalEnable, {}, asAdmin);
}

describe('entries', () => {
  beforeEach(anew);

  it('are made of queries that change something, and of no others', async () => {
    await cypher('CREATE (:A {n: $n})', { n: 1 });
    await cypher('MATCH (a:A) RETURN a');
    await cypher('MATCH (a:B) SET a.n = 2');
    await cypher('MATCH (a:A) SET a.n = 2');
    const read = await entries();
    expect(read.map(({ query }) => query)).toEqual(['CREATE (:A {n: $n})', 'MATCH (a:A) SET a.n = 2']);
    expect(read[0]?.parameters).toEqual(new Map([['n', 1n]]));
    expect(read.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('say what the query did', async () => {
    await cypher('CREATE (a:A {n: 1})-[:R {m: 2.5}]->(b:B)');
    await cypher('MATCH (a:A)-[r]->(b) SET a.n = 3, a:C REMOVE r.m DELETE r, b');
    const effects = (await entries()).flatMap((entry) => entry.effects.map(({ what }) => what));
    expect(effects).toEqual([
      'insert nodes',
      'insert relationships',
      'update nodes',
      'update relationships',
      'delete relationships',
      'delete nodes',
    ]);
  });

  it('are chained by SHA-256, by PostgreSQL as by us', async () => {
    for (let n = 0; n < 5; n++) await cypher('CREATE (:A {n: $n})', { n });
    let hash: Uint8Array = new Uint8Array(32);
    for (const { entry } of await entries()) {
      hash = createHash('sha256').update(hash).update(entry.payload).digest();
      expect(Buffer.compare(hash, entry.hash)).toBe(0);
    }
    const { head } = await statusNow();
    expect(head).toMatchObject({ sequence: 5, hash: Buffer.from(hash).toString('hex') });
    expect(await verdict()).toMatchObject({ sound: true, entries: 5, head: { sequence: 5 } });
  });

  it('of a transaction are made when it commits, together', async () => {
    const { txnId } = await model.call(transactionBegin, {});
    await cypher('CREATE (:A)', {}, txnId);
    await cypher('CREATE (:B)', {}, txnId);
    expect((await statusNow()).head.sequence).toBe(0);
    await cypher('CREATE (:Between)');
    await model.call(transactionCommit, { txnId });
    const read = await entries();
    expect(read.map(({ query, continues }) => [query, continues])).toEqual([
      ['CREATE (:Between)', false],
      ['CREATE (:A)', true],
      ['CREATE (:B)', false],
    ]);
  });

  it('are not made of what is rolled back: a transaction, a query, a savepoint', async () => {
    const first = await model.call(transactionBegin, {});
    await cypher('CREATE (:A)', {}, first.txnId);
    await model.call(transactionRollback, { txnId: first.txnId });
    const { txnId } = await model.call(transactionBegin, {});
    await cypher('CREATE (:Kept)', {}, txnId);
    await expect(cypher('CREATE (:Gone) RETURN 1 / 0', {}, txnId)).rejects.toThrow('zero');
    const transaction = database.transaction(txnId, WRITER.name);
    await database.runUser('SAVEPOINT mark', [], { transaction });
    await cypher('CREATE (:Gone)', {}, txnId);
    await database.runUser('ROLLBACK TO SAVEPOINT mark', [], { transaction });
    await model.call(transactionCommit, { txnId });
    expect((await entries()).map(({ query }) => query)).toEqual(['CREATE (:Kept)']);
  });

  it('are made of commands on the schema, which do something', async () => {
    await cypher('CREATE INDEX by_n IF NOT EXISTS FOR (a:A) ON (a.n)');
    await cypher('CREATE INDEX by_n IF NOT EXISTS FOR (a:A) ON (a.n)');
    await cypher('SHOW INDEXES');
    await cypher('DROP INDEX by_n');
    expect((await entries()).map(({ query }) => query)).toEqual([
      'CREATE INDEX by_n IF NOT EXISTS FOR (a:A) ON (a.n)',
      'DROP INDEX by_n',
    ]);
  });

  it('have parameters of any name', async () => {
    const params = { __facet_effects: [1], ___facet_effects: 2, __facet: 3, '': 4 };
    await cypher('CREATE (:A {n: $__facet_effects[0], m: $___facet_effects})', params);
    const [read] = await entries();
    expect(Object.fromEntries(read?.parameters ?? [])).toEqual({
      __facet_effects: [1n],
      ___facet_effects: 2n,
      __facet: 3n,
      '': 4n,
    });
    expect(read?.effects).toHaveLength(1);
  });

  it('are several when a query did much', async () => {
    await cypher('UNWIND range(1, 12) AS n CREATE (:Wide {n: n, text: $text})', {
      text: 'x'.repeat(900_000),
    });
    const read = await entries();
    expect(read.length).toBeGreaterThan(2);
    expect(read.map(({ continues }) => continues)).toEqual(read.map((_, at) => at < read.length - 1));
    const ids = read.flatMap(({ effects }) => effects.flatMap((effect) => effect.ids));
    expect(new Set(ids).size).toBe(12);
    expect(Math.max(...read.map(({ entry }) => entry.payload.length))).toBeLessThan(6_000_000);
  });

  it('have no gaps and are in the order of commits, however many write at once', async () => {
    const levels = ['read_committed', 'repeatable_read', 'serializable'] as const;
    await Promise.all(
      Array.from({ length: 24 }, async (_, writer) => {
        for (let n = 0; n < 5; n++) {
          if (n % 2 === 0) {
            await cypher('CREATE (:W {writer: $writer, n: $n})', { writer, n });
            continue;
          }
          const { txnId } = await model.call(transactionBegin, { isolationLevel: levels[writer % 3] });
          await cypher('CREATE (:W {writer: $writer, n: $n})', { writer, n }, txnId);
          if (writer % 4 === 3) await model.call(transactionRollback, { txnId });
          else await model.call(transactionCommit, { txnId });
        }
      }),
    );
    const [[count] = []] = await sql('SELECT count(*) FROM graph.node');
    const read = await entries();
    expect(read).toHaveLength(Number(count));
    expect(read.map(({ sequence }) => sequence)).toEqual(read.map((_, at) => at + 1));
    expect((await verdict()).sound).toBe(true);
    const times = read.map(({ timestampMs }) => timestampMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('of readers are none', async () => {
    expect((await model.fault(graphQuery, { query: 'CREATE (:A)' }, { principal: READER })).code).toBe(
      'FORBIDDEN',
    );
    expect(await entries()).toEqual([]);
  });
});

describe('the state', () => {
  it('is undecided until a writer of graphd comes, and stays what an operator says', async () => {
    await anew();
    await sql(`SELECT setval('graph.journal_state', 0)`);
    await cypher('CREATE (:Before)');
    expect((await statusNow()).state).toBe('undecided');
    expect(await model.call(journalBegin, {}, { server: { graphJournal: 'off' } })).toEqual({
      state: 'undecided',
    });
    expect(await model.call(journalBegin, {})).toEqual({ state: 'on' });
    const [first] = await entries();
    expect(first).toMatchObject({ begins: true, sequence: 1 });
    expect(await model.call(journalDisable, {}, asAdmin)).toMatchObject({
      changed: true,
      status: { state: 'off' },
    });
    await cypher('CREATE (:Unseen)');
    expect((await statusNow()).head.sequence).toBe(1);
    expect(await model.call(journalBegin, {})).toEqual({ state: 'off' });
    expect(await model.call(journalEnable, {}, asAdmin)).toMatchObject({ changed: true });
    expect(await model.call(journalEnable, {}, asAdmin)).toMatchObject({ changed: false });
    expect((await entries()).map(({ begins }) => begins)).toEqual([true, true]);
  });

  it('is turned on by any writer where the server is told so, and by none where it is off', async () => {
    const other = await openModel();
    try {
      await other.call(graphQuery, { query: 'CREATE (:A)' }, { server: { graphJournal: 'off' } });
      expect((await other.call(journalStatus, {})).state).toBe('undecided');
      await other.call(graphQuery, { query: 'CREATE (:A)' }, { server: { graphJournal: 'on' } });
      expect(await other.call(journalStatus, {})).toMatchObject({ state: 'on', head: { sequence: 2 } });
    } finally {
      await other.stop();
    }
  });

  it('waits for writers, and holds nobody up for long', async () => {
    await anew();
    const { txnId } = await model.call(transactionBegin, {});
    await cypher('CREATE (:A)', {}, txnId);
    const refused = await model.fault(journalDisable, {}, asAdmin);
    expect(refused.code).toBe('LOCK_TIMEOUT');
    await model.call(transactionCommit, { txnId });
    expect((await statusNow()).head.sequence).toBe(1);
  }, 20_000);
});

describe('verifying', () => {
  beforeEach(async () => {
    await anew();
    for (let n = 1; n <= 6; n++) await cypher('CREATE (:A {n: $n})', { n });
  });

  const tampered = async (text: string): Promise<void> => {
    await sql('ALTER TABLE graph.journal_entry DISABLE TRIGGER journal_kept');
    await sql(text);
    await sql('ALTER TABLE graph.journal_entry ENABLE TRIGGER journal_kept');
  };

  it.each([
    ['payload', "payload = payload || '\\x00'", 'changed'],
    ['hash', 'hash = set_byte(hash, 7, 255 - get_byte(hash, 7))', 'changed'],
    ['hash before', 'prev_hash = set_byte(prev_hash, 0, 255 - get_byte(prev_hash, 0))', 'chain broken'],
    ['time', 'at_ms = at_ms + 1', 'changed'],
  ])('finds another %s', async (_, change, kind) => {
    await tampered(`UPDATE graph.journal_entry SET ${change} WHERE sequence = 3`);
    expect(await verdict()).toMatchObject({
      sound: false,
      fault: { sequence: 3, kind },
      head: { sequence: 2 },
    });
  });

  it.each([
    [1, 1],
    [3, 3],
    [6, 6],
  ])('finds that entry %i is missing', async (sequence, found) => {
    await tampered(`DELETE FROM graph.journal_entry WHERE sequence = ${sequence}`);
    expect(await verdict()).toMatchObject({ sound: false, fault: { sequence: found, kind: 'missing' } });
  });

  it('finds a new chain over a changed entry by the end that is known', async () => {
    await tampered(`DO $do$
      DECLARE prev bytea := (SELECT hash FROM graph.journal_entry WHERE sequence = 2); one record;
      BEGIN
        FOR one IN SELECT * FROM graph.journal_entry WHERE sequence > 2 ORDER BY sequence LOOP
          UPDATE graph.journal_entry SET prev_hash = prev,
            payload = replace(encode(one.payload, 'escape'), 'CREATE', 'CREATe')::bytea WHERE sequence = one.sequence;
          UPDATE graph.journal_entry SET hash = sha256(prev || payload) WHERE sequence = one.sequence
          RETURNING hash INTO prev;
        END LOOP;
      END $do$`);
    expect(await verdict()).toMatchObject({ sound: false, fault: { kind: 'head', sequence: 6 } });
  });

  it('entries are kept from accidents', async () => {
    for (const text of [
      'UPDATE graph.journal_entry SET at_ms = 0',
      'DELETE FROM graph.journal_entry',
      'TRUNCATE graph.journal_entry',
    ]) {
      await expect(sql(text)).rejects.toThrow('never changed');
    }
  });

  it('finds that the end is not known, which turning off and on mends', async () => {
    const { head } = await statusNow();
    // As after a copy to another server, where nobody knows of these transactions.
    for (const place of ['a', 'b']) await sql(`SELECT setval('graph.journal_${place}_xid', 3)`);
    await sql("SELECT setval('graph.journal_a_sequence', 100), setval('graph.journal_b_sequence', 101)");
    expect(await verdict()).toMatchObject({ sound: false, fault: { kind: 'head' } });
    await expect(cypher('CREATE (:Unknown)')).rejects.toThrow('end of the journal is not known');
    await model.call(journalDisable, {}, asAdmin);
    await model.call(journalEnable, {}, asAdmin);
    await cypher('CREATE (:Known)');
    expect(await verdict()).toMatchObject({ sound: true, head: { sequence: head.sequence + 2 } });
  });

  it('begins behind what was removed', async () => {
    const before = await statusNow();
    expect(await model.call(journalPrune, { to: 4 }, asAdmin)).toMatchObject({
      removed: 4,
      status: { base: { sequence: 4 }, entries: 2 },
    });
    expect(await verdict()).toMatchObject({ sound: true, entries: 2, after: { sequence: 4 } });
    expect((await statusNow()).head).toEqual(before.head);
    expect(await model.call(journalPrune, { to: 6 }, asAdmin)).toMatchObject({
      removed: 1,
      status: { entries: 1 },
    });
    expect(await model.call(journalPrune, { to: 6, olderThanMs: 3_600_000 }, asAdmin)).toMatchObject({
      removed: 0,
    });
    expect((await model.fault(journalPrune, { to: 7 }, asAdmin)).code).toBe('JOURNAL_NOT_KEPT');
    expect((await model.fault(journalExport, { from: 3 }, asAdmin)).code).toBe('JOURNAL_NOT_KEPT');
    await cypher('CREATE (:After)');
    expect(await verdict()).toMatchObject({ sound: true, head: { sequence: 7 } });
  });
});
