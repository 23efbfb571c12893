/** EDGE CREATE, GET, UPDATE, DELETE and LIST. */
import type { Form } from '../form.ts';
import { choose } from '../syntax/clauses.ts';
import {
  arrow,
  type EdgeId,
  edgeId,
  type Name,
  type NodeReference,
  name,
  nodeReference,
  optionalName,
} from '../syntax/names.ts';
import { type Page, page } from '../syntax/paging.ts';
import { optionalProperties, type Properties, properties, startsAssignment } from '../syntax/properties.ts';
import type { Reader } from '../syntax/reader.ts';
import type { Refused } from './refused.ts';

export interface EdgeCreate {
  readonly kind: 'edge-create';
  readonly from: NodeReference;
  readonly to: NodeReference;
  /** Undefined: `edge`. */
  readonly type: Name | undefined;
  readonly properties: Properties;
}

export interface EdgeGet {
  readonly kind: 'edge-get';
  readonly edge: EdgeId;
}

export interface EdgeUpdate {
  readonly kind: 'edge-update';
  readonly edge: EdgeId;
  /** Merged with those it has; null removes one. */
  readonly properties: Properties;
}

export interface EdgeDelete {
  readonly kind: 'edge-delete';
  readonly edge: EdgeId;
}

export interface EdgeList extends Page {
  readonly kind: 'edge-list';
  readonly type: Name | undefined;
}

export type EdgeStatement = EdgeCreate | EdgeGet | EdgeUpdate | EdgeDelete | EdgeList;

export const edgeStatement = (reader: Reader): EdgeStatement | Refused =>
  choose<EdgeStatement | Refused>(reader, {
    CREATE: () => create(reader),
    GET: () => ({ kind: 'edge-get', edge: edgeId(reader) }),
    UPDATE: () => ({ kind: 'edge-update', edge: edgeId(reader), properties: properties(reader) }),
    DELETE: () => ({ kind: 'edge-delete', edge: edgeId(reader) }),
    LIST: () => ({ kind: 'edge-list', type: optionalName(reader, ['LIMIT', 'OFFSET']), ...page(reader) }),
  });

/** `a -> b : type { … }`, and the older `a -> b type DIRECTED`. */
function create(reader: Reader): EdgeCreate | Refused {
  const { from, to, type } = connection(reader);
  const found = optionalProperties(reader);
  const { start } = reader.token;
  if (reader.acceptWords('UNDIRECTED')) {
    return {
      kind: 'refused',
      name: 'EDGE CREATE … UNDIRECTED',
      reason: 'Every edge of the graph has a direction',
      hint: 'Leave UNDIRECTED out: NEIGHBORS … BOTH and PATH follow edges both ways.',
      span: reader.spanFrom(start),
    };
  }
  if (!reader.acceptWords('DIRECTED')) reader.couldFollow(["': type'", 'properties']);
  return { kind: 'edge-create', from, to, type, properties: found };
}

/** Two ends and perhaps a type, with a colon before it or without. */
export function connection(reader: Reader): {
  from: NodeReference;
  to: NodeReference;
  type: Name | undefined;
} {
  const from = nodeReference(reader);
  arrow(reader);
  const to = nodeReference(reader);
  if (reader.accept(':')) return { from, to, type: name(reader, 'the type of an edge') };
  if (startsAssignment(reader)) return { from, to, type: undefined };
  return { from, to, type: optionalName(reader, ['DIRECTED', 'UNDIRECTED']) };
}

const CREW = ['NODE CREATE robot', 'NODE CREATE pilot'];
const REPAIRS = [...CREW, 'EDGE CREATE 1 -> 2 : repairs { since: 1980 }'];

export const EDGE_FORMS = [
  {
    name: 'EDGE CREATE',
    kind: 'edge-create',
    syntax: 'EDGE CREATE from -> to [: type] [{ key: value, … } | key = value, …]',
    summary:
      'Makes an edge between two nodes, each given by its id or the key of its entity. Without a type it is an `edge`; the colon may be left out. TO may stand for the arrow. Answers its id.',
    examples: [
      { setup: CREW, statement: 'EDGE CREATE 1 -> 2 : repairs { since: 1980 }' },
      { setup: CREW, statement: 'EDGE CREATE 2 -> 1 owns' },
    ],
  },
  {
    name: 'EDGE GET',
    kind: 'edge-get',
    syntax: 'EDGE GET id',
    summary: 'Answers the edge of that id.',
    examples: [{ setup: REPAIRS, statement: 'EDGE GET 1' }],
  },
  {
    name: 'EDGE UPDATE',
    kind: 'edge-update',
    syntax: 'EDGE UPDATE id { key: value, … } | key = value, …',
    summary:
      'Sets properties and leaves the others as they are; NULL removes one. Answers how many edges it changed.',
    examples: [{ setup: REPAIRS, statement: 'EDGE UPDATE 1 { since: 1981 }' }],
  },
  {
    name: 'EDGE DELETE',
    kind: 'edge-delete',
    syntax: 'EDGE DELETE id',
    summary: 'Removes an edge. Answers how many it removed.',
    examples: [{ setup: REPAIRS, statement: 'EDGE DELETE 1' }],
  },
  {
    name: 'EDGE LIST',
    kind: 'edge-list',
    syntax: 'EDGE LIST [type] [LIMIT n] [OFFSET m]',
    summary: 'Answers edges in the order of their ids, 1,000 of them unless LIMIT says another number.',
    examples: [{ setup: REPAIRS, statement: 'EDGE LIST repairs LIMIT 20' }],
  },
] as const satisfies readonly Form[];
