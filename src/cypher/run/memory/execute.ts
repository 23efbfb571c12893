/** Cypher on a graph in memory: the whole engine without PostgreSQL, for tests and as the reference. */
import { nowMs } from '../../../base/index.ts';
import type { StatementClock } from '../../temporal/statement-clock.ts';
import { Meter } from '../../values/meter.ts';
import type { Value } from '../../values/value.ts';
import type { Procedure } from '../plan/plan-environment.ts';
import { notOffered, prepare } from '../prepare.ts';
import type { Row } from '../row.ts';
import { type Counters, noCounters, type Run } from '../run.ts';
import type { MemoryGraph } from './memory-graph.ts';
import { MemorySession } from './memory-session.ts';

export interface MemoryResult {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly counters: Counters;
}

export interface MemoryOptions {
  readonly parameters?: ReadonlyMap<string, Value>;
  /** By name in lower case. */
  readonly procedures?: ReadonlyMap<string, Procedure>;
  /** What `rand()` gives. */
  readonly random: () => number;
  readonly clock?: StatementClock;
}

/** Runs one query; when it fails, nothing has changed. @throws CypherError */
export async function executeInMemory(
  graph: MemoryGraph,
  text: string,
  options: MemoryOptions,
): Promise<MemoryResult> {
  const prepared = prepare(text, options.procedures ?? new Map());
  if (prepared.kind === 'command') throw notOffered('A schema command');
  const session = new MemorySession(graph);
  const meter = new Meter(() => {});
  const run: Run = {
    session,
    counters: noCounters(),
    context: {
      parameters: options.parameters ?? new Map(),
      clock: options.clock ?? { epochMillis: nowMs(), nanos: 0 },
      random: options.random,
      graph: session,
      subqueries: new Map(),
      meter,
    },
  };
  const undo = graph.begin();
  try {
    const rows: Row[] = [];
    for await (const batch of prepared.run(run)) for (const row of batch) rows.push(row);
    undo.commit();
    return { columns: prepared.columns, rows, counters: run.counters };
  } catch (error) {
    undo.rollback();
    throw error;
  } finally {
    meter.close();
  }
}
