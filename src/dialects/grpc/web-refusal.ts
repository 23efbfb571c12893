/**
 * Refusals before a body was read, in the words of the protocol that the request speaks: trailers in the head for
 * gRPC-Web, the last envelope of a stream or a JSON object for Connect.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { codeStatuses } from '../http/index.ts';
import type { ErrorWords } from './errors.ts';
import { statusDetails } from './status-details.ts';

/** Connect's names of the statuses of gRPC, by number. */
const NAMES = [
  ...['ok', 'canceled', 'unknown', 'invalid_argument', 'deadline_exceeded', 'not_found', 'already_exists'],
  ...['permission_denied', 'resource_exhausted', 'failed_precondition', 'aborted', 'out_of_range'],
  ...['unimplemented', 'internal', 'unavailable', 'data_loss', 'unauthenticated'],
];

/** The flag of the last envelope of a stream, in the Connect protocol. */
const END_STREAM = 2;

const httpStatus = codeStatuses();

export function refuseWeb(
  error: FacetError,
  request: IncomingMessage,
  response: ServerResponse,
  about: { readonly requestId: string; readonly words: ErrorWords; readonly session?: Session | undefined },
): void {
  const { requestId, words, session } = about;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const type = request.headers['content-type'] ?? '';
  const status = words.statusOf(error.code);
  const message = words.messageOf(error, session);
  // The rest of a body that nobody reads is not waited for.
  const head = { 'x-request-id': requestId, ...(request.complete ? {} : { connection: 'close' }) };
  if (type.startsWith('application/grpc-web')) {
    response.writeHead(200, {
      ...head,
      'content-type': type,
      'grpc-status': String(status),
      'grpc-message': encodeURIComponent(message),
      'grpc-status-details-bin': Buffer.from(statusDetails(error, requestId, words, session)).toString(
        'base64',
      ),
    });
    response.end();
    return;
  }
  const body = { code: NAMES[status], message };
  if (type.startsWith('application/connect+')) {
    const text = Buffer.from(JSON.stringify({ error: body }));
    const envelope = Buffer.alloc(5);
    envelope.writeUInt8(END_STREAM, 0);
    envelope.writeUInt32BE(text.length, 1);
    response.writeHead(200, { ...head, 'content-type': type });
    response.end(Buffer.concat([envelope, text]));
    return;
  }
  response.writeHead(httpStatus(error.code), { ...head, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
