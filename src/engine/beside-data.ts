/**
 * Folders beside the data of an embedded store. Most are for what models can make anew from the data and keep only to
 * start faster: who finds it missing or damaged goes on without. Snapshots are copies for people, and stay.
 */
import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FacetError } from '../base/index.ts';
import { giveToOwnerOf, makeFolder } from './embedded/index.ts';

/** Such as `vectors`: a name that `assertOurs` of embedded/cluster.ts knows. */
export type BesideName = (typeof BESIDE_NAMES)[number];
const BESIDE_NAMES = ['vectors', 'snapshots'] as const;
/** Those whose content belongs to one history of a database. */
const MADE_ANEW: readonly BesideName[] = ['vectors'];

/**
 * `<home>/<name>/<database>`, made if it is missing, for this process and the owner of `home` alone.
 * @throws STORE_UNUSABLE when something else is in its place, and what mkdir says
 */
export async function folderBeside(home: string, name: BesideName, database: string): Promise<string> {
  const above = join(home, name);
  const folder = join(above, database);
  for (const path of [above, folder]) {
    await makeFolder(path, 0o700);
    // Root must not be led elsewhere by the owner of the folder.
    if (!(await lstat(path)).isDirectory()) throw new FacetError('STORE_UNUSABLE', `${path} is no folder`);
    await giveToOwnerOf(home, path);
  }
  return folder;
}

/** Removes what can be made anew of a database, of which nobody has a file open. */
export async function forgetBeside(home: string, database: string): Promise<void> {
  for (const name of MADE_ANEW) await rm(join(home, name, database), { recursive: true, force: true });
}
