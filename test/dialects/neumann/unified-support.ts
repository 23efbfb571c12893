/** Statements on a gate over a real PostgreSQL, without a listener: what they answer, as a test writes it down. */
import { asFacetError, type FacetError, LIMITS, nowMs } from '../../../src/base/index.ts';
import type { StatementCall } from '../../../src/dialects/neumann/statement-call.ts';
import { runStatement } from '../../../src/dialects/neumann/statements/index.ts';
import {
  AdmissionControl,
  createDispatch,
  DEFAULT_RATE_LIMITS,
  type Dispatch,
  type Session,
} from '../../../src/dispatch/index.ts';
import { embeddingStore, graphQuery, sqlQuery } from '../../../src/models/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { openTestStore, type TestStore } from '../../support/test-store.ts';

export interface Statements {
  readonly store: TestStore;
  readonly dispatch: Dispatch;
  /** The value of a result whose kind the test knows. */
  run(text: string): Promise<Leaves>;
  /** What a statement fails with. */
  failure(text: string): Promise<FacetError>;
  cypher(query: string, params?: Readonly<Record<string, unknown>>): Promise<readonly (readonly Leaves[])[]>;
  sql(text: string, params?: readonly unknown[]): Promise<readonly (readonly (string | null)[])[]>;
  embed(collection: string, points: readonly { key: string; vector: readonly number[] }[]): Promise<void>;
  stop(): Promise<void>;
}

export async function openStatements(): Promise<Statements> {
  const store = await openTestStore();
  const dispatch = createDispatch({
    store: store.store,
    authenticate: () => ({ name: 'tester', role: 'admin' }),
    admission: new AdmissionControl(DEFAULT_RATE_LIMITS, false, {
      monotonicMs: () => performance.now(),
      nowMs,
    }),
    server: {
      version: '0.0.0',
      clusterId: 'test',
      nodeId: 'test',
      region: 'test',
      address: '127.0.0.1:0',
      startedAtMs: nowMs(),
      metricsText: () => Promise.resolve(''),
      accepting: () => true,
    },
    observe: () => undefined,
    checkOutput: true,
  });
  const session: Session = {
    dialect: 'neumann',
    requestId: 'req_00000000',
    credentials: { scheme: 'none' },
    address: '127.0.0.1',
    signal: new AbortController().signal,
  };
  const callOf = (): StatementCall => ({ dispatch, session: { ...session }, timeLeftMs: () => undefined });
  return {
    store,
    dispatch,
    run: async (text) => ((await runStatement(text, callOf())) as { value: Leaves }).value,
    async failure(text) {
      try {
        await runStatement(text, callOf());
      } catch (thrown) {
        return asFacetError(thrown);
      }
      throw new Error(`${text.slice(0, LIMITS.nqlFindLimitDefault)} did not fail`);
    },
    cypher: async (query, params) =>
      (await dispatch.call(graphQuery, { query, params }, { ...session })).rows as readonly Leaves[][],
    sql: async (sql, params) => (await dispatch.call(sqlQuery, { sql, params }, { ...session })).rows,
    async embed(collection, points) {
      await dispatch.call(embeddingStore, { collection, points }, { ...session });
    },
    stop: () => store.close(),
  };
}
