/**
 * Cypher's values -> PackStream. Nodes and relationships have their identity as a number, and from Bolt 5.0 on also as
 * an element id, which is the text that `elementId()` gives.
 */
import { type MapValue, Node, Path, Point, Relationship, type Value } from '../../cypher/index.ts';
import { STRUCTURES } from './markers.ts';
import type { PackWriter } from './pack-writer.ts';
import { isTemporal, writePoint, writeTemporal } from './temporal-writer.ts';
import type { Wire } from './versions.ts';

/** From this version on entities have element ids. */
const MAJOR_WITH_ELEMENT_IDS = 5;

/** @throws RESULT_TOO_LARGE from the writer */
export function writeValue(writer: PackWriter, value: Value, wire: Wire): void {
  switch (typeof value) {
    case 'string':
      writer.string(value);
      break;
    case 'bigint':
      writer.bigint(value);
      break;
    case 'number':
      writer.float(value);
      break;
    case 'boolean':
      writer.boolean(value);
      break;
    default:
      if (value === null) writer.nothing();
      else writeObject(writer, value, wire);
  }
}

function writeObject(
  writer: PackWriter,
  value: Exclude<Value, string | bigint | number | boolean | null>,
  wire: Wire,
): void {
  if (value instanceof Node) writeNode(writer, value, wire);
  else if (value instanceof Relationship) writeRelationship(writer, value, wire);
  else if (value instanceof Map) writeMap(writer, value, wire);
  else if (value instanceof Path) writePath(writer, value, wire);
  else if (value instanceof Point) writePoint(writer, value);
  else if (isTemporal(value)) writeTemporal(writer, value, wire);
  else writeList(writer, value as readonly Value[], wire);
}

export function writeList(writer: PackWriter, items: readonly Value[], wire: Wire): void {
  writer.listHeader(items.length);
  for (const item of items) writeValue(writer, item, wire);
}

function writeMap(writer: PackWriter, map: MapValue, wire: Wire): void {
  writer.mapHeader(map.size);
  for (const [key, value] of map) {
    writer.string(key);
    writeValue(writer, value, wire);
  }
}

function writeNode(writer: PackWriter, { id, labels, properties }: Node, wire: Wire): void {
  const withElementId = wire.major >= MAJOR_WITH_ELEMENT_IDS;
  writer.structureHeader(STRUCTURES.node, withElementId ? 4 : 3);
  writer.bigint(id);
  writer.listHeader(labels.length);
  for (const label of labels) writer.string(label);
  writeMap(writer, properties, wire);
  if (withElementId) writer.string(id.toString());
}

function writeRelationship(
  writer: PackWriter,
  { id, type, startId, endId, properties }: Relationship,
  wire: Wire,
): void {
  const withElementId = wire.major >= MAJOR_WITH_ELEMENT_IDS;
  writer.structureHeader(STRUCTURES.relationship, withElementId ? 8 : 5);
  writer.bigint(id);
  writer.bigint(startId);
  writer.bigint(endId);
  writer.string(type);
  writeMap(writer, properties, wire);
  if (!withElementId) return;
  for (const text of [id, startId, endId]) writer.string(text.toString());
}

/** A relationship in a path, whose ends the path tells. */
function writeUnbound(writer: PackWriter, { id, type, properties }: Relationship, wire: Wire): void {
  const withElementId = wire.major >= MAJOR_WITH_ELEMENT_IDS;
  writer.structureHeader(STRUCTURES.unboundRelationship, withElementId ? 4 : 3);
  writer.bigint(id);
  writer.string(type);
  writeMap(writer, properties, wire);
  if (withElementId) writer.string(id.toString());
}

/**
 * The different nodes and relationships, and the way through them: of each step the relationship, counted from 1 and
 * negative if it is walked against its direction, and the node that it leads to, counted from 0.
 */
function writePath(writer: PackWriter, { nodes, relationships }: Path, wire: Wire): void {
  const distinctNodes = distinct(nodes);
  const distinctRelationships = distinct(relationships);
  writer.structureHeader(STRUCTURES.path, 3);
  writer.listHeader(distinctNodes.size);
  for (const { entity } of distinctNodes.values()) writeNode(writer, entity, wire);
  writer.listHeader(distinctRelationships.size);
  for (const { entity } of distinctRelationships.values()) writeUnbound(writer, entity, wire);
  writer.listHeader(relationships.length * 2);
  for (const [step, relationship] of relationships.entries()) {
    const index = (distinctRelationships.get(relationship.id)?.index ?? 0) + 1;
    const isForward = relationship.startId === nodes[step]?.id;
    writer.integer(isForward ? index : -index);
    writer.integer(distinctNodes.get(nodes[step + 1]?.id ?? -1n)?.index ?? 0);
  }
}

/** In the order of their first place. */
function distinct<Entity extends Node | Relationship>(
  entities: readonly Entity[],
): Map<bigint, { readonly entity: Entity; readonly index: number }> {
  const found = new Map<bigint, { readonly entity: Entity; readonly index: number }>();
  for (const entity of entities) {
    if (!found.has(entity.id)) found.set(entity.id, { entity, index: found.size });
  }
  return found;
}
