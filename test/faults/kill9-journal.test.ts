/**
 * kill -9 during writes to a graph that has a journal, by turns of Facet and of the postmaster: single queries and whole
 * transactions, of several clients. After each blow the journal verifies and has what was acknowledged; in the end the
 * graph that is rebuilt from a snapshot of the middle and the journal behind it is the graph. `FACET_FAULT_ROUNDS=20`
 * is the long form.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { type Cell, openStore, type Store, statement } from '../../src/engine/index.ts';
import {
  applyEntries,
  entryContentOf,
  hexOf,
  journalHead,
  loadGraph,
  readJournalFile,
  verifyJournal,
} from '../../src/models/index.ts';
import { Caller } from './http-caller.ts';
import { eventually, type Life, Place, pause } from './server-under-fire.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);
const WRITERS = 6;
/** Every round acknowledges at least this much before the blow. */
const ACKNOWLEDGED_MIN = 60;
const RECOVERY_MS = 60_000;
const ROUND_MS_MAX = 120_000;

const place = new Place();
let port = 0;
let stopped = false;

afterAll(async () => {
  stopped = true;
  await place.clear();
}, 60_000);

const start = async (): Promise<Life> => {
  const life = await place.start(['--rate-limit-enabled', 'false']);
  port = life.port;
  return life;
};

const asker = new Caller();

/** Answers of `/v1` are 200 also for what failed; what failed says so in its text. */
async function asked(path: string, body?: unknown): Promise<string | undefined> {
  const { status, text } = await asker.call(port, path, body);
  return status === 200 && !text.includes('"type":"error"') ? text : undefined;
}

/** Writes that were acknowledged, by their names; of a transaction all of its names are. */
const acknowledged = new Set<string>();
const refusals = new Set<string>();

async function write(writer: number): Promise<void> {
  const caller = new Caller();
  for (let n = 0; !stopped; n++) {
    const names = Array.from({ length: n % 3 === 0 ? 3 : 1 }, () => randomUUID());
    const statements = names.map((name) => ({
      query:
        'CREATE (w:Write {name: $name, writer: $writer}) WITH w ' +
        'MERGE (c:Writer {n: $writer}) ON CREATE SET c.count = 1 ON MATCH SET c.count = c.count + 1 ' +
        'MERGE (c)-[:WROTE]->(w)',
      params: { name, writer },
    }));
    const [path, body] =
      names.length === 1 ? ['/v1/execute', statements[0]] : ['/v1/pipeline', { statements }];
    const { status, text } = await caller.call(port, path as string, body);
    if (status === 200 && !text.includes('"type":"error"')) for (const name of names) acknowledged.add(name);
    else {
      if (status === 200) refusals.add(text.slice(0, 200));
      await pause(20);
    }
  }
}

interface Exported {
  readonly names: ReadonlySet<string>;
  readonly bytes: Buffer;
}

async function bytesOf(path: string): Promise<Buffer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function exported(): Promise<Exported> {
  const bytes = await bytesOf('/v1/journal/export');
  const names = new Set<string>();
  for await (const { payload } of readJournalFile(once(bytes), { format: 'segments' })) {
    const name = entryContentOf(payload).parameters.get('name');
    if (typeof name === 'string') names.add(name);
  }
  return { names, bytes };
}

/** The journal is sound, and has all that was acknowledged before it was asked. */
async function check(): Promise<void> {
  const before = [...acknowledged];
  const text = (await asked('/v1/journal/verify', {})) ?? '';
  const last = text.trim().split('\n').at(-1) ?? '{}';
  expect(JSON.parse(last)).toMatchObject({ result: { sound: true } });
  const { names } = await exported();
  expect(before.filter((name) => !names.has(name))).toEqual([]);
}

async function strike(victim: 'facet' | 'postmaster', life: Life): Promise<Life> {
  const answers = () =>
    eventually(
      'an answer',
      RECOVERY_MS,
      () => asked('/v1/journal'),
      (text) => text !== undefined,
    );
  if (victim === 'facet') {
    await life.kill();
    const next = await start();
    await answers();
    return next;
  }
  const postmaster = place.postmasterPid();
  process.kill(postmaster, 'SIGKILL');
  await eventually(
    'a new postmaster',
    RECOVERY_MS,
    async () => place.postmasterPid(),
    (pid) => pid !== postmaster,
  );
  await answers();
  expect(life.alive(), life.output()).toBe(true);
  return life;
}

type Rows = readonly (readonly Cell[])[];

async function dumpOf(store: Store): Promise<{ readonly nodes: Rows; readonly relationships: Rows }> {
  const database = await store.namespace(store.defaultNamespace);
  const read = async (text: string): Promise<Rows> => (await database.run(statement('test.dump', text))).rows;
  return {
    nodes: await read('SELECT id, labels, props FROM graph.node ORDER BY id'),
    relationships: await read('SELECT id, type, src, dst, props FROM graph.edge ORDER BY id'),
  };
}

it(
  `has everything in the journal and rebuilds it in ${ROUNDS} rounds of kill -9`,
  async () => {
    let life = await start();
    const work = Array.from({ length: WRITERS }, (_, writer) => write(writer));
    let snapshot: Buffer | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged.size;
      await eventually(
        `round ${round}: writes after the last blow`,
        RECOVERY_MS,
        async () => acknowledged.size - before,
        (count) => count >= ACKNOWLEDGED_MIN,
      );
      if (round === Math.floor(ROUNDS / 2)) snapshot = await bytesOf('/v1/snapshot');
      // Not always at the same moment of the load.
      await pause(Math.random() * 1_000);
      life = await strike(round % 2 === 0 ? 'facet' : 'postmaster', life);
      await check();
    }
    await pause(300);
    stopped = true;
    await Promise.all(work);
    await check();
    const { bytes } = await exported();
    expect(await life.stop()).toBe(0);
    await compare(snapshot ?? Buffer.alloc(0), bytes);
    console.info(
      `${ROUNDS} rounds: ${acknowledged.size} acknowledged writes, nothing lost; ${[...refusals].join(', ')}`,
    );
  },
  ROUNDS * ROUND_MS_MAX,
);

/** The graph as PostgreSQL has it, and those that are rebuilt: from the snapshot and the journal, and from the journal. */
async function compare(snapshot: Buffer, journal: Buffer): Promise<void> {
  const live = await openStore(pathToFileURL(join(place.directory, 'data')).href, { observe: () => {} });
  try {
    const database = await live.namespace(live.defaultNamespace);
    const graph = await dumpOf(live);
    const head = await journalHead(database);
    expect((await verifyJournal(database)).fault).toBeUndefined();
    expect(new Set(graph.nodes.flatMap((row) => /"name": "([^"]+)"/.exec(row[2] ?? '')?.[1] ?? []))).toEqual(
      expect.objectContaining({ size: graph.relationships.length }),
    );
    for (const start of [snapshot, undefined]) {
      const rebuilt = await openStore('memory://rebuilt', { observe: () => {} });
      try {
        const target = await rebuilt.namespace(rebuilt.defaultNamespace);
        if (start !== undefined) await loadGraph(rebuilt, target, once(start), {});
        const { head: end } = await applyEntries(target, readJournalFile(once(journal)));
        expect({ sequence: end.sequence, hash: hexOf(end.hash) }).toEqual({
          sequence: head.sequence,
          hash: hexOf(head.hash),
        });
        expect(await dumpOf(rebuilt)).toEqual(graph);
        expect((await verifyJournal(target)).fault).toBeUndefined();
      } finally {
        await rebuilt.stop();
      }
    }
  } finally {
    await live.stop();
  }
}
