/**
 * The real program, as a user runs it: `dist/main.js` in a process of its own. For tests of the command line and of
 * what survives it. The server stops when the test file ends, whatever happens in it.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MAIN = join(ROOT, 'dist', 'main.js');

/** How long a test waits for the server to be ready, and to be gone: far more than it takes. */
const START_MS_MAX = 50_000;
const STOP_MS_MAX = 30_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly directory?: string;
}

/** Our own environment without variables of Facet, which would change what is tested. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('FACET_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

/** Runs a program to its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: options.directory ?? ROOT,
      env: cleanEnvironment(options.environment),
    });
    const output = gather(child);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
    // A program that does not read its input closes the pipe; that is no failure of the test.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Runs `facet …` to its end. */
export function facet(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build`');
  return runProgram(process.execPath, [MAIN, ...args], options);
}

export interface FacetServer {
  readonly url: string;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  /** Exit code once it has ended; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Working directory; a new one that is deleted by `stop` when absent. */
  readonly directory?: string;
}

/** Starts `facet serve` on a free port, in an empty directory of its own, with a store in memory unless `args` say otherwise. */
export async function startFacet(
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<FacetServer> {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build`');
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'facet-test-')));
  const listen = [
    ...(args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']),
    ...(args.includes('--grpc-listen') ? [] : ['--grpc-listen', '127.0.0.1:0']),
    ...(args.includes('--bolt-listen') ? [] : ['--bolt-listen', '127.0.0.1:0']),
  ];
  const store = args.includes('--store') ? [] : ['--store', 'memory://test'];
  const child = spawn(process.execPath, [MAIN, 'serve', ...listen, ...store, ...args], {
    cwd: directory,
    env: cleanEnvironment(options.environment),
  });
  const output = gather(child);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const log = (): string => output.stdout + output.stderr;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await exited;
    clearTimeout(timer);
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  };
  try {
    const url = await readyUrl(child, log);
    return { url, pid: child.pid ?? 0, log, kill: (signal) => void child.kill(signal), exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address in the line that says the server is ready. */
function readyUrl(child: ChildProcessWithoutNullStreams, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const url = /ready in .*?REST (https?:\/\/[^\s"]+)/.exec(log())?.[1];
      if (url !== undefined) settle(() => resolve(url));
    };
    const fail = (why: string): void => settle(() => reject(new Error(`facet serve ${why}\n${log()}`)));
    const timer = setTimeout(() => fail('was not ready in time'), START_MS_MAX);
    const onClose = (code: number | null): void => fail(`ended with code ${code}`);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.stdout.off('data', look);
      child.stderr.off('data', look);
      child.off('close', onClose);
      act();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('close', onClose);
  });
}

function gather(child: ChildProcessWithoutNullStreams): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return output;
}
