/**
 * Folders in the system's temporary directory that live as long as one server: its socket, the data of a temporary
 * store, in the last resort its programs. They are removed at stop; the supervisor (process.ts) removes them when we
 * are killed; and what two kills left over is removed at a later start, once its owner is certainly dead.
 */
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FacetError } from '../../base/index.ts';
import type { Identity } from './identity.ts';
import { describeSelf, judgeOwner, parseOwnerRecord } from './owner-record.ts';
import { processSpace } from './process-table.ts';
import { errorCode } from './run-program.ts';
import { blockingFolder } from './traversal.ts';

export interface Scratch {
  readonly directory: string;
  readonly remove: () => Promise<void>;
}

/** `socket`: for the socket. `data`: a temporary store. `programs`: a copy of the binaries. */
export type ScratchKind = 'socket' | 'data' | 'programs';

const PREFIX = 'facet-';
const OWNER_FILE = 'facet-owner.json';
/** The system's choice first; the others for when it is too long, or hidden from the user that runs PostgreSQL. */
const parents = (): readonly string[] => [...new Set([tmpdir(), '/tmp', '/var/tmp', '/run', '/dev/shm'])];

/**
 * A new folder that `identity` can reach. Owned by it (mode 0700), or by us and readable for all (`self`).
 * `pathBytesMax` bounds the length of the folder's path.
 * @throws FacetError STORE_UNUSABLE
 */
export async function makeScratch(
  kind: ScratchKind,
  identity: Identity,
  options: { readonly owner: 'server' | 'self'; readonly pathBytesMax?: number },
): Promise<Scratch> {
  const failures: string[] = [];
  for (const parent of parents()) {
    try {
      const pattern = join(parent, `${PREFIX}${kind}-`);
      // mkdtemp adds six characters.
      if (Buffer.byteLength(pattern) + 6 > (options.pathBytesMax ?? Number.MAX_SAFE_INTEGER)) {
        throw new Error('the path would be too long for a socket');
      }
      const blocked = await blockingFolder(parent, identity.user);
      if (blocked !== undefined) throw new Error(`${identity.user.name} may not pass ${blocked}`);
      const directory = await mkdtemp(pattern);
      await chmod(directory, options.owner === 'self' ? 0o755 : 0o700);
      const ownerFile = join(directory, OWNER_FILE);
      await writeFile(ownerFile, JSON.stringify(await describeSelf()));
      if (identity.switchUser && options.owner === 'server') {
        await chown(ownerFile, identity.user.uid, identity.user.gid);
        await chown(directory, identity.user.uid, identity.user.gid);
      }
      return { directory, remove: () => removeTree(directory) };
    } catch (error) {
      failures.push(`${parent}: ${errorCode(error) ?? String(error)}`);
    }
  }
  throw new FacetError('STORE_UNUSABLE', 'No temporary folder can be made for PostgreSQL', {
    detail: failures.join('; '),
    hint: 'Make /tmp writable and searchable for everyone (mode 1777).',
  });
}

/** True for a folder that `makeScratch('data')` made: a temporary store, also after its server died. */
export async function isTemporaryData(directory: string): Promise<boolean> {
  if (!basename(directory).startsWith(`${PREFIX}data-`)) return false;
  return (await stat(join(directory, OWNER_FILE)).catch(() => undefined)) !== undefined;
}

/** Deletes with retries: a dying server may still be writing into it. */
export async function removeTree(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Folders of dead owners. `clear` ends what still runs in one before it is deleted. */
export async function sweepScratch(clear: (directory: string) => Promise<void>): Promise<void> {
  for (const parent of parents()) {
    for (const name of await readdir(parent).catch(() => [])) {
      if (!/^facet-(?:socket|data|programs)-\w{6}$/.test(name)) continue;
      const directory = join(parent, name);
      try {
        if (!(await isAbandoned(directory))) continue;
        await clear(directory);
        await removeTree(directory);
      } catch {
        // Someone else's, or being removed by someone else: not worth failing a start for.
      }
    }
  }
}

async function isAbandoned(directory: string): Promise<boolean> {
  const self = process.getuid?.();
  const entry = await stat(directory);
  if (self !== 0 && entry.uid !== self) return false;
  const record = parseOwnerRecord(await readFile(join(directory, OWNER_FILE), 'utf8'));
  if (record === undefined) return false;
  const state = await judgeOwner(record);
  // Another boot is over for good; another container of this boot may be running.
  return state === 'dead' || (state === 'elsewhere' && record.boot !== (await processSpace()).boot);
}
