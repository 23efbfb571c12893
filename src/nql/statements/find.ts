/** FIND: nodes, edges, rows or single steps by conditions, likeness and connection together. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { type Clause, clause, readClauses } from '../syntax/clauses.ts';
import { type Condition, whereClause } from '../syntax/conditions.ts';
import { type Name, type NodeReference, name, optionalName } from '../syntax/names.ts';
import { limitClause, type Page } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { count } from '../syntax/values.ts';
import { collectionClause, type Likeness, likeness } from '../syntax/vectors.ts';
import { connectedClause, type Metric, metricClause } from './similar.ts';

export interface Find extends Page {
  readonly kind: 'find';
  readonly target: FindTarget;
  /** Of the properties or columns; of a path, those of its edge. */
  readonly condition: Condition | undefined;
  /** Of nodes and rows by the embeddings of their entities: the most similar ones first. */
  readonly similar: FindLikeness | undefined;
  /** Only nodes that have an edge with this one. */
  readonly connectedTo: NodeReference | undefined;
  /** The fields to answer; undefined: all. */
  readonly fields: readonly Name[] | undefined;
}

export type FindTarget =
  | { readonly what: 'node'; readonly label: Name | undefined }
  | { readonly what: 'edge'; readonly type: Name | undefined }
  | { readonly what: 'rows'; readonly table: Name; readonly schema: Name | undefined }
  /** One edge and its ends. */
  | {
      readonly what: 'path';
      readonly from: Name | undefined;
      readonly type: Name | undefined;
      readonly to: Name | undefined;
    };

export interface FindLikeness {
  readonly to: Likeness;
  readonly metric: Metric;
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
}

const FOLLOWERS = ['WHERE', 'SIMILAR', 'CONNECTED', 'RETURN', 'LIMIT', 'OFFSET'];

/** What may stand in front of SIMILAR TO, where nothing else has a name of that kind. */
const OF_LIKENESS = ['METRIC', 'COSINE', 'EUCLIDEAN', 'DOT_PRODUCT', 'IN', 'INTO'];

const TARGETS: Readonly<Record<string, FindTarget['what']>> = {
  NODE: 'node',
  NODES: 'node',
  VERTEX: 'node',
  EDGE: 'edge',
  EDGES: 'edge',
  ROWS: 'rows',
  PATH: 'path',
};

export function findStatement(reader: Reader): Find {
  const target = findTarget(reader);
  let condition: Condition | undefined;
  let to: Likeness | undefined;
  let metric: Metric | undefined;
  let collection: Name | undefined;
  let connectedTo: NodeReference | undefined;
  let fields: readonly Name[] | undefined;
  let limit: number = LIMITS.nqlFindLimitDefault;
  let offset = 0;
  const isOfNodes = target.what === 'node';
  const ofNodes: readonly Clause[] = [
    clause('SIMILAR TO', () => {
      to = likeness(reader);
    }),
    connectedClause(reader, (found) => {
      connectedTo = found;
    }),
    metricClause(reader, (found) => {
      metric = found;
    }),
    collectionClause(reader, (found) => {
      collection = found;
    }),
  ];
  readClauses(reader, [
    whereClause(reader, (found) => {
      condition = found;
    }),
    ...(isOfNodes || target.what === 'rows' ? ofNodes : []),
    clause('RETURN', () => {
      fields = returned(reader);
    }),
    limitClause(reader, (found) => {
      limit = found;
    }),
    clause('OFFSET', () => {
      offset = count(reader, 'OFFSET', 0);
    }),
  ]);
  if (to === undefined && (metric !== undefined || collection !== undefined)) {
    throw reader.unexpected('SIMILAR TO, which METRIC and IN belong to');
  }
  const similar = to === undefined ? undefined : { to, metric: metric ?? ('cosine' as const), collection };
  return { kind: 'find', target, condition, similar, connectedTo, fields, limit, offset };
}

function findTarget(reader: Reader): FindTarget {
  const what = TARGETS[reader.expectOneOf(...Object.keys(TARGETS))];
  if (what === 'edge') return { what, type: optionalName(reader, FOLLOWERS) };
  if (what === 'rows') {
    reader.expectWord('FROM');
    const first = name(reader, 'the name of a table');
    if (!reader.accept('.')) return { what, table: first, schema: undefined };
    return { what, table: name(reader, 'the name of a table'), schema: first };
  }
  if (what === 'path') return pathTarget(reader);
  return { what: 'node', label: optionalName(reader, [...FOLLOWERS, ...OF_LIKENESS]) };
}

/** `person -[knows]-> person`; each of the three may be left out. */
function pathTarget(reader: Reader): FindTarget {
  const from = optionalName(reader, []);
  reader.expect('-', from === undefined ? 'a label or ' : '');
  reader.expect('[');
  reader.accept(':');
  const type = reader.is(']') ? undefined : name(reader, 'the type of an edge');
  reader.expect(']');
  reader.expect('->');
  return { what: 'path', from, type, to: optionalName(reader, FOLLOWERS) };
}

/** `*` or names. */
function returned(reader: Reader): readonly Name[] | undefined {
  if (reader.accept('*')) return undefined;
  const fields = [name(reader, "'*' or the name of a field")];
  while (reader.accept(',')) fields.push(name(reader, 'the name of a field'));
  return fields;
}

const CREW = [
  "ENTITY CREATE 'user:alice' { role: 'pilot' } EMBEDDING [1, 0]",
  "ENTITY CREATE 'user:bob' { role: 'engineer' } EMBEDDING [0.9, 0.1]",
  "ENTITY CONNECT 'user:alice' -> 'user:bob' : knows",
];

export const FIND_FORMS = [
  {
    name: 'FIND NODE',
    kind: 'find',
    syntax:
      'FIND NODE [label] [WHERE condition] [SIMILAR TO key | [v, …]] [METRIC metric] [IN collection] [CONNECTED TO node] [RETURN field, … | *] [LIMIT n] [OFFSET m]',
    summary:
      'Answers nodes that pass the condition, have an edge with the node of CONNECTED TO, and are most similar to a vector or to that of a key: each clause may be left out. 100 of them unless LIMIT says another number. NODES and VERTEX are the same as NODE. EXPLAIN before it tells how it would be done.',
    examples: [
      {
        setup: CREW,
        statement:
          "FIND NODE user WHERE role = 'engineer' SIMILAR TO 'user:alice' CONNECTED TO 'user:alice' LIMIT 10",
      },
      { setup: CREW, statement: "FIND NODES WHERE role IN ('pilot', 'engineer') RETURN role" },
    ],
  },
  {
    name: 'FIND EDGE',
    kind: 'find',
    syntax: 'FIND EDGE [type] [WHERE condition] [RETURN field, … | *] [LIMIT n] [OFFSET m]',
    summary: 'Answers edges whose properties pass the condition.',
    examples: [{ setup: CREW, statement: 'FIND EDGE knows LIMIT 10' }],
  },
  {
    name: 'FIND ROWS',
    kind: 'find',
    syntax:
      'FIND ROWS FROM table [WHERE condition] [SIMILAR TO key | [v, …]] [CONNECTED TO node] [RETURN column, … | *] [LIMIT n] [OFFSET m]',
    summary:
      'Answers rows of a table that pass the condition. The row with the primary key 7 of a table t belongs to the entity `t:7`, whose embedding and edges SIMILAR TO and CONNECTED TO look at.',
    examples: [
      {
        setup: ['CREATE TABLE ships (name:string, crew:int)', "INSERT ships name='Io', crew=30"],
        statement: 'FIND ROWS FROM ships WHERE crew BETWEEN 10 AND 50 LIMIT 5',
      },
    ],
  },
  {
    name: 'FIND PATH',
    kind: 'find',
    syntax: 'FIND PATH [label] -[[type]]-> [label] [WHERE condition] [LIMIT n] [OFFSET m]',
    summary: 'Answers edges of that type between nodes of these labels. The condition is about the edge.',
    examples: [{ setup: CREW, statement: 'FIND PATH user -[knows]-> user LIMIT 5' }],
  },
] as const satisfies readonly Form[];
