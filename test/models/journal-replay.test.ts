/** What is rebuilt from a journal is the graph that the journal is of, at any place of it. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { asFacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import { statement } from '../../src/engine/index.ts';
import {
  applyEntries,
  type ChainedEntry,
  graphQuery,
  journalDisable,
  journalHead,
  transactionBegin,
  transactionCommit,
  transactionRollback,
  verifyJournal,
} from '../../src/models/index.ts';
import { anyPoint, anyScalar } from '../support/cypher-values.ts';
import { type Model, openModel, WRITER } from './call-operation.ts';
import { ADMIN, databaseOf, dumpOf, enable, exported, shown } from './journal-support.ts';

const open: Model[] = [];
afterEach(async () => {
  for (const model of open.splice(0)) await model.stop();
});

async function anyModel(): Promise<Model> {
  const model = await openModel();
  open.push(model);
  return model;
}

interface Step {
  readonly query: string;
  readonly params?: ReadonlyMap<string, Value>;
}

const anyProperty: fc.Arbitrary<Value> = fc.oneof(
  anyScalar,
  anyPoint,
  fc.array(fc.constantFrom('', 'a\u0000b', '\ud800', '"'), { maxLength: 3 }),
);
const name = fc.constantFrom('A', 'B', 'C', '`odd "name\\\\"`');
const key = fc.constantFrom('k', 'n', 's', '`ödd`');
const number = fc.integer({ min: 0, max: 6 });
const valued = (query: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.tuple(query, anyProperty, anyProperty).map(([text, v, w]) => ({
    query: text,
    params: new Map([
      ['v', v],
      ['w', w],
    ]),
  }));
const plain = (query: fc.Arbitrary<string>): fc.Arbitrary<Step> => query.map((text) => ({ query: text }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: valued(fc.tuple(name, number).map(([a, n]) => `CREATE (:${a} {n: ${n}, v: $v, w: $w})`)),
  },
  {
    weight: 4,
    arbitrary: valued(
      fc
        .tuple(name, name, number)
        .map(([a, t, n]) => `CREATE (x:${a} {n: ${n}})-[:${t} {v: $v}]->(:B {n: ${n}}) RETURN x`),
    ),
  },
  {
    weight: 4,
    arbitrary: valued(
      fc
        .tuple(name, number)
        .map(([a, n]) => `MERGE (x:${a} {n: ${n}}) ON MATCH SET x.v = $v ON CREATE SET x.w = $w`),
    ),
  },
  {
    weight: 4,
    arbitrary: valued(
      fc
        .tuple(name, name, number, number)
        .map(
          ([a, t, n, m]) =>
            `MATCH (x:${a} {n: ${n}}), (y {n: ${m}}) WITH x, y LIMIT 3 MERGE (x)-[r:${t}]->(y) SET r.v = $v`,
        ),
    ),
  },
  {
    weight: 4,
    arbitrary: valued(
      fc.tuple(name, key, number).map(([a, k, n]) => `MATCH (x:${a} {n: ${n}}) SET x.${k} = $v`),
    ),
  },
  {
    weight: 2,
    arbitrary: valued(
      fc.tuple(number).map(([n]) => `MATCH (x {n: ${n}}) SET x += {v: $v, w: null}, x.s = $w`),
    ),
  },
  {
    weight: 2,
    arbitrary: valued(
      fc.tuple(name, number).map(([t, n]) => `MATCH ()-[r:${t}]->({n: ${n}}) SET r = {v: $w}`),
    ),
  },
  {
    weight: 2,
    arbitrary: plain(
      fc
        .tuple(name, name, number)
        .map(([a, b, n]) => `MATCH (x:${a} {n: ${n}}) SET x:${b} REMOVE x:${a}, x.v`),
    ),
  },
  { weight: 1, arbitrary: plain(number.map((n) => `MATCH (x {n: ${n}}) WITH x LIMIT 2 DETACH DELETE x`)) },
  {
    weight: 1,
    arbitrary: plain(fc.tuple(name, number).map(([t, n]) => `MATCH ({n: ${n}})-[r:${t}]->() DELETE r`)),
  },
  { weight: 1, arbitrary: plain(number.map((n) => `MATCH (x {n: ${n}}) SET x.n = (x.n + 1) % 7`)) },
  {
    weight: 1,
    arbitrary: plain(
      name.map(
        (a) => `UNWIND range(1, 4) AS i CREATE (x:${a} {n: i, r: rand(), u: randomUUID(), t: datetime()})`,
      ),
    ),
  },
  { weight: 1, arbitrary: plain(number.map((n) => `CREATE (x:Unique {id: ${n}, n: ${n}})`)) },
  { weight: 1, arbitrary: plain(fc.constant('MATCH (x:Unique) SET x.id = x.id + 1')) },
  {
    weight: 1,
    arbitrary: plain(
      fc.constantFrom(
        'CREATE INDEX by_n IF NOT EXISTS FOR (x:A) ON (x.n)',
        'DROP INDEX by_n IF EXISTS',
        'CREATE CONSTRAINT one IF NOT EXISTS FOR (x:Unique) REQUIRE x.id IS UNIQUE',
        'DROP CONSTRAINT one IF EXISTS',
        'CREATE CONSTRAINT typed IF NOT EXISTS FOR (x:C) REQUIRE x.n IS :: INTEGER',
        'CREATE INDEX by_v IF NOT EXISTS FOR ()-[r:B]-() ON (r.v)',
      ),
    ),
  },
);

/** Steps of one client: by themselves, or in a transaction that is committed or not. */
const work = fc.record({
  how: fc.constantFrom('alone', 'committed', 'rolled back', 'partly') as fc.Arbitrary<string>,
  level: fc.constantFrom('read_committed', 'repeatable_read', 'serializable'),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
});
type Work = typeof work extends fc.Arbitrary<infer T> ? T : never;

/** Whatever fails is the client's business; what is written is in the journal. */
async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (thrown) {
    expect(['INTERNAL_ERROR', 'UNAVAILABLE']).not.toContain(asFacetError(thrown).code);
    return false;
  }
}

async function perform(model: Model, { how, level, steps }: Work): Promise<void> {
  const run = ({ query, params }: Step, options: { transactionId?: string } = {}) =>
    attempt(() => model.call(graphQuery, { query, params, timeoutMs: 5_000 }, options));
  if (how === 'alone') {
    for (const one of steps) await run(one);
    return;
  }
  const { txnId } = await model.call(transactionBegin, { isolationLevel: level });
  const transaction = (await databaseOf(model)).transaction(txnId, WRITER.name);
  const sql = async (text: string) => (await databaseOf(model)).runUser(text, [], { transaction });
  for (const [at, one] of steps.entries()) {
    if (how === 'partly' && at === 1) await attempt(() => sql('SAVEPOINT mark'));
    await run(one, { transactionId: txnId });
  }
  if (how === 'partly' && steps.length > 1) await attempt(() => sql('ROLLBACK TO SAVEPOINT mark'));
  if (how === 'rolled back') await attempt(() => model.call(transactionRollback, { txnId }));
  else if (!(await attempt(() => model.call(transactionCommit, { txnId })))) {
    await attempt(() => model.call(transactionRollback, { txnId }));
  }
}

describe('replaying a journal', () => {
  it('makes the same graph, whatever was done to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 3, maxLength: 12 }),
        fc.array(fc.array(work, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
        async (first, together) => {
          const [source, target] = [await anyModel(), await anyModel()];
          await enable(source);
          for (const one of first) await perform(source, one);
          await Promise.all(
            together.map(async (client) => {
              for (const one of client) await perform(source, one);
            }),
          );
          const [from, to] = [await databaseOf(source), await databaseOf(target)];
          const { head } = await applyEntries(to, exported(source));
          expect(await dumpOf(to)).toEqual(await dumpOf(from));
          expect(shown(head)).toBe(shown(await journalHead(from)));
          expect(await verifyJournal(to)).toMatchObject({ fault: undefined, entries: head.sequence });
          for (const model of open.splice(0)) await model.stop();
        },
      ),
      { numRuns: Number(process.env.TEST_JOURNAL_RUNS ?? 8), seed: 20_261_122, endOnFailure: true },
    );
  }, 300_000);

  it('to any entry makes the graph of that moment, and never half a transaction', async () => {
    const source = await anyModel();
    await enable(source);
    const from = await databaseOf(source);
    const moments: { at: number; dump: unknown }[] = [{ at: 0, dump: await dumpOf(from) }];
    const steps = fc.sample(step, { numRuns: 30, seed: 5 });
    for (const [at, { query, params }] of steps.entries()) {
      if (at % 6 === 5) {
        await perform(source, { how: 'committed', level: 'read_committed', steps: steps.slice(at - 3, at) });
      } else await attempt(() => source.call(graphQuery, { query, params }));
      moments.push({ at: (await journalHead(from)).sequence, dump: await dumpOf(from) });
    }
    const last = moments.at(-1)?.at ?? 0;
    expect(last).toBeGreaterThan(10);
    const wanted = [1, 3, Math.floor(last / 2), last - 1, last, last + 5];
    for (const sequence of wanted) {
      const target = await databaseOf(await anyModel());
      const { head, stopped } = await applyEntries(target, exported(source), { until: { sequence } });
      const moment = moments.filter(({ at }) => at <= sequence).at(-1);
      expect({ sequence, dump: await dumpOf(target) }).toEqual({ sequence, dump: moment?.dump });
      expect({ at: head.sequence, stopped }).toEqual({ at: moment?.at, stopped: sequence < last });
    }
  }, 120_000);

  it('goes on where the graph stands, and the graph goes on behind it', async () => {
    const [source, target] = [await anyModel(), await anyModel()];
    await enable(source);
    const [from, to] = [await databaseOf(source), await databaseOf(target)];
    for (let n = 0; n < 5; n++) await source.call(graphQuery, { query: `CREATE (:A {n: ${n}})-[:R]->(:B)` });
    expect(await applyEntries(to, exported(source, 'delimited'))).toMatchObject({
      entries: 5,
      stopped: false,
    });
    for (let n = 5; n < 8; n++) await source.call(graphQuery, { query: `CREATE (:A {n: ${n}})` });
    expect(await applyEntries(to, exported(source))).toMatchObject({ entries: 3, head: { sequence: 8 } });
    expect(await applyEntries(to, exported(source))).toMatchObject({ entries: 0, head: { sequence: 8 } });
    expect(await dumpOf(to)).toEqual(await dumpOf(from));
    // New identities are behind those of the journal.
    await target.call(graphQuery, { query: 'CREATE (:New)-[:R]->(:New)' });
    expect((await journalHead(to)).sequence).toBe(9);
    expect((await verifyJournal(to)).fault).toBeUndefined();
  });

  it('is refused for entries that do not continue the journal, and does nothing of them then', async () => {
    const [source, other, target] = [await anyModel(), await anyModel(), await anyModel()];
    for (const [model, label] of [
      [source, 'A'],
      [other, 'B'],
    ] as const) {
      await enable(model);
      for (let n = 0; n < 4; n++) await model.call(graphQuery, { query: `CREATE (:${label})` });
    }
    const to = await databaseOf(target);
    const all: ChainedEntry[] = [];
    for await (const entry of exported(source)) all.push(entry);
    const entries = async function* (list: readonly (ChainedEntry | undefined)[]) {
      for (const entry of list) if (entry !== undefined) yield entry;
    };
    const refused = (list: readonly (ChainedEntry | undefined)[]) => applyEntries(to, entries(list));
    await expect(refused(all.slice(1))).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    await expect(refused([all[0], all[2]])).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    const forged = all.map((entry, at) =>
      at === 1 ? { ...entry, payload: all[2]?.payload ?? entry.payload } : entry,
    );
    await expect(refused(forged)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' });
    expect((await dumpOf(to)).nodes).toEqual([]);
    await applyEntries(to, entries(all.slice(0, 2)));
    await expect(applyEntries(to, exported(other))).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    await expect(refused(all.slice(0, 1))).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    expect((await dumpOf(to)).nodes).toHaveLength(2);
  });

  it('is refused where the journal began over a graph with a past', async () => {
    const [source, target] = [await anyModel(), await anyModel()];
    await enable(source);
    await source.call(graphQuery, { query: 'CREATE (:Seen)' });
    await source.call(journalDisable, {}, ADMIN);
    await source.call(graphQuery, { query: 'CREATE (:Unseen)' });
    await enable(source);
    const to = await databaseOf(target);
    await expect(applyEntries(to, exported(source))).rejects.toThrow('has a past');
    expect((await dumpOf(to)).nodes).toEqual([]);
    expect(await applyEntries(to, exported(source), { until: { sequence: 1 } })).toMatchObject({
      stopped: true,
    });
  });

  it('passes values that are unique from one node to another', async () => {
    const [source, target] = [await anyModel(), await anyModel()];
    await enable(source);
    await source.call(graphQuery, { query: 'CREATE CONSTRAINT FOR (a:A) REQUIRE a.id IS NODE KEY' });
    await source.call(graphQuery, { query: 'UNWIND range(1, 50) AS n CREATE (:A {id: n})' });
    const from = await databaseOf(source);
    // One query moves them all on; PostgreSQL takes them in an order that happens to work, or refuses.
    const moved = await attempt(() =>
      source.call(graphQuery, { query: 'MATCH (a:A) WITH a ORDER BY a.id DESC SET a.id = a.id + 1' }),
    );
    const to = await databaseOf(target);
    await applyEntries(to, exported(source));
    expect(await dumpOf(to)).toEqual(await dumpOf(from));
    expect(typeof moved).toBe('boolean');
  });

  it('leaves out a transaction that is not whole, however large it is', async () => {
    const [source, target] = [await anyModel(), await anyModel()];
    await enable(source);
    await source.call(graphQuery, { query: 'CREATE (:First)' });
    await source.call(graphQuery, {
      query: 'UNWIND range(1, 40) AS n CREATE (:Wide {text: $text})',
      params: { text: 'x'.repeat(900_000) },
    });
    const from = await databaseOf(source);
    const { sequence: last } = await journalHead(from);
    const to = await databaseOf(target);
    const half = await applyEntries(to, exported(source), { until: { sequence: last - 1 } });
    expect(half).toMatchObject({ head: { sequence: 1 }, stopped: true });
    expect((await dumpOf(to)).nodes).toHaveLength(1);
    await applyEntries(to, exported(source));
    const count = statement('test.count', 'SELECT count(*), sum(length(props::text)) FROM graph.node');
    expect((await to.run(count)).rows).toEqual((await from.run(count)).rows);
  }, 60_000);
});
