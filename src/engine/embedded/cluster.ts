/**
 * The data directory. `<home>/postgres` is PostgreSQL's own folder, `<home>/owner` the lock, `<home>/log` the log,
 * `<home>/vectors` and `<home>/snapshots` what beside-data.ts is about.
 * Making a new one: initdb.ts. How the server reaches it: placement.ts.
 */
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FacetError } from '../../base/index.ts';
import type { Binaries } from './binaries.ts';
import type { Identity, User } from './identity.ts';
import { createCluster } from './initdb.ts';
import { makeFolder } from './make-folder.ts';
import { giveTree } from './ownership.ts';
import { replaceFile } from './replace-file.ts';
import { errorCode } from './run-program.ts';
import { settingsFile } from './settings.ts';

/** Entries that a directory may have before Facet makes a cluster in it: a fresh volume's, and our own. */
const HARMLESS = /^(?:owner|log|vectors|snapshots|lost\+found|facet-owner\.json|\..*|postgres\.new-\w+)$/;

export const clusterDirectory = (home: string): string => join(home, 'postgres');

/** Appears on the command line and in the process titles of every server of `home`: tells ours from others. */
export const clusterNameOf = (home: string): string =>
  `facet_${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;

/**
 * The directory, made if it is missing, with its links resolved.
 * @throws FacetError STORE_UNUSABLE when it cannot be made or holds something else.
 */
export async function prepareHome(dataDirectory: string): Promise<string> {
  const wanted = resolve(dataDirectory);
  try {
    await makeFolder(wanted, process.getuid?.() === 0 ? 0o711 : 0o700);
    const home = await realpath(wanted);
    assertOurs(home, await readdir(home));
    return home;
  } catch (error) {
    throw unusable(
      error,
      `The data directory ${wanted} cannot be used`,
      'Choose a directory that you may write to, or run Facet as the owner of this one.',
    );
  }
}

/** @throws FacetError STORE_UNUSABLE when the directory holds `names`, and they are somebody else's */
export function assertOurs(home: string, names: readonly string[]): void {
  const foreign = names.find((name) => !HARMLESS.test(name));
  if (names.includes('postgres') || foreign === undefined) return;
  const isCluster = names.includes('PG_VERSION');
  throw new FacetError('STORE_UNUSABLE', `${home} is not a data directory of Facet`, {
    detail: isCluster
      ? 'It is a data directory of PostgreSQL itself.'
      : `It holds "${foreign}", among others.`,
    hint: isCluster
      ? 'Start that PostgreSQL and name it by a postgres:// store, or choose an empty directory.'
      : 'Choose an empty directory, or one that does not exist yet.',
  });
}

/** Owner of the cluster in `home`; undefined when there is none yet. */
export async function clusterOwner(home: string): Promise<User | undefined> {
  const entry = await stat(clusterDirectory(home)).catch(() => undefined);
  return entry === undefined ? undefined : { uid: entry.uid, gid: entry.gid, name: `uid ${entry.uid}` };
}

/**
 * A cluster in `home` of the binaries' version with current settings and right owner and mode, made if missing.
 * @throws FacetError STORE_UNUSABLE
 */
export async function prepareCluster(
  home: string,
  binaries: Binaries,
  identity: Identity,
  durable: boolean,
): Promise<{ readonly created: boolean }> {
  const directory = clusterDirectory(home);
  try {
    const existing = await stat(directory).catch(() => undefined);
    if (existing === undefined) await createCluster(home, directory, binaries, identity, durable);
    else await checkCluster(directory, existing, binaries, identity);
    await replaceFile(join(directory, 'facet.conf'), settingsFile(durable), identity);
    return { created: existing === undefined };
  } catch (error) {
    throw unusable(
      error,
      `The data directory ${home} cannot be used`,
      'Check its owner and mode, and the disk.',
    );
  }
}

async function checkCluster(
  directory: string,
  entry: { uid: number; mode: number },
  binaries: Binaries,
  identity: Identity,
): Promise<void> {
  const { user } = identity;
  if (entry.uid !== user.uid && !identity.switchUser) {
    throw new FacetError('STORE_UNUSABLE', `The data directory ${directory} belongs to uid ${entry.uid}`, {
      hint: `Run Facet as that user or as root, or give it away: chown -R ${user.uid} ${dirname(directory)}`,
    });
  }
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
  if (version !== String(binaries.majorVersion)) {
    throw new FacetError(
      'STORE_UNUSABLE',
      `The data directory ${directory} was made by PostgreSQL ${version}, and the binaries are ${binaries.version}`,
      { hint: `Use a Facet release with PostgreSQL ${version}, and move the data by a dump.` },
    );
  }
  // Root's own, after a copy by root for instance: the server's user must have all of it.
  if (entry.uid !== user.uid) await giveTree(directory, user);
  if ((entry.mode & 0o777) !== 0o700) await chmod(directory, 0o700);
}

function unusable(error: unknown, message: string, hint: string): unknown {
  const code = errorCode(error);
  if (error instanceof FacetError || code === undefined) return error;
  return new FacetError('STORE_UNUSABLE', message, {
    detail: error instanceof Error ? error.message : code,
    hint: code === 'ENOSPC' ? 'The disk is full: make room.' : hint,
    cause: error,
  });
}
