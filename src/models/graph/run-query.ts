/** Runs one Cypher query on the graph of a namespace: all of it or nothing. */
import { asFacetError, FacetError, LIMITS, monotonicMs, nowMs, randomFraction } from '../../base/index.ts';
import {
  type Counters,
  noCounters,
  type PreparedCommand,
  type PreparedQuery,
  type Procedure,
  prepare,
  type Row,
  type Run,
  rowsOf,
} from '../../cypher/index.ts';
import type { Database } from '../../engine/index.ts';
import { deadlineOf } from './deadline.ts';
import { explained } from './explain.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { PostgresSession } from './postgres-session.ts';
import { GRAPH_PROCEDURES } from './procedures/index.ts';
import { inGraphTerms, runCommand } from './run-command.ts';
import { isUniqueViolation } from './schema/index.ts';

/** Conflicts with other transactions are tried again: nobody has seen anything of the failed one. */
const ATTEMPTS_MAX = 10;
/** A MERGE that another one forestalled finds next time what that one made, unless the violation is its own. */
const MERGE_ATTEMPTS_MAX = 5;

/** @throws CypherError, and what PostgreSQL raises */
export async function runQuery(
  database: Database,
  text: string,
  options: QueryOptions,
): Promise<GraphResult> {
  const { query, pace } = planOf(text, options.procedures ?? GRAPH_PROCEDURES);
  if (query.mode === 'EXPLAIN') return explained(database, query, options);
  if (query.kind === 'command') return runCommand(database, query.command, options);
  if (options.transaction === undefined && query.asks <= 1 && pace.isQuick()) {
    const result = await runQuickly(database, query, pace, options);
    if (result !== undefined) return result;
  }
  if (query.writes) await options.writeGuard?.ready();
  for (let attempt = 1; ; attempt++) {
    try {
      const startedMs = monotonicMs();
      const result = await database.inTransaction(
        (transaction) => runIn(database, query, { ...options, transaction }),
        {
          signal: options.signal,
          timeoutMs: options.timeoutMs,
          transaction: options.transaction,
          readOnly: !query.writes,
          isolationLevel: 'repeatable_read',
        },
      );
      pace.note(monotonicMs() - startedMs);
      return result;
    } catch (thrown) {
      const error = asFacetError(thrown);
      const forestalled = query.merges && attempt < MERGE_ATTEMPTS_MAX && isUniqueViolation(error);
      const again = attempt < ATTEMPTS_MAX && (forestalled || isConflict(error));
      if (options.transaction !== undefined || !again) throw await inGraphTerms(database, error, options);
    }
  }
}

/**
 * A foreign key fails (23503) where one transaction connects a node while another one deletes it: the next time either
 * sees what the other did.
 */
const isConflict = ({ sqlState }: FacetError): boolean =>
  sqlState === '40001' || sqlState === '40P01' || sqlState === '23503';

/**
 * A read that asks PostgreSQL once needs no transaction, and when it has proved to be quick it may share the lane.
 * Undefined when it was not quick this time: then it starts afresh, with a session of its own.
 */
async function runQuickly(
  database: Database,
  query: PreparedQuery,
  pace: Pace,
  options: QueryOptions,
): Promise<GraphResult | undefined> {
  try {
    const quick = Math.min(options.timeoutMs ?? LIMITS.laneStatementMsMax, LIMITS.laneStatementMsMax);
    const startedMs = monotonicMs();
    const result = await runIn(database, query, { ...options, timeoutMs: quick });
    pace.note(monotonicMs() - startedMs);
    return result;
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (error.code !== 'QUERY_TIMEOUT' || options.signal?.aborted) throw error;
    pace.note(LIMITS.laneStatementMsMax);
    return undefined;
  }
}

/** Rows in batches as they are computed, where that is possible; the columns are known before. */
export interface GraphRows {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly Row[]>;
  /** Of a query that can write, which has committed before its first row is handed on. */
  readonly counters: Counters | undefined;
}

/**
 * A read that asks PostgreSQL once is computed as its rows are taken. All others are gathered first: their several
 * statements share a session, or they write and nobody may see their rows before they are committed.
 * @throws as runQuery, and what comes later through `batches`
 */
export async function streamQuery(
  database: Database,
  text: string,
  options: QueryOptions,
): Promise<GraphRows> {
  const { query } = planOf(text, options.procedures ?? GRAPH_PROCEDURES);
  const streams = query.kind === 'query' && query.mode === 'RUN' && query.asks <= 1;
  if (streams && options.transaction === undefined) {
    const session = new PostgresSession(database, options, true);
    return { columns: query.columns, batches: query.run(newRun(session, options)), counters: undefined };
  }
  const { columns, rows, counters, writes } = await runQuery(database, text, options);
  return { columns, batches: rowsOf(rows), counters: writes ? counters : undefined };
}

function newRun(session: PostgresSession, options: QueryOptions): Run {
  return {
    session,
    counters: noCounters(),
    context: {
      parameters: options.parameters,
      clock: { epochMillis: nowMs(), nanos: 0 },
      random: randomFraction,
      graph: session,
      subqueries: new Map(),
      checkpoint: deadlineOf(options),
    },
  };
}

async function runIn(database: Database, query: PreparedQuery, options: QueryOptions): Promise<GraphResult> {
  if (query.writes && options.transaction !== undefined) await options.writeGuard?.enter(options.transaction);
  const run = newRun(new PostgresSession(database, options), options);
  const rows: Row[] = [];
  for await (const batch of query.run(run)) {
    for (const row of batch) rows.push(row);
    if (rows.length > LIMITS.resultRowsMax) throw tooManyRows();
  }
  return { columns: query.columns, rows, counters: run.counters, writes: query.writes };
}

const tooManyRows = (): FacetError =>
  new FacetError(
    'RESULT_TOO_LARGE',
    `The result has more than ${LIMITS.resultRowsMax} rows (resultRowsMax)`,
    {
      hint: 'Stream it, or ask for less by LIMIT.',
    },
  );

/** Nobody on the lane notices a neighbour that takes this long. */
const QUICK_MS = 20;
/** One quick run may be luck. */
const QUICK_RUNS = 2;

/** How long a query has taken of late. */
class Pace {
  #quickRuns = 0;

  isQuick(): boolean {
    return this.#quickRuns >= QUICK_RUNS;
  }

  note(durationMs: number): void {
    this.#quickRuns =
      durationMs < QUICK_MS || (this.isQuick() && durationMs < LIMITS.laneStatementMsMax / 2)
        ? this.#quickRuns + 1
        : 0;
  }
}

interface Plan {
  readonly query: PreparedQuery | PreparedCommand;
  readonly pace: Pace;
}

/** By the procedures that the text may call, then by the text, in order of use. */
const PLANS = new WeakMap<ReadonlyMap<string, Procedure>, Map<string, Plan>>();

function planOf(text: string, procedures: ReadonlyMap<string, Procedure>): Plan {
  const plans = PLANS.get(procedures) ?? new Map<string, Plan>();
  PLANS.set(procedures, plans);
  const known = plans.get(text);
  if (known !== undefined) return known;
  const plan = { query: prepare(text, procedures), pace: new Pace() };
  if (text.length > LIMITS.cypherPlanCharactersMax) return plan;
  if (plans.size >= LIMITS.cypherPlansMax) {
    const oldest = plans.keys().next();
    if (!oldest.done) plans.delete(oldest.value);
  }
  plans.set(text, plan);
  return plan;
}
