/** What can be done with the journal of a graph. Replaying one is for a store that nobody serves: `facet restore`. */
import { FacetError } from '../../base/index.ts';
import { type Database, ENGINE_ERRORS } from '../../engine/index.ts';
import { type OperationContext, operation } from '../operation.ts';
import {
  beginJournal,
  disableJournal,
  enableJournal,
  exportJournal,
  hexOf,
  type JournalHead,
  journalState,
  journalStatus,
  pruneJournal,
  type Verdict,
  verifySteps,
} from './journal/index.ts';
import * as schemas from './journal-schemas.ts';
import { oldestSnapshot } from './snapshot/index.ts';

const ERRORS = [...ENGINE_ERRORS, 'INVALID_TRANSACTION_STATE'] as const;

const declared = { category: 'admin', streams: false } as const;

export const journalStatusOperation = operation({
  ...declared,
  name: 'journal.status',
  summary: 'Returns whether the journal of a graph is on, and where it begins and ends.',
  input: schemas.statusInput,
  output: schemas.journalStatusResult,
  access: 'read',
  errors: ERRORS,
  run: ({ database }) => statusOf(database),
});

export const journalBegin = operation({
  ...declared,
  name: 'journal.begin',
  summary: 'Turns the journal of a graph on, unless somebody has turned it on or off before.',
  input: schemas.statusInput,
  output: schemas.beginResult,
  access: 'write',
  errors: [...ERRORS, 'LOCK_TIMEOUT'],
  async run({ database, server }) {
    if (server.graphJournal !== 'off') await beginJournal(database);
    return { state: await journalState(database) };
  },
});

export const journalEnable = operation({
  ...declared,
  name: 'journal.enable',
  summary: 'Turns the journal of a graph on.',
  input: schemas.statusInput,
  output: schemas.changedResult,
  access: 'admin',
  errors: [...ERRORS, 'LOCK_TIMEOUT'],
  run: (context) => changing(context, enableJournal),
});

export const journalDisable = operation({
  ...declared,
  name: 'journal.disable',
  summary: 'Turns the journal of a graph off: writes that come later are not in it.',
  input: schemas.statusInput,
  output: schemas.changedResult,
  access: 'admin',
  errors: [...ERRORS, 'LOCK_TIMEOUT'],
  run: (context) => changing(context, disableJournal),
});

export const journalVerify = operation({
  ...declared,
  name: 'journal.verify',
  summary: 'Walks the journal of a graph and says the first entry that is not what was written.',
  input: schemas.statusInput,
  output: schemas.verifyWalk,
  access: 'admin',
  streams: true,
  errors: ERRORS,
  run: async ({ database, signal }) => ({ steps: walk(database, signal) }),
});

export const journalExport = operation({
  ...declared,
  name: 'journal.export',
  summary: 'Streams entries of the journal as the bytes of a file.',
  input: schemas.exportInput,
  output: schemas.exportResult,
  access: 'admin',
  streams: true,
  errors: [...ERRORS, 'JOURNAL_NOT_KEPT', 'JOURNAL_DAMAGED', 'INVALID_PARAMETER'],
  async run({ database, signal }, input) {
    const { after, head, format, chunks } = await exportJournal(database, { ...input, signal });
    return { after: shown(after), head: shown(head), format, chunks };
  },
});

export const journalPrune = operation({
  ...declared,
  name: 'journal.prune',
  summary: 'Removes the oldest entries of the journal; the hash of the last one of them stays.',
  input: schemas.pruneInput,
  output: schemas.pruneResult,
  access: 'admin',
  errors: [...ERRORS, 'JOURNAL_NOT_KEPT', 'JOURNAL_DAMAGED', 'INVALID_PARAMETER', 'STORE_UNUSABLE'],
  run: prune,
});

export const JOURNAL_OPERATIONS = [
  journalStatusOperation,
  journalBegin,
  journalEnable,
  journalDisable,
  journalVerify,
  journalExport,
  journalPrune,
] as const;

async function prune(context: OperationContext, input: schemas.PruneInput): Promise<schemas.PruneResult> {
  assertAlone(context);
  const { database, signal } = context;
  const to = input.to ?? (await oldestSnapshot(context));
  if (to === undefined) {
    throw new FacetError('INVALID_PARAMETER', 'No snapshot of this server has the entries of the journal', {
      hint: 'Make one first, or say by `to` which entry is the last to remove.',
    });
  }
  const { olderThanMs } = input;
  const removed = to === 0 ? 0 : await pruneJournal(database, { to, olderThanMs, signal });
  return { removed, status: await statusOf(database) };
}

async function changing(
  context: OperationContext,
  change: (database: Database) => Promise<boolean>,
): Promise<schemas.ChangedResult> {
  assertAlone(context);
  const changed = await change(context.database);
  return { changed, status: await statusOf(context.database) };
}

/** It waits for all transactions that write. */
function assertAlone({ transaction }: OperationContext): void {
  if (transaction === undefined) return;
  throw new FacetError('INVALID_TRANSACTION_STATE', 'The journal cannot be changed in a transaction');
}

async function statusOf(database: Database): Promise<schemas.JournalStatusResult> {
  const { state, base, head, bytes } = await journalStatus(database);
  const place = ({ timestampMs, ...at }: typeof base) => ({ ...shown(at), timestampMs });
  return { state, base: place(base), head: place(head), entries: head.sequence - base.sequence, bytes };
}

const shown = ({ sequence, hash }: JournalHead) => ({ sequence, hash: hexOf(hash) });

async function* walk(database: Database, signal: AbortSignal): AsyncGenerator<schemas.VerifyStep> {
  const steps = verifySteps(database, signal);
  try {
    for (;;) {
      const { done, value } = await steps.next();
      if (done === true) {
        yield { result: resultOf(value) };
        return;
      }
      yield { progress: value };
    }
  } finally {
    await steps.return(undefined as never);
  }
}

const resultOf = ({ entries, after, head, fault }: Verdict) => ({
  sound: fault === undefined,
  entries,
  after: shown(after),
  head: shown(head),
  ...(fault === undefined ? {} : { fault }),
});
