/** What a query is run with, and what comes of it. */
import type { Counters, Procedure, Row, Value } from '../../cypher/index.ts';
import type { RunOptions } from '../../engine/index.ts';
import type { SchemaCounters } from './schema/index.ts';
import type { WriteGuard } from './writer.ts';

export interface QueryOptions extends RunOptions {
  readonly parameters: ReadonlyMap<string, Value>;
  /** By name in lower case. Default: GRAPH_PROCEDURES. */
  readonly procedures?: ReadonlyMap<string, Procedure> | undefined;
  /** What a query that writes has to pass; absent: nothing. */
  readonly writeGuard?: WriteGuard | undefined;
}

export interface GraphResult {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly counters: Counters;
  readonly writes: boolean;
  /** What the rows hold in memory, about. Absent: next to nothing. */
  readonly heldBytes?: number | undefined;
  /** Of a command that creates or drops an index or constraint. */
  readonly schema?: SchemaCounters | undefined;
}
