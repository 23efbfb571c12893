/**
 * Makes a new cluster with initdb: beside its final place, then renamed, so that a start that was cut short leaves
 * nothing half made.
 */
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FacetError, LIMITS, randomHex } from '../../base/index.ts';
import type { Binaries } from './binaries.ts';
import type { Identity } from './identity.ts';
import { placeCluster } from './placement.ts';
import { replaceFile } from './replace-file.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { removeTree } from './scratch.ts';
import { HOST_BASED_AUTHENTICATION } from './settings.ts';

/**
 * A new cluster that appears at `directory`, in `home`, when it is complete.
 * @throws FacetError STORE_UNUSABLE
 */
export async function createCluster(
  home: string,
  directory: string,
  binaries: Binaries,
  identity: Identity,
  durable: boolean,
): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith('postgres.new-')) await removeTree(join(home, name));
  }
  const fresh = join(home, `postgres.new-${randomHex(4)}`);
  // C.UTF-8 is in every GNU C library; elsewhere C, with the same order and PostgreSQL's own character tables.
  const result = await runInitdb(fresh, binaries, identity, durable, ['--locale=C.UTF-8']);
  const again = result.exitCode !== 0 && result.stderr.includes('locale');
  const final = again ? await runInitdb(fresh, binaries, identity, durable, ['--locale=C']) : result;
  if (final.exitCode !== 0) {
    await rm(fresh, { recursive: true, force: true });
    throw initdbFailure(home, identity, final.spawnError ?? final.stderr.trim());
  }
  const main = await readFile(join(fresh, 'postgresql.conf'), 'utf8');
  const includes =
    "\n# Facet's settings, and after them your own.\ninclude 'facet.conf'\ninclude_if_exists 'custom.conf'\n";
  await replaceFile(join(fresh, 'postgresql.conf'), main + includes, identity);
  await replaceFile(join(fresh, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION, identity);
  // An empty one, since PostgreSQL logs at each start that an optional file is missing.
  await replaceFile(join(fresh, 'custom.conf'), '# Your own settings. They win over facet.conf.\n', identity);
  await rename(fresh, directory);
  await syncFolder(home);
}

async function runInitdb(
  directory: string,
  binaries: Binaries,
  identity: Identity,
  durable: boolean,
  locale: readonly string[],
): Promise<ProgramResult> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { mode: 0o700 });
  if (identity.switchUser) await chown(directory, identity.user.uid, identity.user.gid);
  const { reference } = await placeCluster(directory, identity.user);
  const [command = '', ...programArguments] = [
    ...identity.initdbPrefix,
    binaries.initdb,
    ...['--pgdata', reference, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-instructions'],
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', ...locale],
    ...(durable ? [] : ['--no-sync']),
  ];
  return await runProgram(command, programArguments, {
    ...(identity.switchUser ? { uid: identity.user.uid, gid: identity.user.gid } : {}),
    cwd: directory,
    timeoutMs: LIMITS.embeddedStartMsMax,
  });
}

function initdbFailure(home: string, identity: Identity, reason: string): FacetError {
  if (reason.includes('could not look up effective user ID')) {
    return new FacetError('STORE_UNUSABLE', `The user ${identity.user.name} has no entry in /etc/passwd`, {
      detail: reason,
      hint: 'PostgreSQL needs one to make a data directory: add it, or run Facet as another user or as root.',
    });
  }
  return new FacetError('STORE_UNUSABLE', `A new data directory cannot be made in ${home}`, {
    detail: reason,
  });
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}
