/**
 * Bodies of graphd's HTTP API, in both encodings. A Content-Type with `protobuf` in it says that the body is a bare message
 * and asks for a ServerMessage; all else is JSON both ways.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { asFacetError, ExactNumber, type FacetError, type Json } from '../../base/index.ts';
import { decodeBatch, decodeExecute, type Pieces, serverMessage } from '../../strana/index.ts';
import { checkNoBrowser, decodeBody, type HttpAnswer, type HttpRequest, JSON_TYPE } from '../http/index.ts';
import { errorText } from './errors.ts';
import type { Statement } from './statements.ts';

export const PROTOBUF_TYPE = 'application/x-protobuf';

export const isProtobuf = ({ headers }: { readonly headers: IncomingHttpHeaders }): boolean =>
  headers['content-type']?.includes('protobuf') === true;

/** A body that is none of the route's; its message goes to the client with status 400. */
export class InvalidBody extends Error {
  constructor(detail: string) {
    super(`Invalid request body: ${detail}`);
  }
}

/** @throws InvalidBody, UNSUPPORTED_MEDIA_TYPE for pages of browsers that send another type than JSON */
export function readExecute(request: HttpRequest): Statement {
  if (isProtobuf(request)) return reading(() => decodeExecute(bytesOf(request)));
  return statementOf(readObject(request));
}

/** @throws as readExecute */
export function readStatements(request: HttpRequest): readonly Statement[] {
  if (isProtobuf(request)) return reading(() => decodeBatch(bytesOf(request))).statements;
  const { statements } = readObject(request);
  if (statements === undefined) throw new InvalidBody('missing field `statements`');
  if (!Array.isArray(statements)) throw new InvalidBody('`statements` is not an array');
  return statements.map((statement: Json) => {
    if (!isObject(statement)) throw new InvalidBody('a statement is not an object');
    return statementOf(statement);
  });
}

const EMPTY = Buffer.alloc(0);
const bytesOf = ({ bytes }: HttpRequest): Buffer => bytes ?? EMPTY;

type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof ExactNumber);

const JSON_MEDIA_TYPE = /^application\/(?:json|[\w.+-]+\+json)\s*(?:;|$)/i;

function readObject(request: HttpRequest): JsonObject {
  const type = request.headers['content-type'] ?? '';
  // Any type is taken for JSON, but for what pages of other sites may send without being asked.
  if (!JSON_MEDIA_TYPE.test(type)) checkNoBrowser(request.headers, type);
  const body = reading(() => decodeBody(bytesOf(request)));
  if (body === undefined) throw new InvalidBody('it is empty');
  if (!isObject(body)) throw new InvalidBody('it is not an object');
  return body;
}

/** `params` that is no object is passed over, as graphd does. */
function statementOf({ query, params }: JsonObject): Statement {
  if (query === undefined) throw new InvalidBody('missing field `query`');
  if (typeof query !== 'string') throw new InvalidBody('`query` is not a string');
  return { query, parameters: isObject(params) ? params : {}, fault: undefined };
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new InvalidBody(asFacetError(thrown).message);
  }
}

export const jsonAnswer = (body: string, status = 200): HttpAnswer => ({
  status,
  contentType: JSON_TYPE,
  body,
});

export const protobufAnswer = ({ pieces, length }: Pieces, status = 200): HttpAnswer => ({
  status,
  contentType: PROTOBUF_TYPE,
  body: pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces, length),
});

/** `code` is an addition. */
export const errorJson = (message: string, code: string, hint?: string): string =>
  JSON.stringify({ type: 'error', message, code, ...(hint === undefined ? {} : { hint }) });

/** An error as the whole answer, in the encoding of the request. */
export function errorAnswer(message: string, code: string, request: HttpRequest, status: number): HttpAnswer {
  if (!isProtobuf(request)) return jsonAnswer(errorJson(message, code), status);
  return { status, contentType: PROTOBUF_TYPE, body: protobufError(message) };
}

export const protobufError = (message: string): Uint8Array =>
  serverMessage({ case: 'error', value: { message } });

export const failureAnswer = (error: FacetError, request: HttpRequest, status: number): HttpAnswer =>
  errorAnswer(errorText(error), error.code, request, status);
