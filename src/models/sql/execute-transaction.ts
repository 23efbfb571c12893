/** Several statements in one transaction of their own, in one call: all of them take effect, or none. */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedTimeoutMs } from '../operator-limits.ts';
import { parameterTypes } from './parameter-types.ts';
import { roundedMs, runStatement } from './query.ts';
import type { ExecuteTransactionInput, ExecuteTransactionResult } from './statement-schemas.ts';
import { isReader, readStatement } from './user-statement.ts';
import { assertNoVectorIndexes } from './vector-index-statements.ts';

/**
 * Errors of a statement carry its place in the list (`statementIndex`); those of the commit carry none.
 * @throws TRANSACTION_CONTROL_NOT_ALLOWED inside an open transaction, and whatever the statements and the commit fail with
 */
export async function executeTransaction(
  context: OperationContext,
  input: ExecuteTransactionInput,
): Promise<ExecuteTransactionResult> {
  const { database, signal } = context;
  if (context.transaction !== undefined) {
    throw new FacetError(
      'TRANSACTION_CONTROL_NOT_ALLOWED',
      'A transaction of its own cannot begin inside an open one',
      { hint: 'Leave out the header that names the transaction, or send the statements one by one.' },
    );
  }
  const startedAtMs = monotonicMs();
  const endsAtMs = startedAtMs + (allowedTimeoutMs(context, input.timeoutMs) ?? LIMITS.queryTimeoutMsDefault);
  const results = await database.inTransaction(
    async (transaction) => {
      const inside = { ...context, transaction };
      const done: ExecuteTransactionResult['results'] = [];
      for (const [index, { sql, params }] of input.statements.entries()) {
        try {
          // One that has run out of time is cancelled at once, in the words of any other.
          const timeoutMs = Math.max(1, Math.ceil(endsAtMs - monotonicMs()));
          await assertNoVectorIndexes(inside, sql);
          const types = () => parameterTypes(inside, sql);
          const result = await runStatement(inside, readStatement(sql), { params, timeoutMs }, types);
          done.push({
            rowsAffected: result.rowsAffected ?? result.rowCount,
            executionTimeMs: result.executionTimeMs,
          });
        } catch (thrown) {
          throw ofStatement(asFacetError(thrown), index);
        }
      }
      return done;
    },
    { isolationLevel: input.isolationLevel ?? 'read_committed', readOnly: isReader(context), signal },
  );
  return { results, executionTimeMs: roundedMs(monotonicMs() - startedAtMs) };
}

const ofStatement = (error: FacetError, statementIndex: number): FacetError =>
  new FacetError(error.code, error.message, {
    detail: error.detail,
    hint: error.hint,
    sqlState: error.sqlState,
    position: error.position,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error.cause,
    statementIndex,
  });
