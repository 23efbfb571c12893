/**
 * Neo4j's transactional endpoint: `/db/{database}/tx` begins, `/tx/{id}` goes on, `/tx/{id}/commit` and DELETE end, and
 * `/tx/commit` does all at once. A request has any number of statements. What goes wrong with one is told in `errors`
 * of an answer whose status is that of success, and rolls the transaction back.
 */
import { asFacetError, type ErrorCode, FacetError, LIMITS } from '../../../base/index.ts';
import { Node, type Value } from '../../../cypher/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import { type GraphStream, graphQuery, graphStream } from '../../../models/index.ts';
import { type HttpAnswer, type HttpRequest, JSON_TYPE } from '../../http/index.ts';
import type { Failure } from '../codec.ts';
import {
  flag,
  isObject,
  type JsonObject,
  list,
  object,
  objectBody,
  text,
  textsIn,
  wrong,
} from './body-fields.ts';
import type { HttpTransaction, Place } from './http-transactions.ts';
import { answerOf, type JsonOut } from './json-out.ts';
import { baseOf } from './own-address.ts';
import { missingEnds, NODES_BY_ID } from './relationship-ends.ts';
import { type Content, writeRow } from './row-json.ts';
import { addRows, bookmarksAfter, catchUp, placeOf, type Serving } from './serving.ts';
import { rootPlanJson, statsJson } from './summary-json.ts';
import { errorsJson, failureFor } from './words.ts';

interface Statement {
  readonly query: string;
  readonly params: JsonObject | undefined;
  readonly contents: readonly Content[];
  readonly includeStats: boolean;
}

interface Headers {
  readonly readOnly: boolean;
  readonly bookmarks: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** One request that runs statements. */
interface Exchange {
  readonly serving: Serving;
  readonly place: Place;
  readonly statements: readonly Statement[];
  /** Undefined: a single statement that commits itself, or none. */
  readonly transaction: HttpTransaction | undefined;
  readonly commits: boolean;
  readonly headers: Headers;
  /** Where the client commits; undefined for a transaction that it never had. */
  readonly commitUri: string | undefined;
}

const OK = { status: 200, contentType: JSON_TYPE };

/** `POST /db/{database}/tx` */
export async function open(serving: Serving, request: HttpRequest, session: Session): Promise<HttpAnswer> {
  const statements = statementsIn(request);
  const headers = headersOf(request);
  const place = await placeOf(serving, request.params.database, session);
  await catchUp(serving, place, headers.bookmarks, headers.timeoutMs);
  const transaction = await serving.transactions.begin(place, headers.readOnly, headers.timeoutMs);
  const location = `${baseOf(request, session, serving.trustProxy)}/tx/${transaction.id}`;
  const commitUri = `${location}/commit`;
  const exchange = { serving, place, statements, transaction, commits: false, headers, commitUri };
  return await answerOf({ ...OK, status: 201, headers: { location } }, (out) => talk(exchange, out));
}

/** `POST /db/{database}/tx/{id}`, and with `commits` `/commit` behind it. Without statements it keeps the transaction alive. */
export async function goOn(
  serving: Serving,
  request: HttpRequest,
  session: Session,
  commits: boolean,
): Promise<HttpAnswer> {
  const statements = statementsIn(request);
  const given = headersOf(request);
  const place = await placeOf(serving, request.params.database, session);
  const transaction = serving.transactions.take(request.params.id ?? '', place);
  const headers = { ...given, readOnly: transaction.readOnly };
  const commitUri = `${baseOf(request, session, serving.trustProxy)}/tx/${transaction.id}/commit`;
  const exchange = { serving, place, statements, transaction, commits, headers, commitUri };
  return await answerOf(OK, (out) => talk(exchange, out));
}

/** `POST /db/{database}/tx/commit` */
export async function atOnce(serving: Serving, request: HttpRequest, session: Session): Promise<HttpAnswer> {
  const statements = statementsIn(request);
  const headers = headersOf(request);
  const place = await placeOf(serving, request.params.database, session);
  await catchUp(serving, place, headers.bookmarks, headers.timeoutMs);
  // One statement is a transaction of its own, which costs one round trip instead of three.
  const transaction =
    statements.length > 1
      ? await serving.transactions.begin(place, headers.readOnly, headers.timeoutMs)
      : undefined;
  const exchange = {
    serving,
    place,
    statements,
    transaction,
    commits: true,
    headers,
    commitUri: undefined,
  };
  return await answerOf(OK, (out) => talk(exchange, out));
}

/** `DELETE /db/{database}/tx/{id}` */
export async function drop(serving: Serving, request: HttpRequest, session: Session): Promise<HttpAnswer> {
  const place = await placeOf(serving, request.params.database, session);
  await serving.transactions.rollback(serving.transactions.take(request.params.id ?? '', place), session);
  return { ...OK, body: '{"results":[],"errors":[]}' };
}

/** What is not about a statement has a status of its own. */
const WITH_STATUS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DATABASE_NOT_FOUND',
  'NAMESPACE_INVALID',
  'TRANSACTION_NOT_FOUND',
  'TRANSACTION_NOT_ACTIVE',
  'UNAUTHORIZED',
  'RATE_LIMITED',
]);

/** Runs, ends or keeps the transaction, and tells of it. Rejects only with what has a status, while nothing is out. */
async function talk(exchange: Exchange, out: JsonOut): Promise<void> {
  const { serving, place, statements, transaction, commits, headers, commitUri } = exchange;
  const { transactions } = serving;
  let failure: Failure | undefined;
  let position: string | undefined;
  let running: Statement | undefined;
  out.add('{"results":[');
  try {
    for (const [index, statement] of statements.entries()) {
      running = statement;
      position = await run(exchange, out, statement, index === 0 ? '' : ',');
    }
    running = undefined;
    if (transaction !== undefined) {
      if (commits) position = await transactions.commit(transaction, place.session);
      else transactions.release(transaction);
    }
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (transaction !== undefined) await transactions.rollback(transaction, place.session);
    if (WITH_STATUS.has(error.code) && !out.isUnderWay) throw error;
    const isCommitting = commits && running === undefined;
    failure = failureFor(error, place.session.requestId, running?.query, isCommitting);
  }
  out.add(`],"errors":${errorsJson(failure === undefined ? [] : [failure])}`);
  if (commitUri !== undefined) out.add(`,"commit":${JSON.stringify(commitUri)}`);
  if (failure === undefined && commits) {
    const bookmarks = bookmarksAfter(place, position, headers.bookmarks);
    out.add(`,"lastBookmarks":${JSON.stringify(bookmarks)}`);
  } else if (failure === undefined && transaction !== undefined) {
    out.add(`,"transaction":{"expires":"${new Date(transaction.expiresAtMs).toUTCString()}"}`);
  }
  out.add('}');
}

/** One result. @returns the position of a commit that the statement made by itself */
async function run(
  { serving, place, transaction, headers }: Exchange,
  out: JsonOut,
  { query, params, contents, includeStats }: Statement,
  before: string,
): Promise<string | undefined> {
  const { session, namespace } = place;
  const inside = transaction?.inside(session) ?? { ...session, namespace, transactionId: undefined };
  const stream = await serving.dispatch.call(
    graphStream,
    {
      query,
      ...(params === undefined ? {} : { params }),
      timeoutMs: Math.min(headers.timeoutMs ?? serving.queryTimeoutMsMax, serving.queryTimeoutMsMax),
      readOnly: headers.readOnly,
      position: transaction === undefined,
      planAsData: true,
    },
    inside,
  );
  let ends: ReadonlyMap<bigint, Node> = new Map();
  const findEnds = async (rows: Rows): Promise<void> => {
    ends = await nodesOf(serving, missingEnds(rows), inside);
  };
  out.add(`${before}{"columns":${JSON.stringify(stream.columns)},"data":[`);
  try {
    const write = (to: JsonOut, row: Rows[number]): void => writeRow(to, row, contents, ends);
    await addRows(out, stream, write, contents.includes('graph') ? findEnds : undefined);
  } catch (error) {
    out.add(']}');
    throw error;
  }
  out.add(`]${tailOf(stream, includeStats)}}`);
  return stream.position();
}

type Rows = readonly (readonly Value[])[];

async function nodesOf(
  { dispatch }: Serving,
  ids: readonly bigint[],
  inside: Session,
): Promise<ReadonlyMap<bigint, Node>> {
  const found = new Map<bigint, Node>();
  if (ids.length === 0) return found;
  const input = { query: NODES_BY_ID, params: new Map([['ids', ids]]), readOnly: true };
  const { rows } = await dispatch.call(graphQuery, input, { ...inside, partial: true });
  for (const [node] of rows) if (node instanceof Node) found.set(node.id, node);
  return found;
}

function tailOf(stream: GraphStream, includeStats: boolean): string {
  const plan = stream.plan();
  const stats = includeStats ? `,"stats":${statsJson(stream)}` : '';
  return plan === undefined ? stats : `${stats},"plan":${rootPlanJson(plan)}`;
}

/** @throws INVALID_MESSAGE, LIMIT_EXCEEDED, FEATURE_NOT_SUPPORTED */
function statementsIn({ body }: HttpRequest): readonly Statement[] {
  const statements = list(objectBody(body), 'statements') ?? [];
  if (statements.length > LIMITS.neo4jHttpStatementsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `More than ${LIMITS.neo4jHttpStatementsMax} statements in one request (neo4jHttpStatementsMax)`,
    );
  }
  return statements.map((statement, index) => {
    if (!isObject(statement)) throw wrong(`statements[${index}]`, 'an object');
    const query = text(statement, 'statement');
    if (query === undefined) throw wrong(`statements[${index}].statement`, 'a string');
    return {
      query,
      params: object(statement, 'parameters'),
      contents: contentsOf(statement),
      includeStats: flag(statement, 'includeStats'),
    };
  });
}

/** Names in any case. */
function contentsOf(statement: JsonObject): readonly Content[] {
  const names = textsIn(list(statement, 'resultDataContents') ?? ['row'], 'resultDataContents');
  return names.map((name) => {
    const known = name.toLowerCase();
    if (known === 'row' || known === 'graph') return known;
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `resultDataContents has row and graph, not '${name.slice(0, 40)}'`,
    );
  });
}

/** `access-mode: READ`, `bookmarks: ["…"]` and `max-execution-time` in milliseconds. @throws INVALID_MESSAGE */
function headersOf({ headers }: HttpRequest): Headers {
  const mode = headers['access-mode'] ?? 'WRITE';
  if (mode !== 'READ' && mode !== 'WRITE') throw wrong('The header access-mode', 'READ or WRITE');
  const time = headers['max-execution-time'];
  const timeoutMs = time === undefined ? undefined : Number(time);
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs > 0)) {
    throw wrong('The header max-execution-time', 'a number of milliseconds');
  }
  return { readOnly: mode === 'READ', bookmarks: bookmarksIn(headers.bookmarks), timeoutMs };
}

function bookmarksIn(header: string | string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  let bookmarks: unknown;
  try {
    bookmarks = JSON.parse(String(header));
  } catch {
    bookmarks = undefined;
  }
  if (!Array.isArray(bookmarks) || bookmarks.some((bookmark) => typeof bookmark !== 'string')) {
    throw wrong('The header bookmarks', 'a JSON array of strings');
  }
  return bookmarks as readonly string[];
}
