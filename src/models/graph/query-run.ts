/** What one run of a compiled query needs, over a session; and its rows, gathered or as they come. */
import { FacetError, LIMITS, nowMs, randomFraction } from '../../base/index.ts';
import {
  Holding,
  noCounters,
  type PreparedQuery,
  type Profile,
  type QueryContext,
  type Row,
  type Run,
} from '../../cypher/index.ts';
import type { PostgresSession } from './postgres-session.ts';

export function newRun(
  session: PostgresSession,
  { parameters }: Pick<QueryContext, 'parameters'>,
  profile?: Profile,
): Run {
  return {
    session,
    profile,
    counters: noCounters(),
    context: {
      parameters,
      clock: { epochMillis: nowMs(), nanos: 0 },
      random: randomFraction,
      graph: session,
      subqueries: new Map(),
      checkpoint: session.checkpoint,
      meter: session.meter,
    },
  };
}

/** What the query counted is given back when its last row has been taken, or nobody wants more. */
export async function* metered(query: PreparedQuery, run: Run): AsyncGenerator<readonly Row[]> {
  try {
    yield* query.run(run);
  } finally {
    run.context.meter.close();
  }
}

export interface GatheredRows {
  readonly rows: readonly Row[];
  readonly heldBytes: number;
}

/** All rows at once. @throws RESULT_TOO_LARGE for more than `rowsMax` */
export async function gather(
  query: PreparedQuery,
  run: Run,
  rowsMax: number = LIMITS.resultRowsMax,
): Promise<GatheredRows> {
  const found = await straightly(query, run);
  if (found !== undefined) {
    if (found.rows.length > rowsMax) throw tooManyRows(rowsMax);
    return found;
  }
  const rows: Row[] = [];
  const holding = new Holding(run);
  for await (const batch of metered(query, run)) {
    for (const row of batch) rows.push(row);
    holding.hold(batch);
    if (rows.length > rowsMax) throw tooManyRows(rowsMax);
  }
  return { rows, heldBytes: holding.bytes };
}

/** All rows of a query that is one search, without the streams that others need. */
async function straightly(query: PreparedQuery, run: Run): Promise<GatheredRows | undefined> {
  if (query.straight === undefined || run.profile !== undefined) return undefined;
  const { meter } = run.context;
  try {
    const rows = await query.straight(run);
    return rows === undefined ? undefined : { rows, heldBytes: meter.made + meter.held };
  } finally {
    meter.close();
  }
}

const tooManyRows = (rowsMax: number): FacetError =>
  new FacetError('RESULT_TOO_LARGE', `The result has more than ${rowsMax} rows (resultRowsMax)`, {
    hint: 'Stream it, or ask for less by LIMIT.',
  });
