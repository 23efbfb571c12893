/** What the commands for snapshots and the journal say to a running server. */
import type { IncomingMessage } from 'node:http';
import type { Command } from 'commander';
import { type Json, parseExactJson } from '../base/index.ts';
import { clientVariable } from '../server/index.ts';
import { addConnectionOptions, type ConnectionOptions, urlOf } from './connection.ts';
import { HttpConnections, readLines, readText } from './http.ts';
import { type JsonObject, objectOf } from './json-parts.ts';
import { ServerError, serverErrorOf, unfinished } from './server-error.ts';

export interface ServerOptions extends ConnectionOptions {
  readonly namespace?: string;
}

/** Adds `--url`, `--token` and `--namespace` to a command. */
export const addServerOptions = (command: Command): Command =>
  addConnectionOptions(command).option('--namespace <name>', 'whose graph (default: that of the server)');

/** Bytes of an answer, and what its headers say of them. */
export interface Bytes {
  header(name: string): string;
  /** Rejects when the answer was broken off, with the reason of the server where it gives one. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

export class MaintenanceClient {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #connections = new HttpConnections();

  constructor(options: ServerOptions) {
    const url = urlOf(options);
    this.#url = new URL(url.endsWith('/') ? url : `${url}/`);
    const token = options.token ?? clientVariable('FACET_TOKEN');
    this.#headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(options.namespace === undefined ? {} : { 'x-facet-namespace': options.namespace }),
    };
  }

  /** @throws NoServerError, ServerError */
  async get(path: string): Promise<JsonObject> {
    return await answerOf(await this.#send('GET', path));
  }

  /** @throws NoServerError, ServerError */
  async post(path: string, body: JsonObject = {}): Promise<JsonObject> {
    return await answerOf(await this.#send('POST', path, JSON.stringify(body)));
  }

  /** The lines of an answer as they come, each an object. @throws NoServerError, ServerError */
  async *lines(path: string): AsyncGenerator<JsonObject> {
    const response = await this.#send('POST', path, '{}');
    if (response.statusCode !== 200) throw serverErrorOf(response, await readText(response));
    for await (const line of readLines(response)) {
      const object = objectOf(parseExactJson(line));
      if (object.type === 'error') throw new ServerError(200, object);
      yield object;
    }
  }

  /** @throws NoServerError, ServerError */
  async bytes(path: string): Promise<Bytes> {
    const response = await this.#send('GET', path);
    if (response.statusCode !== 200) throw serverErrorOf(response, await readText(response));
    return {
      header: (name) => String(response.headers[name] ?? ''),
      pieces: piecesOf(response),
    };
  }

  close(): void {
    this.#connections.close();
  }

  #send(method: 'GET' | 'POST', path: string, body?: string): Promise<IncomingMessage> {
    return this.#connections.send({ method, url: new URL(path, this.#url), headers: this.#headers, body });
  }
}

async function answerOf(response: IncomingMessage): Promise<JsonObject> {
  const text = await readText(response);
  const isJson = response.headers['content-type']?.startsWith('application/json') === true;
  if (response.statusCode !== 200 || !isJson) throw serverErrorOf(response, text);
  const answer = objectOf(parseExactJson(text));
  // graphd's own routes answer failures with status 200.
  if (answer.type === 'error') throw new ServerError(200, answer);
  return answer;
}

async function* piecesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') throw unfinished();
    throw error;
  }
  const told = response.trailers['x-facet-error'];
  if (told === undefined) return;
  throw new ServerError(200, objectOf(parsed(decodeURIComponent(told))));
}

function parsed(text: string): Json {
  try {
    return parseExactJson(text);
  } catch {
    return { message: text };
  }
}
