/**
 * Neo4j's Query API: `/db/{database}/query/v2` runs one statement, and `/tx` behind it begins a transaction that `/tx/{id}`
 * goes on with, and `/tx/{id}/commit` and DELETE end. Statuses say what went wrong; only what happens when rows are on
 * their way already is told in `errors` behind them.
 */
import { asFacetError, FacetError, timestamp } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import { graphStream } from '../../../models/index.ts';
import { type HttpAnswer, type HttpRequest, JSON_TYPE } from '../../http/index.ts';
import { count, flag, type JsonObject, object, objectBody, text, texts, wrong } from './body-fields.ts';
import type { HttpTransaction, Place } from './http-transactions.ts';
import { answerOf, type JsonOut } from './json-out.ts';
import { type WriteValue, writeItems, writePlain } from './plain-json.ts';
import { addRows, bookmarksAfter, catchUp, placeOf, type Serving } from './serving.ts';
import { addPlan, countersJson } from './summary-json.ts';
import { TYPED_TYPES, writeTyped } from './typed-json.ts';
import { typedParameters } from './typed-parameters.ts';
import { errorsJson, failureFor, ofCommit } from './words.ts';

interface Query {
  /** Undefined only where a transaction is begun, kept alive or committed. */
  readonly statement: string | undefined;
  readonly params: JsonObject | ReadonlyMap<string, Value> | undefined;
  readonly includeCounters: boolean;
  readonly readOnly: boolean;
  readonly timeoutMs: number | undefined;
  readonly bookmarks: readonly string[];
}

/** The form of the answer. */
interface Form {
  readonly contentType: string;
  readonly write: WriteValue;
}

interface Exchange {
  readonly serving: Serving;
  readonly place: Place;
  readonly query: Query;
  readonly form: Form;
  readonly transaction: HttpTransaction | undefined;
  readonly ends: boolean;
}

const ACCEPTED = 202;

/** `POST /db/{database}/query/v2` */
export async function runAlone(
  serving: Serving,
  request: HttpRequest,
  session: Session,
): Promise<HttpAnswer> {
  const form = formOf(request);
  if (form === undefined) return notAcceptable();
  const query = queryIn(request);
  if (query.statement === undefined) throw wrong('statement', 'a string');
  const place = await placeOf(serving, request.params.database, session);
  await catchUp(serving, place, query.bookmarks, query.timeoutMs);
  return await answer({ serving, place, query, form, transaction: undefined, ends: true });
}

/** `POST /db/{database}/query/v2/tx` */
export async function begin(serving: Serving, request: HttpRequest, session: Session): Promise<HttpAnswer> {
  const form = formOf(request);
  if (form === undefined) return notAcceptable();
  const query = queryIn(request);
  const place = await placeOf(serving, request.params.database, session);
  await catchUp(serving, place, query.bookmarks, query.timeoutMs);
  const transaction = await serving.transactions.begin(place, query.readOnly, query.timeoutMs);
  return await answer({ serving, place, query, form, transaction, ends: false });
}

/** `POST /db/{database}/query/v2/tx/{id}`, and with `ends` `/commit` behind it. */
export async function goOn(
  serving: Serving,
  request: HttpRequest,
  session: Session,
  ends: boolean,
): Promise<HttpAnswer> {
  const form = formOf(request);
  if (form === undefined) return notAcceptable();
  const query = queryIn(request);
  const place = await placeOf(serving, request.params.database, session);
  const transaction = serving.transactions.take(request.params.id ?? '', place);
  return await answer({ serving, place, query, form, transaction, ends });
}

/** `DELETE /db/{database}/query/v2/tx/{id}` */
export async function drop(serving: Serving, request: HttpRequest, session: Session): Promise<HttpAnswer> {
  const place = await placeOf(serving, request.params.database, session);
  await serving.transactions.rollback(serving.transactions.take(request.params.id ?? '', place), session);
  return { status: 200, contentType: JSON_TYPE, body: '{}' };
}

/** A transaction in which anything goes wrong is rolled back. */
async function answer(exchange: Exchange): Promise<HttpAnswer> {
  const { serving, place, query, form, transaction } = exchange;
  return await answerOf({ status: ACCEPTED, contentType: form.contentType }, async (out) => {
    try {
      await talk(exchange, out);
    } catch (thrown) {
      if (transaction !== undefined) await serving.transactions.rollback(transaction, place.session);
      if (!out.isUnderWay) throw thrown;
      const failure = failureFor(asFacetError(thrown), place.session.requestId, query.statement);
      out.add(`,"errors":${errorsJson([failure])}}`);
    }
  });
}

async function talk(exchange: Exchange, out: JsonOut): Promise<void> {
  const { serving, place, query, transaction, ends } = exchange;
  let position = query.statement === undefined ? undefined : await run(exchange, query.statement, out);
  // Before anything is added: what this fails with comes right behind the rows.
  if (ends && transaction !== undefined) {
    position = await serving.transactions.commit(transaction, place.session).catch((thrown: unknown) => {
      throw ofCommit(thrown);
    });
  }
  out.add(query.statement === undefined ? '{' : ',');
  if (ends) {
    const bookmarks = bookmarksAfter(place, position, query.bookmarks);
    out.add(`"bookmarks":${JSON.stringify(bookmarks)}}`);
  } else if (transaction !== undefined) {
    serving.transactions.release(transaction);
    const expires = timestamp(transaction.expiresAtMs);
    out.add(`"transaction":{"id":"${transaction.id}","expires":"${expires}"}}`);
  }
}

/** All of the answer about the statement, whole also when it rejects. @returns the position of a commit that it made by itself */
async function run(
  { serving, place, query, form, transaction }: Exchange,
  statement: string,
  out: JsonOut,
): Promise<string | undefined> {
  const { session, namespace } = place;
  const stream = await serving.dispatch.call(
    graphStream,
    {
      query: statement,
      ...(query.params === undefined ? {} : { params: query.params }),
      timeoutMs: Math.min(query.timeoutMs ?? serving.queryTimeoutMsMax, serving.queryTimeoutMsMax),
      readOnly: transaction?.readOnly ?? query.readOnly,
      position: transaction === undefined,
      planAsData: true,
    },
    transaction?.inside(session) ?? { ...session, namespace, transactionId: undefined },
  );
  out.add(`{"data":{"fields":${JSON.stringify(stream.columns)},"values":[`);
  try {
    await addRows(out, stream, (to, row) => writeItems(to, row, form.write));
  } finally {
    out.add(']}');
  }
  if (query.includeCounters) out.add(`,"counters":${countersJson(stream)}`);
  const plan = stream.plan();
  if (plan !== undefined) addPlan(out, plan, form.write);
  return stream.position();
}

/** `maxExecutionTime` is in seconds. */
const MILLIS_OF_SECOND = 1_000;

/** @throws INVALID_MESSAGE, FEATURE_NOT_SUPPORTED */
function queryIn({ body, headers }: HttpRequest): Query {
  const members = objectBody(body);
  const user = text(members, 'impersonatedUser');
  if (user !== undefined && user.trim() !== '') {
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'Nobody acts for another user here (impersonatedUser)');
  }
  const mode = (text(members, 'accessMode') ?? 'write').toLowerCase();
  if (mode !== 'read' && mode !== 'write') throw wrong('accessMode', 'READ or WRITE');
  const parameters = object(members, 'parameters');
  const seconds = count(members, 'maxExecutionTime', 0) ?? 0;
  const statement = text(members, 'statement');
  return {
    statement: statement === '' ? undefined : statement,
    params:
      parameters !== undefined && TYPED_TYPES.includes(essenceOf(headers['content-type'] ?? ''))
        ? typedParameters(parameters)
        : parameters,
    includeCounters: flag(members, 'includeCounters'),
    readOnly: mode === 'read',
    timeoutMs: seconds === 0 ? undefined : seconds * MILLIS_OF_SECOND,
    bookmarks: texts(members, 'bookmarks'),
  };
}

const essenceOf = (type: string): string => (type.split(';', 1)[0] ?? '').trim().toLowerCase();

const PLAIN_TYPES: readonly string[] = ['application/json', 'application/*', '*/*', ''];

/** The first of the client's wishes that can be met; undefined when none can. */
function formOf({ headers }: HttpRequest): Form | undefined {
  for (const wish of (headers.accept ?? '').split(',')) {
    const type = essenceOf(wish);
    if (TYPED_TYPES.includes(type)) return { contentType: type, write: writeTyped };
    if (PLAIN_TYPES.includes(type)) return { contentType: JSON_TYPE, write: writePlain };
  }
  return undefined;
}

function notAcceptable(): HttpAnswer {
  const message = `Answers are in application/json or ${TYPED_TYPES.join(', ')}`;
  const errors = errorsJson([{ code: 'Neo.ClientError.Request.Invalid', message }]);
  return { status: 406, contentType: JSON_TYPE, body: `{"errors":${errors}}` };
}
