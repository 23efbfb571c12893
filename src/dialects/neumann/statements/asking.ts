/** How operations are asked by statements that go over several models: one after the other, or several as one. */
import { asFacetError, FacetError } from '../../../base/index.ts';
import { inTransaction } from '../../../dispatch/index.ts';
import {
  type GraphQueryResult,
  graphQuery,
  type Operation,
  type QueryResult,
  sqlQuery,
} from '../../../models/index.ts';
import { type StatementCall, timeoutOf } from '../statement-call.ts';

/** Runs one operation of a statement, as its caller. @throws FacetError */
export const ask = async <Input, Output>(
  call: StatementCall,
  operation: Operation<Input, Output>,
  input: Input,
): Promise<Output> => await call.dispatch.call(operation, input, call.session);

/**
 * @param params bigint and ExactNumber keep their digits
 * @throws FacetError without what only somebody who has written the query could understand
 */
export async function askCypher(
  call: StatementCall,
  query: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<GraphQueryResult> {
  try {
    return await ask(call, graphQuery, { query, params: { ...params }, timeoutMs: timeoutOf(call) });
  } catch (thrown) {
    const error = asFacetError(thrown);
    throw withoutPlace(error, error.message.replace(PROCEDURE, ''));
  }
}

/** Before the messages of procedures. */
const PROCEDURE = /^algo\.[\w.]+: /;

/** Says the same, but not where: for a text that the client has not written. */
export function withoutPlace(error: FacetError, message: string = error.message): FacetError {
  if (error.position === undefined && message === error.message) return error;
  const { code, detail, hint, sqlState, retryAfterSeconds, cause } = error;
  return new FacetError(code, message, { detail, hint, sqlState, retryAfterSeconds, cause });
}

export const askSql = async (
  call: StatementCall,
  sql: string,
  params: readonly unknown[] = [],
): Promise<QueryResult> =>
  await ask(call, sqlQuery, { sql, params: [...params], timeoutMs: timeoutOf(call) });

/** Reads of which all see one state: that at the first of them. */
export const inSnapshot = async <T>(
  call: StatementCall,
  work: (inside: StatementCall) => Promise<T>,
): Promise<T> => await within(call, 'repeatable_read', work);

/** All of what `work` does takes effect, or nothing of it. */
export const together = async <T>(
  call: StatementCall,
  work: (inside: StatementCall) => Promise<T>,
): Promise<T> => await within(call, 'read_committed', work);

const within = async <T>(
  call: StatementCall,
  isolation: 'read_committed' | 'repeatable_read',
  work: (inside: StatementCall) => Promise<T>,
): Promise<T> =>
  await inTransaction(
    call.dispatch,
    { ...call.session, partial: true },
    isolation,
    async (session) => await work({ ...call, session }),
  );
