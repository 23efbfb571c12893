/** Functions of nodes, relationships and paths, and of maps where they stand for properties. */
import { deletedEntity } from '../../values/access.ts';
import { isEntity } from '../../values/kinds.ts';
import { Node, Path, Relationship, type Value } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';
import { type ScalarFunction, unary, wrongArgument } from './function.ts';

/** An entity that is still there. */
function alive<E extends Node | Relationship>(name: string, entity: E): E {
  if (entity.deleted) throw deletedEntity(entity, `${name}()`);
  return entity;
}

function labels(value: Value): Value {
  if (value instanceof Node) return alive('labels', value).labels;
  throw wrongArgument('labels', 'a Node', value);
}

/** The type of a relationship never changes, so a deleted one tells it too. */
function type(value: Value): Value {
  if (value instanceof Relationship) return value.type;
  throw wrongArgument('type', 'a Relationship', value);
}

function keys(value: Value): Value {
  if (value instanceof Map) return [...value.keys()];
  if (isEntity(value)) return [...alive('keys', value).properties.keys()];
  throw wrongArgument('keys', 'a Node, a Relationship or a Map', value);
}

function properties(value: Value): Value {
  if (value instanceof Map) return value;
  if (isEntity(value)) return alive('properties', value).properties;
  throw wrongArgument('properties', 'a Node, a Relationship or a Map', value);
}

function id(value: Value): Value {
  if (isEntity(value)) return value.id;
  throw wrongArgument('id', 'a Node or a Relationship', value);
}

function elementId(value: Value): Value {
  if (isEntity(value)) return value.id.toString();
  throw wrongArgument('elementId', 'a Node or a Relationship', value);
}

const end = (name: string, idOf: (relationship: Relationship) => bigint): ScalarFunction =>
  unary(name, (value, context: QueryContext) => {
    if (!(value instanceof Relationship)) throw wrongArgument(name, 'a Relationship', value);
    const node = context.graph.node(idOf(value));
    if (node !== undefined) return node;
    throw deletedEntity(value, `${name}()`);
  });

const ofPath = (name: string, read: (path: Path) => Value): ScalarFunction =>
  unary(name, (value) => {
    if (value instanceof Path) return read(value);
    throw wrongArgument(name, 'a Path', value);
  });

export const ENTITIES: readonly ScalarFunction[] = [
  unary('labels', labels),
  unary('type', type),
  unary('keys', keys),
  unary('properties', properties),
  unary('id', id),
  unary('elementId', elementId),
  end('startNode', (relationship) => relationship.startId),
  end('endNode', (relationship) => relationship.endId),
  ofPath('nodes', (path) => path.nodes),
  ofPath('relationships', (path) => path.relationships),
  ofPath('length', (path) => BigInt(path.relationships.length)),
];
