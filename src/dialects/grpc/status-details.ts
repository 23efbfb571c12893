/** The details of an error: google.rpc.ErrorInfo with the code of Facet, and RetryInfo where trying again makes sense. */
import { create, type Message, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { anyPack, DurationSchema } from '@bufbuild/protobuf/wkt';
import { ERROR_CODES, type FacetError } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';
import { type ErrorWords, shortened } from './errors.ts';
import { ErrorInfoSchema, RetryInfoSchema } from './gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from './gen/google/rpc/status_pb.ts';

interface Detail {
  readonly desc: typeof ErrorInfoSchema | typeof RetryInfoSchema;
  readonly value: Message;
}

/** What went wrong inside the server is not in it: the log has it under the request id. */
export function detailsOf(error: FacetError, requestId: string, domain: string): readonly Detail[] {
  const details: Detail[] = [
    {
      desc: ErrorInfoSchema,
      value: create(ErrorInfoSchema, {
        reason: error.code,
        domain,
        metadata: metadataOf(error, requestId),
      }),
    },
  ];
  if (error.retryAfterSeconds !== undefined) {
    const seconds = BigInt(Math.ceil(error.retryAfterSeconds));
    const retryDelay = create(DurationSchema, { seconds });
    details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  }
  return details;
}

function metadataOf(error: FacetError, requestId: string): Record<string, string> {
  const metadata: Record<string, string> = { request_id: requestId };
  if (ERROR_CODES[error.code].kind === 'internal') return metadata;
  const { sqlState, detail, hint, position } = error;
  if (sqlState !== undefined) metadata.sqlstate = sqlState;
  if (detail !== undefined) metadata.detail = shortened(detail);
  if (hint !== undefined) metadata.hint = shortened(hint);
  if (position !== undefined) metadata.position = String(position);
  metadata.retryable = String(error.retryable);
  return metadata;
}

/** The bytes of `grpc-status-details-bin`: google.rpc.Status. */
export function statusDetails(
  error: FacetError,
  requestId: string,
  words: ErrorWords,
  session: Session | undefined,
): Uint8Array {
  const details = detailsOf(error, requestId, words.domain).map(({ desc, value }) =>
    anyPack(desc, value as MessageShape<typeof desc>),
  );
  const code = words.statusOf(error.code);
  const message = words.messageOf(error, session);
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
}
