/** A hot standby of an embedded PostgreSQL, made as an operator would: a copy of the running server, which then follows it. */
import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbedded } from '../../src/engine/embedded/index.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import type { Session } from '../../src/engine/session.ts';

export interface Standby {
  /** The URI of a store on it, as the role of the primary's default namespace or another one. */
  uri(user?: string): string;
  /** Runs SQL there as the superuser. */
  admin(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  stop(): Promise<void>;
}

const superuser = (host: string) =>
  ({ hosts: [{ host, port: 5432 }], user: 'postgres', tls: { first: false } }) as const;

async function as<T>(host: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await probe(superuser(host), 'postgres');
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The folder of the socket of the embedded server whose store is in `home`. */
async function socketOf(home: string): Promise<string> {
  const lines = (await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  return lines[4] ?? '';
}

/** Runs SQL as the superuser on the embedded server whose store is in `home`. */
export async function adminOf(home: string, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  return as(await socketOf(home), async (session) => (await query(session, sql)).rows);
}

/** The URI of a store on a server that somebody else runs, though its socket is in `host`. */
const uriAt = (host: string, user = 'facet'): string =>
  `postgres://${user}@/facet?host=${encodeURIComponent(host)}&port=5432`;

/** The same for the embedded server whose store is in `home`. */
export const uriOf = async (home: string, user?: string): Promise<string> =>
  uriAt(await socketOf(home), user);

/**
 * @param primary the data directory of its store
 * @param home where the standby's data go; must not exist
 */
export async function startStandby(primary: string, home: string): Promise<Standby> {
  const primaryHost = await socketOf(primary);
  const directory = join(home, 'postgres');
  /** As the user that PostgreSQL runs as, who is another one when this is root. */
  const make = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, name), text);
    const { uid, gid } = await stat(directory);
    await chown(join(directory, name), uid, gid);
  };
  await mkdir(home, { recursive: true, mode: 0o711 });
  await as(primaryHost, async (session) => {
    await query(session, "SELECT pg_backup_start('standby', true)");
    await promisify(execFile)('cp', ['-a', join(primary, 'postgres'), directory]);
    const { rows } = await query(session, 'SELECT labelfile FROM pg_backup_stop(false)');
    await make('backup_label', rows[0]?.[0] ?? '');
  });
  for (const name of ['postmaster.pid', 'postmaster.opts']) await rm(join(directory, name), { force: true });
  for (const folder of ['pg_replslot', 'pg_wal']) {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      // The folders in pg_wal stay; what was written meanwhile comes from the primary.
      if (folder === 'pg_replslot' || entry.isFile()) {
        await rm(join(directory, folder, entry.name), { recursive: true });
      }
    }
  }
  await make('standby.signal', '');
  const follows = `host=${primaryHost} port=5432 user=postgres application_name=standby`;
  await appendFile(join(directory, 'custom.conf'), `\nprimary_conninfo = '${follows}'\n`);
  const server = await startEmbedded({ dataDirectory: home, durable: false, observe: () => {} });
  const host = server.socketDirectory;
  return {
    uri: (user) => uriAt(host, user),
    admin: (sql) => adminOf(home, sql),
    stop: () => server.stop(),
  };
}
