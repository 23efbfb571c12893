/** Refusals of the server as errors of the tools, whichever of its dialects they come from. */
import type { IncomingMessage } from 'node:http';
import { parseExactJson } from '../base/index.ts';
import { errorInfoOf } from './error-info.ts';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from './json-parts.ts';

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

/** A status of Connect. The message tells the place in the query, if there is one: ` at line 1, column 5`. */
function rpcError(status: number, body: JsonObject, query: string): ServerError {
  const info = listOf(body.details)
    .map(errorInfoOf)
    .find((found) => found !== undefined);
  const { reason, metadata } = info ?? { reason: undefined, metadata: new Map<string, string>() };
  const told = textOf(body.message) ?? '';
  const hint = metadata.get('hint');
  // Clients that show the message alone get the hint with it.
  const message = hint !== undefined && told.endsWith(` ${hint}`) ? told.slice(0, -hint.length - 1) : told;
  const [, line, column] = /\bat line (\d+), column (\d+)\b/.exec(message) ?? [];
  const position =
    line === undefined ? Number(metadata.get('position')) : characterAt(query, Number(line), Number(column));
  return new ServerError(status, {
    code: reason ?? textOf(body.code) ?? '',
    message,
    ...(Number.isInteger(position) ? { position } : {}),
    ...Object.fromEntries([...metadata].filter(([name]) => SHOWN_METADATA.includes(name))),
  });
}

const SHOWN_METADATA: readonly string[] = ['detail', 'hint', 'request_id'];

/** From a line and a column in UTF-16 units to a character, all from 1. */
function characterAt(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = [...lines.slice(0, line - 1), (lines[line - 1] ?? '').slice(0, column - 1)].join('\n');
  return [...before].length + 1;
}

/** The error in an answer; something else than Facet's error envelope is told as what it is. */
export function serverErrorOf(response: IncomingMessage, text: string, query = ''): ServerError {
  const status = response.statusCode ?? 0;
  try {
    const body = objectOf(parseExactJson(text));
    const { error } = body;
    if (typeof error === 'string') return cypherError(status, body, query);
    // graphd's form has the message, and of Facet's own the code beside it.
    if (body.type === 'error') return new ServerError(status, body);
    if (typeof body.code === 'string') return rpcError(status, body, query);
    if (error !== undefined) return new ServerError(status, objectOf(error));
  } catch {
    // Not JSON: told below.
  }
  const message = `The answer is not one of a Facet server: HTTP status ${status}, ${response.headers['content-type'] ?? 'no content type'}`;
  return new ServerError(status, { message });
}
