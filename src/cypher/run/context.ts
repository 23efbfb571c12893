/** What expressions may ask for while a query runs: nothing else of the world reaches them. */
import type { StatementClock } from '../temporal/functions.ts';
import type { Node, Value } from '../values/value.ts';

/** What functions need of a graph: `startNode(r)` and `endNode(r)` have only the id of a node. */
export interface GraphReader {
  /** Undefined when there is no such node (any more) or when the query has not come across it. */
  node(id: bigint): Node | undefined;
}

/** See `QueryContext.checkpoint`. Fewer would be felt by short lists. */
const ITEMS_PER_CHECKPOINT = 512;

let itemsSinceCheckpoint = 0;

/** Tells that so many items of lists were looked at or made. */
export function worked(items: number, context: QueryContext): void {
  itemsSinceCheckpoint += items;
  if (itemsSinceCheckpoint < ITEMS_PER_CHECKPOINT) return;
  itemsSinceCheckpoint = 0;
  context.checkpoint?.();
}

export interface QueryContext {
  readonly parameters: ReadonlyMap<string, Value>;
  /** One instant for the whole statement, and the time zone it counts in. */
  readonly clock: StatementClock;
  /** Evenly distributed from 0 up to but not including 1. */
  readonly random: () => number;
  readonly graph: GraphReader;
  /**
   * Called from time to time by expressions that loop, at least once per thousand items: to end, by throwing, a query
   * that takes too long or too much memory. Nothing else runs while one expression is evaluated.
   */
  readonly checkpoint?: () => void;
  /** State of pattern-like expressions during one query, by their tree node. Only what compiles them looks at it. */
  readonly subqueries: Map<object, unknown>;
}
