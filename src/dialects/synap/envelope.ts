/**
 * The envelopes: JSON value -> command or batch, and answers as JSON text. An answer has the members of both published
 * generations of the protocol, `status` and `success`, so that clients of either read it. Payloads are JSON texts that
 * are put in as they are.
 */
import { FacetError, type Json } from '../../base/index.ts';
import { isObject } from './fields.ts';

export interface CommandRequest {
  readonly kind: 'command';
  readonly requestId: string;
  readonly command: string;
  /** `{}` when the request had none. */
  readonly payload: Json;
}

export interface BatchRequest {
  readonly kind: 'batch';
  readonly requestId: string;
  readonly commands: readonly Json[];
  /** All of them in one transaction. */
  readonly atomic: boolean;
}

const REQUEST_ID_CHARACTERS_MAX = 256;

/** @param ownId answers a request without an id. @throws INVALID_ENVELOPE */
export function readEnvelope(body: Json | undefined, ownId: string): CommandRequest | BatchRequest {
  if (!isObject(body)) throw new FacetError('INVALID_ENVELOPE', 'The request must be a JSON object');
  const requestId = requestIdOf(body) ?? ownId;
  const { type } = body;
  if (type === 'batch') return readBatch(body, requestId);
  if (type !== undefined && type !== 'request') {
    throw new FacetError('INVALID_ENVELOPE', "'type' must be request or batch");
  }
  return { kind: 'command', requestId, ...readCommand(body) };
}

/** @throws INVALID_ENVELOPE */
export function readCommand(item: Json): { readonly command: string; readonly payload: Json } {
  if (!isObject(item)) throw new FacetError('INVALID_ENVELOPE', 'A command must be a JSON object');
  const { command, payload } = item;
  if (typeof command !== 'string' || command === '') {
    throw new FacetError('INVALID_ENVELOPE', "'command' must be the name of a command");
  }
  return { command, payload: payload ?? {} };
}

function readBatch(body: { readonly [name: string]: Json | undefined }, requestId: string): BatchRequest {
  const { commands, atomic } = body;
  if (!Array.isArray(commands)) throw new FacetError('INVALID_ENVELOPE', "'commands' must be an array");
  if (atomic !== undefined && atomic !== null && typeof atomic !== 'boolean') {
    throw new FacetError('INVALID_ENVELOPE', "'atomic' must be true or false");
  }
  return { kind: 'batch', requestId, commands, atomic: atomic === true };
}

/** The id of a request that may be wrong otherwise; undefined when it has none. @throws INVALID_ENVELOPE */
function requestIdOf({ request_id: id }: { readonly [name: string]: Json | undefined }): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === 'string' && id.length <= REQUEST_ID_CHARACTERS_MAX) return id;
  throw new FacetError(
    'INVALID_ENVELOPE',
    `'request_id' must be a string of at most ${REQUEST_ID_CHARACTERS_MAX} characters`,
  );
}

/** What of an id can be repeated in the answer to a request that is refused. */
export function requestIdIn(body: unknown): string | undefined {
  const id = isObject(body as Json | undefined) ? (body as { request_id?: unknown }).request_id : undefined;
  return typeof id === 'string' && id.length <= REQUEST_ID_CHARACTERS_MAX ? id : undefined;
}

export const successText = (requestId: string, payload: string): string =>
  `{"type":"response","status":"success","success":true,"request_id":${JSON.stringify(requestId)},"payload":${payload},"error":null}`;

/** @param error JSON text of the member `error` */
export const failureText = (requestId: string, error: string): string =>
  `{"type":"response","status":"error","success":false,"request_id":${JSON.stringify(requestId)},"payload":null,"error":${error}}`;

/** @param results JSON texts, in the order of the commands */
export const batchText = (requestId: string, results: readonly string[]): string =>
  `{"type":"batch_response","status":"success","success":true,"request_id":${JSON.stringify(requestId)},"results":[${results.join(',')}]}`;

export const successItem = (payload: string): string =>
  `{"status":"success","success":true,"payload":${payload}}`;

export const failureItem = (error: string): string => `{"status":"error","success":false,"error":${error}}`;
