/** NODE CREATE, GET, UPDATE, DELETE and LIST. */
import type { Form } from '../form.ts';
import { choose } from '../syntax/clauses.ts';
import { type Name, type NodeReference, name, nodeReference, optionalName } from '../syntax/names.ts';
import { type Page, page } from '../syntax/paging.ts';
import { optionalProperties, type Properties, properties } from '../syntax/properties.ts';
import type { Reader } from '../syntax/reader.ts';

export interface NodeCreate {
  readonly kind: 'node-create';
  /** At least one. */
  readonly labels: readonly Name[];
  readonly properties: Properties;
}

export interface NodeGet {
  readonly kind: 'node-get';
  readonly node: NodeReference;
}

export interface NodeUpdate {
  readonly kind: 'node-update';
  readonly node: NodeReference;
  /** Merged with those it has; null removes one. */
  readonly properties: Properties;
}

export interface NodeDelete {
  readonly kind: 'node-delete';
  readonly node: NodeReference;
}

export interface NodeList extends Page {
  readonly kind: 'node-list';
  readonly label: Name | undefined;
}

export type NodeStatement = NodeCreate | NodeGet | NodeUpdate | NodeDelete | NodeList;

export const nodeStatement = (reader: Reader): NodeStatement =>
  choose<NodeStatement>(reader, {
    CREATE: () => create(reader),
    GET: () => ({ kind: 'node-get', node: nodeReference(reader) }),
    UPDATE: () => ({ kind: 'node-update', node: nodeReference(reader), properties: properties(reader) }),
    DELETE: () => ({ kind: 'node-delete', node: nodeReference(reader) }),
    LIST: () => ({ kind: 'node-list', label: optionalName(reader, ['LIMIT', 'OFFSET']), ...page(reader) }),
  });

function create(reader: Reader): NodeCreate {
  const found = labels(reader);
  const { start } = reader.token;
  const given = optionalProperties(reader);
  if (reader.token.start === start) reader.couldFollow(['properties']);
  return { kind: 'node-create', labels: found, properties: given };
}

/** `person` or `person:employee` */
function labels(reader: Reader): readonly Name[] {
  const found = [name(reader, 'a label')];
  while (reader.accept(':')) found.push(name(reader, 'a label'));
  return found;
}

const ADA = "NODE CREATE pilot { name: 'Ada', rank: 3 }";

export const NODE_FORMS = [
  {
    name: 'NODE CREATE',
    kind: 'node-create',
    syntax: 'NODE CREATE label[:label …] [{ key: value, … } | key = value, …]',
    summary: 'Makes a node with labels and properties. Answers its id.',
    examples: [
      { statement: "NODE CREATE robot { model: 'R2', year: 1977, tags: ['blue', 'white'] }" },
      { statement: "NODE CREATE pilot name='Ada', rank=3" },
    ],
  },
  {
    name: 'NODE GET',
    kind: 'node-get',
    syntax: "NODE GET id | 'key'",
    summary:
      'Answers the node of that id, or of the entity of that key: with the label that the key begins with, and the key as its property `entity_key`.',
    examples: [{ setup: [ADA], statement: 'NODE GET 1' }],
  },
  {
    name: 'NODE UPDATE',
    kind: 'node-update',
    syntax: "NODE UPDATE id | 'key' { key: value, … } | key = value, …",
    summary:
      'Sets properties and leaves the others as they are; NULL removes one. Answers how many nodes it changed.',
    examples: [{ setup: [ADA], statement: 'NODE UPDATE 1 { rank: 4, wing: NULL }' }],
  },
  {
    name: 'NODE DELETE',
    kind: 'node-delete',
    syntax: "NODE DELETE id | 'key'",
    summary: 'Removes a node and its edges. Answers how many nodes it removed.',
    examples: [{ setup: [ADA], statement: 'NODE DELETE 1' }],
  },
  {
    name: 'NODE LIST',
    kind: 'node-list',
    syntax: 'NODE LIST [label] [LIMIT n] [OFFSET m]',
    summary: 'Answers nodes in the order of their ids, 1,000 of them unless LIMIT says another number.',
    examples: [{ setup: [ADA], statement: 'NODE LIST pilot LIMIT 10' }],
  },
] as const satisfies readonly Form[];
