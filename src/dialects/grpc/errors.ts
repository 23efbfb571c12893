/** FacetError -> status of gRPC: a total map from kinds, and the codes where gRPC is finer. */
import { ERROR_CODES, type ErrorCode, type ErrorKind, type FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { publicMessage } from '../http/index.ts';

/** The numbers of the gRPC project. */
export const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatus = (typeof GRPC)[keyof typeof GRPC];

/** Total, so that a new kind does not compile until it has a status here. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, GrpcStatus>> = {
  invalid: GRPC.INVALID_ARGUMENT,
  unauthenticated: GRPC.UNAUTHENTICATED,
  forbidden: GRPC.PERMISSION_DENIED,
  not_found: GRPC.NOT_FOUND,
  exists: GRPC.ALREADY_EXISTS,
  state: GRPC.FAILED_PRECONDITION,
  // Clients of gRPC run a whole transaction again after ABORTED.
  retry: GRPC.ABORTED,
  limit: GRPC.RESOURCE_EXHAUSTED,
  timeout: GRPC.DEADLINE_EXCEEDED,
  cancelled: GRPC.CANCELLED,
  unavailable: GRPC.UNAVAILABLE,
  unsupported: GRPC.UNIMPLEMENTED,
  internal: GRPC.INTERNAL,
};

const STATUS_OF_CODE: Readonly<Partial<Record<ErrorCode, GrpcStatus>>> = {
  // Paths and methods that are not there; clients know these as missing procedures.
  NOT_FOUND: GRPC.UNIMPLEMENTED,
  METHOD_NOT_ALLOWED: GRPC.UNIMPLEMENTED,
  // UNIMPLEMENTED would say that the procedure is missing, while the statement has to be another one.
  TRANSACTION_CONTROL_NOT_ALLOWED: GRPC.INVALID_ARGUMENT,
  NUMERIC_OUT_OF_RANGE: GRPC.OUT_OF_RANGE,
  INTEGER_OVERFLOW: GRPC.OUT_OF_RANGE,
  OFFSET_OUT_OF_RANGE: GRPC.OUT_OF_RANGE,
  LSN_NOT_AVAILABLE: GRPC.OUT_OF_RANGE,
  CHECK_VIOLATION: GRPC.FAILED_PRECONDITION,
  USER_EXCEPTION: GRPC.FAILED_PRECONDITION,
  READ_ONLY_TRANSACTION: GRPC.FAILED_PRECONDITION,
  TOO_MANY_CONNECTIONS: GRPC.RESOURCE_EXHAUSTED,
  RESOURCE_EXHAUSTED: GRPC.RESOURCE_EXHAUSTED,
  DATA_CORRUPTED: GRPC.DATA_LOSS,
  ARTIFACT_DAMAGED: GRPC.DATA_LOSS,
};

export const statusOfCode = (code: ErrorCode): GrpcStatus =>
  STATUS_OF_CODE[code] ?? STATUS_OF_KIND[ERROR_CODES[code].kind];

/** Characters of a text of an error. In a trailer each may take up to nine bytes, and clients take 8 KB of headers. */
const TEXT_CHARACTERS_MAX = 500;

export const shortened = (text: string): string =>
  text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;

/** The message for clients, short enough for a trailer. */
export const messageOf = (error: FacetError): string => shortened(publicMessage(error));

/** How errors are said over gRPC, where a dialect has words of its own. */
export interface ErrorWords {
  /** Whose codes the reasons of google.rpc.ErrorInfo are. */
  readonly domain: string;
  readonly statusOf: (code: ErrorCode) => GrpcStatus;
  /** @param session absent before anybody knows who calls. @returns short enough for a trailer: see `shortened` */
  readonly messageOf: (error: FacetError, session: Session | undefined) => string;
}

/** What says no dialect otherwise. */
export const USUAL_WORDS: ErrorWords = { domain: 'thunderdb', statusOf: statusOfCode, messageOf };
