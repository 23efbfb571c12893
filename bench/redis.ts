/** Redis and webdis of a scenario: from Debian, on loopback, in a folder of the run, ended by their pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCore, SERVER_CORE } from './pin.ts';
import type { Surroundings } from './scenario.ts';

const HOST = '127.0.0.1';
const READY_MS = 20_000;

export interface Listening {
  readonly port: number;
  readonly pid: number;
}

/** Every write is on disk before it is answered, as ours are. */
export async function startRedis({ scratch, defer }: Surroundings): Promise<Listening> {
  const port = await freePort();
  const folder = mkdtempSync(join(scratch, 'redis-'));
  const options = { bind: HOST, port, dir: folder, appendonly: 'yes', appendfsync: 'always', save: '' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return { port, pid: await start('redis-server', args, port, defer) };
}

/** HTTP before a Redis, with two threads as Debian's configuration has it. */
export async function startWebdis({ scratch, defer }: Surroundings, redisPort: number): Promise<Listening> {
  const port = await freePort();
  const folder = mkdtempSync(join(scratch, 'webdis-'));
  const file = join(folder, 'webdis.json');
  const settings = {
    redis_host: HOST,
    redis_port: redisPort,
    redis_auth: null,
    http_host: HOST,
    http_port: port,
    threads: 2,
    daemonize: false,
    database: 0,
    acl: [{ disabled: ['DEBUG'] }],
    verbosity: 1,
    logfile: join(folder, 'webdis.log'),
  };
  writeFileSync(file, JSON.stringify(settings));
  return { port, pid: await start('webdis', [file], port, defer) };
}

async function start(
  command: string,
  args: readonly string[],
  port: number,
  defer: Surroundings['defer'],
): Promise<number> {
  const child = spawn(...onCore(SERVER_CORE, command, args), { stdio: 'ignore' });
  defer(() => end(child));
  const until = performance.now() + READY_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > until) throw new Error(`${command} does not start`);
    await sleep(20);
  }
  return child.pid ?? 0;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return open;
}
