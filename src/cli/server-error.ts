/** Refusals of the server as errors of the tools, whichever of its dialects they come from. */
import type { IncomingMessage } from 'node:http';
import { parseExactJson } from '../base/index.ts';
import { type JsonObject, numberOf, objectOf, textOf } from './json-parts.ts';

/** An error that the server answered with. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** 1-based character offset in the SQL text. */
  readonly position: number | undefined;
  readonly requestId: string | undefined;

  constructor(status: number, error: JsonObject) {
    super(textOf(error.message) ?? `HTTP status ${status}`);
    this.status = status;
    this.code = textOf(error.code) ?? `HTTP_${status}`;
    this.detail = textOf(error.detail);
    this.hint = textOf(error.hint);
    this.position = numberOf(error.position);
    this.requestId = textOf(error.request_id);
  }
}

/** For a stream of rows whose end never came. */
export const unfinished = (): ServerError =>
  new ServerError(200, {
    code: 'UNAVAILABLE',
    message: 'The connection ended before the result was complete',
  });

/** The message ends with the place in the query, in bytes from 0: ` at [12..15)`. */
export function cypherError(status: number, body: JsonObject, query: string): ServerError {
  const message = textOf(body.error) ?? '';
  const start = / at \[(\d+)\.\.\d+\)$/.exec(message)?.[1];
  const before = Buffer.from(query).subarray(0, Number(start));
  const position = start === undefined ? {} : { position: [...before.toString()].length + 1 };
  return new ServerError(status, { ...body, message, ...position });
}

/** The error in an answer; something else than Facet's error envelope is told as what it is. */
export function serverErrorOf(response: IncomingMessage, text: string, query = ''): ServerError {
  const status = response.statusCode ?? 0;
  try {
    const body = objectOf(parseExactJson(text));
    const { error } = body;
    if (typeof error === 'string') return cypherError(status, body, query);
    if (error !== undefined) return new ServerError(status, objectOf(error));
  } catch {
    // Not JSON: told below.
  }
  const message = `The answer is not one of a Facet server: HTTP status ${status}, ${response.headers['content-type'] ?? 'no content type'}`;
  return new ServerError(status, { message });
}
