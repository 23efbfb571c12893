/**
 * What an earlier server left in a data directory that we have locked: a server whose Facet was killed, backends
 * whose postmaster was killed, a postmaster.pid that names nobody or a stranger. PostgreSQL refuses to start beside
 * any of them.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { isAlive, isHiddenPostgres, type PostgresProcess, postgresIn } from './process-table.ts';

/** Backends in the middle of a computation notice SIGQUIT at once, unless they are stuck in the kernel. */
const SURVIVOR_MS_MAX = 1_000;
const POLL_MS = 10;
/** The name is made from the directory's path, which may have changed since. */
const OURS = /cluster_name=facet_[0-9a-f]{12}\b/;

/**
 * Ends every PostgreSQL process of the cluster in `directory` and removes a stale postmaster.pid. Only the owner of
 * the lock may call it. Returns what was done, in words, empty when there was nothing.
 * @throws FacetError STORE_LOCKED when a server runs there that Facet did not start; STORE_UNUSABLE when a process
 *   cannot be ended.
 */
export async function clearLeftovers(directory: string, clusterName: string): Promise<readonly string[]> {
  const done: string[] = [];
  const processes = await postgresIn(directory, clusterName);
  for (const server of processes.filter(isPostmaster)) {
    if (!OURS.test(server.command)) {
      throw new FacetError(
        'STORE_LOCKED',
        `PostgreSQL process ${server.pid}, which Facet did not start, uses ${directory}`,
        { hint: 'Stop that PostgreSQL first.' },
      );
    }
    done.push(`stopped PostgreSQL ${server.pid}, which had lost its Facet`);
    await endServer(server.pid);
  }
  // Children end with their postmaster; those that are left belong to one that was killed. What they held in memory
  // is lost with it and comes back from the write-ahead log, so that killing them loses nothing.
  const survivors = await waitForNone(directory, clusterName, processes.length === 0 ? 0 : POLL_MS);
  if (survivors.length > 0) {
    done.push(`ended ${survivors.length} PostgreSQL processes that outlived their server`);
    for (const { pid } of survivors) signal(pid, 'SIGQUIT');
    for (const { pid } of await waitForNone(directory, clusterName, SURVIVOR_MS_MAX)) signal(pid, 'SIGKILL');
    const [immortal] = await waitForNone(directory, clusterName, LIMITS.embeddedQuitMsMax);
    if (immortal !== undefined) {
      throw new FacetError(
        'STORE_UNUSABLE',
        `PostgreSQL process ${immortal.pid} of an earlier server does not end`,
        {
          detail: immortal.command,
          hint: `Look why process ${immortal.pid} hangs (often a file system that does not answer).`,
        },
      );
    }
  }
  const stale = await removeStalePidFile(directory);
  if (stale !== undefined) done.push(stale);
  return done;
}

/** Stops a server: fast, then at once, then by force. Resolves when it is gone. */
export async function endServer(pid: number): Promise<void> {
  const steps = [
    ['SIGINT', LIMITS.embeddedStopMsMax],
    ['SIGQUIT', LIMITS.embeddedQuitMsMax],
    ['SIGKILL', LIMITS.embeddedQuitMsMax],
  ] as const;
  for (const [name, waitMs] of steps) {
    signal(pid, name);
    if (await waitForEnd(pid, waitMs)) return;
  }
  throw new FacetError('STORE_UNUSABLE', `PostgreSQL process ${pid} does not end`);
}

/** The pid in the first line of postmaster.pid; undefined without such a file. */
export async function readPostmasterPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const pid = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * Removes the file unless it names a PostgreSQL that we cannot look into: PostgreSQL itself then decides. Any other
 * process of that pid is a stranger who got the number, and ours would have been found before.
 */
async function removeStalePidFile(directory: string): Promise<string | undefined> {
  const path = join(directory, 'postmaster.pid');
  if ((await readFile(path).catch(() => undefined)) === undefined) return undefined;
  const pid = await readPostmasterPid(directory);
  if (pid !== undefined && (await isHiddenPostgres(pid))) return undefined;
  await rm(path, { force: true });
  return `removed a stale postmaster.pid (${pid ?? 'empty'})`;
}

/** A process without a command line is ending: its memory is gone already. */
const isPostmaster = ({ command }: PostgresProcess): boolean =>
  command !== '' && !command.startsWith('postgres: ');

async function waitForNone(
  directory: string,
  clusterName: string,
  waitMs: number,
): Promise<readonly PostgresProcess[]> {
  const deadlineMs = monotonicMs() + waitMs;
  for (;;) {
    const left = await postgresIn(directory, clusterName);
    if (left.length === 0 || monotonicMs() >= deadlineMs) return left;
    await sleep(POLL_MS);
  }
}

async function waitForEnd(pid: number, waitMs: number): Promise<boolean> {
  const deadlineMs = monotonicMs() + waitMs;
  while (await isAlive(pid)) {
    if (monotonicMs() >= deadlineMs) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours: the wait that follows finds out which.
  }
}
