/** SIMILAR: the stored vectors nearest to one, perhaps only of what an entity is connected to. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { type Clause, clause, readClauses } from '../syntax/clauses.ts';
import { type Condition, whereClause } from '../syntax/conditions.ts';
import { type Name, type NodeReference, nodeReference } from '../syntax/names.ts';
import { topClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { collectionClause, type Likeness, likeness } from '../syntax/vectors.ts';

export type Metric = 'cosine' | 'euclidean' | 'dot-product';

export interface Similar {
  readonly kind: 'similar';
  readonly to: Likeness;
  /** At least one. */
  readonly limit: number;
  readonly metric: Metric;
  /** Only keys of entities that have an edge with this node. */
  readonly connectedTo: NodeReference | undefined;
  /** Undefined: the collection `default`. */
  readonly collection: Name | undefined;
  /** Of the metadata. */
  readonly condition: Condition | undefined;
}

const METRICS: Readonly<Record<string, Metric>> = {
  COSINE: 'cosine',
  EUCLIDEAN: 'euclidean',
  DOT_PRODUCT: 'dot-product',
};

const WORDS = Object.keys(METRICS);

export function similarStatement(reader: Reader): Similar {
  const to = likeness(reader);
  let limit: number = LIMITS.nqlTopDefault;
  let metric: Metric = 'cosine';
  let connectedTo: NodeReference | undefined;
  let collection: Name | undefined;
  let condition: Condition | undefined;
  readClauses(reader, [
    topClause(reader, (found) => {
      limit = found;
    }),
    metricClause(reader, (found) => {
      metric = found;
    }),
    connectedClause(reader, (found) => {
      connectedTo = found;
    }),
    collectionClause(reader, (found) => {
      collection = found;
    }),
    whereClause(reader, (found) => {
      condition = found;
    }),
  ]);
  return { kind: 'similar', to, limit, metric, connectedTo, collection, condition };
}

/** `METRIC m`, or the name of the metric alone. */
export const metricClause = (reader: Reader, read: (metric: Metric) => void): Clause => ({
  name: 'METRIC',
  begins: [['METRIC'], ...WORDS.map((word) => [word])],
  read: ([word = '']) => read(METRICS[word === 'METRIC' ? reader.expectOneOf(...WORDS) : word] ?? 'cosine'),
});

export const connectedClause = (reader: Reader, read: (node: NodeReference) => void): Clause =>
  clause('CONNECTED TO', () => read(nodeReference(reader)));

const MINERALS = [
  "EMBED STORE 'rock' [0.1, 0.9] IN minerals METADATA { hardness: 6 }",
  "EMBED STORE 'chalk' [0.2, 0.7] IN minerals METADATA { hardness: 1 }",
];

export const SIMILAR_FORMS = [
  {
    name: 'SIMILAR',
    kind: 'similar',
    syntax:
      'SIMILAR key | [v, …] [LIMIT n | TOP n] [METRIC COSINE | EUCLIDEAN | DOT_PRODUCT] [CONNECTED TO node] [IN collection] [WHERE condition]',
    summary:
      'Answers the keys of the most similar vectors with their scores, the best first; 10 unless LIMIT or TOP says another number. With a key it is about the vector of that key, which is among the answers. Clauses come in any order; METRIC may be left out before its value, and INTO is the same as IN. CONNECTED TO leaves what has an edge with that node. Conditions are about the metadata.',
    examples: [
      {
        setup: MINERALS,
        statement: 'SIMILAR [1, 0] LIMIT 2 METRIC EUCLIDEAN IN minerals WHERE hardness >= 5',
      },
      { setup: MINERALS, statement: "SIMILAR 'rock' TOP 3 IN minerals" },
    ],
  },
] as const satisfies readonly Form[];
