/** ENTITY: what belongs to one key, whether as a node, as an embedding or as a row. */
import type { Form } from '../form.ts';
import { choose, readClauses } from '../syntax/clauses.ts';
import { arrow, type Key, key, type Name, name } from '../syntax/names.ts';
import { optionalProperties, type Properties, propertyMap } from '../syntax/properties.ts';
import type { Reader } from '../syntax/reader.ts';
import type { Span } from '../syntax/span.ts';
import { embeddingClause, type Vector, vector } from '../syntax/vectors.ts';

/** What an entity is given. */
export interface EntityContent {
  readonly key: Key;
  /** Of an update merged with those it has; null removes one. */
  readonly properties: Properties;
  readonly embedding: Vector | undefined;
}

export interface EntityCreate extends EntityContent {
  readonly kind: 'entity-create';
}

export interface EntityUpdate extends EntityContent {
  readonly kind: 'entity-update';
}

export interface EntityGet {
  readonly kind: 'entity-get';
  readonly key: Key;
}

export interface EntityDelete {
  readonly kind: 'entity-delete';
  readonly key: Key;
}

export interface EntityConnect {
  readonly kind: 'entity-connect';
  readonly from: Key;
  readonly to: Key;
  readonly type: Name;
  readonly properties: Properties;
}

/** All or none. */
export interface EntityBatch {
  readonly kind: 'entity-batch';
  readonly entities: readonly (EntityContent & { readonly span: Span })[];
}

export type EntityStatement =
  | EntityCreate
  | EntityUpdate
  | EntityGet
  | EntityDelete
  | EntityConnect
  | EntityBatch;

const KEY = "the key of an entity such as 'user:alice'";

export const entityStatement = (reader: Reader): EntityStatement =>
  choose<EntityStatement>(reader, {
    CREATE: () => ({ kind: 'entity-create', ...content(reader) }),
    GET: () => ({ kind: 'entity-get', key: key(reader, KEY) }),
    UPDATE: () => ({ kind: 'entity-update', ...content(reader) }),
    DELETE: () => ({ kind: 'entity-delete', key: key(reader, KEY) }),
    CONNECT: () => connect(reader),
    BATCH: () => {
      reader.expectWord('CREATE');
      reader.expect('[', 'a list: ');
      return { kind: 'entity-batch', entities: reader.list(']', () => item(reader)) };
    },
  });

function content(reader: Reader): EntityContent {
  const found = key(reader, KEY);
  const properties = optionalProperties(reader);
  let embedding: Vector | undefined;
  readClauses(reader, [
    embeddingClause(reader, (given) => {
      embedding = given;
    }),
  ]);
  return { key: found, properties, embedding };
}

function connect(reader: Reader): EntityConnect {
  const from = key(reader, KEY);
  arrow(reader);
  const to = key(reader, KEY);
  reader.expect(':');
  const type = name(reader, 'the type of an edge');
  return { kind: 'entity-connect', from, to, type, properties: optionalProperties(reader) };
}

/** `{ key: 'k', embedding: [1, 2], … }` */
function item(reader: Reader): EntityBatch['entities'][number] {
  const { start } = reader.token;
  let found: Key | undefined;
  let embedding: Vector | undefined;
  const properties = propertyMap(reader, (word) => {
    if (word === 'key') found = key(reader, KEY);
    else if (word === 'embedding') embedding = vector(reader);
    else return false;
    return true;
  });
  const span = reader.spanFrom(start);
  if (found === undefined)
    throw reader.invalid(span, "The entity has no 'key'", "Give it one: { key: 'user:alice', … }");
  return { key: found, properties, embedding, span };
}

const ALICE = "ENTITY CREATE 'user:alice' { name: 'Alice', role: 'engineer' } EMBEDDING [0.1, 0.2, 0.3]";
const BOTH = [ALICE, "ENTITY CREATE 'user:bob'"];

export const ENTITY_FORMS = [
  {
    name: 'ENTITY CREATE',
    kind: 'entity-create',
    syntax: 'ENTITY CREATE key [{ key: value, … }] [EMBEDDING [v, …]]',
    summary:
      'Makes the node of a key, labelled with what stands before its first colon, and stores its embedding in the collection `default`. What is there is written over.',
    examples: [{ statement: ALICE }],
  },
  {
    name: 'ENTITY GET',
    kind: 'entity-get',
    syntax: 'ENTITY GET key',
    summary:
      'Answers everything that belongs to a key: the properties of its node, its embedding and the columns of its row.',
    examples: [{ setup: [ALICE], statement: "ENTITY GET 'user:alice'" }],
  },
  {
    name: 'ENTITY UPDATE',
    kind: 'entity-update',
    syntax: 'ENTITY UPDATE key [{ key: value, … }] [EMBEDDING [v, …]]',
    summary:
      'Sets properties and the embedding of an entity that exists, and leaves the others; NULL removes a property.',
    examples: [
      { setup: [ALICE], statement: "ENTITY UPDATE 'user:alice' { role: 'lead' } EMBEDDING [0.2, 0.2, 0.3]" },
    ],
  },
  {
    name: 'ENTITY DELETE',
    kind: 'entity-delete',
    syntax: 'ENTITY DELETE key',
    summary: 'Removes the node of a key with its edges, and its embedding. A row stays.',
    examples: [{ setup: [ALICE], statement: "ENTITY DELETE 'user:alice'" }],
  },
  {
    name: 'ENTITY CONNECT',
    kind: 'entity-connect',
    syntax: 'ENTITY CONNECT from -> to : type [{ key: value, … }]',
    summary: 'Makes an edge between two entities; nodes that are not there are made.',
    examples: [{ setup: BOTH, statement: "ENTITY CONNECT 'user:alice' -> 'user:bob' : knows" }],
  },
  {
    name: 'ENTITY BATCH CREATE',
    kind: 'entity-batch',
    syntax: 'ENTITY BATCH CREATE [{ key: key, embedding: [v, …], name: value, … }, …]',
    summary: 'Makes all of the entities or none.',
    examples: [
      { statement: "ENTITY BATCH CREATE [{ key: 'user:a', age: 30, embedding: [1, 0] }, { key: 'user:b' }]" },
    ],
  },
] as const satisfies readonly Form[];
