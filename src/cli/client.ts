/**
 * What the command line tools say to a running server: its public REST API and nothing else, so whatever a tool
 * can do, an application can do too. Numbers are read exactly.
 */
import type { IncomingMessage } from 'node:http';
import { type Json, parseExactJson, stringifyExactJson } from '../base/index.ts';
import { type HttpCall, HttpConnections, readLines, readText } from './http.ts';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from './json-parts.ts';
import { cypherError, ServerError, serverErrorOf, unfinished } from './server-error.ts';
import type { TableColumn } from './table.ts';

/** `Params`: a list for SQL, names and values for Cypher. */
export interface QueryOptions<Params extends Json> {
  readonly params?: Params | undefined;
  readonly timeoutMs?: number | undefined;
  readonly transactionId?: string | undefined;
  /** Aborted: the statement is cancelled. */
  readonly signal?: AbortSignal | undefined;
}

type SqlOptions = QueryOptions<readonly Json[]>;
type CypherOptions = QueryOptions<{ readonly [name: string]: Json }>;

export interface Answer {
  /** Empty for statements that return no rows. */
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Json[])[];
  /** Rows changed; undefined for statements that change none. */
  readonly rowsAffected: number | undefined;
  readonly executionTimeMs: number;
}

export interface CypherAnswer {
  /** Empty for queries that return no rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  /** What was changed, by the server's words for it; undefined for queries that cannot write. */
  readonly outcome: ReadonlyMap<string, number> | undefined;
}

export interface NamedCommand {
  readonly command: string;
  readonly payload: JsonObject;
}

/** Rows as they arrive, after the names of their columns. */
export interface RowStream {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Json[]>;
}

export class ServerClient {
  readonly url: URL;
  readonly #headers: Record<string, string>;
  readonly #connections = new HttpConnections();

  /** `url` is the address of the server, such as `http://127.0.0.1:8088`; a path in it is kept as a prefix. */
  constructor(url: string, token?: string) {
    this.url = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#headers = { 'content-type': 'application/json', accept: 'application/json' };
    if (token !== undefined) this.#headers.authorization = `Bearer ${token}`;
  }

  /** Runs one statement and gathers its rows. @throws NoServerError, ServerError */
  async query(sql: string, options: SqlOptions = {}): Promise<Answer> {
    const { signal } = options;
    const answer = await this.#json('api/v1/query', sqlBody(sql, options), transactionHeader(options), {
      signal,
    });
    return {
      columns: columnsOf(answer),
      rows: listOf(answer.rows).map(listOf),
      rowsAffected: numberOf(answer.rows_affected),
      executionTimeMs: numberOf(answer.execution_time_ms) ?? 0,
    };
  }

  /**
   * Runs one statement whose rows are not gathered, here or in the server, so that a result may be of any size.
   * @throws NoServerError, ServerError, also while rows arrive
   */
  async stream(sql: string, options: SqlOptions = {}): Promise<RowStream> {
    const { columns, lines } = await this.#lines('api/v1/query', sqlBody(sql, options), options);
    return { columns, rows: streamedRows(lines) };
  }

  /** Runs one Cypher query and gathers its rows. @throws NoServerError, ServerError */
  async cypher(query: string, options: CypherOptions = {}): Promise<CypherAnswer> {
    const body = cypherBody(query, options);
    const { signal } = options;
    const answer = await this.#json('v0/cypher', body, transactionHeader(options), { query, signal });
    const columns = namesOf(answer);
    return {
      columns,
      rows: listOf(answer.rows).map((row) => cellsOf(row, columns)),
      outcome: outcomeOf(answer),
    };
  }

  /** As `stream`, for one Cypher query. @throws NoServerError, ServerError, also while rows arrive */
  async cypherStream(query: string, options: CypherOptions = {}): Promise<RowStream> {
    const body = cypherBody(query, options);
    const { columns, lines } = await this.#lines('v0/cypher/stream', body, options, query);
    return { columns, rows: streamedObjects(lines, columns, query) };
  }

  /**
   * Runs one statement of the Neumann query language.
   * @returns the result by its kind, in the JSON of neumann.v1.QueryResponse: `{ count: { count: '2' } }`
   * @throws NoServerError, ServerError
   */
  async neumann(query: string, signal?: AbortSignal): Promise<JsonObject> {
    return await this.#json('neumann.v1.QueryService/Execute', { query }, {}, { query, signal });
  }

  /** Opens a transaction that rolls back by itself after `timeoutMs`; gives its id. */
  async begin(timeoutMs: number): Promise<string> {
    const answer = await this.#json('api/v1/transactions', { timeout_ms: timeoutMs }, {});
    return textOf(answer.txn_id) ?? '';
  }

  async commit(transactionId: string): Promise<void> {
    await this.#json(`api/v1/transactions/${encodeURIComponent(transactionId)}/commit`, undefined, {});
  }

  async rollback(transactionId: string): Promise<void> {
    await this.#json(`api/v1/transactions/${encodeURIComponent(transactionId)}/rollback`, undefined, {});
  }

  /**
   * Runs one command, such as `kv.set`, and gives its payload: the envelope has it in `payload`, whatever form of
   * answers the server was told to give. @throws NoServerError, ServerError
   */
  async command(name: string, payload: JsonObject): Promise<JsonObject> {
    const answer = await this.#json('api/v1/command', { command: name, payload }, {});
    return payloadOf(answer);
  }

  /** Runs commands in order in one request; gives their payloads. @throws NoServerError, ServerError of the first that failed */
  async commands(commands: readonly NamedCommand[]): Promise<readonly JsonObject[]> {
    const body = { type: 'batch', commands: commands.map(({ command, payload }) => ({ command, payload })) };
    const answer = await this.#json('api/v1/command', body, {});
    return listOf(answer.results).map((result) => payloadOf(objectOf(result)));
  }

  /** What a WebSocket to this server says in its first request. */
  get socketHeaders(): Readonly<Record<string, string>> {
    const { authorization } = this.#headers;
    return authorization === undefined ? {} : { authorization };
  }

  /** Closes the connections. */
  close(): void {
    this.#connections.close();
  }

  /** `query` is the text for the place in messages, where an answer needs it. */
  async #json(
    path: string,
    body: Json | undefined,
    headers: Readonly<Record<string, string>>,
    { query, signal }: { readonly query?: string; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<JsonObject> {
    const response = await this.#send(path, body, headers, signal);
    const text = await readText(response);
    const isAnswer = response.statusCode === 200 || response.statusCode === 201;
    if (!isAnswer || !isTyped(response, 'application/json')) throw serverErrorOf(response, text, query);
    return objectOf(parseExactJson(text));
  }

  /** The first line of an answer has the columns; `lines` are those after it. */
  async #lines(
    path: string,
    body: Json,
    options: { readonly transactionId?: string | undefined },
    query?: string,
  ): Promise<{ readonly columns: readonly string[]; readonly lines: AsyncIterable<string> }> {
    const headers = { ...transactionHeader(options), accept: 'application/x-ndjson' };
    const response = await this.#send(path, body, headers);
    if (response.statusCode !== 200 || !isTyped(response, 'application/x-ndjson')) {
      throw serverErrorOf(response, await readText(response), query);
    }
    const lines = readLines(response);
    const head = await lines.next();
    if (head.done) throw unfinished();
    return { columns: namesOf(lineObject(head.value)), lines };
  }

  #send(
    path: string,
    body: Json | undefined,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const call: HttpCall = {
      signal,
      method: 'POST',
      url: new URL(path, this.url),
      headers: { ...this.#headers, ...headers },
      body: stringifyExactJson(body ?? {}),
    };
    return this.#connections.send(call);
  }
}

/** Refusals may come with status 200, as an object or as a bare text. */
function payloadOf(result: JsonObject): JsonObject {
  if (result.success === true) return objectOf(result.payload);
  const { error } = result;
  throw new ServerError(200, typeof error === 'string' ? { message: error } : objectOf(error));
}

/** Each line is a row as an array, or the error that ended the stream, or the summary that closes it. */
async function* streamedRows(lines: AsyncIterable<string>): AsyncGenerator<readonly Json[]> {
  for await (const line of lines) {
    const value = parseExactJson(line);
    if (Array.isArray(value)) {
      yield value;
      continue;
    }
    const object = objectOf(value);
    if (object.error !== undefined) throw new ServerError(200, objectOf(object.error));
    return;
  }
  throw unfinished();
}

/** Each line is a row as an object; the last one is the summary, or the error that ended the stream. */
async function* streamedObjects(
  lines: AsyncIterable<string>,
  columns: readonly string[],
  query: string,
): AsyncGenerator<readonly Json[]> {
  let last: JsonObject | undefined;
  for await (const line of lines) {
    if (last !== undefined) yield cellsOf(last, columns);
    last = lineObject(line);
  }
  // Columns may have any name, so only its place tells the summary from a row.
  if (last?.row_count !== undefined) return;
  if (typeof last?.error === 'string') throw cypherError(200, last, query);
  throw unfinished();
}

const lineObject = (line: string): JsonObject => objectOf(parseExactJson(line));

const sqlBody = (sql: string, { params, timeoutMs }: SqlOptions): Json => ({
  sql,
  ...(params === undefined ? {} : { params }),
  ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
});

const cypherBody = (query: string, { params, timeoutMs }: CypherOptions): Json => ({
  query,
  ...(params === undefined ? {} : { params }),
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});

const transactionHeader = ({
  transactionId,
}: {
  readonly transactionId?: string | undefined;
}): Record<string, string> => (transactionId === undefined ? {} : { 'x-facet-txn-id': transactionId });

const namesOf = (answer: JsonObject): string[] => listOf(answer.columns).map((name) => textOf(name) ?? '');

function cellsOf(row: Json, columns: readonly string[]): readonly Json[] {
  const object = objectOf(row);
  return columns.map((column) => object[column] ?? null);
}

function outcomeOf(answer: JsonObject): ReadonlyMap<string, number> | undefined {
  const outcome = answer.write_outcome ?? answer.schema_outcome;
  if (outcome === undefined) return undefined;
  return new Map(Object.entries(objectOf(outcome)).map(([name, count]) => [name, numberOf(count) ?? 0]));
}

function columnsOf(answer: JsonObject): TableColumn[] {
  const types = listOf(answer.column_types);
  return namesOf(answer).map((name, at) => ({ name, type: textOf(types[at]) ?? '' }));
}

/** Somebody else's server may answer 200 as well. */
const isTyped = (response: IncomingMessage, type: string): boolean =>
  response.headers['content-type']?.startsWith(type) === true;
