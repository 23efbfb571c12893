/** Runs operations as the gate would, without it: input through the schema, a context, output against the schema. */
import { FacetError, type Observation, type Principal } from '../../src/base/index.ts';
import { type Database, openStore, type Store, type Transaction } from '../../src/engine/index.ts';
import { type Operation, type OperationContext, type ServerFacts, sqlQuery } from '../../src/models/index.ts';
import { openTestStore } from '../support/test-store.ts';
import { openTriggerStore } from '../support/trigger-store.ts';

export interface CallOptions {
  readonly principal?: Principal;
  readonly transactionId?: string;
  readonly signal?: AbortSignal;
  readonly accepting?: boolean;
  readonly server?: Partial<ServerFacts>;
}

export interface Model {
  readonly store: Store;
  /** Everything that was observed so far; tests may empty it. */
  readonly observations: Observation[];
  /** @throws FacetError of the operation; Error when input or output do not fit the schemas. */
  call<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    options?: CallOptions,
  ): Promise<Output>;
  /** The error of a call that must fail. */
  fault<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    options?: CallOptions,
  ): Promise<FacetError>;
  /** Rejects when a transaction, a connection or a session was left open. */
  stop(): Promise<void>;
}

export const WRITER: Principal = { name: 'writer', role: 'write' };
export const READER: Principal = { name: 'reader', role: 'read' };

/** On a database of the server that all test files share. */
export async function openModel(): Promise<Model> {
  const observations: Observation[] = [];
  const observe = (observation: Observation): void => void observations.push(observation);
  const test = await openTestStore({ observe });
  return modelOf(test.store, test.database, observations, () => test.close());
}

/** As openModel, for a role that may not replicate: changes are followed by triggers. */
export async function openTriggerModel(): Promise<Model> {
  const test = await openTriggerStore();
  return modelOf(test.store, test.database, test.observations as Observation[], () => test.close());
}

/** On a PostgreSQL of its own, for what only an embedded server knows: its data directory, its end. */
export async function openEmbeddedModel(): Promise<Model> {
  const observations: Observation[] = [];
  const observe = (observation: Observation): void => void observations.push(observation);
  const store = await openStore('memory://models', { observe });
  const database = await store.namespace(store.defaultNamespace);
  return modelOf(store, database, observations, () => store.stop());
}

/** On a server that somebody else has started. */
export async function openServerModel(uri: string): Promise<Model> {
  const observations: Observation[] = [];
  const observe = (observation: Observation): void => void observations.push(observation);
  const store = await openStore(uri, { observe });
  const database = await store.namespace(store.defaultNamespace);
  return modelOf(store, database, observations, () => store.stop());
}

/** On a PostgreSQL of its own in that folder, which outlives the model: for what is there at the next start. */
export async function openFileModel(folder: string): Promise<Model> {
  const observations: Observation[] = [];
  const observe = (observation: Observation): void => void observations.push(observation);
  const store = await openStore(`file://${folder}`, { observe });
  const database = await store.namespace(store.defaultNamespace);
  return modelOf(store, database, observations, () => store.stop());
}

/** A table of two accounts, which tests change. */
export async function createAccounts({ call }: Model): Promise<void> {
  const columns = 'id bigint PRIMARY KEY, owner varchar(40) NOT NULL, balance numeric(12,2)';
  await call(sqlQuery, { sql: `CREATE TABLE account (${columns})` });
}

export async function refillAccounts({ call }: Model): Promise<void> {
  await call(sqlQuery, { sql: 'TRUNCATE account' });
  await call(sqlQuery, { sql: "INSERT INTO account VALUES (1, 'Ann', 10.50), (2, 'Bob', 0.00)" });
}

function modelOf(
  store: Store,
  first: Database,
  observations: Observation[],
  stop: () => Promise<void>,
): Model {
  const observe = (observation: Observation): void => void observations.push(observation);

  async function call<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    options: CallOptions = {},
  ): Promise<Output> {
    const principal = options.principal ?? WRITER;
    // As the gate does: one that was closed is opened anew.
    const database = await store.namespace(first.namespace);
    let transaction: Transaction | undefined;
    if (options.transactionId !== undefined) {
      transaction = database.transaction(options.transactionId, principal.name);
    }
    const context: OperationContext = {
      store,
      database,
      transaction,
      principal,
      requestId: 'req_00000000',
      signal: options.signal ?? new AbortController().signal,
      observe,
      server: {
        version: '0.0.0',
        clusterId: 'facet-test',
        nodeId: 'node-1',
        region: 'local',
        address: '127.0.0.1:8088',
        startedAtMs: 0,
        metricsText: async () => '# metrics',
        accepting: () => options.accepting ?? true,
        ...options.server,
      },
    };
    const output = await operation.run(context, operation.input.parse(input));
    const checked = operation.output.safeParse(output);
    if (!checked.success) throw new Error(`${operation.name}: ${checked.error.message}`);
    return output;
  }

  async function fault<Input, Output>(
    operation: Operation<Input, Output>,
    input: unknown,
    options?: CallOptions,
  ): Promise<FacetError> {
    try {
      const output = await call(operation, input, options);
      throw new Error(`${operation.name} should have failed, and answered ${JSON.stringify(output)}`);
    } catch (error) {
      if (error instanceof FacetError) return error;
      throw error;
    }
  }

  return { store, observations, call, fault, stop };
}
