/**
 * Can another user reach a path? A process needs search permission on every folder from the root downwards, so one
 * folder of mode 0700 above it hides everything below. Access control lists are not looked at: they can only make
 * us more careful than needed, since what we do about a blocked path works on an open one too.
 */
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { User } from './identity.ts';

/**
 * The topmost folder that `user` may not pass on the way to `path`, the path itself included when it is a folder;
 * undefined when nothing blocks. `path` must exist.
 */
export async function blockingFolder(path: string, user: User): Promise<string | undefined> {
  const chain: string[] = [];
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    chain.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of chain) {
    const entry = await stat(folder);
    if (entry.isDirectory() && !maySearch(entry, user)) return folder;
  }
  return undefined;
}

function maySearch(entry: { mode: number; uid: number; gid: number }, user: User): boolean {
  if (user.uid === 0) return true;
  if (entry.uid === user.uid) return (entry.mode & 0o100) !== 0;
  if (entry.gid === user.gid) return (entry.mode & 0o010) !== 0;
  return (entry.mode & 0o001) !== 0;
}
