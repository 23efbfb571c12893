/** Removes the oldest entries. The hash of the last one that is removed stays, so that the rest is chained to it. */
import { FacetError, LIMITS, nowMs } from '../../../base/index.ts';
import type { Database } from '../../../engine/index.ts';
import { journalStatus } from './state.ts';
import { ALLOW_PRUNING, DELETE_UP_TO, LAST_BEFORE, SET_BASE } from './statements.ts';

export interface PruneOptions {
  /** The last entry to remove, which a snapshot has. The last one of the journal stays in any case. */
  readonly to: number;
  /** Only those older than this. */
  readonly olderThanMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @returns how many were removed. @throws JOURNAL_NOT_KEPT when `to` has yet to come */
export async function pruneJournal(database: Database, options: PruneOptions): Promise<number> {
  const { base, head } = await journalStatus(database, { signal: options.signal });
  if (options.to > head.sequence) {
    throw new FacetError('JOURNAL_NOT_KEPT', `The journal ends with entry ${head.sequence}`);
  }
  const to = await lastToGo(database, Math.min(options.to, head.sequence - 1), options);
  let removed = 0;
  for (let at = base.sequence; at < to; ) {
    options.signal?.throwIfAborted();
    at = Math.min(to, at + LIMITS.journalPruneEntries);
    const last = [String(at)];
    await database.inTransaction(async (transaction) => {
      await database.run(ALLOW_PRUNING, [], { transaction });
      const { affected } = await database.run(SET_BASE, last, { transaction });
      if (affected === 0) {
        const now = await journalStatus(database, { transaction });
        // Somebody else has removed them meanwhile.
        if (now.base.sequence >= at) return;
        throw new FacetError('JOURNAL_DAMAGED', `Entry ${at} of the journal is missing`);
      }
      removed += (await database.run(DELETE_UP_TO, last, { transaction })).affected;
    });
  }
  return removed;
}

async function lastToGo(database: Database, to: number, { olderThanMs }: PruneOptions): Promise<number> {
  if (olderThanMs === undefined) return to;
  const { rows } = await database.run(LAST_BEFORE, [String(to), String(nowMs() - olderThanMs)]);
  return Number(rows[0]?.[0] ?? 0);
}
