/**
 * One Cypher value -> JSON text of graphd's HTTP API. Text is built directly: integers keep all their digits, and a FLOAT
 * without a fraction keeps its dot, so that clients can tell the two apart.
 */
import {
  formatTemporal,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Value,
} from '../../cypher/index.ts';
import { type IdTable, isTemporalValue, pointMap, shownLabel } from '../../strana/index.ts';
import type { ByteCount } from '../http/index.ts';

/** What stands around the members of a list or a map, and of a node or a relationship. */
const OBJECT_BYTES = 2;
const ENTITY_BYTES = 80;

/** @throws RESULT_TOO_LARGE from `count`, which is told of each part before it is put together; what `ids` throws */
export function valueToJson(value: Value, ids: IdTable, count: ByteCount): string {
  if (typeof value === 'object' && value !== null) return objectToJson(value, ids, count);
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

const DOT_OR_EXPONENT = /[.e]/;

/** JSON has no NaN and no infinities: they are null. */
function floatToJson(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return DOT_OR_EXPONENT.test(text) ? text : `${text}.0`;
}

function objectToJson(
  value: Exclude<Value, string | bigint | boolean | number | null>,
  ids: IdTable,
  count: ByteCount,
): string {
  count.add(OBJECT_BYTES);
  if (value instanceof Node) return nodeToJson(value, ids, count);
  if (value instanceof Relationship) return relationshipToJson(value, ids, count);
  if (value instanceof Path) {
    const nodes = value.nodes.map((node) => valueToJson(node, ids, count));
    const rels = value.relationships.map((relationship) => valueToJson(relationship, ids, count));
    return `{"$type":"path","nodes":[${nodes.join(',')}],"rels":[${rels.join(',')}]}`;
  }
  if (value instanceof Point) return mapToJson(pointMap(value), ids, count);
  if (isTemporalValue(value)) return JSON.stringify(formatTemporal(value));
  if (value instanceof Map) return mapToJson(value, ids, count);
  return `[${(value as readonly Value[]).map((item) => valueToJson(item, ids, count)).join(',')}]`;
}

function mapToJson(map: MapValue, ids: IdTable, count: ByteCount): string {
  let text = '';
  for (const [key, value] of map) {
    count.add(key.length + 3);
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${valueToJson(value, ids, count)}`;
  }
  return `{${text}}`;
}

const idToJson = (table: number, offset: bigint): string => `{"table":${table},"offset":${offset}}`;

function nodeToJson(node: Node, ids: IdTable, count: ByteCount): string {
  const label = shownLabel(node);
  count.add(ENTITY_BYTES + label.length);
  const id = idToJson(ids.label(label, node.id), node.id);
  const properties = mapToJson(node.properties, ids, count);
  return `{"$type":"node","id":${id},"label":${JSON.stringify(label)},"properties":${properties}}`;
}

function relationshipToJson(relationship: Relationship, ids: IdTable, count: ByteCount): string {
  const { id, type, startId, endId } = relationship;
  count.add(2 * ENTITY_BYTES + type.length);
  const properties = mapToJson(relationship.properties, ids, count);
  return (
    `{"$type":"rel","id":${idToJson(ids.type(type), id)},"label":${JSON.stringify(type)},` +
    `"src":${idToJson(ids.end(startId), startId)},"dst":${idToJson(ids.end(endId), endId)},` +
    `"properties":${properties}}`
  );
}
