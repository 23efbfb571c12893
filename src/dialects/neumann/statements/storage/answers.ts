/** What the statements about stored things share: how their operations are asked, and results that many of them have. */
import { inTransaction } from '../../../../dispatch/index.ts';
import type { Operation } from '../../../../models/index.ts';
import type { PlainResult } from '../../result.ts';
import type { StatementCall } from '../../statement-call.ts';

export const EMPTY = { case: 'empty', value: {} } as const satisfies PlainResult;

/** What stands for a value that is not there. */
export const NOT_FOUND = '(not found)';

export const valueResult = (value: string): PlainResult => ({ case: 'value', value: { value } });

export const artifactIds = (ids: readonly string[]): PlainResult => ({
  case: 'artifactList',
  value: { artifactIds: [...ids] },
});

/** Runs one operation of a statement, as its caller. @throws FacetError */
export const ask = async <Input, Output>(
  call: StatementCall,
  operation: Operation<Input, Output>,
  input: Input,
): Promise<Output> => await call.dispatch.call(operation, input, call.session);

/** Several operations of one statement: all of them take effect, or none, and they count as one command. */
export const together = async <T>(
  call: StatementCall,
  work: (part: StatementCall) => Promise<T>,
): Promise<T> =>
  await inTransaction(call.dispatch, { ...call.session, partial: true }, 'read_committed', (session) =>
    work({ ...call, session }),
  );
