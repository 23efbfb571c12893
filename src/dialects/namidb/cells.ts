/**
 * One Cypher value -> JSON text of the NamiDB HTTP API (Type mapping). Text is built directly: integers keep all their
 * digits, and a FLOAT without a fraction keeps its dot, so that clients can tell the two apart.
 */
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
} from '../../cypher/index.ts';
import type { ByteCount } from '../http/index.ts';

/** @throws RESULT_TOO_LARGE from `count`, which is told of each part before it is put together */
export function valueToJson(value: Value, count: ByteCount): string {
  if (typeof value === 'object' && value !== null) return objectToJson(value, count);
  const text = scalarToJson(value);
  // And a comma.
  count.add(text.length + 1);
  return text;
}

function scalarToJson(value: string | bigint | boolean | number | null): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return floatToJson(value);
    default:
      return String(value);
  }
}

/** What stands around the members of a list or a map, and of a node or a relationship. */
const OBJECT_BYTES = 2;
const ENTITY_BYTES = 60;

function objectToJson(
  value: Exclude<Value, string | bigint | boolean | number | null>,
  count: ByteCount,
): string {
  count.add(OBJECT_BYTES);
  if (value instanceof Node) return nodeToJson(value, count);
  if (value instanceof Relationship) return relationshipToJson(value, count);
  if (value instanceof Path) return pathToJson(value, count);
  if (value instanceof Point) return pointToJson(value);
  if (isTemporal(value)) return JSON.stringify(temporalText(value));
  if (value instanceof Map) return mapToJson(value, count);
  return `[${(value as readonly Value[]).map((item) => valueToJson(item, count)).join(',')}]`;
}

const DOT_OR_EXPONENT = /[.e]/;

/** JSON has no NaN and no infinities: they are null. */
function floatToJson(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return DOT_OR_EXPONENT.test(text) ? text : `${text}.0`;
}

function mapToJson(map: MapValue, count: ByteCount): string {
  let text = '';
  for (const [key, value] of map) {
    count.add(key.length + 3);
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${valueToJson(value, count)}`;
  }
  return `{${text}}`;
}

/** `labels` is there when `label` does not say it all: for nodes with several labels, or none. */
function nodeToJson({ id, labels, properties }: Node, count: ByteCount): string {
  count.add(ENTITY_BYTES + labels.reduce((sum, label) => sum + label.length, 0));
  const all = labels.length === 1 ? '' : `,"labels":${JSON.stringify(labels)}`;
  const label = JSON.stringify(labels[0] ?? null);
  return `{"_kind":"node","id":"${id}","label":${label}${all},"properties":${mapToJson(properties, count)}}`;
}

function relationshipToJson({ type, startId, endId, properties }: Relationship, count: ByteCount): string {
  count.add(ENTITY_BYTES + type.length);
  return (
    `{"_kind":"rel","edge_type":${JSON.stringify(type)},"src":"${startId}","dst":"${endId}",` +
    `"properties":${mapToJson(properties, count)}}`
  );
}

/** Nodes and relationships in turn, from the first node to the last. */
function pathToJson({ nodes, relationships }: Path, count: ByteCount): string {
  const parts: string[] = [];
  for (const [index, node] of nodes.entries()) {
    const relationship = relationships[index - 1];
    if (relationship !== undefined) parts.push(relationshipToJson(relationship, count));
    parts.push(nodeToJson(node, count));
  }
  return `[${parts.join(',')}]`;
}

const PLAIN_AXES = ['x', 'y', 'z'];
const GEOGRAPHIC_AXES = ['longitude', 'latitude', 'height'];

/** As the map that `point()` makes the point from. */
function pointToJson({ srid, coordinates }: Point): string {
  const axes = isGeographic(srid) ? GEOGRAPHIC_AXES : PLAIN_AXES;
  const members = coordinates.map((coordinate, index) => `"${axes[index]}":${floatToJson(coordinate)}`);
  return `{"srid":${srid},${members.join(',')}}`;
}

const isTemporal = (value: object): value is Temporal =>
  value instanceof DateValue ||
  value instanceof DateTimeValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof LocalTimeValue ||
  value instanceof TimeValue ||
  value instanceof DurationValue;

const WITHOUT_SECONDS = /^((?:[^T]*T)?\d\d:\d\d)(?=$|[Z+-])/;
const ZONE_NAME = /\[.*$/;

/**
 * ISO 8601, and for a point in time RFC 3339: seconds are always there, UTC is `+00:00`, and the name of a zone is left
 * out, since its offset is there.
 */
function temporalText(value: Temporal): string {
  const text = formatTemporal(value);
  if (value instanceof DateValue || value instanceof DurationValue) return text;
  return text.replace(ZONE_NAME, '').replace(WITHOUT_SECONDS, '$1:00').replace(/Z$/, '+00:00');
}
