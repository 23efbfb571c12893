/** Calls of operations on one of several stores of the same database. */
import type { Database, Store } from '../../src/engine/index.ts';
import type { Operation } from '../../src/models/index.ts';
import { WRITER } from './call-operation.ts';

export interface Caller {
  readonly store: Store;
  /** @param txnId of a transaction that was begun on this store */
  call<I, O>(operation: Operation<I, O>, input: unknown, txnId?: string): Promise<O>;
}

export const callsOn = (store: Store, database: Database): Caller => ({
  store,
  call: (operation, input, txnId) =>
    operation.run(
      {
        store,
        database,
        transaction: txnId === undefined ? undefined : database.transaction(txnId, WRITER.name),
        principal: WRITER,
        requestId: 'req_00000000',
        signal: new AbortController().signal,
        observe: () => undefined,
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
      },
      operation.input.parse(input),
    ),
});
