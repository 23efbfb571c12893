/** Files that root makes in a directory of someone else must be that one's to use and to delete. */
import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { User } from './identity.ts';

/** Gives `path` to the owner of the folder `home`. Does nothing for those who may not give files away. */
export async function giveToOwnerOf(home: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owner = await stat(home);
  await lchown(path, owner.uid, owner.gid);
}

/** Gives `path` and all below it to `user`; links are changed themselves, never followed. */
export async function giveTree(path: string, user: User): Promise<void> {
  await lchown(path, user.uid, user.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await giveTree(inner, user);
    else await lchown(inner, user.uid, user.gid);
  }
}
