/**
 * One statement of a client, whatever it came by: a command on tables or Cypher, whose rows are gathered or taken as they
 * come. Functions that only graphd's engine has become parameters.
 */
import { LIMITS, monotonicMs, roleAllows } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { Database } from '../../engine/index.ts';
import {
  canChange,
  explicitFunctions,
  graphDefine,
  graphQuery,
  graphStream,
  isTableCommand,
  journalBegin,
} from '../../models/index.ts';
import type { StatementRequest } from '../../strana/index.ts';
import { uploadedFiles } from './files.ts';

export type Row = readonly Value[];

export interface Answered {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** What the rows hold in memory, about. */
  readonly heldBytes: number;
  readonly timingMs: number;
}

export interface Opened {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly Row[]>;
  readonly timingMs: number;
}

export type Statement = Pick<StatementRequest, 'query' | 'fault'> & {
  readonly parameters: ReadonlyMap<string, Value> | Readonly<Record<string, unknown>>;
};

/** @throws what the statement fails with */
export async function runStatement(
  dispatch: Dispatch,
  session: Session,
  statement: Statement,
  readOnly: boolean,
): Promise<Answered> {
  const startedMs = monotonicMs();
  const input = await inputOf(dispatch, session, statement, readOnly);
  const { columns, rows, heldBytes } =
    'statement' in input
      ? await dispatch.call(graphDefine, input, session)
      : await dispatch.call(graphQuery, input, session);
  return { columns, rows, heldBytes, timingMs: sinceMs(startedMs) };
}

/** As runStatement, and what fails later comes through `batches`. What writes has been done when this resolves. */
export async function openStatement(
  dispatch: Dispatch,
  session: Session,
  statement: Statement,
  readOnly: boolean,
): Promise<Opened> {
  const startedMs = monotonicMs();
  const input = await inputOf(dispatch, session, statement, readOnly);
  if ('statement' in input) {
    const { columns, rows } = await dispatch.call(graphDefine, input, session);
    return { columns, batches: oneBatch(rows), timingMs: sinceMs(startedMs) };
  }
  const { columns, batches } = await dispatch.call(graphStream, input, session);
  return { columns, batches, timingMs: sinceMs(startedMs) };
}

async function* oneBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

async function inputOf(
  dispatch: Dispatch,
  session: Session,
  { query, parameters, fault }: Statement,
  readOnly: boolean,
) {
  if (fault !== undefined) throw fault;
  const asked = readOnly ? { readOnly } : {};
  if (isTableCommand(query)) {
    if (!READS_CATALOG.test(query)) await beginJournal(dispatch, session, readOnly);
    // COPY reads files of any size.
    const files = uploadedFiles(dispatch, session);
    return { statement: query, params: parameters, files, timeoutMs: LIMITS.queryTimeoutMsMax, ...asked };
  }
  const { text, params } = explicitFunctions(query, parameters);
  if (canChange(text)) await beginJournal(dispatch, session, readOnly);
  return { query: text, params, ...asked };
}

/** Comments may stand before it. */
const READS_CATALOG = /^(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*CALL\b/i;

/** Graphs whose journal is decided upon: what was decided may change, but is never open again. */
const DECIDED = new WeakSet<Database>();

/** The journal of a graph is on from its first write by graphd on, unless somebody has turned it off. */
async function beginJournal(dispatch: Dispatch, session: Session, readOnly: boolean): Promise<void> {
  const { principal, namespace } = session;
  const { store } = dispatch;
  const graph = store.openNamespace(namespace ?? principal?.namespace ?? store.defaultNamespace);
  // Who may not write is told so by the query.
  if (readOnly || (principal !== undefined && !roleAllows(principal.role, 'write'))) return;
  if (graph !== undefined && DECIDED.has(graph)) return;
  await dispatch.call(journalBegin, {}, { ...session, transactionId: undefined, partial: true });
  if (graph !== undefined) DECIDED.add(graph);
}

/** To the microsecond. */
const sinceMs = (startedMs: number): number => Math.round((monotonicMs() - startedMs) * 1_000) / 1_000;
