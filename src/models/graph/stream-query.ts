/**
 * Runs one Cypher query and hands on its rows as they are taken. What reads is computed at the pace of whoever takes:
 *
 * - what has proved to be quick and small comes over the lane, at once, as for `runQuery`;
 * - what asks PostgreSQL once is a stream over a session of its own;
 * - what may ask more often walks cursors, in a transaction of its own that is one snapshot;
 * - in a transaction of the caller it walks cursors of that one.
 *
 * What writes is done, and committed, before its first row is handed on: nobody may see rows of what was undone.
 */
import { LIMITS, monotonicMs, offAbort, onAbort } from '../../base/index.ts';
import {
  BATCH_ROWS,
  type Counters,
  type PreparedQuery,
  Profile,
  type Row,
  rowsOf,
} from '../../cypher/index.ts';
import type { Database, Transaction } from '../../engine/index.ts';
import { profiledPlan } from './explain.ts';
import type { GraphResult, QueryOptions } from './graph-result.ts';
import { Handover } from './handover.ts';
import type { Fetching } from './matcher/fetching.ts';
import { type GraphNotification, notificationsOf } from './notifications.ts';
import { OpenStream } from './open-streams.ts';
import type { Plan } from './plan-cache.ts';
import type { PlanNode, QueryKind } from './plan-node.ts';
import { PostgresSession } from './postgres-session.ts';
import { planOf } from './prepared-plans.ts';
import { metered, newRun } from './query-run.ts';
import { runQuickly } from './quick-run.ts';
import { runPlanned } from './run-query.ts';

/** More than a batch, or much in it, is not worth a place on the lane, where everybody would wait for it. */
const QUICK = { rowsMax: BATCH_ROWS, bytesMax: 1024 * 1024 };

/** Rows in batches as they are computed, where that is possible; the columns are known before. */
export interface GraphRows {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly Row[]>;
  /** Of a query that can write, which has committed before its first row is handed on. */
  readonly counters: Counters | undefined;
  /** Of a command that creates or drops an index or constraint. */
  readonly schema?: GraphResult['schema'];
  readonly kind: QueryKind;
  /** See GraphStream. */
  readonly plan: () => PlanNode | undefined;
  readonly position: () => string | undefined;
  readonly notifications: () => readonly GraphNotification[];
}

/** @throws as runQuery, and what comes later through `batches` */
export async function streamQuery(
  database: Database,
  text: string,
  options: QueryOptions,
): Promise<GraphRows> {
  const plan = planOf(text, options.procedures);
  const { query, streamPace } = plan;
  if (query.kind !== 'query' || query.writes || !isStreamed(query, options)) {
    return gatheredRows(plan, await runPlanned(database, plan, options));
  }
  const { transaction } = options;
  if (transaction !== undefined) {
    const fetching: Fetching = { way: 'cursor', keepsEntities: query.keepsEntities };
    const { batches, measures } = computed(database, query, options, fetching);
    return streamed(plan, new OpenStream(transaction, batches, query.asks > 1), measures);
  }
  if (query.asks > 1) {
    const { batches, measures } = inOwnTransaction(database, query, options);
    return streamed(plan, batches, measures);
  }
  if (query.mode === 'RUN' && streamPace.isQuick()) {
    const found = await runQuickly(database, query, streamPace, options, QUICK);
    if (found !== undefined) return streamed(plan, rowsOf(found.rows));
  }
  const fetching: Fetching = { way: 'alone', keepsEntities: query.keepsEntities };
  const { batches, measures } = computed(database, query, options, fetching);
  return streamed(plan, paced(batches, plan), measures);
}

/** EXPLAIN has no rows of the query, nor has PROFILE where its measures are the rows. */
const isStreamed = ({ mode }: PreparedQuery, { planAsData }: QueryOptions): boolean =>
  mode === 'RUN' || (mode === 'PROFILE' && planAsData === true);

function gatheredRows(planned: Plan, result: GraphResult): GraphRows {
  const { columns, rows, counters, writes, schema, kind, plan, position } = result;
  const written = writes && schema === undefined;
  return {
    columns,
    batches: rowsOf(rows),
    counters: written ? counters : undefined,
    schema,
    kind,
    plan: () => plan,
    position: () => position,
    notifications: () => notificationsOf(planned, schema),
  };
}

const NOTHING = (): undefined => undefined;

const streamed = (
  planned: Plan,
  batches: AsyncIterable<readonly Row[]>,
  plan: GraphRows['plan'] = NOTHING,
): GraphRows => ({
  columns: planned.query.kind === 'query' ? planned.query.columns : [],
  batches,
  counters: undefined,
  kind: planned.kind,
  plan,
  position: NOTHING,
  notifications: () => notificationsOf(planned, undefined),
});

interface Computed {
  readonly batches: AsyncGenerator<readonly Row[]>;
  /** The plan with its measures, when the last batch was taken. */
  readonly measures: GraphRows['plan'];
}

/** Nothing is asked before the first batch is. The time of whoever takes them does not count. */
function computed(
  database: Database,
  query: PreparedQuery,
  options: QueryOptions,
  fetching: Fetching,
): Computed {
  let measured: PlanNode | undefined;
  async function* batches(): AsyncGenerator<readonly Row[]> {
    const session = new PostgresSession(database, options, fetching);
    const profile = query.mode === 'PROFILE' ? new Profile() : undefined;
    for await (const batch of metered(query, newRun(session, options, profile))) {
      session.deadline.pause();
      yield batch;
      session.deadline.resume();
    }
    if (profile !== undefined) measured = await profiledPlan(database, query, profile, options);
  }
  return { batches: batches(), measures: () => measured };
}

/** One snapshot for all that it asks. The transaction ends with the query, however slowly its last rows are taken. */
function inOwnTransaction(
  database: Database,
  query: PreparedQuery,
  options: QueryOptions,
): { readonly batches: AsyncIterable<readonly Row[]>; readonly measures: GraphRows['plan'] } {
  let measures: GraphRows['plan'] = NOTHING;
  const { timeoutMs } = options;
  const fetching: Fetching = { way: 'cursor', keepsEntities: query.keepsEntities };
  const make = async (
    handover: Handover,
    inside: { readonly transaction: Transaction; readonly signal: AbortSignal },
  ): Promise<void> => {
    const run = computed(database, query, { ...options, ...inside }, fetching);
    measures = run.measures;
    for await (const batch of run.batches) if (!(await handover.give(batch))) return;
  };
  const batches = new Handover(
    (handover, leaving) =>
      withEither(options.signal, leaving, (signal) =>
        database.inTransaction((transaction) => make(handover, { transaction, signal }), {
          signal,
          timeoutMs,
          readOnly: true,
          isolationLevel: 'repeatable_read',
          streams: true,
        }),
      ),
    timeoutMs ?? LIMITS.queryTimeoutMsDefault,
  );
  return { batches, measures: () => measures() };
}

/** Calls `work` with a signal that is aborted with the first of the two. */
async function withEither<T>(
  first: AbortSignal | undefined,
  second: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const abort = (): void => either.abort();
  onAbort(first, abort);
  onAbort(second, abort);
  if (first?.aborted || second.aborted) abort();
  try {
    return await work(either.signal);
  } finally {
    offAbort(first, abort);
    offAbort(second, abort);
  }
}

/** Notes how quick a result was that is small enough for the lane. */
async function* paced(
  batches: AsyncGenerator<readonly Row[]>,
  { streamPace }: Plan,
): AsyncGenerator<readonly Row[]> {
  let fromMs = monotonicMs();
  let tookMs = 0;
  let rows = 0;
  for await (const batch of batches) {
    tookMs += monotonicMs() - fromMs;
    rows += batch.length;
    yield batch;
    fromMs = monotonicMs();
  }
  streamPace.note(rows > QUICK.rowsMax ? Number.POSITIVE_INFINITY : tookMs + monotonicMs() - fromMs);
}
