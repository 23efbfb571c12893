/** Runs one short program to its end and gathers what it says. Not for the server itself: that is process.ts. */
import { spawn } from 'node:child_process';

/** Nothing of our own environment reaches the programs we start: their behaviour must not depend on the caller. */
export const PROGRAM_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

export interface ProgramOptions {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Default `/`, which every user may enter. */
  readonly cwd?: string | undefined;
  /** Over it the program is killed and counts as failed. */
  readonly timeoutMs: number;
}

export interface ProgramResult {
  /** Null when the program was killed or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Such as ENOENT or EACCES, when the program could not be started at all. */
  readonly spawnError: string | undefined;
}

/** Of each stream, its end: the reason of a failure comes last. */
const OUTPUT_BYTES_MAX = 64 * 1024;

/** Never rejects: a program that cannot run is a result, and the caller knows what it means. */
export function runProgram(
  command: string,
  programArguments: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    const failed = (error: unknown): void =>
      resolve({ exitCode: null, ...output, spawnError: errorCode(error) ?? String(error) });
    try {
      const child = spawn(command, [...programArguments], {
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.gid === undefined ? {} : { gid: options.gid }),
        cwd: options.cwd ?? '/',
        env: PROGRAM_ENVIRONMENT,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
      });
      child.once('error', failed);
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          output[name] = (output[name] + text).slice(-OUTPUT_BYTES_MAX);
        });
      }
      child.once('close', (exitCode) => resolve({ exitCode, ...output, spawnError: undefined }));
    } catch (error) {
      failed(error);
    }
  });
}

/** The `code` of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
