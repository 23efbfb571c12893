/**
 * Makes PostgreSQL's programs runnable from the platform package that npm installed: the package
 * lacks its symbolic links (npm cannot pack them), and its own install script that makes them is often not allowed
 * to run. So the links are made here, at every start. Where that is not possible, or where the user that runs
 * PostgreSQL cannot reach the package, the files go into a cache folder by hard link (12 ms) or copy (90 ms, 59 MB).
 */
import { constants } from 'node:fs';
import { access, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { FacetError } from '../../base/index.ts';
import { fillCache } from './binary-cache.ts';
import type { Identity } from './identity.ts';
import { findPackage, makeLinks, type PlatformPackage, readLinks } from './platform-package.ts';
import { errorCode, runProgram } from './run-program.ts';
import { blockingFolder } from './traversal.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Such as `18.4`. */
  readonly version: string;
  readonly majorVersion: number;
  /** Where they run from, and why not from the package if they do not. */
  readonly directory: string;
  readonly note: string;
  /** Removes what was made for this start alone. */
  readonly dispose: () => Promise<void>;
}

/** `postgres --version` takes 10 ms; the rest is for a disk that must be read first. */
const VERSION_MS_MAX = 15_000;

/**
 * Runnable programs for `identity`. Safe when several processes do it at once.
 * @throws FacetError STORE_UNUSABLE
 */
export async function prepareBinaries(identity: Identity, source?: PlatformPackage): Promise<Binaries> {
  const found = source ?? (await findPackage());
  const blocked = await blockingFolder(join(found.native, 'bin'), identity.user);
  const obstacle =
    blocked === undefined
      ? await makeUsableInPlace(found.native)
      : `${identity.user.name} may not pass ${blocked}`;
  const cached = obstacle === undefined ? undefined : await fillCache(found, identity);
  const directory = cached?.directory ?? found.native;
  const postgres = join(directory, 'bin', 'postgres');
  const version = await readVersion(postgres, identity);
  return {
    postgres,
    initdb: join(directory, 'bin', 'initdb'),
    version,
    majorVersion: Number.parseInt(version, 10),
    directory,
    note: obstacle === undefined ? 'used in place' : `used from a cache: ${obstacle}`,
    dispose: cached?.dispose ?? (async () => {}),
  };
}

/** Links and modes of the package made right; the reason when that is not allowed. */
async function makeUsableInPlace(native: string): Promise<string | undefined> {
  try {
    await makeLinks(native, await readLinks(native));
    for (const program of ['postgres', 'initdb']) {
      const path = join(native, 'bin', program);
      await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
    }
    return undefined;
  } catch (error) {
    return `${native} cannot be completed (${errorCode(error) ?? String(error)})`;
  }
}

async function readVersion(postgres: string, identity: Identity): Promise<string> {
  const result = await runProgram(postgres, ['--version'], {
    ...(identity.switchUser ? { uid: identity.user.uid, gid: identity.user.gid } : {}),
    timeoutMs: VERSION_MS_MAX,
  });
  const [, version] = /\(PostgreSQL\) (\d+(?:\.\d+)?\S*)/.exec(result.stdout) ?? [];
  if (version !== undefined) return version;
  throw new FacetError('STORE_UNUSABLE', `The PostgreSQL binaries do not run: ${postgres}`, {
    detail: result.spawnError ?? (result.stderr.trim() || `exit code ${result.exitCode}`),
    hint:
      result.spawnError === 'ENOENT'
        ? 'They need the GNU C library: on Alpine and other musl systems use a postgres:// store.'
        : 'Install the package of this platform again, or use a postgres:// store.',
  });
}
