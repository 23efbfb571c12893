/** Servers, folders and processes that a test of the launcher makes, all ended and removed when it is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach } from 'vitest';
import type { Observation } from '../../../src/base/index.ts';
import {
  type EmbeddedOptions,
  type EmbeddedServer,
  startEmbedded,
} from '../../../src/engine/embedded/index.ts';

export const IS_ROOT = process.getuid?.() === 0;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanups.splice(0).reverse()) await step();
});
export const later = (step: () => Promise<void> | void): void => void cleanups.push(step);

/** A folder of our own with the given mode. */
export function folder(mode = 0o755): string {
  const path = mkdtempSync('/tmp/embedded-test-');
  chmodSync(path, mode);
  later(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}

export interface Started extends EmbeddedServer {
  readonly observed: readonly Observation[];
}

/** Starts a server in this process; without a directory a temporary one. */
export async function start(options: Partial<EmbeddedOptions> = {}): Promise<Started> {
  const observed: Observation[] = [];
  const server = await startEmbedded({ durable: false, observe: (o) => observed.push(o), ...options });
  later(() => server.stop());
  return { ...server, observed };
}

/** Runs statements on one connection and gives back the rows of the last one. */
export async function run(
  server: Pick<EmbeddedServer, 'socketDirectory' | 'port'>,
  ...statements: readonly string[]
): Promise<readonly unknown[][]> {
  const client = await connect(server);
  try {
    let rows: unknown[][] = [];
    for (const text of statements) rows = (await client.query({ text, rowMode: 'array' })).rows;
    return rows;
  } finally {
    await client.end();
  }
}

export async function connect(server: Pick<EmbeddedServer, 'socketDirectory' | 'port'>): Promise<pg.Client> {
  const client = new pg.Client({
    host: server.socketDirectory,
    port: server.port,
    user: 'postgres',
    database: 'postgres',
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export interface Owner {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly server: { socketDirectory: string; port: number; pid: number; dataDirectory: string };
}

export interface OwnerOptions {
  readonly dataDirectory?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Put before node, such as setpriv and its options. */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Node process of its own that runs a server, as Facet does. Rejects with its error text if it cannot start. */
export async function startOwner(options: OwnerOptions = {}): Promise<Owner> {
  const script = join(import.meta.dirname, 'owner.ts');
  const [command = '', ...rest] = [
    ...(options.prefix ?? []),
    process.execPath,
    '--import',
    import.meta.resolve('tsx'),
    script,
    options.dataDirectory ?? '',
  ];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a program has that was started in a terminal.
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    env: { PATH: process.env.PATH, ...options.env },
  });
  later(async () => {
    child.kill('SIGKILL');
    const server = serverOf(child);
    if (server !== undefined) await until(() => !runs(server));
  });
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += String(text);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const server = JSON.parse(line) as Owner['server'];
    serverPids.set(child, server.pid);
    return { child, pid: child.pid ?? 0, server };
  }
  throw new Error(errors);
}

const serverPids = new Map<ChildProcess, number>();
const serverOf = (child: ChildProcess): number | undefined => serverPids.get(child);

/** True for a process that is there and no zombie. */
export function runs(pid: number): boolean {
  if (process.platform !== 'linux') {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** The shell between a Facet and its server, by /proc. */
export function supervisorOf(serverPid: number): number {
  const text = readFileSync(`/proc/${serverPid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')')).split(' ')[2]);
}

/** Kills an owner and all that would stop its server, which then runs on alone. */
export async function orphan({ child, pid, server }: Owner): Promise<void> {
  // Stopped first, or it would see its shell die and stop the server.
  child.kill('SIGSTOP');
  const shell = supervisorOf(server.pid);
  const watchers = childrenOf(shell).filter((child) => child !== server.pid);
  for (const watcher of [shell, ...watchers]) process.kill(watcher, 'SIGKILL');
  child.kill('SIGKILL');
  await until(() => ![pid, shell, ...watchers].some(runs));
  if (!runs(server.pid)) throw new Error('the server ended too');
}

/** Waits for something that comes by itself. */
export async function until(condition: () => boolean | Promise<boolean>, waitMs = 20_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 20) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`not within ${waitMs} ms: ${condition}`);
}

/** Pids whose parent is `pid`. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .filter((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'latin1');
        return text.slice(text.lastIndexOf(')')).split(' ')[2] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The details of observed events, joined: for looking into. */
export const details = (server: Started): string =>
  server.observed.map((o) => (o.type === 'postgres' ? `${o.event}: ${o.detail}` : o.type)).join('\n');
