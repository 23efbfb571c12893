/** Nodes and edges of the graph as the messages of the language have them. */
import { assert } from '../../../../base/index.ts';
import { Node, Relationship, type Value } from '../../../../cypher/index.ts';
import { propertyTexts } from './property-text.ts';

export interface NodeMessage {
  readonly id: bigint;
  readonly label: string;
  readonly properties: Record<string, string>;
}

export interface EdgeMessage extends NodeMessage {
  readonly from: bigint;
  readonly to: bigint;
}

type Row = readonly Value[];

/** Of a row's first column. */
export function nodeOf([value]: Row): NodeMessage {
  assert(value instanceof Node, 'the column has nodes');
  return { id: value.id, label: value.labels.join(':'), properties: propertyTexts(value.properties) };
}

/** Of a row's first column. */
export function edgeOf([value]: Row): EdgeMessage {
  assert(value instanceof Relationship, 'the column has relationships');
  const { id, startId: from, endId: to, type: label } = value;
  return { id, from, to, label, properties: propertyTexts(value.properties) };
}

/** Ids in a row's first column; null is none. */
export const idsOf = (rows: readonly Row[]): bigint[] =>
  rows.flatMap(([id]) => (typeof id === 'bigint' ? [id] : []));
