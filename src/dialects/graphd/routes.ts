/**
 * `/v1/execute`, `/v1/batch`, `/v1/pipeline` and `/v1/snapshot`. A statement that fails is an answer with status 200; what is wrong with
 * the request, with who sends it or with the server has the status that it has anywhere.
 */
import { asFacetError, FacetError } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import {
  graphQuery,
  snapshotCreate,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../models/index.ts';
import { batchMessage } from '../../strana/index.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../http/index.ts';
import { type Encoding, piecesEncoding, runBatch } from './batch.ts';
import { errorText, isOfHttp } from './errors.ts';
import { FILE_ROUTES } from './files.ts';
import {
  errorAnswer,
  failureAnswer,
  InvalidBody,
  isProtobuf,
  jsonAnswer,
  protobufAnswer,
  readExecute,
  readStatements,
} from './http-bodies.ts';
import { jsonEncoding, resultJson } from './json-results.ts';
import { MAINTENANCE_ROUTES } from './maintenance.ts';
import { NameNumbers } from './name-numbers.ts';
import { resultPieces } from './result-frames.ts';
import { runStatement, type Statement } from './statements.ts';

type Answering = (request: HttpRequest, session: Session, dispatch: Dispatch) => Promise<HttpAnswer>;

const route = (path: string, answer: Answering): HttpRoute => ({
  method: 'POST',
  path,
  operation: graphQuery,
  takesBytes: true,
  answer: (request, session, dispatch) =>
    worded(request, () => answer(request, inNamespace(request, session), dispatch)),
});

/** The parameter of the URL counts before the header. */
export function inNamespace({ query }: HttpRequest, session: Session): Session {
  const { namespace } = query;
  return typeof namespace === 'string' ? { ...session, namespace } : session;
}

/** @throws what has a status of HTTP of its own */
async function worded(request: HttpRequest, answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await answer();
  } catch (thrown) {
    if (thrown instanceof InvalidBody) return errorAnswer(thrown.message, 'INVALID_PARAMETER', request, 400);
    const error = asFacetError(thrown);
    if (isOfHttp(error)) throw error;
    return failureAnswer(error, request, 200);
  }
}

const execute: Answering = async (request, session, dispatch) => {
  const statement = readExecute(request);
  const names = new NameNumbers(dispatch);
  const answered = await runStatement(dispatch, session, statement, false);
  if (!isProtobuf(request)) return jsonAnswer(await resultJson(names, session, answered));
  const { columns, timingMs, ...rows } = answered;
  return protobufAnswer(await resultPieces(names, session, { columns, timingMs }, rows, false));
};

/** Statements, each by itself. */
const batch: Answering = async (request, session, dispatch) => {
  const statements = readStatements(request);
  const names = new NameNumbers(dispatch);
  if (isProtobuf(request)) {
    const { entries } = await runBatch(dispatch, session, statements, false, piecesEncoding(names));
    return protobufAnswer(batchMessage(entries, undefined));
  }
  const { entries } = await runBatch(dispatch, session, statements, false, jsonEncoding(names));
  return jsonAnswer(`{"type":"batch_result","results":[${entries.join(',')}]}`);
};

/** Statements in one transaction, that of the request's header if it names one: all of them, or none. */
const pipeline: Answering = async (request, session, dispatch) => {
  const statements = readStatements(request);
  const names = new NameNumbers(dispatch);
  if (isProtobuf(request)) {
    const entries = await inOneTransaction(dispatch, session, statements, piecesEncoding(names));
    return protobufAnswer(batchMessage(entries, undefined));
  }
  const entries = await inOneTransaction(dispatch, session, statements, jsonEncoding(names));
  return jsonAnswer(`{"type":"pipeline_result","results":[${entries.join(',')}]}`);
};

/** A rollback goes on when the client has left. */
const NEVER = new AbortController().signal;

async function inOneTransaction<Entry>(
  dispatch: Dispatch,
  session: Session,
  statements: readonly Statement[],
  encoding: Encoding<Entry>,
): Promise<Entry[]> {
  if (session.transactionId !== undefined) {
    return (await runBatch(dispatch, session, statements, false, encoding)).entries;
  }
  const { txnId } = await begun(dispatch, session);
  const rollback = (): Promise<unknown> =>
    // It ends by itself when this fails.
    dispatch
      .call(transactionRollback, { txnId }, { ...session, signal: NEVER, transactionId: undefined })
      .catch(() => undefined);
  let run: Awaited<ReturnType<typeof runBatch<Entry>>>;
  try {
    run = await runBatch(dispatch, { ...session, transactionId: txnId }, statements, false, encoding);
  } catch (thrown) {
    await rollback();
    throw thrown;
  }
  const { entries, failure } = run;
  if (failure !== undefined) {
    await rollback();
    return entries;
  }
  try {
    await dispatch.call(transactionCommit, { txnId }, { ...session, transactionId: undefined });
  } catch (thrown) {
    await rollback();
    const error = asFacetError(thrown);
    entries.push(encoding.error(`Commit failed: ${errorText(error)}`, error.code));
  }
  return entries;
}

async function begun(dispatch: Dispatch, session: Session): Promise<{ readonly txnId: string }> {
  try {
    return await dispatch.call(transactionBegin, { isolationLevel: 'read_committed' }, session);
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (isOfHttp(error)) throw error;
    throw new FacetError(error.code, `Failed to begin transaction: ${errorText(error)}`);
  }
}

/** A dump of the graph beside the server's data. The body is not looked at. */
const snapshot: Answering = async (request, session, dispatch) => {
  const { sequence, path } = await dispatch.call(snapshotCreate, {}, session);
  const names = new NameNumbers(dispatch);
  const answered = {
    columns: ['sequence', 'path'],
    rows: [[BigInt(sequence), path]],
    heldBytes: 0,
    timingMs: 0,
  };
  if (!isProtobuf(request)) return jsonAnswer(await resultJson(names, session, answered));
  return protobufAnswer(await resultPieces(names, session, answered, answered, false));
};

/** Files for COPY, and what is for who looks after a graph: they know the parameter `namespace` too. */
const maintained = [...MAINTENANCE_ROUTES, ...FILE_ROUTES].map(
  (one): HttpRoute => ({
    ...one,
    answer: (request, session, dispatch) => one.answer(request, inNamespace(request, session), dispatch),
  }),
);

export const ROUTES: readonly HttpRoute[] = [
  route('/v1/execute', execute),
  route('/v1/batch', batch),
  route('/v1/pipeline', pipeline),
  {
    method: 'POST',
    path: '/v1/snapshot',
    operation: snapshotCreate,
    takesBytes: true,
    answer: (request, session, dispatch) => snapshot(request, inNamespace(request, session), dispatch),
  },
  ...maintained,
];
