/** Statements of the Neumann dialect on a real PostgreSQL, through the real gate, without a listener before it. */
import { createSecretKey, randomUUID } from 'node:crypto';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { type FacetError, monotonicMs, nowMs, type Observation } from '../../../src/base/index.ts';
import { encodeChunk, encodeResponse } from '../../../src/dialects/neumann/encode.ts';
import type { StatementCall } from '../../../src/dialects/neumann/statement-call.ts';
import { runStatement, streamStatement } from '../../../src/dialects/neumann/statements/index.ts';
import { wireOf } from '../../../src/dialects/neumann/wire/index.ts';
import {
  AdmissionControl,
  createDispatch,
  DEFAULT_RATE_LIMITS,
  type Dispatch,
  type Session,
} from '../../../src/dispatch/index.ts';
import { openStore, type Store } from '../../../src/engine/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { openTestStore } from '../../support/test-store.ts';

export interface CallOptions {
  /** Of the caller; `tester` when absent. */
  readonly name?: string;
  readonly role?: 'read' | 'write' | 'admin';
  readonly transactionId?: string;
  readonly signal?: AbortSignal;
  readonly timeLeftMs?: number;
}

export interface Neumann {
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly observed: Observation[];
  callOf(options?: CallOptions): StatementCall;
  /** The QueryResponse as JSON, with the names of the proto file, after a turn through the documented wire. */
  run(text: string, options?: CallOptions): Promise<Leaves>;
  /** The chunks of a stream but the last, likewise. */
  chunks(text: string, options?: CallOptions): Promise<Leaves[]>;
  /** The error of a statement that must fail. */
  fault(text: string, options?: CallOptions): Promise<FacetError>;
  /** Rejects when a transaction, a connection or a session was left open. */
  stop(): Promise<void>;
}

export interface NeumannOptions {
  /** A PostgreSQL of its own, for what needs more than one database. */
  readonly ownPostgres?: boolean;
  /** A store that outlives this opening of it. */
  readonly storeUri?: string;
}

const WIRE = wireOf('documented');
/** 32 bytes, of tests alone. */
const VAULT_KEY = createSecretKey(Buffer.alloc(32, 7));

export async function openNeumann({ ownPostgres = false, storeUri }: NeumannOptions = {}): Promise<Neumann> {
  const observed: Observation[] = [];
  const observe = (seen: Observation): void => void observed.push(seen);
  const uri = storeUri ?? (ownPostgres ? 'memory://neumann' : undefined);
  const test = uri === undefined ? await openTestStore({ observe }) : await ownStore(uri, observe);
  const { store } = test;
  const dispatch = createDispatch({
    store,
    observe,
    checkOutput: true,
    authenticate: () => ({ name: 'tester', role: 'admin' }),
    admission: new AdmissionControl(DEFAULT_RATE_LIMITS, false, { monotonicMs, nowMs }),
    server: {
      version: '0.1.0',
      clusterId: 'cluster-1',
      nodeId: 'node-1',
      region: 'local',
      address: '127.0.0.1:9200',
      startedAtMs: nowMs(),
      metricsText: async () => '',
      accepting: () => true,
      vaultKeys: [{ id: 'test', key: VAULT_KEY }],
    },
  });

  const callOf = (options: CallOptions = {}): StatementCall => ({
    dispatch,
    session: sessionOf(options),
    timeLeftMs: () => options.timeLeftMs,
  });
  const run = async (text: string, options?: CallOptions): Promise<Leaves> => {
    const bytes = encodeResponse(WIRE, await runStatement(text, callOf(options)));
    return toJson(WIRE.response, fromBinary(WIRE.response, bytes), { useProtoFieldName: true });
  };
  return {
    store,
    dispatch,
    observed,
    callOf,
    run,
    async chunks(text, options) {
      const chunks: Leaves[] = [];
      for await (const items of await streamStatement(text, callOf(options))) {
        for (const item of items) {
          const message = fromBinary(WIRE.chunk, encodeChunk(WIRE, item));
          chunks.push(toJson(WIRE.chunk, message, { useProtoFieldName: true }));
        }
      }
      return chunks;
    },
    async fault(text, options) {
      const answer = await run(text, options).catch((thrown: unknown) => thrown);
      if (answer instanceof Error) return answer as FacetError;
      throw new Error(`${text} did not fail: ${JSON.stringify(answer)}`);
    },
    stop: () => test.close(),
  };
}

function sessionOf({ name = 'tester', role = 'admin', transactionId, signal }: CallOptions): Session {
  return {
    dialect: 'neumann',
    requestId: `req_${randomUUID().slice(0, 8)}`,
    credentials: { scheme: 'none' },
    address: '127.0.0.1',
    signal: signal ?? new AbortController().signal,
    principal: { name, role },
    transactionId,
  };
}

async function ownStore(
  uri: string,
  observe: (seen: Observation) => void,
): Promise<{ readonly store: Store; close(): Promise<void> }> {
  const store = await openStore(uri, { observe });
  return { store, close: () => store.stop() };
}
