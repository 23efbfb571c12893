/** The client of one connection as sessions for the gate: who it has shown to be, from where, in which namespace. */
import type { Socket } from 'node:net';
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { MapValue } from '../../cypher/index.ts';
import type { Admission, Credentials, Dispatch, Session } from '../../dispatch/index.ts';
import { graphStream } from '../../models/index.ts';
import type { Authentication, Failure } from './codec.ts';
import { failure, failureOf } from './errors.ts';
import { credentialsFor } from './logon.ts';
import { metadataText } from './metadata-text.ts';

/** What the gate has seen of a request before: ending a transaction is not for the limit of rates to refuse. */
const ADMITTED: Admission = {
  admitted: true,
  limit: 0,
  remaining: 0,
  resetAtSeconds: 0,
  retryAfterSeconds: 0,
};

export interface CallOptions {
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  readonly transactionId?: string | undefined;
  readonly ends?: boolean;
  /** `tx_metadata` of the transaction. */
  readonly metadata?: MapValue | undefined;
}

export class Caller {
  /** Of the connection, for logs and for `connection_id`. */
  readonly id: string;
  readonly #dispatch: Dispatch;
  readonly #socket: Socket;
  readonly #address: string;
  readonly #isPage: boolean;
  #requests = 0;
  #session: Session | undefined = undefined;
  #checkedMs = 0;

  /** @param isPage a browser shows certificates for any page, whoever wrote it: they do not count then */
  constructor(id: string, dispatch: Dispatch, socket: Socket, isPage: boolean) {
    this.id = id;
    this.#isPage = isPage;
    this.#dispatch = dispatch;
    this.#socket = socket;
    this.#address = socket.remoteAddress ?? '';
  }

  /** Whether the client has shown who it is. */
  get isKnown(): boolean {
    return this.#session !== undefined;
  }

  /** True unless the client may only read, whatever it asks for. */
  get mayWrite(): boolean {
    return this.#session?.principal?.role !== 'read';
  }

  /** The last of the requests, for messages that refer to the log. */
  get requestId(): string {
    return `${this.id}.${this.#requests}`;
  }

  /** @throws what the gate refuses with: UNAUTHORIZED, TOO_MANY_ATTEMPTS, FORBIDDEN, RATE_LIMITED, UNAVAILABLE … */
  async logOn(authentication: Authentication, signal: AbortSignal): Promise<void> {
    const session = this.#newSession(
      credentialsFor(authentication, this.#isPage ? undefined : this.#socket),
      signal,
    );
    await this.#dispatch.admit(graphStream, session);
    this.#session = session;
    this.#checkedMs = monotonicMs();
  }

  logOff(): void {
    this.#session = undefined;
  }

  /** What is wrong with credentials that were right; undefined in the usual case, in which nothing is waited for. */
  lapsed(signal: AbortSignal): Promise<Failure | undefined> | undefined {
    const session = this.#session;
    if (session === undefined || monotonicMs() - this.#checkedMs < LIMITS.boltLogonAgainMs) return undefined;
    return this.#lookAgain(session.credentials, signal);
  }

  async #lookAgain(credentials: Credentials, signal: AbortSignal): Promise<Failure | undefined> {
    const session = { ...this.#newSession(credentials, signal), admission: ADMITTED };
    try {
      await this.#dispatch.admit(graphStream, session);
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (error.kind !== 'unauthenticated') return failureOf(error, { requestId: this.requestId });
      const code = credentials.scheme === 'bearer' ? 'TokenExpired' : 'AuthorizationExpired';
      return failure(
        `Neo.ClientError.Security.${code}`,
        'The credentials of this connection are no longer valid',
      );
    }
    this.#session = session;
    this.#checkedMs = monotonicMs();
    return undefined;
  }

  /** A session for the next request. */
  session({ namespace, signal, transactionId, ends = false, metadata }: CallOptions): Session {
    const known = this.#session;
    if (known?.principal === undefined) throw new FacetError('UNAUTHORIZED', 'Credentials are required');
    return {
      dialect: 'bolt',
      requestId: `${this.id}.${++this.#requests}`,
      credentials: known.credentials,
      address: this.#address,
      signal,
      namespace,
      transactionId,
      connection: this.#socket,
      principal: known.principal,
      ...(ends ? { admission: ADMITTED } : {}),
      ...(metadata === undefined ? {} : { metadata: metadataText(metadata) }),
    };
  }

  /** The only namespace that the client may use, if it is bound to one. */
  get boundTo(): string | undefined {
    return this.#session?.principal?.namespace;
  }

  /** This server's end of the connection, `host:port`. */
  get reached(): string {
    const { localAddress = '', localPort = 0 } = this.#socket;
    return localAddress.includes(':') ? `[${localAddress}]:${localPort}` : `${localAddress}:${localPort}`;
  }

  /** The name that `undefined` stands for. */
  get homeNamespace(): string {
    return this.#session?.principal?.namespace ?? this.#dispatch.store.defaultNamespace;
  }

  #newSession(credentials: Credentials, signal: AbortSignal): Session {
    return {
      dialect: 'bolt',
      requestId: `${this.id}.${++this.#requests}`,
      credentials,
      address: this.#address,
      signal,
      connection: this.#socket,
    };
  }
}
