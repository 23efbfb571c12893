/** Front door of snapshots: a whole graph as a file, and back. */
export { type Dump, dumpGraph } from './dump.ts';
export { fileError, readFile, type SnapshotFile, SnapshotFolder, writeWhole } from './folder.ts';
export { isDump, readFrames } from './frames.ts';
export {
  type JournalAim,
  type JournalPlan,
  type JournalSource,
  joinedJournal,
  planJournal,
} from './joined-journal.ts';
export { type Loaded, loadGraph, readPlace, type SnapshotPlace } from './load.ts';
export { SNAPSHOT_OPERATIONS, snapshotCreate, snapshotList, snapshotRead } from './operations.ts';
export {
  planRestore,
  type Restored,
  type RestoreOptions,
  type RestorePlan,
  restoreGraph,
  startOf,
} from './restore.ts';
export { oldestSnapshot } from './snapshots.ts';
