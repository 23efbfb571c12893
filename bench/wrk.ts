/** Load over HTTP by wrk, which takes less of a core than any client of ours: a server that is fast is not held up by it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LOAD_CORE, onCore } from './pin.ts';
import type { Round } from './scenario.ts';

export interface WrkLoad {
  readonly port: number;
  /** One of those in programs/keys.lua. */
  readonly kind: string;
  readonly connections: number;
  readonly keys: number;
}

interface Said {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const SCRIPT = fileURLToPath(new URL('programs/keys.lua', import.meta.url));

/** Requests a second. wrk counts whole seconds, so a round has at least one. @throws Error when a request failed */
export async function runWrk({ port, kind, connections, keys }: WrkLoad, ms: number): Promise<Round> {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [command, args] = onCore(LOAD_CORE, 'wrk', [
    ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', SCRIPT],
    `http://127.0.0.1:${port}/`,
    ...['--', kind, String(keys)],
  ]);
  const { stdout } = await promisify(execFile)(command, args);
  const line = /^BENCH (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk: ${stdout}`);
  const said = JSON.parse(line) as Said;
  if (said.failed > 0) throw new Error(`${said.failed} of ${said.requests} requests of ${kind} failed`);
  return { rate: said.requests / said.seconds, details: { p50Ms: said.p50Ms, p99Ms: said.p99Ms } };
}
