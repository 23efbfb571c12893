/** Statements that write, apart from appending: a transaction may hold the row of a room, a topic or a group. */
import { LIMITS } from '../../base/index.ts';
import { type Parameter, type ResultSet, runPatiently, type Statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';

/** @throws LOCK_TIMEOUT after LIMITS.streamLockMsMax */
export const write = (
  { database, transaction, signal }: OperationContext,
  statement: Statement,
  parameters: readonly Parameter[],
): Promise<ResultSet> =>
  runPatiently(database, LIMITS.streamLockMsMax, statement, parameters, { transaction, signal });
