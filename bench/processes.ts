/** Child processes of the bench: the server under test and the programs beside it. All are ended by their own pid. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Core, onCore } from './pin.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STOP_MS = 20_000;
const READY_MS = 60_000;
/** The ready line of the server, which names its HTTP endpoint. */
const ENDPOINT = /https?:\/\/127\.0\.0\.1:(\d+)/;
const GRPC_ENDPOINT = /gRPC 127\.0\.0\.1:(\d+)/;
const BOLT_ENDPOINT = /bolt:\/\/127\.0\.0\.1:(\d+)/;

export interface FacetProcess {
  readonly pid: number;
  readonly port: number;
  readonly grpcPort: number;
  readonly boltPort: number;
  /** From spawn to the ready line. */
  readonly startMs: number;
  readonly stop: () => Promise<void>;
}

/** Options for every Node.js process that is started, such as `--cpu-prof`. */
let nodeOptions: readonly string[] = [];

/** Profiles of the processor, of every process that is started from now on, go to `folder` when it ends. */
export function profileTo(folder: string): void {
  nodeOptions = ['--cpu-prof', '--cpu-prof-dir', folder];
}

/** Starts dist/main.js as a user would, without rate limits: they are not what is measured. */
export async function startFacet(
  store: string,
  options: readonly string[] = [],
  core?: Core,
): Promise<FacetProcess> {
  const startedAt = performance.now();
  const child = spawn(
    ...onCore(core, process.execPath, [
      ...nodeOptions,
      'dist/main.js',
      'serve',
      '--store',
      store,
      '--listen',
      '127.0.0.1:0',
      '--grpc-listen',
      '127.0.0.1:0',
      '--bolt-listen',
      '127.0.0.1:0',
      '--log-level',
      'info',
      '--rate-limit-enabled',
      'false',
      ...options,
    ]),
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: plainEnvironment(),
    },
  );
  const ready = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (piece: Buffer): void => {
      output += piece.toString('utf8');
      const found = output.split('\n').find((line) => /ready/i.test(line) && ENDPOINT.test(line));
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`facet ended with code ${code}:\n${output}`)));
    setTimeout(
      () => reject(new Error(`facet is not ready after ${READY_MS} ms:\n${output}`)),
      READY_MS,
    ).unref();
  }).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });
  return {
    pid: child.pid ?? 0,
    port: Number(ENDPOINT.exec(ready)?.[1]),
    grpcPort: Number(GRPC_ENDPOINT.exec(ready)?.[1]),
    boltPort: Number(BOLT_ENDPOINT.exec(ready)?.[1]),
    startMs: performance.now() - startedAt,
    stop: () => end(child),
  };
}

/** Without options that happen to be set for some other server. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FACET_')));
}

export interface Program {
  readonly pid: number;
  /** Sends a request to the program and resolves with its answer. One at a time. */
  readonly ask: <Answer>(request: Readonly<Record<string, unknown>>) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

/** Starts one of bench/programs. Plain JavaScript, so that no compiler adds to what is measured. */
export function startProgram(name: string, core?: Core): Program {
  const [execPath, execArgv] = onCore(core, process.execPath, nodeOptions);
  const child = fork(fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url)), [], {
    cwd: ROOT,
    execPath,
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  return {
    pid: child.pid ?? 0,
    async ask<Answer>(request: Readonly<Record<string, unknown>>): Promise<Answer> {
      const listening = new AbortController();
      const { signal } = listening;
      const answer = Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(([code]) => {
          throw new Error(`bench/programs/${name}.mjs ended with code ${code}`);
        }),
      ]).finally(() => listening.abort());
      child.send(request);
      const [message] = (await answer) as [{ error?: string; answer?: Answer }];
      if (message.error !== undefined) throw new Error(`bench/programs/${name}.mjs: ${message.error}`);
      return message.answer as Answer;
    },
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}

/** Peak of resident memory since the process began, in MB; undefined where /proc does not tell. */
export function peakMemoryMb(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
