/** The real binary for fault tests: started, killed by pid, watched. It lives on a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 60_000;
const STOP_MS = 30_000;
const ENDPOINT = /https?:\/\/127\.0\.0\.1:(\d+)/;

/** One running Facet. */
export interface Life {
  readonly pid: number;
  readonly port: number;
  /** Everything it wrote so far, both streams. */
  readonly output: () => string;
  readonly alive: () => boolean;
  /** SIGKILL, and nothing after it but waiting for the end. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; the exit code, or null when it had to be killed. */
  readonly stop: () => Promise<number | null>;
}

/** A data directory that servers come and go on. */
export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'facet-faults-'));
  #lives: Life[] = [];

  /** Starts dist/main.js, on the directory unless told otherwise, and resolves at the ready line. */
  async start(
    options: readonly string[] = [],
    store: string = pathToFileURL(join(this.directory, 'data')).href,
    nodeOptions: readonly string[] = [],
  ): Promise<Life> {
    const main = join(ROOT, 'dist', 'main.js');
    if (!existsSync(main)) throw new Error('dist/ is missing: npm run build');
    const listen = [
      ...(options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']),
      ...(options.includes('--grpc-listen') ? [] : ['--grpc-listen', 'off']),
      ...(options.includes('--bolt-listen') ? [] : ['--bolt-listen', 'off']),
    ];
    const child = spawn(
      process.execPath,
      [...nodeOptions, main, 'serve', '--store', store, ...listen, '--log-format', 'json', ...options],
      { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'], env: plainEnvironment() },
    );
    const life = await ready(child);
    this.#lives.push(life);
    return life;
  }

  /** Pid of the PostgreSQL on the directory, from its own file. */
  postmasterPid(): number {
    const file = join(this.directory, 'data', 'postgres', 'postmaster.pid');
    return Number(readFileSync(file, 'utf8').split('\n')[0]);
  }

  /** Ends whatever is left and deletes the directory. A postmaster ends with its Facet. */
  async clear(): Promise<void> {
    for (const life of this.#lives) if (life.alive()) await life.stop();
    const leftover = existsSync(join(this.directory, 'data', 'postgres', 'postmaster.pid'));
    if (leftover && isRunning(this.postmasterPid())) process.kill(this.postmasterPid(), 'SIGQUIT');
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Without options for the server: those that steer the tests are unknown to it, others would change what is tested. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FACET_')));
}

async function ready(child: ChildProcess): Promise<Life> {
  let output = '';
  const gone = once(child, 'exit') as Promise<[number | null]>;
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const port = await new Promise<number>((resolve, reject) => {
    const read = (piece: Buffer): void => {
      output += piece.toString('utf8');
      const line = output.split('\n').find((text) => /\bready in\b/.test(text) && ENDPOINT.test(text));
      if (line !== undefined) resolve(Number(ENDPOINT.exec(line)?.[1]));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`facet ended with code ${code} before it was ready:\n${output}`)),
    );
    setTimeout(
      () => reject(new Error(`facet is not ready after ${READY_MS} ms:\n${output}`)),
      READY_MS,
    ).unref();
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const kill = async (): Promise<void> => {
    if (alive()) child.kill('SIGKILL');
    await gone;
  };
  return {
    pid: child.pid ?? 0,
    port,
    output: () => output,
    alive,
    kill,
    async stop() {
      if (alive()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const [code] = await gone;
      clearTimeout(timer);
      return code;
    },
  };
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Open files and sockets of a process; undefined where /proc does not tell. */
export function openFiles(pid: number): number | undefined {
  const folder = `/proc/${pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : undefined;
}

/** Asks until the answer is good or the time is over; the last answer or error is in the message then. */
export async function eventually<T>(
  what: string,
  msMax: number,
  ask: () => Promise<T>,
  good: (answer: T) => boolean = () => true,
): Promise<T> {
  const until = performance.now() + msMax;
  let last: unknown = 'nothing';
  while (performance.now() < until) {
    try {
      const answer = await ask();
      if (good(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(
    `${what}: not within ${msMax} ms. Last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
