/** How the server, running as another user, reaches its data directory. */
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FacetError } from '../../base/index.ts';
import type { User } from './identity.ts';
import { blockingFolder } from './traversal.ts';

/**
 * How the server names its own data directory. Normally by its path. When a folder above it hides it from the user
 * that runs PostgreSQL (a clone in root's home, mode 0700), by `/proc/self/cwd`: we start the server in that
 * folder, before it gives up root's rights, and this link leads every process to where it stands without a walk
 * along the path. The data stay where the operator put them; no capability is needed.
 */
export async function placeCluster(
  directory: string,
  user: User,
): Promise<{ readonly reference: string; readonly blockedBy: string | undefined }> {
  const blockedBy = await blockingFolder(dirname(directory), user);
  if (blockedBy === undefined) return { reference: directory, blockedBy };
  const anchor = '/proc/self/cwd';
  if ((await realpath(anchor).catch(() => undefined)) !== undefined) return { reference: anchor, blockedBy };
  throw new FacetError('STORE_UNUSABLE', `${user.name}, who runs PostgreSQL, cannot reach ${directory}`, {
    detail: `The folder ${blockedBy} does not let others pass.`,
    hint: `Run "chmod o+x ${blockedBy}", or choose another --store.`,
  });
}
