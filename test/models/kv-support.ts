/** Runs key-value operations on a database, with a given transaction or as one of several processes. */
import { FacetError } from '../../src/base/index.ts';
import type { Database, Store, Transaction } from '../../src/engine/index.ts';
import type { Operation, OperationContext } from '../../src/models/index.ts';

export type Caller = <Input, Output>(
  operation: Operation<Input, Output>,
  input: unknown,
  transaction?: Transaction,
) => Promise<Output>;

/** Calls as the gate would: input and output are checked against the schemas. */
export function callerOn(store: Store, database: Database, signal?: AbortSignal): Caller {
  return async (operation, input, transaction) => {
    const context: OperationContext = {
      store,
      database,
      transaction,
      principal: { name: 'writer', role: 'admin' },
      requestId: 'req_00000000',
      signal: signal ?? new AbortController().signal,
      observe: () => {},
      server: {
        version: '0.0.0',
        clusterId: 'facet-test',
        nodeId: 'node-1',
        region: 'local',
        address: '127.0.0.1:8088',
        startedAtMs: 0,
        metricsText: async () => '',
        accepting: () => true,
      },
    };
    const output = await operation.run(context, operation.input.parse(input));
    operation.output.parse(output);
    return output;
  };
}

/** The code that a call fails with; `none` when it does not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'none';
  } catch (thrown) {
    if (thrown instanceof FacetError) return thrown.code;
    throw thrown;
  }
}

/** A transaction with room for a test. */
export const beginOn = (database: Database): Promise<Transaction> =>
  database.begin({ owner: 'writer', isolationLevel: 'read_committed', readOnly: false, timeoutMs: 60_000 });
