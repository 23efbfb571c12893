/** What is done to the store of chunks as a whole: collecting, repairing, counting. In bounded steps of their own. */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Cell, Parameter, Statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { depotOf } from './depot.ts';
import type { CollectInput, CollectResult, RepairResult, StatsResult } from './schemas.ts';
import { FIND_DAMAGED, REPAIR_CHUNKS, REPAIR_REFERENCES, STATS } from './statements.ts';

const DAMAGED_SHOWN_MAX = 100;

/**
 * Removes what nothing refers to any more. Others go on reading and writing meanwhile.
 * @throws INVALID_TRANSACTION_STATE within a transaction
 */
export async function collect(context: OperationContext, input: CollectInput): Promise<CollectResult> {
  assertAlone(context, 'blob.collect');
  const endMs = monotonicMs() + (input.timeMsMax ?? Number.POSITIVE_INFINITY);
  if (input.full === true) await walk(context, REPAIR_CHUNKS, '\\x', () => monotonicMs() < endMs);
  return await drain(context, endMs);
}

async function drain({ database, signal }: OperationContext, endMs: number): Promise<CollectResult> {
  const { collector } = depotOf(database);
  const total = { chunks: 0, bytes: 0 };
  for (;;) {
    const { chunks, bytes, dueMs } = await collector.step(signal);
    total.chunks += chunks;
    total.bytes += bytes;
    if (dueMs !== 0) {
      if (dueMs !== undefined) collector.within(dueMs);
      return { ...total, done: true };
    }
    if (monotonicMs() >= endMs) {
      collector.within(0);
      return { ...total, done: false };
    }
  }
}

/**
 * Puts right what only writes by SQL can have put wrong, and tells what cannot be put right.
 * @throws INVALID_TRANSACTION_STATE within a transaction
 */
export async function repair(context: OperationContext): Promise<RepairResult> {
  assertAlone(context, 'blob.repair');
  let references = 0;
  await walk(context, REPAIR_REFERENCES, null, ([, fixed]) => {
    references += Number(fixed);
    return true;
  });
  await walk(context, REPAIR_CHUNKS, '\\x', () => true);
  const { chunks } = await drain(context, Number.POSITIVE_INFINITY);
  const damaged: string[] = [];
  await walk(context, FIND_DAMAGED, null, ([, found]) => {
    damaged.push(...(JSON.parse(found ?? '[]') as string[]));
    return damaged.length < DAMAGED_SHOWN_MAX;
  });
  return { references, orphans: chunks, damaged: damaged.slice(0, DAMAGED_SHOWN_MAX) };
}

/** Pages of a statement that takes where to go on, and says it first in its row, until it says null or `goesOn` is false. */
async function walk(
  { database, signal }: OperationContext,
  statement: Statement,
  from: Parameter,
  goesOn: (row: readonly Cell[]) => boolean,
): Promise<void> {
  for (let after = from; ; ) {
    const parameters = [after, String(LIMITS.blobRepairRowsMax)];
    const { rows } = await database.inTransaction(
      (transaction) => database.run(statement, parameters, { transaction, signal }),
      { signal },
    );
    const [row = []] = rows;
    const [last = null] = row;
    if (!goesOn(row) || last === null) return;
    after = last;
  }
}

/** Counts everything: time grows with the number of chunks, a second for some millions. */
export async function stats({ database, transaction, signal }: OperationContext): Promise<StatsResult> {
  const { rows } = await database.inTransaction(
    (inner) => database.run(STATS, [], { transaction: inner, signal }),
    transaction === undefined ? { readOnly: true, signal } : { transaction, signal },
  );
  const [artifactCount = 0, totalBytes = 0, chunkCount = 0, uniqueBytes = 0, orphans = 0, uploads = 0] = (
    rows[0] ?? []
  ).map(Number);
  return {
    artifactCount,
    chunkCount,
    totalBytes,
    uniqueBytes,
    dedupRatio: totalBytes === 0 ? 0 : 1 - uniqueBytes / totalBytes,
    orphanedChunks: orphans,
    runningUploads: uploads,
  };
}

/** It commits as it goes, and looks for what others have committed: a snapshot of the caller's would mislead it. */
function assertAlone({ transaction }: OperationContext, name: string): void {
  if (transaction === undefined) return;
  throw new FacetError(
    'INVALID_TRANSACTION_STATE',
    `${name} has transactions of its own: call it outside of one`,
  );
}
