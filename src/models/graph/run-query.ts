/** Runs one Cypher query on the graph of a namespace: all of it or nothing. */
import { asFacetError, FacetError, LIMITS, monotonicMs, nowMs, randomFraction } from '../../base/index.ts';
import {
  type Counters,
  Holding,
  noCounters,
  type PreparedQuery,
  type Procedure,
  Profile,
  prepare,
  type Row,
  type Run,
  rowsOf,
} from '../../cypher/index.ts';
import type { Database } from '../../engine/index.ts';
import { tried } from './conflict-turns.ts';
import { explained, profileOf } from './explain.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { Pace, type Plan, PlanCache } from './plan-cache.ts';
import { PostgresSession } from './postgres-session.ts';
import { GRAPH_PROCEDURES } from './procedures/index.ts';
import { inGraphTerms, runCommand } from './run-command.ts';
import { endError, isUniqueViolation } from './schema/index.ts';
import { CHECK_NOW } from './statements.ts';

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
  const arrivedMs = monotonicMs();
  if (options.transaction === undefined && query.asks <= 1 && pace.isQuick()) {
    const result = await runQuickly(database, query, pace, options);
    if (result !== undefined) return result;
  }
  const spentMs = Math.round(monotonicMs() - arrivedMs);
  if (query.writes) await options.writeGuard?.ready();
  const attempt = async (timeoutMs: number): Promise<GraphResult> => {
    const startedMs = monotonicMs();
    const result = await database.inTransaction(
      async (transaction) => {
        const done = await runIn(database, query, { ...options, timeoutMs, transaction });
        // Otherwise the commit looks.
        if (options.transaction !== undefined && query.writes && !transaction.readOnly) {
          await database.run(CHECK_NOW, [], { signal: options.signal, timeoutMs, transaction });
        }
        return done;
      },
      {
        signal: options.signal,
        timeoutMs,
        transaction: options.transaction,
        readOnly: !query.writes,
        isolationLevel: 'repeatable_read',
        ...(query.writes ? { commitError: endError } : {}),
      },
    );
    pace.note(monotonicMs() - startedMs);
    return result;
  };
  try {
    return await tried(database, options, spentMs, attempt, (thrown, count) =>
      isWorthAnother(asFacetError(thrown), count, query, options),
    );
  } catch (thrown) {
    throw await inGraphTerms(database, endError(asFacetError(thrown)), options);
  }
}

/**
 * In a transaction of the caller only what the caller could not know: a MERGE that was forestalled, where the next
 * attempt sees more than the last one. All else the caller decides.
 */
function isWorthAnother(
  error: FacetError,
  count: number,
  query: PreparedQuery,
  { transaction }: QueryOptions,
): boolean {
  const forestalled = query.merges && count < MERGE_ATTEMPTS_MAX && isUniqueViolation(error);
  if (transaction === undefined) return forestalled || isConflict(error);
  return forestalled && transaction.isolationLevel === 'read_committed';
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
  /** Of a command that creates or drops an index or constraint. */
  readonly schema?: GraphResult['schema'];
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
    return { columns: query.columns, batches: metered(query, newRun(session, options)), counters: undefined };
  }
  const { columns, rows, counters, writes, schema } = await runQuery(database, text, options);
  const written = writes && schema === undefined;
  return { columns, batches: rowsOf(rows), counters: written ? counters : undefined, schema };
}

/** What the query counted is given back when its last row has been taken, or nobody wants more. */
async function* metered(query: PreparedQuery, run: Run): AsyncIterable<readonly Row[]> {
  try {
    yield* query.run(run);
  } finally {
    run.context.meter.close();
  }
}

function newRun(session: PostgresSession, options: QueryOptions, profile?: Profile): Run {
  return {
    session,
    profile,
    counters: noCounters(),
    context: {
      parameters: options.parameters,
      clock: { epochMillis: nowMs(), nanos: 0 },
      random: randomFraction,
      graph: session,
      subqueries: new Map(),
      checkpoint: session.checkpoint,
      meter: session.meter,
    },
  };
}

function runIn(database: Database, query: PreparedQuery, options: QueryOptions): Promise<GraphResult> {
  return query.writes ? writing(database, query, options) : gathered(database, query, options);
}

async function writing(
  database: Database,
  query: PreparedQuery,
  options: QueryOptions,
): Promise<GraphResult> {
  const { transaction, writeGuard } = options;
  // Not awaited: it travels with the first statement of the query.
  const entered = transaction !== undefined ? writeGuard?.enter(transaction) : undefined;
  entered?.catch(() => {});
  try {
    return await gathered(database, query, options);
  } finally {
    // Nothing is committed without it, and who may not write is told so, whatever else went wrong.
    await entered;
  }
}

async function gathered(
  database: Database,
  query: PreparedQuery,
  options: QueryOptions,
): Promise<GraphResult> {
  const profile = query.mode === 'PROFILE' ? new Profile() : undefined;
  const run = newRun(new PostgresSession(database, options), options, profile);
  const found = await straightly(query, run);
  if (found !== undefined) {
    const { rows, heldBytes } = found;
    if (rows.length > LIMITS.resultRowsMax) throw tooManyRows();
    return { columns: query.columns, rows, counters: run.counters, writes: false, heldBytes };
  }
  const rows: Row[] = [];
  const holding = new Holding(run);
  for await (const batch of metered(query, run)) {
    for (const row of batch) rows.push(row);
    holding.hold(batch);
    if (rows.length > LIMITS.resultRowsMax) throw tooManyRows();
  }
  if (profile !== undefined) return profileOf(database, query, { counters: run.counters, profile }, options);
  const { bytes: heldBytes } = holding;
  return { columns: query.columns, rows, counters: run.counters, writes: query.writes, heldBytes };
}

/** All rows of a query that is one search, without the streams that others need. */
async function straightly(
  query: PreparedQuery,
  run: Run,
): Promise<{ readonly rows: readonly Row[]; readonly heldBytes: number } | undefined> {
  if (query.straight === undefined || run.profile !== undefined) return undefined;
  const { meter } = run.context;
  try {
    const rows = await query.straight(run);
    return rows === undefined ? undefined : { rows, heldBytes: meter.made + meter.held };
  } finally {
    meter.close();
  }
}

const tooManyRows = (): FacetError =>
  new FacetError(
    'RESULT_TOO_LARGE',
    `The result has more than ${LIMITS.resultRowsMax} rows (resultRowsMax)`,
    {
      hint: 'Stream it, or ask for less by LIMIT.',
    },
  );

/** By the procedures that the text may call. */
const PLANS = new WeakMap<ReadonlyMap<string, Procedure>, PlanCache>();

/** Whether a query can change the graph; false for a text that is no query. Schema commands count as reads. */
export function canWrite(text: string): boolean {
  try {
    const { query } = planOf(text, GRAPH_PROCEDURES);
    return query.kind === 'query' && query.writes;
  } catch {
    return false;
  }
}

function planOf(text: string, procedures: ReadonlyMap<string, Procedure>): Plan {
  let plans = PLANS.get(procedures);
  if (plans === undefined) {
    plans = new PlanCache();
    PLANS.set(procedures, plans);
  }
  const known = plans.get(text);
  if (known !== undefined) return known;
  const plan = { query: prepare(text, procedures), pace: new Pace() };
  plans.keep(text, plan);
  return plan;
}
