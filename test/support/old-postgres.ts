/** A server of the oldest PostgreSQL that Facet works with, from the programs of the operating system, if it has them. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './patience.ts';

const PROGRAMS = '/usr/lib/postgresql/15/bin';
const PORT = 5432;

/** Why there is none; undefined when there is one. */
export const oldPostgresLacks: string | undefined = existsSync(join(PROGRAMS, 'postgres'))
  ? undefined
  : `PostgreSQL 15 is not installed (${PROGRAMS})`;

export interface OldPostgres {
  /** The URI of a database that the role `facet` owns, who may replicate. */
  readonly uri: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package has made. */
function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export async function startOldPostgres(): Promise<OldPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'facet-test-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  const as = identity();
  if (as.uid !== undefined && as.gid !== undefined) {
    for (const path of [directory, data]) chownSync(path, as.uid, as.gid);
  }
  const run = (program: string, ...args: string[]) =>
    execFileSync(join(PROGRAMS, program), args, { ...as, cwd: directory, stdio: 'pipe' });
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N');
  const settings = [
    'wal_level=logical',
    'listen_addresses=',
    `unix_socket_directories=${directory}`,
    'fsync=off',
  ];
  const server = spawn(
    join(PROGRAMS, 'postgres'),
    ['-D', data, '-p', String(PORT), ...settings.flatMap((setting) => ['-c', setting])],
    { ...as, cwd: directory, stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    server.kill('SIGINT');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  const sql = (text: string) =>
    run('psql', '-h', directory, '-p', String(PORT), '-U', 'postgres', '-c', text);
  try {
    await until('PostgreSQL 15 answers', () => sql('SELECT 1').length > 0);
    sql('CREATE ROLE facet LOGIN REPLICATION');
    sql('CREATE DATABASE facet OWNER facet');
  } catch (error) {
    await stop();
    throw error;
  }
  return { uri: `postgres://facet@/facet?host=${encodeURIComponent(directory)}&port=${PORT}`, stop };
}
