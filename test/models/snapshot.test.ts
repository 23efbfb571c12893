/** Snapshots of graphs: what goes into a dump comes out of it, and all of it is of one moment. */
import { createSecretKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import { type Database, statement } from '../../src/engine/index.ts';
import { dumpGraph, loadGraph, readFrames, runQuery, unseal } from '../../src/models/graph/index.ts';
import {
  checkpointCreate,
  checkpointRollback,
  type SnapshotRules,
  snapshotCreate,
  snapshotList,
  snapshotRead,
} from '../../src/models/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { type Model, openFileModel, openModel } from './call-operation.ts';

const KEY = createSecretKey(Buffer.alloc(32, 3));

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return Buffer.concat(found);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const cypher = (database: Database, text: string) => runQuery(database, text, { parameters: new Map() });

const CONTENT = statement(
  'test.graph_content',
  `SELECT (SELECT json_agg(n ORDER BY id)::text FROM graph.node AS n),
     (SELECT json_agg(e ORDER BY id)::text FROM graph.edge AS e),
     (SELECT json_agg(to_jsonb(s) - 'id' ORDER BY id)::text FROM graph.schema_entry AS s),
     (SELECT json_agg(t ORDER BY number)::text FROM graph.name_number AS t),
     (SELECT last_value FROM graph.id), (SELECT last_value FROM graph.edge_id)`,
);
const contentOf = async (database: Database) => (await database.run(CONTENT)).rows;

const ALL_TYPES = `
  CREATE (:Person:Admin {name: 'Ann', born: date('1990-02-03'), at: datetime('2020-01-01T00:00:00.123456789+02:00'),
    zone: datetime('2020-01-01T00:00[Europe/Berlin]'), local: localdatetime('2020-01-01T01:02:03'),
    time: time('12:00:00+01:00'), noon: localtime('12:00'), dur: duration('P1Y2M3DT4.5S'),
    here: point({x: 1.0, y: 2.5}), globe: point({longitude: 13.4, latitude: 52.5, height: 3.0})})
  CREATE (:Person {name: 'Bob "quoted" \\\\ back\\nline', one: 1.0, whole: 1, big: 9223372036854775807, tiny: 1e-300,
    nan: 0.0 / 0.0, inf: 1.0 / 0.0, list: [1, 2, 3], floats: [1.0, 2.5], none: [], yes: true, umlaut: 'ÄÖÜ€😀'})
  CREATE ({}), (:\`odd label, "with" things\` {\`odd key\`: 'x'})
  WITH 1 AS one
  MATCH (a:Admin), (b:Person {whole: 1})
  CREATE (a)-[:KNOWS {since: 2020, note: 'first'}]->(b), (b)-[:KNOWS]->(a), (a)-[:\`odd "type"\`]->(a)`;

let source: TestStore;
beforeAll(async () => {
  source = await openTestStore();
});
afterAll(() => source.close());

describe('dump and load', () => {
  test('every type, label, index and constraint', async () => {
    await cypher(source.database, ALL_TYPES);
    await cypher(source.database, 'CREATE INDEX person_name FOR (p:Person) ON (p.name)');
    await cypher(
      source.database,
      'CREATE CONSTRAINT odd FOR (n:`odd label, "with" things`) REQUIRE n.`odd key` IS UNIQUE',
    );
    await cypher(source.database, 'CREATE CONSTRAINT typed FOR (p:Person) REQUIRE p.yes IS :: BOOLEAN');
    await cypher(source.database, 'CREATE INDEX FOR ()-[k:KNOWS]-() ON (k.since)');
    const dump = await dumpGraph(source.database);
    expect(dump.meta).toMatchObject({ sequence: 0, chainHash: Buffer.alloc(32) });
    const bytes = await all(dump.pieces);

    const target = await openTestStore();
    try {
      const seen: number[] = [];
      const loaded = await loadGraph(target.store, target.database, once(bytes), {
        progress: ({ nodes, relationships }) => void seen.push(nodes + relationships),
      });
      expect(loaded).toMatchObject({
        nodes: 4,
        relationships: 3,
        indexesAndConstraints: 4,
        namespace: 'default',
      });
      expect(seen).toEqual([4, 7]);
      expect(await contentOf(target.database)).toEqual(await contentOf(source.database));
      // The indexes and constraints do what they did.
      await expect(
        cypher(target.database, 'CREATE (:`odd label, "with" things` {`odd key`: "x"})'),
      ).rejects.toMatchObject({ message: expect.stringContaining('odd') });
      const { rows } = await cypher(
        target.database,
        'MATCH (p:Person {name: "Ann"})-[k:KNOWS]->(b) RETURN k.since, b.big',
      );
      expect(rows).toEqual([[2020n, 9223372036854775807n]]);
      // Identities go on behind those that were given out.
      const fresh = await cypher(target.database, 'CREATE (n:Fresh) RETURN id(n) > 3 AS later');
      expect(fresh.rows).toEqual([[true]]);
    } finally {
      await target.close();
    }
  });

  test('a graph that is not empty is left as it is', async () => {
    const bytes = await all((await dumpGraph(source.database)).pieces);
    const before = await contentOf(source.database);
    await expect(loadGraph(source.store, source.database, once(bytes))).rejects.toMatchObject({
      code: 'GRAPH_NOT_EMPTY',
      message: "The graph of namespace 'default' has nodes already",
    });
    expect(await contentOf(source.database)).toEqual(before);
  });

  test('of a damaged dump nothing is loaded', async () => {
    const bytes = Buffer.from(await all((await dumpGraph(source.database)).pieces));
    const at = bytes.indexOf('umlaut');
    bytes[at] = 'U'.charCodeAt(0);
    const target = await openTestStore();
    try {
      await expect(loadGraph(target.store, target.database, once(bytes))).rejects.toMatchObject({
        code: 'FILE_DAMAGED',
      });
      const badly = Buffer.from(bytes);
      badly[bytes.indexOf('"Admin"')] = '{'.charCodeAt(0);
      await expect(loadGraph(target.store, target.database, once(badly))).rejects.toMatchObject({
        code: 'FILE_DAMAGED',
        message: expect.stringContaining('PostgreSQL does not take'),
      });
      await expect(
        loadGraph(target.store, target.database, once(bytes.subarray(0, at))),
      ).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
      const { rows } = await cypher(target.database, 'MATCH (n) RETURN count(n)');
      expect(rows).toEqual([[0n]]);
      // And it can be loaded afterwards.
      bytes[at] = 'u'.charCodeAt(0);
      expect(await loadGraph(target.store, target.database, once(bytes))).toMatchObject({ nodes: 4 });
    } finally {
      await target.close();
    }
  });

  test('a large graph goes in batches, and large properties in small ones', async () => {
    const large = await openTestStore();
    const target = await openTestStore();
    try {
      await cypher(large.database, 'UNWIND range(1, 5000) AS i CREATE (:N {i: i})');
      await cypher(
        large.database,
        'MATCH (a:N) WITH a ORDER BY a.i WITH collect(a) AS a UNWIND range(0, 4998) AS i WITH a[i] AS x, a[i + 1] AS y CREATE (x)-[:NEXT]->(y)',
      );
      // Not compressible, so that they count in the table as they are.
      await cypher(
        large.database,
        `UNWIND range(1, 40) AS i
         CREATE (:Big {text: reduce(t = '', k IN range(1, 6000) | t + randomUUID())})`,
      );
      const sizes: Record<string, number[]> = {};
      const { pieces } = await dumpGraph(large.database);
      const bytes = await all(pieces);
      for await (const { kind, body } of readFrames(once(bytes))) {
        sizes[kind] = [...(sizes[kind] ?? []), body.length];
      }
      expect(sizes.N?.length).toBeGreaterThan(5);
      expect(Math.max(...(sizes.N ?? []))).toBeLessThan(2 * LIMITS.snapshotBatchBytes);
      expect(sizes.R?.length).toBe(3);
      await loadGraph(target.store, target.database, once(bytes));
      expect(await contentOf(target.database)).toEqual(await contentOf(large.database));
    } finally {
      await large.close();
      await target.close();
    }
  });

  test('an empty graph is one, too', async () => {
    const one = await openTestStore();
    const other = await openTestStore();
    try {
      const bytes = await all((await dumpGraph(one.database)).pieces);
      expect(await loadGraph(other.store, other.database, once(bytes))).toMatchObject({
        nodes: 0,
        relationships: 0,
      });
    } finally {
      await one.close();
      await other.close();
    }
  });
});

test('what is committed meanwhile is in it as a whole or not at all', async () => {
  const busy = await openTestStore();
  try {
    await cypher(busy.database, 'UNWIND range(1, 3000) AS i CREATE (:Fill {i: i})');
    let writing = true;
    const writer = (async () => {
      for (let round = 0; writing; round++) {
        await cypher(
          busy.database,
          `CREATE (:Left {r: ${round}})-[:PAIR {r: ${round}}]->(:Right {r: ${round}})`,
        );
      }
    })();
    for (let round = 0; round < 5; round++) {
      const counts = { Left: 0, Right: 0, PAIR: 0 };
      const { pieces } = await dumpGraph(busy.database);
      for await (const { kind, body } of readFrames(pieces)) {
        if (kind !== 'N' && kind !== 'R') continue;
        for (const item of JSON.parse(body.toString())) {
          const name = kind === 'N' ? item[1][0] : item[1];
          if (name in counts) counts[name as keyof typeof counts]++;
        }
      }
      expect(counts.Left).toBe(counts.Right);
      expect(counts.Left).toBe(counts.PAIR);
    }
    writing = false;
    await writer;
  } finally {
    await busy.close();
  }
});

test('who leaves a dump early gives the connection back', async () => {
  const { pieces } = await dumpGraph(source.database);
  for await (const piece of pieces) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  await expect.poll(() => source.database.counts.poolInUse).toBe(0);
});

describe('snapshots in a folder', () => {
  let model: Model;
  let folder: string;
  beforeAll(async () => {
    model = await openModel();
    folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
    await cypher(await model.store.namespace('default'), 'CREATE (:Person {name: "Ann"})');
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const rules = (more: Partial<SnapshotRules> = {}): { server: { snapshots: SnapshotRules } } => ({
    server: {
      snapshots: {
        directory: folder,
        compression: 'gzip',
        keep: { daily: 2, weekly: 0, monthly: 0 },
        ...more,
      },
    },
  });

  test('are sealed, listed, and replaced by newer ones', async () => {
    const first = await model.call(snapshotCreate, {}, rules());
    expect(first).toMatchObject({ sequence: 0, chainHash: '0'.repeat(64), removed: [] });
    expect(first.path).toBe(join(folder, 'default', first.name));
    const { pieces } = await unseal(once(await readFile(first.path)), { content: 'snapshot', keys: [] });
    expect((await all(pieces)).includes('Ann')).toBe(true);

    const second = await model.call(snapshotCreate, {}, rules());
    const third = await model.call(snapshotCreate, {}, rules());
    expect(third.removed).toEqual([first.name]);
    const { snapshots } = await model.call(snapshotList, {}, rules());
    expect(snapshots.map(({ name }) => name)).toEqual([third.name, second.name]);
    expect(snapshots[0]).toEqual({
      name: third.name,
      path: third.path,
      sequence: 0,
      timestampMs: third.timestampMs,
      bytes: (await readFile(third.path)).length,
    });
  });

  test('are encrypted with the key of the server', async () => {
    const { path } = await model.call(snapshotCreate, {}, rules({ key: KEY, compression: 'none' }));
    const file = await readFile(path);
    expect(file.includes('Ann')).toBe(false);
    await expect(unseal(once(file), { content: 'snapshot', keys: [] })).rejects.toMatchObject({
      code: 'FILE_KEY_MISSING',
    });
    const { pieces } = await unseal(once(file), { content: 'snapshot', keys: [KEY] });
    expect((await all(pieces)).includes('Ann')).toBe(true);
  });

  test('many at once come one after the other', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => model.call(snapshotCreate, {}, rules())));
    expect(new Set(made.map(({ name }) => name)).size).toBeGreaterThan(0);
    const { snapshots } = await model.call(snapshotList, {}, rules());
    expect(snapshots.length).toBe(2);
  });

  test('one that was broken off leaves nothing, and other files stay', async () => {
    await writeFile(join(folder, 'default', 'notes.txt'), 'mine');
    const before = await readdir(join(folder, 'default'));
    const gone = new AbortController();
    gone.abort();
    await expect(model.call(snapshotCreate, {}, { ...rules(), signal: gone.signal })).rejects.toMatchObject({
      code: 'QUERY_CANCELLED',
    });
    expect((await readdir(join(folder, 'default'))).sort()).toEqual(before.sort());
    expect((await model.call(snapshotList, {}, rules())).snapshots.length).toBe(2);
  });

  test('a folder that cannot be used is named', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const error = await model.fault(snapshotCreate, {}, rules({ directory: file }));
    expect([error.code, error.message]).toEqual([
      'STORE_UNUSABLE',
      `${join(file, 'default')} cannot be used (ENOTDIR)`,
    ]);
  });

  test("on somebody else's server a folder has to be named; not in a transaction", async () => {
    const error = await model.fault(snapshotCreate, {});
    expect([error.code, error.hint]).toEqual([
      'FEATURE_NOT_SUPPORTED',
      'Start the server with --snapshot-directory, or take one with facet snapshot -o file.',
    ]);
    expect(await model.call(snapshotList, {})).toEqual({ snapshots: [] });
    const database = await model.store.namespace('default');
    const transaction = await database.begin({
      owner: 'writer',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 10_000,
    });
    const inside = await model.fault(snapshotRead, {}, { transactionId: transaction.id });
    expect(inside.code).toBe('INVALID_TRANSACTION_STATE');
    await database.rollback(transaction);
  });

  test('are streamed as they are made', async () => {
    const { sequence, chainHash, pieces } = await model.call(snapshotRead, {});
    expect([sequence, chainHash]).toEqual([0, '0'.repeat(64)]);
    expect((await all(pieces)).includes('Ann')).toBe(true);
  });
});

test('an embedded store keeps them beside its data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'facet-test-'));
  const model = await openFileModel(folder);
  try {
    const { path } = await model.call(snapshotCreate, {});
    expect(path.startsWith(join(folder, 'snapshots'))).toBe(true);
    expect((await model.call(snapshotList, {})).snapshots.length).toBe(1);
    // They stay when the namespace goes back to a restore point, as copies of what it was.
    await model.call(checkpointCreate, { name: 'before' });
    const { path: later } = await model.call(snapshotCreate, {});
    await model.call(checkpointRollback, { checkpoint: 'before' });
    const { snapshots } = await model.call(snapshotList, {});
    expect(snapshots.map((one) => one.path)).toEqual([later, path]);
  } finally {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
