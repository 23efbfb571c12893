/** Results -> the text of answers: `{"errors":[…],"data":…}`. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { asFacetError, type ErrorCode, FacetError, type Observe } from '../../../base/index.ts';
import { publicMessage } from '../../http/index.ts';
import { dataText } from './raw-json.ts';

/** What errors of one request have in common. */
export interface ErrorWords {
  readonly requestId: string;
  /** Told of faults that are ours and did not pass the gate. */
  readonly observe: Observe;
}

/** @param data absent: nothing of the request ran */
export function answerText(errors: readonly GraphQLFormattedError[], data?: unknown): string {
  const members: string[] = [];
  if (errors.length > 0) members.push(`"errors":${JSON.stringify(errors)}`);
  if (data !== undefined) members.push(`"data":${dataText(data)}`);
  return `{${members.join(',')}}`;
}

/**
 * An error as clients see it: the words of the REST API under `extensions`. Nothing of a fault inside the server is said: the
 * log has it under the request id.
 * @param ownCode of errors that graphql-js itself raised about the request
 */
export function wordedError(
  error: GraphQLError,
  ownCode: ErrorCode,
  { requestId, observe }: ErrorWords,
): GraphQLFormattedError {
  const { locations, path } = error;
  const cause = causeOf(error);
  const place = {
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
  };
  if (cause === undefined) {
    const { message } = error;
    return { message, ...place, extensions: { code: ownCode, requestId, retryable: false } };
  }
  const found = asFacetError(cause);
  // What passed the gate was observed there.
  if (!(cause instanceof FacetError)) {
    observe({ type: 'warning', message: `request ${requestId} failed`, detail: cause });
  }
  const message = publicMessage(found);
  if (found.kind === 'internal') {
    return { message, ...place, extensions: { code: found.code, requestId, retryable: false } };
  }
  const extensions = {
    code: found.code,
    sqlstate: found.sqlState,
    detail: found.detail,
    hint: found.hint,
    position: found.position,
    statementIndex: found.statementIndex,
    requestId,
    retryable: found.retryable,
  };
  return { message, ...place, extensions };
}

/** What a resolver threw; undefined for what graphql-js found wrong with the request by itself. */
function causeOf(error: GraphQLError): Error | undefined {
  let { originalError } = error;
  while (originalError instanceof GraphQLError) ({ originalError } = originalError);
  return originalError;
}
