/** What clients ask for, as read from messages; null and missing members are undefined. */
import type { MapValue } from '../../cypher/index.ts';

/** Who a client says it is. */
export interface Authentication {
  /** `none`, `basic`, `bearer`, or another that the server may not know. */
  readonly scheme: string;
  readonly principal: string | undefined;
  readonly credentials: string | undefined;
  readonly realm: string | undefined;
}

/** Which notifications a client wants. Names are in capitals as they came. */
export interface NotificationFilter {
  /** `OFF`, `WARNING` or `INFORMATION`: the least that is sent. */
  readonly minimumSeverity: string | undefined;
  /** Categories, which are classifications from 5.5 on. */
  readonly disabled: readonly string[] | undefined;
}

export interface HelloRequest {
  readonly kind: 'hello';
  readonly userAgent: string | undefined;
  readonly boltAgent: MapValue | undefined;
  /** Before 5.1 credentials are here; from 5.1 on they come with LOGON, and this is undefined. */
  readonly authentication: Authentication | undefined;
  /** What the URI of a routing client says, with `address` as the client knows the server. Undefined: no routing. */
  readonly routing: MapValue | undefined;
  readonly patches: readonly string[];
  readonly notifications: NotificationFilter | undefined;
}

/** What BEGIN, and RUN outside of a transaction, say about the transaction. */
export interface TransactionExtra {
  readonly bookmarks: readonly string[];
  /** Undefined: the server's own. Zero: none. */
  readonly timeoutMs: number | undefined;
  readonly metadata: MapValue | undefined;
  readonly mode: 'r' | 'w';
  readonly database: string | undefined;
  readonly impersonatedUser: string | undefined;
  readonly notifications: NotificationFilter | undefined;
}

export interface RunRequest {
  readonly kind: 'run';
  readonly query: string;
  readonly parameters: MapValue;
  readonly extra: TransactionExtra;
}

export interface PullRequest {
  readonly kind: 'pull' | 'discard';
  /** At least 1, or -1: all. */
  readonly count: number;
  /** -1: the result of the last RUN. */
  readonly queryId: number;
}

export interface RouteRequest {
  readonly kind: 'route';
  readonly routing: MapValue;
  readonly bookmarks: readonly string[];
  readonly database: string | undefined;
  readonly impersonatedUser: string | undefined;
}

export type Request =
  | HelloRequest
  | { readonly kind: 'logon'; readonly authentication: Authentication }
  | { readonly kind: 'logoff' | 'goodbye' | 'reset' | 'commit' | 'rollback' }
  | RunRequest
  | PullRequest
  | { readonly kind: 'begin'; readonly extra: TransactionExtra }
  | RouteRequest
  /** The number of the driver's interface that a transaction was begun by. */
  | { readonly kind: 'telemetry'; readonly api: number };
