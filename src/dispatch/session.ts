/**
 * One request as the gate sees it: who claims to ask, from where, for which namespace and transaction. A dialect
 * makes one per request (or per connection and request id); the gate fills in what it found out.
 */
import type { Principal } from '../base/index.ts';
import type { ClientConnection } from '../models/index.ts';

/** What a client presented. The gate does not look inside: the authenticator of server/ does. */
export type Credentials =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'bearer' | 'api-key'; readonly secret: string }
  | { readonly scheme: 'basic'; readonly name: string; readonly secret: string }
  /** Subject of a client certificate that TLS has verified already. */
  | { readonly scheme: 'mtls'; readonly subject: string }
  /** An Authorization header that no scheme of ours reads. */
  | { readonly scheme: 'unreadable'; readonly reason: string };

export interface Session {
  /** Name of the dialect, for logs and metrics: `thunder`. */
  readonly dialect: string;
  /** `req_` and 8 hexadecimal digits, or what the client sent. */
  readonly requestId: string;
  readonly credentials: Credentials;
  /** Peer address without port: key of rate limits for callers without a name. */
  readonly address: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Absent: the principal's own, else the store's default. */
  readonly namespace?: string | undefined;
  readonly transactionId?: string | undefined;
  /** The persistent connection that the request came over: plans bound how many a caller may have. */
  readonly connection?: ClientConnection | undefined;
  /** Bytes of the request's body as it was announced, when it was: plans bound them. */
  readonly bodyBytes?: number | undefined;
  /** How the dialect spells a field of an operation, for messages: `timeoutMs` -> `timeout_ms`. Absent: as it is. */
  readonly fieldName?: ((name: string, operation: string) => string) | undefined;
  /** What the client has attached to its transaction, as a bounded text, for the log. */
  readonly metadata?: string | undefined;
  /** The call is one of several that make up the answer to a single command: metrics of what clients did pass it over. */
  readonly partial?: boolean | undefined;

  /** Set by the gate. */
  principal?: Principal;
  /** Set by the gate as soon as the rate limit was asked, also when it refused. */
  admission?: Admission;
}

/** State of the caller's token bucket after this request, for the X-RateLimit headers. */
export interface Admission {
  readonly admitted: boolean;
  /** Sustained requests per second. */
  readonly limit: number;
  /** Whole tokens left, never more than `limit`: what the bucket holds above it is the burst, which no header tells. */
  readonly remaining: number;
  /** Unix time in seconds at which a token is there (again). */
  readonly resetAtSeconds: number;
  /** Seconds to wait, at least 1, when refused. */
  readonly retryAfterSeconds: number;
}

/** Resolves who asks. @throws UNAUTHORIZED, TOO_MANY_ATTEMPTS */
export type Authenticate = (credentials: Credentials, address: string) => Promise<Principal> | Principal;
