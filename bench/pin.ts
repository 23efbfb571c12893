/**
 * Which core a process runs on. Servers get the first core and what loads them the second, so that neither takes time
 * from the other, and both sides of a comparison have the same. Where there is no taskset or one core only, nothing is
 * pinned.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';

export type Core = 0 | 1;

/** Where servers run: Facet, PostgreSQL, Redis. */
export const SERVER_CORE: Core = 0;
/** Where load is made. */
export const LOAD_CORE: Core = 1;

/** The path of a program, undefined when it is not installed. */
export function programPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

const TASKSET = process.platform === 'linux' && cpus().length > 1 ? programPath('taskset') : undefined;

/** A command that runs on `core`: the same process, as taskset becomes what it starts. */
export function onCore(core: Core | undefined, command: string, args: readonly string[]): [string, string[]] {
  if (core === undefined || TASKSET === undefined) return [command, [...args]];
  return [TASKSET, ['-c', String(core), command, ...args]];
}

/** Moves a process that runs, its threads and its children to `core`; children to come inherit it. */
export function moveToCore(pid: number, core: Core): void {
  if (TASKSET === undefined) return;
  for (const one of [pid, ...childrenOf(pid)]) {
    try {
      execFileSync(TASKSET, ['-a', '-c', '-p', String(core), String(one)], { stdio: 'pipe' });
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Processes that `parent` started and that are alive. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // The name of the program stands in parentheses and may hold anything.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}
