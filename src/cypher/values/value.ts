/**
 * Cypher's values as JavaScript has them. Scalars are bare, so that the type test of the innermost loops is `typeof`:
 * INTEGER is bigint, FLOAT is number. Lists are arrays, maps are Map in order of their keys' appearance.
 *
 * Nodes and relationships are objects shared by everything in one query that holds them: two variables with one node
 * see one state after SET, and a deleted one is known as deleted wherever it is held.
 */
import type {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../temporal/temporal.ts';

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | ListValue
  | MapValue
  | Node
  | Relationship
  | Path
  | Temporal
  | Point;

export type ListValue = readonly Value[];
export type MapValue = ReadonlyMap<string, Value>;
export type Temporal =
  | DateValue
  | LocalTimeValue
  | TimeValue
  | LocalDateTimeValue
  | DateTimeValue
  | DurationValue;

export class Node {
  readonly id: bigint;
  /** Sorted, without repetition. */
  labels: readonly string[];
  properties: MapValue;
  deleted = false;

  constructor(id: bigint, labels: readonly string[], properties: MapValue) {
    this.id = id;
    this.labels = labels;
    this.properties = properties;
  }
}

export class Relationship {
  readonly id: bigint;
  readonly type: string;
  readonly startId: bigint;
  readonly endId: bigint;
  properties: MapValue;
  deleted = false;

  constructor(id: bigint, type: string, startId: bigint, endId: bigint, properties: MapValue) {
    this.id = id;
    this.type = type;
    this.startId = startId;
    this.endId = endId;
    this.properties = properties;
  }
}

/** nodes.length is relationships.length + 1. A relationship may be walked against its direction. */
export class Path {
  readonly nodes: readonly Node[];
  readonly relationships: readonly Relationship[];

  constructor(nodes: readonly Node[], relationships: readonly Relationship[]) {
    this.nodes = nodes;
    this.relationships = relationships;
  }
}

/** Coordinate systems by their SRID: 7203 and 9157 are cartesian in two and three dimensions, 4326 and 4979 WGS-84. */
export type Srid = 7203 | 9157 | 4326 | 4979;

export class Point {
  readonly srid: Srid;
  /** x and y, or longitude and latitude; z or height for three dimensions. */
  readonly coordinates: readonly number[];

  constructor(srid: Srid, coordinates: readonly number[]) {
    this.srid = srid;
    this.coordinates = coordinates;
  }
}
