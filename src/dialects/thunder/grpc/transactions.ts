/** The procedures of thunder.ThunderQuery that begin and end transactions. */
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { FacetError } from '../../../base/index.ts';
import { transactionBegin, transactionCommit, transactionRollback } from '../../../models/index.ts';
import { unary } from '../../grpc/index.ts';
import { IsolationLevel, ThunderQuery } from './gen/thunder_pb.ts';

const { method } = ThunderQuery;

const LEVELS = [
  [IsolationLevel.READ_COMMITTED, 'read_committed'],
  [IsolationLevel.REPEATABLE_READ, 'repeatable_read'],
  [IsolationLevel.SERIALIZABLE, 'serializable'],
] as const;

/** The deadline of the call is for beginning; what is begun lives for `timeout_ms`. */
export const beginTransaction = unary(method.beginTransaction, transactionBegin, async (request, call) => {
  const level = LEVELS.find(([number]) => number === request.isolationLevel);
  if (level === undefined) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `'isolation_level': ${request.isolationLevel} is no value of IsolationLevel`,
    );
  }
  const { readOnly, timeoutMs } = request;
  const begun = await call.dispatch.call(
    transactionBegin,
    { isolationLevel: level[1], readOnly, timeoutMs: timeoutMs === 0 ? undefined : timeoutMs },
    call.session,
  );
  return {
    txnId: begun.txnId,
    isolationLevel: request.isolationLevel,
    startedAt: timestampFromMs(Date.parse(begun.startedAt)),
  };
});

export const commit = unary(method.commit, transactionCommit, async ({ txnId }, call) => {
  const ended = await call.dispatch.call(transactionCommit, { txnId }, call.session);
  return {
    txnId,
    success: true,
    rowsAffected: BigInt(ended.rowsAffected),
    committedAt: timestampFromMs(Date.parse(ended.committedAt)),
  };
});

export const rollback = unary(method.rollback, transactionRollback, async ({ txnId }, call) => {
  await call.dispatch.call(transactionRollback, { txnId }, call.session);
  return { txnId, success: true };
});
