/** Front door of the journal: what is recorded, how it is chained, stored, read, verified and exported. */
export {
  type ChainedEntry,
  chained,
  chainHash,
  GENESIS,
  hexOf,
  type JournalHead,
  sameBytes,
} from './chain.ts';
export { delimitedOf } from './delimited.ts';
export { contentOf, type EntryContent } from './entry.ts';
export { type ExportOptions, exportJournal, hashAt, type JournalExport } from './export.ts';
export { type FileFault, JournalFileError } from './file-fault.ts';
export {
  type FileVerdict,
  JOURNAL_FORMATS,
  type JournalFormat,
  type ReadOptions,
  readJournalFile,
  type VerifyFileOptions,
  verifyJournalFile,
} from './journal-file.ts';
export { type PruneOptions, pruneJournal } from './prune.ts';
export { enlistText, journalText, Recorder } from './record.ts';
export { segmentOf } from './segment.ts';
export {
  beginJournal,
  continueJournal,
  disableJournal,
  enableJournal,
  type JournalState,
  type JournalStatus,
  journalHead,
  journalState,
  journalStatus,
  mismatchOf,
  seatJournal,
} from './state.ts';
export { STORE as STORE_ENTRIES } from './statements.ts';
export {
  type JournalFault,
  type Verdict,
  type VerifyOptions,
  type VerifyProgress,
  verifyJournal,
  verifySteps,
} from './verify.ts';
