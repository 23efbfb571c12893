/** Which entries of the journal are in every snapshot that is kept, so that they may be removed. */
import type { KeyObject } from 'node:crypto';
import { asFacetError } from '../../../base/index.ts';
import type { Database } from '../../../engine/index.ts';
import { hashAt, journalStatus, sameBytes } from '../journal/index.ts';
import { unseal } from '../sealed/index.ts';
import { readFile, type SnapshotFile } from './folder.ts';
import { readPlace } from './load.ts';

/**
 * The last entry that all of `files` have, as far as the journal goes on behind them: of a history that was left by going
 * back to a restore point a snapshot has other entries of the same numbers, and says nothing about these. A file that
 * cannot be read may be of either, so nothing behind it is let go.
 * @returns undefined when the journal goes on behind none for certain
 */
export async function inEverySnapshot(
  database: Database,
  files: readonly SnapshotFile[],
  key: KeyObject | undefined,
): Promise<number | undefined> {
  const { base, head } = await journalStatus(database);
  const sequences: number[] = [];
  let isCertain = false;
  for (const file of files) {
    if (file.sequence < base.sequence || file.sequence > head.sequence) continue;
    const isOf = await isOfHistory(database, file, key);
    if (isOf === false) continue;
    isCertain ||= isOf === true;
    sequences.push(file.sequence);
  }
  return isCertain ? Math.min(...sequences) : undefined;
}

/** Undefined when that cannot be told. */
async function isOfHistory(
  database: Database,
  { path, sequence }: SnapshotFile,
  key: KeyObject | undefined,
): Promise<boolean | undefined> {
  let chainHash: Uint8Array;
  try {
    const { pieces } = await unseal(readFile(path), {
      content: 'snapshot',
      keys: key === undefined ? [] : [key],
    });
    const { meta } = await readPlace(pieces);
    if (meta.sequence !== sequence) return undefined;
    chainHash = meta.chainHash;
  } catch (thrown) {
    // What is wrong with a file concerns who restores from it. A bug is one here, too.
    if (asFacetError(thrown).code === 'INTERNAL_ERROR') throw thrown;
    return undefined;
  }
  const hash = await hashAt(database, sequence);
  return hash === undefined ? undefined : sameBytes(hash, chainHash);
}
