/**
 * kill -9, of the server alone and together with its PostgreSQL, at moments all over the making of a restore point and a
 * rollback: the next start finds the namespace with the old content or the new, whole, and nothing left behind.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monotonicMs } from '../../src/base/index.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';

const WORKER = fileURLToPath(new URL('restore-point-worker.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 3);
const ROWS = 20_000;

let directory: string;
let uri: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'facet-restore-'));
  uri = `file://${directory}/data`;
  await looking(async (store, database) => {
    await database.runUser('CREATE TABLE item (id int PRIMARY KEY, word text)');
    await database.runUser(`INSERT INTO item SELECT n, 'old' FROM generate_series(1, ${ROWS}) n`);
    await store.restorePoints.create('default', 'base');
  });
  await renew();
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

/** In this process, as the next start. */
async function looking<T>(look: (store: Store, database: Database) => Promise<T>): Promise<T> {
  const store = await openStore(uri, { observe: () => {} });
  try {
    return await look(store, await store.namespace('default'));
  } finally {
    await store.stop();
  }
}

const renew = (): Promise<void> =>
  looking(async (_store, database) => void (await database.runUser("UPDATE item SET word = 'new'")));

interface Worker {
  readonly child: ChildProcessWithoutNullStreams;
  readonly postmasterPid: number;
  readonly said: (word: string) => Promise<string>;
  readonly exited: Promise<unknown>;
}

async function startWorker(): Promise<Worker> {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, uri], { cwd: ROOT });
  const exited = new Promise((resolve) => child.once('close', resolve));
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += String(text);
  });
  const lines: Interface = createInterface({ input: child.stdout });
  const said = (word: string): Promise<string> =>
    new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        if (line.startsWith(word)) resolve(line);
      });
      void exited.then(() => reject(new Error(`the worker ended before it said ${word}: ${errors}`)));
    });
  const ready = await said('ready');
  return { child, postmasterPid: Number(ready.split(' ')[1]), said, exited };
}

/** How long it takes when nobody kills it, in milliseconds. */
async function measured(order: string): Promise<number> {
  const worker = await startWorker();
  const ended = worker.said('end');
  const begun = worker.said('begin');
  worker.child.stdin.write(`${order}\n`);
  await begun;
  const startedMs = monotonicMs();
  await ended;
  const tookMs = monotonicMs() - startedMs;
  worker.child.kill('SIGKILL');
  await worker.exited;
  return tookMs;
}

async function killedAfter(order: string, ms: number, withPostgres: boolean): Promise<void> {
  const worker = await startWorker();
  const begun = worker.said('begin');
  worker.child.stdin.write(`${order}\n`);
  await begun;
  await sleep(ms);
  worker.child.kill('SIGKILL');
  if (withPostgres) {
    try {
      process.kill(worker.postmasterPid, 'SIGKILL');
    } catch {
      // It was faster.
    }
  }
  await worker.exited;
}

/** What is there: one word in all rows, or the namespace is torn. */
async function wordThere(store: Store, database: Database): Promise<string> {
  const { rows } = await database.runUser('SELECT word, count(*) FROM item GROUP BY word');
  expect(rows).toHaveLength(1);
  expect(rows[0]?.[1]).toBe(String(ROWS));
  const left = await database.runUser("SELECT datname FROM pg_database WHERE datname ~ '-rp(new|old)-'");
  expect(left.rows, 'left behind').toEqual([]);
  const names = (await store.restorePoints.list('default')).map(({ name }) => name);
  expect(names).toContain('base');
  // It works on, followers too.
  await database.changes.watch({ schema: 'public', name: 'item' });
  (await database.changes.open({ whenSlow: 'wait' })).close();
  return rows[0]?.[0] ?? '';
}

test('while a restore point is made the content stays, and the restore point is there or not', async () => {
  const wholeMs = await measured('create whole');
  let made = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await killedAfter(`create n${round}`, (wholeMs * round) / (ROUNDS - 1), round % 2 === 1);
    await looking(async (store, database) => {
      expect(await wordThere(store, database)).toBe('new');
      const found = (await store.restorePoints.list('default')).find(({ name }) => name === `n${round}`);
      if (found === undefined) return;
      made++;
      // One that is listed is whole.
      await database.runUser("UPDATE item SET word = 'newer'");
      await store.restorePoints.rollBack('default', found.id);
      expect(await wordThere(store, await store.namespace('default'))).toBe('new');
      await store.restorePoints.drop('default', found.id);
    });
  }
  expect(made).toBeLessThan(ROUNDS);
}, 300_000);

test('during a rollback the content is that before or that of the restore point', async () => {
  const wholeMs = await measured('rollback base');
  const words = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    await renew();
    await killedAfter('rollback base', (wholeMs * round) / (ROUNDS - 1), round % 2 === 1);
    await looking(async (store, database) => {
      const word = await wordThere(store, database);
      expect(['old', 'new']).toContain(word);
      words.add(word);
      await store.restorePoints.rollBack('default', 'base');
      expect(await wordThere(store, await store.namespace('default'))).toBe('old');
    });
  }
  expect(words.has('new'), 'the first kill comes before the swap').toBe(true);
}, 300_000);
