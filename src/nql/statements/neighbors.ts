/** NEIGHBORS: the nodes at the other ends of a node's edges, perhaps in the order of their likeness to something. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { clause, readClauses } from '../syntax/clauses.ts';
import { type Name, type NodeReference, nodeReference } from '../syntax/names.ts';
import { topClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { type Direction, directionClause, edgeTypeClause } from '../syntax/traversal.ts';
import { type Likeness, likeness } from '../syntax/vectors.ts';

export interface Neighbors {
  readonly kind: 'neighbors';
  readonly node: NodeReference;
  readonly direction: Direction;
  readonly type: Name | undefined;
  /** Undefined: all of them. */
  readonly limit: number | undefined;
}

/** Answers keys with scores. */
export interface SimilarNeighbors {
  readonly kind: 'similar-neighbors';
  readonly node: NodeReference;
  readonly direction: Direction;
  readonly type: Name | undefined;
  readonly to: Likeness;
  readonly limit: number;
}

export function neighborsStatement(reader: Reader): Neighbors | SimilarNeighbors {
  const node = nodeReference(reader);
  let direction: Direction = 'both';
  let type: Name | undefined;
  let to: Likeness | undefined;
  let limit: number | undefined;
  readClauses(reader, [
    directionClause(reader, (found) => {
      direction = found;
    }),
    edgeTypeClause(reader, (found) => {
      type = found;
    }),
    clause('BY SIMILARITY', () => {
      to = likeness(reader);
    }, ['BY', 'SIMILAR']),
    topClause(reader, (found) => {
      limit = found;
    }),
  ]);
  if (to === undefined) return { kind: 'neighbors', node, direction, type, limit };
  return { kind: 'similar-neighbors', node, direction, type, to, limit: limit ?? LIMITS.nqlTopDefault };
}

const CREW = [
  "ENTITY CREATE 'user:ada' { name: 'Ada' } EMBEDDING [1, 0]",
  "ENTITY CREATE 'user:bo' { name: 'Bo' } EMBEDDING [0.8, 0.6]",
  "ENTITY CONNECT 'user:ada' -> 'user:bo' : knows",
];

export const NEIGHBOR_FORMS = [
  {
    name: 'NEIGHBORS',
    kind: 'neighbors',
    syntax: 'NEIGHBORS node [OUTGOING | INCOMING | BOTH] [: type] [LIMIT n]',
    summary:
      'Answers the ids of the nodes at the other ends of its edges, each once and without itself, in ascending order. Without a direction it is BOTH. OUT and IN are the same as OUTGOING and INCOMING, and EDGE TYPE the same as the colon.',
    examples: [
      { setup: CREW, statement: "NEIGHBORS 'user:ada'" },
      { setup: CREW, statement: "NEIGHBORS 'user:bo' INCOMING : knows" },
    ],
  },
  {
    name: 'NEIGHBORS … BY SIMILARITY',
    kind: 'similar-neighbors',
    syntax: 'NEIGHBORS node [direction] [: type] BY SIMILARITY [v, …] | key [LIMIT n]',
    summary:
      'Answers the keys of neighbours that have an embedding, the most similar ones first, 10 unless LIMIT says another number.',
    examples: [{ setup: CREW, statement: "NEIGHBORS 'user:ada' OUTGOING BY SIMILARITY [1, 1] LIMIT 5" }],
  },
] as const satisfies readonly Form[];
