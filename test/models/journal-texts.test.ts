/** Entries that are texts to be run again: declarations of tables, and queries of journals that do not say what they did. */
import { afterEach, describe, expect, it } from 'vitest';
import { statement } from '../../src/engine/index.ts';
import {
  applyEntries,
  graphDefine,
  graphQuery,
  journalHead,
  readJournalFile,
} from '../../src/models/index.ts';
import { encodeJournalEntry } from '../../src/strana/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { databaseOf, dumpOf, enable, exported } from './journal-support.ts';

const open: Model[] = [];
afterEach(async () => {
  for (const model of open.splice(0)) await model.stop();
});

async function anyModel(): Promise<Model> {
  const model = await openModel();
  open.push(model);
  return model;
}

describe('replaying texts', () => {
  it('declares tables again', async () => {
    const [source, target] = [await anyModel(), await anyModel()];
    await enable(source);
    for (const statement of [
      'CREATE NODE TABLE Person(name STRING, age INT64 DEFAULT 7, PRIMARY KEY(name))',
      'CREATE REL TABLE Knows(FROM Person TO Person, since INT64)',
      'ALTER TABLE Person ADD city STRING',
      'CREATE NODE TABLE Gone(id INT64, PRIMARY KEY(id))',
    ]) {
      await source.call(graphDefine, { statement });
    }
    await source.call(graphQuery, { query: "CREATE (:Person {name: 'Ann'}), (:Gone {id: 1})" });
    await source.call(graphDefine, { statement: 'DROP TABLE Gone' });
    const [from, to] = [await databaseOf(source), await databaseOf(target)];
    await applyEntries(to, exported(source));
    expect((await dumpOf(from)).tables).toHaveLength(2);
    expect(await dumpOf(to)).toEqual(await dumpOf(from));
  });

  it('runs queries of a journal of graphd again, which does not say what they did', async () => {
    const queries = [
      ['CREATE NODE TABLE T(id INT64, PRIMARY KEY(id))', new Map()],
      ['CREATE (:T {id: $id})', new Map([['id', 1n]])],
      ['CREATE INDEX by_n FOR (a:A) ON (a.n)', new Map()],
      ['MATCH (t:T) SET t.seen = true', new Map()],
    ] as const;
    const payloads = queries.map(([query, parameters], at) =>
      encodeJournalEntry({ sequence: at + 1, query, parameters, timestampMs: 1_700_000_000_000 + at }),
    );
    const file = Buffer.concat(payloads.flatMap((payload) => [Uint8Array.of(payload.length), payload]));
    const read = readJournalFile(
      (async function* () {
        yield file;
      })(),
    );
    const to = await databaseOf(await anyModel());
    const { head } = await applyEntries(to, read);
    // The hash of its second entry is known.
    expect(head.sequence).toBe(4);
    expect((await to.run(statement('test.hash', SECOND))).rows[0]?.[0]).toBe(
      'dd90274d9156fb7012d8ae053bc4b5a0d55eff3518bc5f643fc63bedaef0483e',
    );
    const { nodes, schema } = await dumpOf(to);
    expect(nodes).toEqual([['1', '["T"]', '{"id": 1, "seen": true}']]);
    expect(schema.map(([name]) => name)).toContain('by_n');
  });

  it('is refused for a query that cannot be run again, with its number', async () => {
    const payload = encodeJournalEntry({
      sequence: 1,
      query: 'CREATE (',
      parameters: new Map(),
      timestampMs: 1,
    });
    const read = readJournalFile(
      (async function* () {
        yield Uint8Array.of(payload.length);
        yield payload;
      })(),
    );
    const to = await databaseOf(await anyModel());
    await expect(applyEntries(to, read)).rejects.toThrow('The query of entry 1 cannot be run again');
    expect((await journalHead(to)).sequence).toBe(0);
  });
});

const SECOND = "SELECT encode(hash, 'hex') FROM graph.journal_entry WHERE sequence = 2";
