/** Runs one Cypher query on the graph of a namespace: all of it or nothing. */
import { asFacetError, type FacetError, monotonicMs } from '../../base/index.ts';
import { type Counters, noCounters, type PreparedQuery, Profile } from '../../cypher/index.ts';
import type { Database } from '../../engine/index.ts';
import { tried } from './conflict-turns.ts';
import { writeRules } from './declared/index.ts';
import { explained, profiledPlan, profileOf } from './explain.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { Recorder } from './journal/index.ts';
import { settleStreams } from './open-streams.ts';
import type { Plan } from './plan-cache.ts';
import { PostgresSession } from './postgres-session.ts';
import { planOf } from './prepared-plans.ts';
import { assertReads, kindOf } from './query-kind.ts';
import { type GatheredRows, gather, newRun } from './query-run.ts';
import { runQuickly } from './quick-run.ts';
import { inGraphTerms, runCommand } from './run-command.ts';
import { endError, isUniqueViolation } from './schema/index.ts';
import { CHECK_NOW } from './statements.ts';

/** A MERGE that another one forestalled finds next time what that one made, unless the violation is its own. */
const MERGE_ATTEMPTS_MAX = 5;

/** @throws CypherError, READ_ONLY_TRANSACTION, and what PostgreSQL raises */
export async function runQuery(
  database: Database,
  text: string,
  options: QueryOptions,
): Promise<GraphResult> {
  return runPlanned(database, planOf(text, options.procedures), options);
}

/** As runQuery, of a text that was planned. */
export async function runPlanned(
  database: Database,
  plan: Plan,
  options: QueryOptions,
): Promise<GraphResult> {
  const { query, pace, kind } = plan;
  if (query.mode === 'EXPLAIN') return explained(database, query, options);
  if (options.readOnly === true) assertReads(kind);
  if (options.transaction !== undefined) await settleStreams(options.transaction, kind);
  if (query.kind === 'command') return runCommand(database, plan.text, query.command, options);
  const arrivedMs = monotonicMs();
  if (options.transaction === undefined && query.asks <= 1 && pace.isQuick()) {
    const found = await runQuickly(database, query, pace, options);
    if (found !== undefined) return resultOf(query, found, noCounters());
  }
  return runPatiently(database, query, plan, options, Math.round(monotonicMs() - arrivedMs));
}

/** In a transaction, as often as it takes. */
async function runPatiently(
  database: Database,
  query: PreparedQuery,
  { text, pace }: Plan,
  options: QueryOptions,
  spentMs: number,
): Promise<GraphResult> {
  if (query.writes) await options.writeGuard?.ready();
  const rules = query.writes ? await writeRules(database, options) : undefined;
  let position: string | undefined;
  const tellPosition =
    query.writes && options.position === true
      ? {
          position: (lsn: string): void => {
            position = lsn;
          },
        }
      : undefined;
  const attempt = async (timeoutMs: number): Promise<GraphResult> => {
    const startedMs = monotonicMs();
    const result = await database.inTransaction(
      async (transaction) => {
        const done = await runIn(database, text, query, { ...options, rules, timeoutMs, transaction });
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
        ...tellPosition,
      },
    );
    pace.note(monotonicMs() - startedMs);
    return position === undefined ? result : { ...result, position };
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

function runIn(
  database: Database,
  text: string,
  query: PreparedQuery,
  options: QueryOptions,
): Promise<GraphResult> {
  return query.writes ? writing(database, text, query, options) : gathered(database, query, options);
}

async function writing(
  database: Database,
  text: string,
  query: PreparedQuery,
  options: QueryOptions,
): Promise<GraphResult> {
  const { transaction, writeGuard } = options;
  if (transaction === undefined || writeGuard === undefined) return gathered(database, query, options);
  const recorder = new Recorder();
  // Not awaited: it travels with the first statement of the query.
  const entered = writeGuard.enter(transaction).then((journaled) => {
    if (!journaled) recorder.drop();
  });
  entered.catch(() => {});
  let result: GraphResult;
  try {
    result = await gathered(database, query, options, recorder);
  } finally {
    // Nothing is committed without it, and who may not write is told so, whatever else went wrong.
    await entered;
  }
  recorder.enlist(database, transaction, text, options.parameters);
  return result;
}

async function gathered(
  database: Database,
  query: PreparedQuery,
  options: QueryOptions,
  recorder?: Recorder,
): Promise<GraphResult> {
  const profile = query.mode === 'PROFILE' ? new Profile() : undefined;
  const run = newRun(
    new PostgresSession(database, options, undefined, recorder?.note, options.rules),
    options,
    profile,
  );
  const { counters } = run;
  const result = resultOf(query, await gather(query, run), counters);
  if (profile === undefined) return result;
  if (options.planAsData !== true) return profileOf(database, query, { counters, profile }, options);
  return { ...result, plan: await profiledPlan(database, query, profile, options) };
}

const resultOf = (
  query: PreparedQuery,
  { rows, heldBytes }: GatheredRows,
  counters: Counters,
): GraphResult => ({
  columns: query.columns,
  rows,
  counters,
  writes: query.writes,
  heldBytes,
  kind: kindOf(query),
});
