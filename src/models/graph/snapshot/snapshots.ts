/** Snapshots of a graph: made and kept in files, listed, or handed out as they are made. */
import { join } from 'node:path';
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Database } from '../../../engine/index.ts';
import type { OperationContext, SnapshotRules } from '../../operation.ts';
import { pruneJournal } from '../journal/index.ts';
import { seal } from '../sealed/index.ts';
import { dumpGraph } from './dump.ts';
import { SnapshotFolder, snapshotName } from './folder.ts';
import { inEverySnapshot } from './kept.ts';
import { KEEP_DEFAULT, superseded } from './retention.ts';
import type { CreateResult, ListResult, ReadResult } from './schemas.ts';

const RULES_DEFAULT: SnapshotRules = { compression: 'gzip', keep: KEEP_DEFAULT };

/**
 * Writes a snapshot into the folder of the namespace, then removes those that are not kept any more.
 * @throws FEATURE_NOT_SUPPORTED where there is no folder for it, RESOURCE_EXHAUSTED, STORE_UNUSABLE
 */
export async function create(context: OperationContext): Promise<CreateResult> {
  const { database, signal } = context;
  assertAlone(context);
  const folder = await folderOf(context);
  return await inTurn(database, async () => {
    const { compression, key, keep } = rulesOf(context);
    const { meta, pieces } = await dumpGraph(database, { signal, pauseMsMax: LIMITS.snapshotDiskMsMax });
    const sealed = seal(pieces, { content: 'snapshot', compression, key });
    const name = snapshotName(meta.sequence, meta.timestampMs);
    const file = await folder.write(name, sealed).finally(() => pieces.return(undefined));
    const removed = superseded(await folder.list(), keep);
    for (const old of removed) await folder.remove(old);
    await retainJournal(context);
    return {
      sequence: meta.sequence,
      timestampMs: meta.timestampMs,
      chainHash: Buffer.from(meta.chainHash).toString('hex'),
      name: file.name,
      path: file.path,
      bytes: file.bytes,
      removed: removed.map(({ name }) => name),
    };
  });
}

/** Removes entries of the journal that are old enough and in every snapshot that is kept. */
async function retainJournal(context: OperationContext): Promise<void> {
  const { database, signal, server } = context;
  const olderThanMs = server.journalRetentionMs;
  if (olderThanMs === undefined) return;
  const to = (await oldestSnapshot(context)) ?? 0;
  if (to > 0) await pruneJournal(database, { to, olderThanMs, signal });
}

/** Those in the folder of the namespace, the newest first; none where there is no folder. @throws STORE_UNUSABLE */
export async function list(context: OperationContext): Promise<ListResult> {
  const path = await placeOf(context);
  if (path === undefined) return { snapshots: [] };
  return { snapshots: [...(await new SnapshotFolder(path).list())] };
}

/** The graph as it is now, as a dump that is neither compressed nor encrypted. */
export async function read(context: OperationContext): Promise<ReadResult> {
  assertAlone(context);
  const { meta, pieces } = await dumpGraph(context.database, { signal: context.signal });
  const { sequence, timestampMs, version } = meta;
  return { sequence, timestampMs, version, chainHash: Buffer.from(meta.chainHash).toString('hex'), pieces };
}

/**
 * Up to which entry of the journal the oldest snapshot that is kept has everything: what is before it is needed for none.
 * Undefined when there is no snapshot of what the journal is about.
 */
export async function oldestSnapshot(context: OperationContext): Promise<number | undefined> {
  const { snapshots } = await list(context);
  return await inEverySnapshot(context.database, snapshots, rulesOf(context).key);
}

const rulesOf = ({ server }: OperationContext): SnapshotRules => server.snapshots ?? RULES_DEFAULT;

/** A dump has a transaction of its own, that sees what was committed. */
function assertAlone({ transaction }: OperationContext): void {
  if (transaction === undefined) return;
  throw new FacetError('INVALID_TRANSACTION_STATE', 'A snapshot cannot be made in a transaction', {
    hint: 'It has what was committed: ask for it without a transaction.',
  });
}

async function placeOf(context: OperationContext): Promise<string | undefined> {
  const { database } = context;
  const { directory } = rulesOf(context);
  return directory === undefined ? await database.folder('snapshots') : join(directory, database.namespace);
}

async function folderOf(context: OperationContext): Promise<SnapshotFolder> {
  const path = await placeOf(context);
  if (path !== undefined) return new SnapshotFolder(path);
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'This store has no folder for snapshots', {
    hint: 'Start the server with --snapshot-directory, or take one with facet snapshot -o file.',
  });
}

/** The last one that was begun, of each database. */
const TURNS = new WeakMap<Database, Promise<unknown>>();

/** One after the other: they write the same folder, and each reads the whole graph. */
async function inTurn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const turn = (TURNS.get(database) ?? Promise.resolve()).then(work, work);
  TURNS.set(database, turn);
  return await turn;
}
