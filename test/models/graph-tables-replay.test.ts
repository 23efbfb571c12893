/** What is declared and copied is in the journal: replayed, it makes the same tables, constraints, nodes and relationships. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { statement } from '../../src/engine/index.ts';
import {
  graphDefine,
  graphQuery,
  type JournalSource,
  journalExport,
  planRestore,
  restoreGraph,
  startOf,
  transactionBegin,
  transactionCommit,
  transactionRollback,
  type UploadedFile,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';
import { ADMIN, databaseOf, dumpOf, enable } from './journal-support.ts';

let from: Model;
let to: Model;
beforeEach(async () => {
  [from, to] = [await openModel(), await openModel()];
  await enable(from);
});
afterEach(async () => {
  await from.stop();
  await to.stop();
});

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const files = async (name: string): Promise<UploadedFile> => {
  const [first = '0', count = '0'] = name.split('.');
  const lines = Array.from({ length: Number(count) }, (_, at) => `${Number(first) + at},n${at}\n`);
  const bytes = Buffer.from(lines.join(''));
  return {
    size: bytes.length,
    pieces: (async function* () {
      yield bytes;
    })(),
  };
};

const DEFINES = /^(?:CREATE (?:NODE|REL)|DROP|ALTER|COPY|COMMENT)\b/;

/** Whether it was done. */
async function tried(text: string, transactionId?: string): Promise<boolean> {
  const options = transactionId === undefined ? {} : { transactionId };
  try {
    if (DEFINES.test(text)) await from.call(graphDefine, { statement: text, files }, options);
    else await from.call(graphQuery, { query: text }, options);
    return true;
  } catch (thrown) {
    if (thrown instanceof FacetError && thrown.kind !== 'internal') return false;
    throw thrown;
  }
}

async function sameAfterReplay(): Promise<void> {
  const { chunks } = await from.call(journalExport, {}, ADMIN);
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks) pieces.push(piece);
  const source: JournalSource = {
    name: 'journal',
    open: async () =>
      (async function* () {
        yield* pieces;
      })(),
  };
  const target = await databaseOf(to);
  const options = { journal: [source] };
  const plan = await planRestore(options, await startOf(to.store, target));
  await restoreGraph(to.store, target, plan, options);
  const origin = await databaseOf(from);
  expect(await dumpOf(target)).toEqual(await dumpOf(origin));
  const tables = statement(
    'test.tables',
    'SELECT name, kind, definition FROM graph.declared_table ORDER BY position',
  );
  expect((await target.run(tables)).rows).toEqual((await origin.run(tables)).rows);
}

test('random histories, with transactions that are rolled back', async () => {
  const random = numbers(11);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const name = (): string => pick(['A', 'B', 'C']);
  const column = (): string => pick(['x', 'y', 'z']);
  let next = 0;
  const steps: readonly (() => string)[] = [
    () => `CREATE NODE TABLE ${name()}(id INT64, name STRING, w DOUBLE DEFAULT 1.5, PRIMARY KEY(id))`,
    () => `CREATE REL TABLE ${pick(['R', 'S'])}(FROM ${name()} TO ${name()}, km DOUBLE)`,
    () => `DROP TABLE ${pick(['A', 'B', 'C', 'R', 'S'])}`,
    () => `ALTER TABLE ${name()} ADD ${column()} INT64 DEFAULT ${random(9)}`,
    () => `ALTER TABLE ${name()} DROP ${column()}`,
    () => `ALTER TABLE ${name()} RENAME ${column()} TO ${column()}`,
    () => `ALTER TABLE ${name()} RENAME TO ${name()}`,
    () => `COMMENT ON TABLE ${name()} IS 'c${random(9)}'`,
    () => `COPY ${name()}(id, name) FROM '${next++ * 3_000}.${pick(['3', '2500'])}'`,
    () =>
      `COPY ${pick(['R', 'S'])} FROM (MATCH (a:${name()}), (b:${name()}) RETURN a.id, b.id, rand() LIMIT 5)`,
    () => `CREATE (:${name()} {id: ${1_000_000 + random(50)}, w: ${random(3)}, name: 'made'})`,
    () => `MATCH (n:${name()}) WITH n LIMIT 3 SET n.${column()} = ${random(9)}, n.w = 2`,
    () => `MATCH (a:${name()}), (b:${name()}) WITH a, b LIMIT 4 CREATE (a)-[:R {km: rand()}]->(b)`,
    () => `MATCH (n:${name()}) WITH n LIMIT 2 DETACH DELETE n`,
  ];
  let done = 0;
  for (let round = 0; round < 150; round++) {
    if (random(4) > 0) {
      if (await tried(pick(steps)())) done++;
      continue;
    }
    const { txnId } = await from.call(transactionBegin, {});
    for (let step = random(4); step >= 0; step--) if (await tried(pick(steps)(), txnId)) done++;
    if (random(3) > 0) await from.call(transactionCommit, { txnId });
    else await from.call(transactionRollback, { txnId });
  }
  expect(done).toBeGreaterThan(30);
  await sameAfterReplay();
});

test('declarations in the midst of writers', async () => {
  await tried('CREATE NODE TABLE P(id INT64, x INT64, PRIMARY KEY(id))');
  await tried('CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))');
  let stopped = false;
  let written = 0;
  const writer = async (first: number): Promise<void> => {
    for (let id = first; !stopped; id += 10) {
      if (await tried(`CREATE (p:P {id: ${id}, x: 1})-[:R]->(:Q {id: ${id}})`)) written++;
      await tried(`MATCH (p:P) WHERE p.x = 1 WITH p LIMIT 2 SET p.x = 2, p.y = 3`);
      await tried(`COPY Q FROM '${1_000 * id + 500}.7'`);
    }
  };
  const writers = [1, 2, 3].map(writer);
  const changes = [
    'ALTER TABLE P ADD d STRING DEFAULT "d"',
    'ALTER TABLE P RENAME x TO xx',
    'ALTER TABLE P RENAME xx TO x',
    'DROP TABLE Q',
    'CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))',
    'ALTER TABLE P RENAME TO PP',
    'ALTER TABLE PP RENAME TO P',
    'ALTER TABLE P DROP d',
    'DROP TABLE P',
    'CREATE NODE TABLE P(id INT64, x INT64, PRIMARY KEY(id))',
  ];
  const before = written;
  for (const change of changes) {
    // A deadlock or a conflict with a writer is told, and tried again.
    for (let attempt = 0; attempt < 20 && !(await tried(change)); attempt++);
  }
  stopped = true;
  await Promise.all(writers);
  expect(written).toBeGreaterThan(before);
  await sameAfterReplay();
});
