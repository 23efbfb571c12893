/** Values of results as graphd's clients read them. Parameters, which must keep their types, are in parameters.ts. */
import { create } from '@bufbuild/protobuf';
import { FacetError, LIMITS } from '../base/index.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  formatTemporal,
  isGeographic,
  LocalDateTimeValue,
  LocalTimeValue,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Temporal,
  TimeValue,
  type Value,
} from '../cypher/index.ts';
import {
  type GraphValue,
  GraphValueSchema,
  type InternalId,
  InternalIdSchema,
  ListValueSchema,
  type MapEntry,
  MapEntrySchema,
  MapValueSchema,
  NodeValueSchema,
  NullValueSchema,
  PathValueSchema,
  RelValueSchema,
} from './gen/graphd_pb.ts';

/** Numbers of labels and types: the `table` of an InternalId. */
export interface IdTable {
  /** Of the label that the node of that id is shown with; '' where it has none. */
  label(label: string, id: bigint): number;
  type(type: string): number;
  /** Of a node that is known by its id alone: an end of a relationship. */
  end(id: bigint): number;
}

/** A node may have several labels, of which the protocol shows one: the first in alphabetical order. */
export const shownLabel = (node: Node): string => node.labels[0] ?? '';

/**
 * Temporal values are their ISO 8601 text, a point is a map of its coordinates and SRID.
 * @throws FacetError LIMIT_EXCEEDED for lists and maps nested too deeply
 */
export const graphValueOf = (value: Value, ids: IdTable): GraphValue => valueAt(value, ids, 0);

function valueAt(value: Value, ids: IdTable, depth: number): GraphValue {
  checkNesting(depth);
  if (value instanceof Node) return make({ case: 'nodeValue', value: nodeOf(value, ids, depth) });
  if (value instanceof Relationship)
    return make({ case: 'relValue', value: relationshipOf(value, ids, depth) });
  if (value instanceof Path) {
    const nodes = value.nodes.map((node) => valueAt(node, ids, depth + 1));
    const rels = value.relationships.map((relationship) => valueAt(relationship, ids, depth + 1));
    return make({ case: 'pathValue', value: create(PathValueSchema, { nodes, rels }) });
  }
  if (isTemporalValue(value)) return make({ case: 'stringValue', value: formatTemporal(value) });
  if (value instanceof Point) return valueAt(pointMap(value), ids, depth + 1);
  return plainGraphValue(value, (item) => valueAt(item, ids, depth + 1));
}

/** What is neither an entity nor of a type that the protocol lacks; `inner` makes what lists and maps hold. */
export function plainGraphValue(
  value: Exclude<Value, Node | Relationship | Path | Point | Temporal>,
  inner: (value: Value) => GraphValue,
): GraphValue {
  switch (typeof value) {
    case 'boolean':
      return make({ case: 'boolValue', value });
    case 'bigint':
      return make({ case: 'intValue', value });
    case 'number':
      return make({ case: 'floatValue', value });
    case 'string':
      return make({ case: 'stringValue', value });
  }
  if (value === null) return make({ case: 'nullValue', value: create(NullValueSchema) });
  if (value instanceof Map) return make({ case: 'mapValue', value: mapValueOf(value, inner) });
  const values = (value as readonly Value[]).map(inner);
  return make({ case: 'listValue', value: create(ListValueSchema, { values }) });
}

export const mapValueOf = (map: MapValue, inner: (value: Value) => GraphValue) =>
  create(MapValueSchema, { entries: entriesOf(map, inner) });

export const entriesOf = (map: MapValue, inner: (value: Value) => GraphValue): MapEntry[] =>
  [...map].map(([key, value]) => create(MapEntrySchema, { key, value: inner(value) }));

export const make = (value: GraphValue['value']): GraphValue => create(GraphValueSchema, { value });

const idOf = (table: number, offset: bigint): InternalId =>
  create(InternalIdSchema, { table: BigInt(table), offset });

function nodeOf(node: Node, ids: IdTable, depth: number) {
  const label = shownLabel(node);
  return create(NodeValueSchema, {
    id: idOf(ids.label(label, node.id), node.id),
    label,
    properties: entriesOf(node.properties, (item) => valueAt(item, ids, depth + 1)),
  });
}

function relationshipOf(relationship: Relationship, ids: IdTable, depth: number) {
  const { id, type, startId, endId } = relationship;
  return create(RelValueSchema, {
    id: idOf(ids.type(type), id),
    label: type,
    src: idOf(ids.end(startId), startId),
    dst: idOf(ids.end(endId), endId),
    properties: entriesOf(relationship.properties, (item) => valueAt(item, ids, depth + 1)),
  });
}

const PLAIN_KEYS = ['x', 'y', 'z'];
const GEOGRAPHIC_KEYS = ['longitude', 'latitude', 'height'];

/** `{srid: 7203, x: 1.0, y: 2.0}`, or with longitude, latitude and height. */
export function pointMap(point: Point): MapValue {
  const keys = isGeographic(point.srid) ? GEOGRAPHIC_KEYS : PLAIN_KEYS;
  const map = new Map<string, Value>([['srid', BigInt(point.srid)]]);
  for (const [i, coordinate] of point.coordinates.entries()) map.set(keys[i] ?? '', coordinate);
  return map;
}

export const isTemporalValue = (value: Value): value is Temporal =>
  value instanceof DateTimeValue ||
  value instanceof DateValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof DurationValue ||
  value instanceof TimeValue ||
  value instanceof LocalTimeValue;

/** @throws FacetError LIMIT_EXCEEDED */
export function checkNesting(depth: number): void {
  if (depth <= LIMITS.cypherValueDepthMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `A value has lists or maps nested deeper than ${LIMITS.cypherValueDepthMax} levels (cypherValueDepthMax)`,
  );
}
