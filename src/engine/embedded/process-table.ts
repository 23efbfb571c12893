/**
 * What the operating system knows of other processes: which are alive, when they began, and which are PostgreSQL
 * processes of a given data directory. Linux answers from /proc; elsewhere `ps` is asked, which knows less.
 */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode, runProgram } from './run-program.ts';

const LINUX = process.platform === 'linux';
/** `ps` takes some 10 ms. */
const PS_MS_MAX = 5_000;

/**
 * Names the set of processes that we can see: this boot of this machine, and this process namespace. A pid written
 * down elsewhere says nothing here.
 */
export async function processSpace(): Promise<{ readonly boot: string; readonly space: string }> {
  if (!LINUX) return { boot: hostname(), space: hostname() };
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname())).trim();
  return { boot, space: await readlink('/proc/self/ns/pid').catch(() => 'unknown') };
}

/**
 * When the process began, in the system's own words; undefined when there is none of that pid, or only a zombie.
 * Together with the pid it tells a process from a later one that got the same number.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  if (!LINUX) {
    const { stdout } = await runProgram('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      timeoutMs: PS_MS_MAX,
    });
    const line = stdout.trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  }
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name in parentheses may contain anything, so fields are counted from the last parenthesis: state is the
  // first, the start time (field 22 in proc(5)) the twentieth.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

export const isAlive = async (pid: number): Promise<boolean> => (await startMark(pid)) !== undefined;

export interface PostgresProcess {
  readonly pid: number;
  /** The whole command line; of children it is their title. */
  readonly command: string;
}

/**
 * PostgreSQL processes that work in the data directory `directory`: the postmaster and its children, also those
 * that outlived it. All of them have it as their working directory. Where that may not be looked at (root in a
 * container without the right to trace), and elsewhere than on Linux, `clusterName` tells them: it is part of the
 * postmaster's command line and of its children's titles.
 */
export async function postgresIn(
  directory: string,
  clusterName: string,
): Promise<readonly PostgresProcess[]> {
  if (!LINUX) return await postgresByTitle(directory, clusterName);
  const wanted = await stat(directory).catch(() => undefined);
  if (wanted === undefined) return [];
  const found: PostgresProcess[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || (await programName(pid)) !== 'postgres') continue;
    const where = await workingDirectory(pid);
    const command = await commandLine(pid);
    const here =
      where === 'hidden'
        ? command.includes(clusterName)
        : where?.dev === wanted.dev && where.ino === wanted.ino;
    if (here && (await isAlive(pid))) found.push({ pid, command });
  }
  return found;
}

/** True for a living PostgreSQL process of which only its name can be seen. */
export async function isHiddenPostgres(pid: number): Promise<boolean> {
  if ((await programName(pid)) !== 'postgres' || !(await isAlive(pid))) return false;
  return LINUX ? (await workingDirectory(pid)) === 'hidden' : true;
}

async function workingDirectory(pid: number): Promise<{ dev: number; ino: number } | 'hidden' | undefined> {
  try {
    return await stat(`/proc/${pid}/cwd`);
  } catch (error) {
    return ['EACCES', 'EPERM'].includes(errorCode(error) ?? '') ? 'hidden' : undefined;
  }
}

/** The program's file name, readable for every process; undefined where it cannot be told. */
export async function programName(pid: number): Promise<string | undefined> {
  if (LINUX) return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined))?.trim();
  const { stdout } = await runProgram('ps', ['-o', 'comm=', '-p', String(pid)], { timeoutMs: PS_MS_MAX });
  return stdout.trim().split('/').at(-1);
}

async function commandLine(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim();
}

async function postgresByTitle(directory: string, clusterName: string): Promise<readonly PostgresProcess[]> {
  const { stdout } = await runProgram('ps', ['-axo', 'pid=,command='], { timeoutMs: PS_MS_MAX });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || command === undefined || !command.includes('postgres')) return [];
    const ours = command.includes(`postgres: ${clusterName}:`) || command.includes(` -D ${directory} `);
    return ours ? [{ pid: Number(pid), command }] : [];
  });
}
