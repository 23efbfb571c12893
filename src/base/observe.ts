/**
 * What happens inside Facet, as typed values. Whoever does something emits one; the logger and the metrics in
 * server/ are the only listeners. So no layer below server/ knows how, or whether, anything is recorded.
 */
import type { ErrorCode } from './errors.ts';

export type Observation =
  /** One call through the gate, finished. `outcome` is `ok` or the code of its error. */
  | {
      readonly type: 'operation';
      readonly operation: string;
      readonly dialect: string;
      readonly principal: string;
      readonly namespace: string;
      readonly requestId: string;
      readonly outcome: 'ok' | ErrorCode;
      readonly durationMs: number;
      /** What a client asked for by it: the operation itself, or the one that it is a batch of. */
      readonly asked: string;
      /** How many of `asked` it was: the items of a batch; 0 when no client asked for it by itself. */
      readonly askedCount: number;
      /** What the client has attached to its transaction, as a bounded text for the log only. */
      readonly metadata?: string | undefined;
      /** The cause of an internal error, for the log only. */
      readonly cause?: unknown;
    }
  /** One statement sent to PostgreSQL, finished. `statement` is its name, `sql.user` for text of a client. */
  | {
      readonly type: 'statement';
      readonly statement: string;
      readonly durationMs: number;
      readonly ok: boolean;
    }
  /** A user's SQL statement by its verb, for the counters of the thunder contract. */
  | { readonly type: 'query'; readonly verb: string; readonly durationMs: number; readonly ok: boolean }
  | {
      readonly type: 'transaction';
      readonly event: 'begun' | 'committed' | 'rolled_back' | 'expired';
      readonly transactionId: string;
    }
  | {
      readonly type: 'auth_failure';
      readonly address: string;
      readonly scheme: string;
      readonly reason: string;
    }
  | {
      readonly type: 'postgres';
      readonly event:
        | 'starting'
        | 'ready'
        | 'stopping'
        | 'stopped'
        | 'exited'
        | 'connection_lost'
        | 'recovering';
      readonly detail: string;
    }
  | {
      readonly type: 'migration';
      readonly namespace: string;
      readonly name: string;
      readonly durationMs: number;
    }
  | { readonly type: 'warning'; readonly message: string; readonly detail?: unknown };

export type Observe = (observation: Observation) => void;

export const ignoreObservations: Observe = () => {};
