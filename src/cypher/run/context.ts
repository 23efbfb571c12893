/** What expressions may ask for while a query runs: nothing else of the world reaches them. */
import type { StatementClock } from '../temporal/functions.ts';
import type { Meter } from '../values/meter.ts';
import type { Node, Value } from '../values/value.ts';

/** What functions need of a graph: `startNode(r)` and `endNode(r)` have only the id of a node. */
export interface GraphReader {
  /** Undefined when there is no such node (any more) or when the query has not come across it. */
  node(id: bigint): Node | undefined;
}

export interface QueryContext {
  readonly parameters: ReadonlyMap<string, Value>;
  /** One instant for the whole statement, and the time zone it counts in. */
  readonly clock: StatementClock;
  /** Evenly distributed from 0 up to but not including 1. */
  readonly random: () => number;
  readonly graph: GraphReader;
  /** Ends, by throwing, a query that takes too long. For what works without the meter: searches, procedures. */
  readonly checkpoint?: () => void;
  /** Counts what the query takes, and ends it when that is too much. */
  readonly meter: Meter;
  /** State of pattern-like expressions during one query, by their tree node. Only what compiles them looks at it. */
  readonly subqueries: Map<object, unknown>;
}
