/**
 * The declaration of an operation: the one place that says what Facet can do. Gate, permissions, metric labels,
 * OpenAPI and the reference pages are derived from it. It stands in models/ because each model's operations.ts
 * declares with it, and dispatch/, one rank above, runs it.
 */
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
  readonly limits?: { readonly resultRowsMax: number; readonly queryTimeoutMsMax: number };
  /** Absent: `exclusive`. See models/graph/writer.ts. */
  readonly graphWriter?: 'exclusive' | 'shared';
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
  /** Codes beyond those that the gate itself can answer with. */
  readonly errors: readonly ErrorCode[];
  readonly run: (context: OperationContext, input: Input) => Promise<Output>;
}

/** Declares an operation, inferring its types from its schemas. */
export function operation<Input, Output>(declaration: Operation<Input, Output>): Operation<Input, Output> {
  return declaration;
}
