/** BATCH: many nodes or edges at once, all or none; GRAPH may stand before it. */
import type { Form } from '../form.ts';
import {
  type EdgeId,
  edgeId,
  type Name,
  type NodeReference,
  name,
  nameOrText,
  nodeReference,
} from '../syntax/names.ts';
import { NO_PROPERTIES, type Properties, propertyMap } from '../syntax/properties.ts';
import type { Reader } from '../syntax/reader.ts';
import type { Span } from '../syntax/span.ts';
import { connection } from './edges.ts';

export interface BatchCreateNodes {
  readonly kind: 'batch-create-nodes';
  readonly nodes: readonly {
    readonly labels: readonly Name[];
    readonly properties: Properties;
    readonly span: Span;
  }[];
}

export interface BatchCreateEdges {
  readonly kind: 'batch-create-edges';
  readonly edges: readonly {
    readonly from: NodeReference;
    readonly to: NodeReference;
    readonly type: Name;
    readonly properties: Properties;
    readonly span: Span;
  }[];
}

export interface BatchUpdateNodes {
  readonly kind: 'batch-update-nodes';
  /** Merged with the properties they have; null removes one. */
  readonly nodes: readonly {
    readonly node: NodeReference;
    readonly properties: Properties;
    readonly span: Span;
  }[];
}

export interface BatchDeleteNodes {
  readonly kind: 'batch-delete-nodes';
  readonly nodes: readonly NodeReference[];
}

export interface BatchDeleteEdges {
  readonly kind: 'batch-delete-edges';
  readonly edges: readonly EdgeId[];
}

export type BatchStatement =
  | BatchCreateNodes
  | BatchCreateEdges
  | BatchUpdateNodes
  | BatchDeleteNodes
  | BatchDeleteEdges;

export function batchStatement(reader: Reader): BatchStatement {
  const verb = reader.expectOneOf('CREATE', 'DELETE', 'UPDATE');
  const words = verb === 'UPDATE' ? ['NODES', 'NODE'] : ['NODES', 'EDGES', 'NODE', 'EDGE'];
  const isOfNodes = reader.expectOneOf(...words).startsWith('NODE');
  reader.expect('[', 'a list: ');
  if (verb === 'UPDATE') return { kind: 'batch-update-nodes', nodes: reader.list(']', () => update(reader)) };
  if (verb === 'DELETE') {
    return isOfNodes
      ? { kind: 'batch-delete-nodes', nodes: reader.list(']', () => nodeReference(reader)) }
      : { kind: 'batch-delete-edges', edges: reader.list(']', () => edgeId(reader)) };
  }
  return isOfNodes
    ? { kind: 'batch-create-nodes', nodes: reader.list(']', () => newNode(reader)) }
    : { kind: 'batch-create-edges', edges: reader.list(']', () => newEdge(reader)) };
}

/** `{ labels: [a, b], … }` or `(a:b { … })` */
function newNode(reader: Reader): BatchCreateNodes['nodes'][number] {
  const { start } = reader.token;
  const labels: Name[] = [];
  if (opensParenthesis(reader)) {
    do labels.push(name(reader, 'a label'));
    while (reader.accept(':'));
    const properties = closed(reader);
    return { labels, properties, span: reader.spanFrom(start) };
  }
  const properties = propertyMap(reader, (key) => {
    if (key !== 'labels') return false;
    if (reader.accept('[')) labels.push(...reader.list(']', () => nameOrText(reader, 'a label')));
    else labels.push(nameOrText(reader, 'a label'));
    return true;
  });
  const span = reader.spanFrom(start);
  if (labels.length === 0)
    throw reader.invalid(span, 'The node has no label', 'Give it one: { labels: [person], … }');
  return { labels, properties, span };
}

/** `{ from: 1, to: 2, type: t, … }` or `(1 -> 2 : t { … })` */
function newEdge(reader: Reader): BatchCreateEdges['edges'][number] {
  const { start } = reader.token;
  if (opensParenthesis(reader)) {
    const { from, to, type } = connection(reader);
    if (type === undefined) throw reader.unexpected("':' and the type of the edge");
    const properties = closed(reader);
    return { from, to, type, properties, span: reader.spanFrom(start) };
  }
  let from: NodeReference | undefined;
  let to: NodeReference | undefined;
  let type: Name | undefined;
  const properties = propertyMap(reader, (key) => {
    if (key === 'from') from = nodeReference(reader);
    else if (key === 'to') to = nodeReference(reader);
    else if (key === 'type') type = nameOrText(reader, 'the type of an edge');
    else return false;
    return true;
  });
  const span = reader.spanFrom(start);
  if (from === undefined || to === undefined || type === undefined) {
    const missing = from === undefined ? 'from' : to === undefined ? 'to' : 'type';
    throw reader.invalid(
      span,
      `The edge has no '${missing}'`,
      'Give all three: { from: 1, to: 2, type: knows, … }',
    );
  }
  return { from, to, type, properties, span };
}

/** `{ id: 1, … }` or `(1 { … })` */
function update(reader: Reader): BatchUpdateNodes['nodes'][number] {
  const { start } = reader.token;
  if (opensParenthesis(reader)) {
    const node = nodeReference(reader);
    const properties = closed(reader);
    return { node, properties, span: reader.spanFrom(start) };
  }
  let node: NodeReference | undefined;
  const properties = propertyMap(reader, (key) => {
    if (key !== 'id') return false;
    node = nodeReference(reader);
    return true;
  });
  const span = reader.spanFrom(start);
  if (node === undefined)
    throw reader.invalid(span, "The update has no 'id'", 'Say which node it is for: { id: 1, … }');
  return { node, properties, span };
}

function opensParenthesis(reader: Reader): boolean {
  if (reader.accept('(')) return true;
  if (!reader.is('{')) throw reader.unexpected("'{' or '('");
  return false;
}

/** `[{ … }] )` */
function closed(reader: Reader): Properties {
  const properties = reader.is('{') ? propertyMap(reader) : NO_PROPERTIES;
  reader.expect(')');
  return properties;
}

const ROBOTS = ['NODE CREATE robot { serial: 1 }', 'NODE CREATE robot { serial: 2 }'];

export const BATCH_FORMS = [
  {
    name: 'BATCH CREATE NODES',
    kind: 'batch-create-nodes',
    syntax: '[GRAPH] BATCH CREATE NODES [{ labels: [label, …], key: value, … }, …]',
    summary:
      'Makes all of the nodes or none. Answers their ids in the order given. A node may also be written `(label { key: value })`.',
    examples: [
      { statement: 'BATCH CREATE NODES [{labels: [robot], serial: 7}, {labels: [robot, tool]}]' },
      { statement: 'GRAPH BATCH CREATE NODES [(robot { serial: 8 }), (pilot)]' },
    ],
  },
  {
    name: 'BATCH CREATE EDGES',
    kind: 'batch-create-edges',
    syntax: '[GRAPH] BATCH CREATE EDGES [{ from: node, to: node, type: type, key: value, … }, …]',
    summary:
      'Makes all of the edges or none. Answers their ids in the order given. An edge may also be written `(from -> to : type { key: value })`.',
    examples: [
      { setup: ROBOTS, statement: 'BATCH CREATE EDGES [{from: 1, to: 2, type: repairs, hours: 2}]' },
      { setup: ROBOTS, statement: 'GRAPH BATCH CREATE EDGES [(2 -> 1 : repairs)]' },
    ],
  },
  {
    name: 'BATCH UPDATE NODES',
    kind: 'batch-update-nodes',
    syntax: '[GRAPH] BATCH UPDATE NODES [{ id: node, key: value, … }, …]',
    summary:
      'Sets properties of all of the nodes, or of none when one does not exist; NULL removes a property. An update may also be written `(node { key: value })`.',
    examples: [
      { setup: ROBOTS, statement: 'BATCH UPDATE NODES [{id: 1, serial: 9}, {id: 2, serial: NULL}]' },
    ],
  },
  {
    name: 'BATCH DELETE NODES',
    kind: 'batch-delete-nodes',
    syntax: '[GRAPH] BATCH DELETE NODES [node, …]',
    summary:
      'Removes nodes and their edges; those that do not exist are passed over. Answers how many it removed.',
    examples: [{ setup: ROBOTS, statement: 'BATCH DELETE NODES [1, 2]' }],
  },
  {
    name: 'BATCH DELETE EDGES',
    kind: 'batch-delete-edges',
    syntax: '[GRAPH] BATCH DELETE EDGES [id, …]',
    summary: 'Removes edges; those that do not exist are passed over. Answers how many it removed.',
    examples: [{ setup: [...ROBOTS, 'EDGE CREATE 1 -> 2 : repairs'], statement: 'BATCH DELETE EDGES [1]' }],
  },
] as const satisfies readonly Form[];
