/** What a dialect over HTTP gives to the frame: its routes, and how it words a refusal. */
import type { ErrorCode, FacetError, Observe } from '../../base/index.ts';
import type { Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import type { HttpRequest } from './http-exchange.ts';
import type { PieceWriter } from './piece-writer.ts';
import type { SocketRoute } from './socket-route.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** One JSON text per line. */
export const LINES_TYPE = 'application/x-ndjson';

/** What is the same for every dialect of a server. */
export interface HttpDialectOptions {
  readonly dispatch: Dispatch;
  readonly version: string;
  readonly limits: {
    /** The listener enforces it; here it is named in the message. */
    readonly bodyBytesMax: number;
  };
  /** The listener's Fastify must have been made with the same setting. */
  readonly trustProxy: boolean;
  /** Told of faults in the dialect itself; what passes the gate is observed there. */
  readonly observe?: Observe | undefined;
}

/** A whole answer, or one that is written as it comes. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Further headers, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A function writes the rest after the head is out, with status 200 whatever comes: when it throws, the stream
   * ends with the error envelope as a line, or as a trailer when `asBytes` is set. Whatever can be refused with a status of its own is done before.
   */
  readonly body: string | Uint8Array | ((writer: PieceWriter) => Promise<void>);
  /** The body is no text, so that a line at its end would be taken for a part of it. */
  readonly asBytes?: boolean;
}

export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As the router writes it: `/api/v1/tables/:table`. A parameter called `namespace` is the session's namespace. */
  readonly path: string;
  /**
   * What the gate looks at before a body is read; `category` is the rate limit that is charged. Where the body says
   * which operation is meant, the one with the least access.
   */
  readonly operation: GuardedOperation;
  /** True: a body is not looked at, whatever it holds. Else it is JSON or refused, and `request.body` has it. */
  readonly ignoresBody?: boolean;
  /** True: the body is not decoded, whatever its type is. `request.bytes` has it. */
  readonly takesBytes?: boolean;
  /** True: the body is taken as it comes, whatever its type and its length are. `request.pieces` has it. */
  readonly streamsBody?: boolean;
  /** Reads the input, passes the gate with `dispatch.call`, and words the result. @throws FacetError */
  readonly answer: (request: HttpRequest, session: Session, dispatch: Dispatch) => Promise<HttpAnswer>;
}

/** How a dialect says no. Nothing of a fault inside the server is said: the log has it under the request id. */
export interface HttpWords {
  readonly statusOf: (code: ErrorCode) => number;
  /** JSON text of the error envelope. */
  readonly errorBody: (error: FacetError, request: HttpRequest) => string;
  /** The error envelope with its type, where that is not always JSON. Counts before `errorBody`. */
  readonly errorAnswer?: (
    error: FacetError,
    request: HttpRequest,
  ) => { readonly contentType: string; readonly body: string | Uint8Array };
  /** As `errorBody`, for a request to upgrade to a WebSocket. Absent: an empty body. */
  readonly refusalBody?: (error: FacetError, requestId: string) => string;
  /** WWW-Authenticate of a 401 (RFC 9110 section 11.6.1). */
  readonly challenges: string | string[];
}

export interface HttpSurface {
  /** For logs and metrics: `thunder`. */
  readonly name: string;
  readonly routes: readonly HttpRoute[];
  /** Paths for the ready line and the start page. Absent: those of `routes` and `documents`. */
  readonly endpoints?: readonly string[];
  readonly words: HttpWords;
  /** True for a path whose refusals this dialect words, also where it has no route. */
  readonly speaks: (path: string) => boolean;
  /** Texts that never change and are for everyone. */
  readonly documents?: readonly {
    readonly path: string;
    readonly contentType: string;
    readonly text: string;
  }[];
  readonly sockets?: readonly SocketRoute[];
  /** One message of a client over any of them. Absent: LIMITS.socketMessageBytesMax. */
  readonly socketMessageBytesMax?: number;
  /** Paths of the protocol that this version does not offer: refused by name with any method, status 501. */
  readonly notOffered?: readonly string[];
  /** The dialect's own header for the namespace, which comes before X-Facet-Namespace. */
  readonly namespaceHeader?: string;
  /**
   * Media types whose bodies are taken for JSON, too, when no browser sends them: `application/x-www-form-urlencoded` is
   * what curl says of any body. Pages of other sites may send such bodies without being asked.
   */
  readonly alsoJson?: readonly string[];
  /** How the dialect spells a field of an operation, for messages: `timeoutMs` -> `timeout_ms`. Absent: as it is. */
  readonly fieldName?: (name: string, operation: string) => string;
}
