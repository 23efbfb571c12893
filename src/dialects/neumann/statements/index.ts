/** Front door of the statements: from a text to its answer. What a kind of statement does is in the file of its family. */
import { FacetError } from '../../../base/index.ts';
import { refusal, type Statement, type StatementKind } from '../../../nql/index.ts';
import { type Items, type Result, type ResultKind, STREAMED, type StreamedKind } from '../result.ts';
import type { Runner, Runners, StatementCall } from '../statement-call.ts';
import { GRAPH_RUNNERS } from './graph/index.ts';
import { itemsOf } from './items.ts';
import { SQL_RUNNERS } from './sql.ts';
import { statementOf } from './statement-cache.ts';
import { STORAGE_RUNNERS } from './storage/index.ts';
import { UNIFIED_RUNNERS } from './unified/index.ts';

type ServedKind = Exclude<StatementKind, 'refused'>;
type Served = Exclude<Statement, { kind: 'refused' }>;

/** Every kind of statement has a runner: one without does not compile. */
const RUNNERS: Runners<ServedKind> = {
  ...SQL_RUNNERS,
  ...GRAPH_RUNNERS,
  ...UNIFIED_RUNNERS,
  ...STORAGE_RUNNERS,
};

/** The compiler does not see that a statement and the runner of its kind belong together. */
const runnerOf = (statement: Served): Runner => RUNNERS[statement.kind] as Runner;

/** @throws FacetError for a text that is no statement, and for one that is known by name and not served */
function servedOf(text: string): Served {
  const statement = statementOf(text);
  if (statement.kind === 'refused') throw refusal(statement, text);
  return statement;
}

/** @throws FacetError for a text that is no statement, and for everything that can go wrong while it runs */
export async function runStatement(text: string, call: StatementCall): Promise<Result> {
  const statement = servedOf(text);
  return await runnerOf(statement).run(statement, call);
}

/**
 * The items of a result one after the other. Whoever leaves the loop over them ends what makes them.
 * @throws FacetError as `runStatement`; INVALID_PARAMETER for a statement whose answer has no items, which then has not run
 */
export async function streamStatement(text: string, call: StatementCall): Promise<Items> {
  const statement = servedOf(text);
  const { answers, run, stream } = runnerOf(statement);
  const kind = answers(statement);
  if (!isStreamed(kind)) {
    throw new FacetError('INVALID_PARAMETER', `An answer of kind ${kind} cannot be streamed`, {
      hint: 'Send the statement by Execute.',
    });
  }
  return stream === undefined ? itemsOf(await run(statement, call)) : await stream(statement, call);
}

/** What a statement will answer with, without running it. @throws FacetError for a text that is no statement */
export function resultKindOf(text: string): ResultKind {
  const statement = servedOf(text);
  return runnerOf(statement).answers(statement);
}

/** True for results that `streamStatement` can give in items. */
export const isStreamed = (kind: ResultKind): kind is StreamedKind => kind in STREAMED;
