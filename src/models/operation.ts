/**
 * The declaration of an operation: the one place that says what Facet can do. Gate, permissions, metric labels,
 * OpenAPI and the reference pages are derived from it. It stands in models/ because each model's operations.ts
 * declares with it, and dispatch/, one rank above, runs it.
 */
import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import type { ErrorCode, Observe, Principal, Role } from '../base/index.ts';
import type { Database, Store, Transaction } from '../engine/index.ts';

/** Rate limit classes of the thunder contract; other dialects use `default`. */
export const RATE_CATEGORIES = ['admin', 'query', 'vector', 'cluster', 'default'] as const;
export type RateCategory = (typeof RATE_CATEGORIES)[number];

/** What an operation gets to work with: everything about the call that is not its input. */
export interface OperationContext {
  readonly store: Store;
  readonly database: Database;
  /** The caller's open transaction, when the call names one. */
  readonly transaction: Transaction | undefined;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  readonly observe: Observe;
  /** Facts of this process that no model can measure by itself. */
  readonly server: ServerFacts;
  /** Absent where nobody has a plan. What the plan is: `principal.plan`. */
  readonly usage?: UsageView | undefined;
}

export interface ServerFacts {
  readonly version: string;
  readonly clusterId: string;
  readonly nodeId: string;
  readonly region: string;
  /** Address under which clients reach this server, `host:port`. */
  readonly address: string;
  readonly startedAtMs: number;
  /** Prometheus text exposition of this process. */
  readonly metricsText: () => Promise<string>;
  /** False once a stop was asked for. */
  readonly accepting: () => boolean;
  /** Bounds that options of the server set; absent: those of base/limits.ts. */
  readonly limits?: {
    readonly resultRowsMax: number;
    readonly queryTimeoutMsMax: number;
    readonly vectorMemoryBytesMax?: number;
  };
  /** Settings of the server by name, without secrets. */
  readonly settings?: Readonly<Record<string, string | number | boolean | null>>;
  /** Begins to stop the server, as a signal would; the answer to whoever asked still goes out. Absent: not to be had. */
  readonly shutDown?: (reason: string) => void;
  /** Where webhooks may deliver to. Absent: only to public addresses. */
  readonly webhooks?: WebhookRules | undefined;
  /** Absent: `exclusive`. See models/graph/writer.ts. */
  readonly graphWriter?: 'exclusive' | 'shared';
  /** Where snapshots of graphs go, and how many are kept. Absent: beside the data of an embedded store, as many as usual. */
  readonly snapshots?: SnapshotRules | undefined;
  /** Whose first write turns the journal of a graph on that nobody has decided about. Absent: `graphd`. */
  readonly graphJournal?: 'graphd' | 'on' | 'off' | undefined;
  /** Entries of journals that are older and in a snapshot are removed. Absent: all are kept. */
  readonly journalRetentionMs?: number | undefined;
  /** Keys of the vault; the first one encrypts, all of them decrypt. Absent or empty: there is no vault. */
  readonly vaultKeys?: readonly VaultKey[] | undefined;
}

export interface SnapshotRules {
  /** One folder for each namespace is made in it. Absent: beside the data, where this process has them. */
  readonly directory?: string | undefined;
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** 32 bytes. Absent: snapshots are not encrypted. */
  readonly key?: KeyObject | undefined;
  /** See models/graph/snapshot/retention.ts. */
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number };
}

/** One key of the vault, and a name for it that says nothing about it. */
export interface VaultKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: KeyObject;
}

export interface WebhookRules {
  /** Private, loopback and link-local addresses, too. */
  readonly allowPrivate: boolean;
  /** Addresses of a host. Default: the system's resolver. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
}

/** What a caller with a plan has used so far. */
export interface Used {
  readonly storageBytes: number;
  readonly operations: number;
  /** When the count of operations starts anew, Unix time in milliseconds. */
  readonly operationsResetAtMs: number;
  readonly connections: number;
}

/** The counts of callers with plans, for models that enforce or show them. Keeping them is models/quota. */
export interface UsageView {
  /** Storage is at most a minute old. */
  used(principal: Principal, database: Database): Promise<Used>;
  /** @throws QUOTA_EXCEEDED when the namespace is as large as the plan allows */
  assertRoom(principal: Principal, database: Database): void;
}

export interface Operation<Input = unknown, Output = unknown> {
  /** `model.verb`: metric label, log field, permission, anchor in the docs. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly input: z.ZodType<Input>;
  /** Shape of the result (of one element, when it streams). */
  readonly output: z.ZodType<Output>;
  /** `public` needs no credentials: liveness and readiness only. */
  readonly access: 'public' | Role;
  readonly category: RateCategory;
  readonly streams: boolean;
  /** Not counted as one of a plan's operations, and answered when those are used up. */
  readonly unmetered?: boolean;
  /** Also run once a stop was asked for: it lets go of what a client that is sent away has held. */
  readonly whileStopping?: boolean;
  /** As how many of a plan's operations a call counts, when that is not one: a batch counts its items. */
  readonly weight?: (input: Input) => number;
  /**
   * The operation that clients asked for where a dialect makes one call of several: metrics of what clients did count
   * its `weight` under that name, and nothing when it fails, for then the items are tried one by one.
   */
  readonly batchOf?: string;
  /** Codes beyond those that the gate itself can answer with. */
  readonly errors: readonly ErrorCode[];
  readonly run: (context: OperationContext, input: Input) => Promise<Output>;
}

/** Declares an operation, inferring its types from its schemas. */
export function operation<Input, Output>(declaration: Operation<Input, Output>): Operation<Input, Output> {
  return declaration;
}
