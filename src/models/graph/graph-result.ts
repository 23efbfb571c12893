/** What a query is run with, and what comes of it. */
import type { Counters, Procedure, Row, Value } from '../../cypher/index.ts';
import type { RunOptions } from '../../engine/index.ts';
import type { WriteRules } from './declared/index.ts';
import type { PlanNode, QueryKind } from './plan-node.ts';
import type { SchemaCounters } from './schema/index.ts';
import type { WriteGuard } from './writer.ts';

export interface QueryOptions extends RunOptions {
  readonly parameters: ReadonlyMap<string, Value>;
  /** By name in lower case. Default: GRAPH_PROCEDURES. */
  readonly procedures?: ReadonlyMap<string, Procedure> | undefined;
  /** What declared tables ask of what is written; absent: nothing. */
  readonly rules?: WriteRules | undefined;
  /** What a query that writes has to pass; absent: nothing. */
  readonly writeGuard?: WriteGuard | undefined;
  /** Refuses what can write before it runs. */
  readonly readOnly?: boolean | undefined;
  /** Tell where in PostgreSQL's log the commit is. */
  readonly position?: boolean | undefined;
  /** EXPLAIN gives no rows and PROFILE those of its query; the plan comes beside them. */
  readonly planAsData?: boolean | undefined;
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
  readonly kind: QueryKind;
  /** With `planAsData`, of EXPLAIN and PROFILE. */
  readonly plan?: PlanNode | undefined;
  /** With `position`, of a write that was committed by itself. */
  readonly position?: string | undefined;
}
