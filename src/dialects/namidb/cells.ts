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

export function valueToJson(value: Value): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return floatToJson(value);
  }
  if (value === null) return 'null';
  if (value instanceof Node) return nodeToJson(value);
  if (value instanceof Relationship) return relationshipToJson(value);
  if (value instanceof Path) return pathToJson(value);
  if (value instanceof Point) return pointToJson(value);
  if (isTemporal(value)) return JSON.stringify(temporalText(value));
  if (value instanceof Map) return mapToJson(value);
  return `[${(value as readonly Value[]).map(valueToJson).join(',')}]`;
}

const DOT_OR_EXPONENT = /[.e]/;

/** JSON has no NaN and no infinities: they are null. */
function floatToJson(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return DOT_OR_EXPONENT.test(text) ? text : `${text}.0`;
}

function mapToJson(map: MapValue): string {
  let text = '';
  for (const [key, value] of map) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${valueToJson(value)}`;
  }
  return `{${text}}`;
}

/** `labels` is there when `label` does not say it all: for nodes with several labels, or none. */
function nodeToJson({ id, labels, properties }: Node): string {
  const all = labels.length === 1 ? '' : `,"labels":${JSON.stringify(labels)}`;
  const label = JSON.stringify(labels[0] ?? null);
  return `{"_kind":"node","id":"${id}","label":${label}${all},"properties":${mapToJson(properties)}}`;
}

function relationshipToJson({ type, startId, endId, properties }: Relationship): string {
  return (
    `{"_kind":"rel","edge_type":${JSON.stringify(type)},"src":"${startId}","dst":"${endId}",` +
    `"properties":${mapToJson(properties)}}`
  );
}

/** Nodes and relationships in turn, from the first node to the last. */
function pathToJson({ nodes, relationships }: Path): string {
  const parts: string[] = [];
  for (const [index, node] of nodes.entries()) {
    const relationship = relationships[index - 1];
    if (relationship !== undefined) parts.push(relationshipToJson(relationship));
    parts.push(nodeToJson(node));
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
