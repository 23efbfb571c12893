/**
 * What one query needs of a graph: finding patterns, and changing things. Two implementations exist: over maps in
 * memory (memory/), the reference, and over PostgreSQL in models/graph. Changes are seen by the matches that follow
 * once `flush` has resolved.
 */
import type { MapValue, Node, Relationship, Value } from '../values/value.ts';
import type { QueryContext } from './context.ts';
import type { GraphCatalog } from './graph-catalog.ts';
import type { MatchPlan } from './plan/match-plan.ts';
import type { Row } from './row.ts';

/** A match, and the position of the row in the input that it extends. */
export interface Matched {
  readonly from: number;
  readonly row: Row;
}

export interface GraphSession {
  /** For procedures. */
  readonly catalog: GraphCatalog;

  /** Every way in which `plan` matches from each row, in the order of the rows. Rows come out as copies. */
  match(plan: MatchPlan, rows: readonly Row[], context: QueryContext): AsyncIterable<readonly Matched[]>;

  /** As match, for one row and all at once: for queries that hold what they find. */
  matchOnce?(plan: MatchPlan, row: Row, context: QueryContext): Promise<readonly Row[]>;

  /**
   * How many matches there are for one row, or how many different values of a slot in them. Undefined when it cannot be
   * told without looking at each.
   */
  count?(
    plan: MatchPlan,
    row: Row,
    distinctSlot: number | undefined,
    context: QueryContext,
  ): Promise<bigint | undefined>;

  /**
   * For each row how many matches there are; with `existence` 1 or more where there is one. Undefined when it cannot be
   * told without looking at each.
   */
  counts?(
    plan: MatchPlan,
    rows: readonly Row[],
    existence: boolean,
    context: QueryContext,
  ): Promise<readonly bigint[] | undefined>;

  /** Before something is made: that many identities may be needed. */
  reserve(nodes: number, relationships: number): Promise<void>;
  createNode(labels: readonly string[], properties: MapValue): Node;
  createRelationship(type: string, start: Node, end: Node, properties: MapValue): Relationship;
  setProperties(entity: Node | Relationship, properties: MapValue): void;
  setLabels(node: Node, labels: readonly string[]): void;
  /** Relationships of a deleted node must be gone by the end of the query, see `finish`. */
  deleteNode(node: Node): void;
  deleteRelationship(relationship: Relationship): void;
  /** Relationships that begin or end at one of the nodes, for DETACH DELETE. */
  relationshipsOf(nodes: readonly Node[]): Promise<readonly Relationship[]>;

  /** Makes the changes so far visible to later matches. */
  flush(): Promise<void>;
  /** After the last clause. @throws ConstraintVerificationFailed for deleted nodes that still have relationships */
  finish(): Promise<void>;

  node(id: bigint): Node | undefined;
}

export type { MapValue, Value };
