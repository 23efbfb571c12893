/** Cypher's values as the Query API has them in typed JSON: `{"$type": "Integer", "_value": "1"}`. */
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Temporal,
  type Value,
} from '../../../cypher/index.ts';
import type { JsonOut } from './json-out.ts';
import { elementsOf, type WriteValue, writeItems, writeMembers } from './plain-json.ts';
import { floatText, isoText, isTemporal, wellKnownText } from './scalars.ts';

/** Media types of this form. Versions add types that there are none of here. */
export const TYPED_TYPES: readonly string[] = [
  'application/vnd.neo4j.query',
  'application/vnd.neo4j.query.v1.0',
  'application/vnd.neo4j.query.v1.1',
];

export const writeTyped: WriteValue = (out, value) => {
  switch (typeof value) {
    case 'string':
      out.add(typed('String', JSON.stringify(value)));
      break;
    case 'bigint':
      out.add(typed('Integer', `"${value}"`));
      break;
    case 'number':
      out.add(typed('Float', `"${floatText(value)}"`));
      break;
    case 'boolean':
      out.add(typed('Boolean', String(value)));
      break;
    default:
      if (value === null) out.add(typed('Null', 'null'));
      else writeObject(out, value);
  }
};

const typed = (type: string, value: string): string => `{"$type":"${type}","_value":${value}}`;

function writeObject(out: JsonOut, value: object): void {
  if (value instanceof Node) writeNode(out, value);
  else if (value instanceof Relationship) writeRelationship(out, value);
  else if (value instanceof Map) inside(out, 'Map', () => writeMembers(out, value as MapValue, writeTyped));
  else if (value instanceof Path) inside(out, 'Path', () => writeItems(out, elementsOf(value), writeTyped));
  else if (value instanceof Point) out.add(typed('Point', `"${wellKnownText(value)}"`));
  else if (isTemporal(value)) out.add(typed(nameOf(value), JSON.stringify(isoText(value))));
  else inside(out, 'List', () => writeItems(out, value as readonly Value[], writeTyped));
}

function inside(out: JsonOut, type: string, write: () => void): void {
  out.add(`{"$type":"${type}","_value":`);
  write();
  out.add('}');
}

function writeNode(out: JsonOut, { id, labels, properties }: Node): void {
  out.add(
    `{"$type":"Node","_value":{"_element_id":"${id}","_labels":${JSON.stringify(labels)},"_properties":`,
  );
  writeMembers(out, properties, writeTyped);
  out.add('}}');
}

function writeRelationship(out: JsonOut, { id, type, startId, endId, properties }: Relationship): void {
  out.add(`{"$type":"Relationship","_value":{"_element_id":"${id}","_start_node_element_id":"${startId}",`);
  out.add(`"_end_node_element_id":"${endId}","_type":${JSON.stringify(type)},"_properties":`);
  writeMembers(out, properties, writeTyped);
  out.add('}}');
}

function nameOf(value: Temporal): string {
  if (value instanceof DateTimeValue) return value.zone === undefined ? 'OffsetDateTime' : 'ZonedDateTime';
  if (value instanceof DateValue) return 'Date';
  if (value instanceof LocalDateTimeValue) return 'LocalDateTime';
  if (value instanceof LocalTimeValue) return 'LocalTime';
  return value instanceof DurationValue ? 'Duration' : 'Time';
}
