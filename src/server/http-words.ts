/**
 * The server's own words over HTTP, for refusals that no dialect words: paths of nobody, bytes that are not HTTP,
 * errors of the HTTP framework. The shape is the one that most dialects use.
 */
import { STATUS_CODES } from 'node:http';
import type { FastifyError } from 'fastify';
import { asFacetError, FacetError } from '../base/index.ts';
import { codeStatuses } from '../dialects/http/index.ts';

/** Status of a refusal that no dialect words. */
export const plainStatus = codeStatuses();

export function plainBody(error: FacetError, requestId: string): string {
  const { code, message, retryable } = error;
  const detail = error.detail ?? error.hint ?? null;
  return JSON.stringify({ error: { code, message, detail, request_id: requestId, retryable } });
}

/** What the framework threw before a route of a dialect was reached. */
export function frameworkError(thrown: FastifyError | Error): FacetError {
  if (thrown instanceof FacetError) return thrown;
  const { code = '', statusCode = 500 } = thrown as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new FacetError('PAYLOAD_TOO_LARGE', 'The body is too large');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new FacetError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json');
  }
  if (code === 'FST_ERR_BAD_URL') return new FacetError('INVALID_PARAMETER', 'The URL is not valid');
  if (statusCode >= 400 && statusCode < 500) return new FacetError('INVALID_PARAMETER', thrown.message);
  return asFacetError(thrown);
}

/** A raw response to bytes that did not parse as HTTP, after which the socket is closed. */
export function malformedAnswer(errorCode: string | undefined, requestId: string): string {
  const [status, error] = malformedReason(errorCode);
  return rawAnswer(status, error, requestId);
}

/** A whole response, for sockets that no response of Node belongs to. */
export function rawAnswer(status: number, error: FacetError, requestId: string): string {
  const body = plainBody(error, requestId);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function malformedReason(errorCode: string | undefined): [number, FacetError] {
  switch (errorCode) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, new FacetError('PAYLOAD_TOO_LARGE', 'The header lines are too large (headerBytesMax)')];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [
        408,
        new FacetError('LIMIT_EXCEEDED', 'The request took too long to arrive (requestReceiveMsMax)'),
      ];
    default:
      return [400, new FacetError('INVALID_PARAMETER', 'The request is not valid HTTP')];
  }
}
