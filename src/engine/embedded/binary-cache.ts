/**
 * The folder that PostgreSQL's programs run from when they cannot run from the npm package. It holds nothing but
 * files of that package, so deleting it while no server runs is harmless.
 */
import { chmod, copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FacetError, randomHex } from '../../base/index.ts';
import type { Identity } from './identity.ts';
import { makeFolder } from './make-folder.ts';
import { makeLinks, type PlatformPackage, readLinks } from './platform-package.ts';
import { errorCode } from './run-program.ts';
import { makeScratch } from './scratch.ts';
import { blockingFolder } from './traversal.ts';

export interface CacheFolder {
  readonly directory: string;
  readonly dispose: () => Promise<void>;
}

/** Folders that outlive us, best first. Root's must be passable for the user that runs PostgreSQL. */
export const cacheParents = (): readonly string[] =>
  process.getuid?.() === 0 ? ['/var/cache/facet', '/var/lib/facet'] : [join(homedir(), '.cache', 'facet')];

/**
 * A complete copy of the package's files for `identity`: an earlier one when there is one, else a new one, and in
 * the last resort one that lives as long as this start.
 * @throws FacetError STORE_UNUSABLE
 */
export async function fillCache(source: PlatformPackage, identity: Identity): Promise<CacheFolder> {
  const failures: string[] = [];
  const folderName = `pg-${source.version}-${process.platform}-${process.arch}`;
  for (const parent of cacheParents()) {
    try {
      await makeFolder(parent, 0o755);
      const blocked = await blockingFolder(parent, identity.user);
      if (blocked !== undefined) throw new Error(`${identity.user.name} may not pass ${blocked}`);
      const directory = join(parent, folderName);
      if (!(await isComplete(directory))) await fillAtomically(source, directory);
      return { directory, dispose: async () => {} };
    } catch (error) {
      failures.push(`${parent}: ${errorCode(error) ?? String(error)}`);
    }
  }
  try {
    const scratch = await makeScratch('programs', identity, { owner: 'self' });
    const directory = join(scratch.directory, folderName);
    await fillAtomically(source, directory);
    return { directory, dispose: scratch.remove };
  } catch (error) {
    failures.push(String(error));
  }
  throw new FacetError('STORE_UNUSABLE', 'No folder can hold the PostgreSQL binaries', {
    detail: failures.join('; '),
    hint: `Make one of these writable: ${cacheParents().join(', ')}.`,
  });
}

/** Only we, or root, may have put it there; and the rename below makes it appear whole or not at all. */
async function isComplete(directory: string): Promise<boolean> {
  const entry = await lstat(directory).catch(() => undefined);
  if (entry === undefined) return false;
  const owned = entry.uid === process.getuid?.() || entry.uid === 0;
  if (!entry.isDirectory() || !owned || (entry.mode & 0o022) !== 0) {
    throw new Error('it is not a folder that we alone may write to');
  }
  return (await lstat(join(directory, 'bin', 'postgres')).catch(() => undefined))?.isFile() === true;
}

async function fillAtomically(source: PlatformPackage, directory: string): Promise<void> {
  const unfinished = `${directory}.${randomHex(6)}`;
  try {
    await copyTree(source.native, unfinished);
    await makeLinks(unfinished, await readLinks(source.native));
    await rename(unfinished, directory).catch(async (error: unknown) => {
      // Another process was faster: its copy is as good. Anything else in the way is replaced.
      if (await isComplete(directory)) return;
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
      await rm(directory, { recursive: true, force: true });
      await rename(unfinished, directory);
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) await shareFile(source, target);
  }
}

/** A hard link when the file's own mode lets everyone read it; a copy across file systems or where links are forbidden. */
async function shareFile(source: string, target: string): Promise<void> {
  const { mode } = await lstat(source);
  const executable = (mode & 0o100) !== 0 || target.includes('/bin/');
  const wanted = executable ? 0o555 : 0o444;
  if ((mode & wanted) === wanted) {
    try {
      await link(source, target);
      return;
    } catch {
      // EXDEV, EPERM, EMLINK: the copy below does it.
    }
  }
  await copyFile(source, target);
  await chmod(target, executable ? 0o755 : 0o644);
}
