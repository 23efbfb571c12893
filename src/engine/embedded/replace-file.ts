/** Writes a whole file in a folder that another user owns. */
import { open, rename } from 'node:fs/promises';
import { randomHex } from '../../base/index.ts';
import type { Identity } from './identity.ts';

/**
 * A new file in place of the old one. Never written through the old name: the folder belongs to an unprivileged
 * user, who could have put a link there that leads root to another file.
 */
export async function replaceFile(path: string, content: string, identity: Identity): Promise<void> {
  const draft = `${path}.${randomHex(4)}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    if (identity.switchUser) await handle.chown(identity.user.uid, identity.user.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}
