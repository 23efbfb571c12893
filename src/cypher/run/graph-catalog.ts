/** What procedures need of a graph and clauses do not: which names it uses, and large parts of it at once. */
import { argumentError, type CypherError } from '../cypher-error.ts';
import type { Node } from '../values/value.ts';

/** A part of the graph. A relationship belongs to it if both of its ends do. */
export interface Projection {
  /** Nodes with at least one of them; undefined for all nodes. */
  readonly labels: readonly string[] | undefined;
  /** Relationships of one of them; undefined for all relationships. */
  readonly types: readonly string[] | undefined;
  readonly weight: Weight | undefined;
}

export interface Weight {
  /** A property of relationships. */
  readonly key: string;
  /** For relationships that do not have it. */
  readonly absent: number;
}

/** A part of the graph as arrays. Nodes are in rising order of their identities, relationships too. */
export interface Adjacency {
  readonly ids: BigInt64Array;
  /** Where each relationship begins and ends, as positions in `ids`. */
  readonly sources: Int32Array;
  readonly targets: Int32Array;
  /** Finite and not negative. */
  readonly weights: Float64Array | undefined;
}

/** How many relationships of a type lead from nodes with one label to nodes with another. */
export interface Connection {
  readonly from: string;
  readonly type: string;
  readonly to: string;
  readonly relationships: bigint;
}

/** Names come sorted by code points, each once. What the query itself changed is seen once the session was flushed. */
export interface GraphCatalog {
  /** Labels that nodes have. */
  labels(): Promise<readonly string[]>;
  relationshipTypes(): Promise<readonly string[]>;
  /** Of nodes and of relationships. */
  propertyKeys(): Promise<readonly string[]>;
  connections(): Promise<readonly Connection[]>;

  /**
   * @throws ArgumentError if a weight is not a finite number of zero or more
   * @throws LIMIT_EXCEEDED if the part is larger than LIMITS allow
   */
  adjacency(projection: Projection): Promise<Adjacency>;
  /** In the order of `ids`; undefined for one that somebody else has deleted meanwhile. */
  nodes(ids: readonly bigint[]): Promise<readonly (Node | undefined)[]>;
}

/** For a property of a relationship that was named as its weight and cannot be one. */
export const unfitWeight = (relationshipId: bigint, key: string): CypherError =>
  argumentError(
    'InvalidArgumentValue',
    `The property ${key} of relationship ${relationshipId} is no weight: it must be a finite number of zero or more`,
  );
