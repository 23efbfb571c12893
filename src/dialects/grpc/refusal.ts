/** Headers and refusals of native gRPC: errors as @grpc/grpc-js makes a status of them. */
import { Metadata } from '@grpc/grpc-js';
import { asFacetError, FacetError, type Observe } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import type { ErrorWords } from './errors.ts';
import { statusDetails } from './status-details.ts';

/** A call as far as answers speak of it. */
export interface Answered {
  readonly requestId: string;
  readonly path: string;
  readonly words: ErrorWords;
  /** Absent before anybody knows who calls. */
  readonly session: Session | undefined;
  /** The client has gone. */
  readonly gone: boolean;
}

export interface Refusal {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** As over HTTP: the id of the call, and whoever has a rate is told of it. */
export function headersOf({ requestId, session }: Answered): Metadata {
  const headers = new Metadata();
  headers.set('x-request-id', requestId);
  const admission = session?.admission;
  if (admission !== undefined) {
    headers.set('x-ratelimit-limit', String(admission.limit));
    headers.set('x-ratelimit-remaining', String(admission.remaining));
    headers.set('x-ratelimit-reset', String(admission.resetAtSeconds));
  }
  return headers;
}

/** A fault that did not pass the gate is reported here, for nobody else has seen it. */
export function refusal(thrown: unknown, call: Answered, observe: Observe): Refusal {
  const error = whyEnded(asFacetError(thrown), call);
  if (error.kind === 'internal') {
    const message = `call ${call.requestId} of ${call.path} failed`;
    observe({ type: 'warning', message, detail: error.cause ?? error });
  }
  const metadata = headersOf(call);
  const { words, session } = call;
  const details = statusDetails(error, call.requestId, words, session);
  metadata.set('grpc-status-details-bin', Buffer.from(details));
  return { code: words.statusOf(error.code), details: words.messageOf(error, session), metadata };
}

/** What was cancelled while its client is still there was cancelled by the server. */
const whyEnded = (error: FacetError, { gone }: Answered): FacetError =>
  error.code === 'QUERY_CANCELLED' && !gone ? stopping() : error;

export const stopping = (): FacetError =>
  new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
