/**
 * kill -9 during uploads, by turns of the process that uploads and of its PostgreSQL: what was acknowledged is there with
 * every byte, nothing partial is ever seen, and after collecting no orphan is left. `FACET_FAULT_ROUNDS=40` is the long form.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, isRunning, pause } from './server-under-fire.ts';
import type { Audit, Report } from './upload-worker.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);
/** Uploads that are acknowledged before each blow. */
const STORED_MIN = 8;
const PATIENCE_MS = 90_000;
const WORKER = fileURLToPath(new URL('./upload-worker.ts', import.meta.url));

let directory: string;
let worker: ChildProcess;
let ready = false;
let lives = 0;
let storedNow = 0;
let failures: string[] = [];
let audits: Audit[] = [];
/** Checksums of what was acknowledged and not deleted. */
const expected = new Map<string, string>();
/** Asked to be deleted, and not answered. */
const unsure = new Set<string>();

function hear(report: Report): void {
  if (report.did === 'ready') ready = true;
  else if (report.did === 'failed') failures.push(report.code);
  else if (report.did === 'audited') audits.push(report.audit);
  else if (report.did === 'stored') {
    storedNow++;
    expected.set(report.id, report.checksum);
  } else {
    expected.delete(report.id);
    if (report.did === 'deleting') unsure.add(report.id);
    else unsure.delete(report.id);
  }
}

async function start(): Promise<void> {
  ready = false;
  const uri = pathToFileURL(join(directory, 'data')).href;
  worker = fork(WORKER, [uri, String(lives++)], { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  worker.on('message', hear);
  await eventually(
    'a worker',
    PATIENCE_MS,
    async () => ready,
    (is) => is,
  );
}

/** From PostgreSQL's own file. */
function postmasterPid(): number {
  const file = join(directory, 'data', 'postgres', 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
}

/** Looks at everything, with no upload under way. */
async function audited(): Promise<Audit> {
  audits = [];
  failures = [];
  worker.send('audit');
  await eventually(
    'an audit',
    PATIENCE_MS,
    async () => audits.length + failures.length,
    (n) => n > 0,
  );
  const [audit] = audits;
  if (audit === undefined) throw new Error(`the audit failed: ${failures.join('; ')}`);
  return audit;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'facet-uploads-'));
});
afterAll(async () => {
  if (worker?.exitCode === null && worker.signalCode === null) {
    const gone = once(worker, 'exit');
    worker.kill('SIGTERM');
    const timer = setTimeout(() => worker.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(timer);
  }
  const pid = postmasterPid();
  if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGQUIT');
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}, 60_000);

function expectWhole({ whole, broken }: Audit): void {
  expect(broken).toEqual([]);
  for (const [id, checksum] of expected) expect(whole[id], `artifact ${id}`).toBe(checksum);
}

it(
  `shows no partial artifact and keeps no orphan in ${ROUNDS} rounds of kill -9`,
  async () => {
    await start();
    for (let round = 0; round < ROUNDS; round++) {
      storedNow = 0;
      worker.send('go');
      await eventually(
        'uploads',
        PATIENCE_MS,
        async () => storedNow,
        (n) => n >= STORED_MIN,
      );
      await pause(37 * (round % 9));
      if (round % 2 === 0) {
        const gone = once(worker, 'exit');
        worker.kill('SIGKILL');
        await gone;
        await start();
      } else {
        process.kill(postmasterPid(), 'SIGKILL');
        await pause(100);
      }
      expectWhole(await eventually('an audit after the blow', PATIENCE_MS, audited));
    }
    // Uploads of processes that died have their leases until then.
    const last = await eventually('the last orphan', PATIENCE_MS, audited, ({ left }) =>
      left.every((n) => n === 0),
    );
    expectWhole(last);
    expect(last.stats).toMatchObject({ orphanedChunks: 0, runningUploads: 0 });
    const strange = Object.keys(last.whole).filter((id) => !expected.has(id) && !unsure.has(id));
    // Committed, and killed before it could be said: at most one for each loop and blow.
    expect(strange.length).toBeLessThanOrEqual(4 * ROUNDS);
  },
  ROUNDS * 120_000 + 120_000,
);
