/** Algorithms over the whole graph: PAGERANK, the centralities and the communities, with GRAPH before them or not. */
import type { Form } from '../form.ts';
import { type Clause, clause, readClauses } from '../syntax/clauses.ts';
import type { Name } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { type Direction, directionClause, edgeTypeClause } from '../syntax/traversal.ts';
import { count, measure, type Range } from '../syntax/values.ts';

export interface Algorithm {
  readonly kind: 'algorithm';
  readonly algorithm: AlgorithmName;
  readonly direction: Direction;
  readonly type: Name | undefined;
  /** All that the algorithm takes, with their defaults. Those it does not take are not there. */
  readonly options: AlgorithmOptions;
}

export type AlgorithmName =
  | 'pagerank'
  | 'betweenness'
  | 'closeness'
  | 'eigenvector'
  | 'louvain'
  | 'label-propagation';

export interface AlgorithmOptions {
  readonly damping?: number;
  readonly tolerance?: number;
  readonly iterations?: number;
  /** Share of the nodes that paths are counted from. */
  readonly sampling?: number;
  readonly resolution?: number;
  readonly passes?: number;
}

type Option = keyof AlgorithmOptions;

/** What an algorithm takes: its default direction, and its options with their defaults. */
const TAKES: Readonly<Record<AlgorithmName, { direction: Direction; options: AlgorithmOptions }>> = {
  pagerank: { direction: 'outgoing', options: { damping: 0.85, tolerance: 1e-6, iterations: 100 } },
  betweenness: { direction: 'both', options: { sampling: 1 } },
  closeness: { direction: 'both', options: {} },
  eigenvector: { direction: 'both', options: { iterations: 100, tolerance: 1e-6 } },
  louvain: { direction: 'both', options: { resolution: 1, passes: 10 } },
  'label-propagation': { direction: 'both', options: { iterations: 100 } },
};

/** How an option is written, and what it may be: a range, or a whole number of at least one. */
const OPTIONS: Readonly<Record<Option, { words: readonly string[]; range: Range | 'whole' }>> = {
  damping: { words: ['DAMPING'], range: { least: 0, most: 1 } },
  tolerance: { words: ['TOLERANCE'], range: { least: 0, isOpen: true } },
  iterations: { words: ['ITERATIONS', 'MAX_ITERATIONS'], range: 'whole' },
  sampling: { words: ['SAMPLING', 'SAMPLING_RATIO'], range: { least: 0, most: 1, isOpen: true } },
  resolution: { words: ['RESOLUTION'], range: { least: 0, isOpen: true } },
  passes: { words: ['PASSES', 'MAX_PASSES'], range: 'whole' },
};

/** The words of each, the second of which may be left out. */
const NAMES: readonly (readonly [name: AlgorithmName, first: string, second: string | undefined])[] = [
  ['pagerank', 'PAGERANK', undefined],
  ['betweenness', 'BETWEENNESS', 'CENTRALITY'],
  ['closeness', 'CLOSENESS', 'CENTRALITY'],
  ['eigenvector', 'EIGENVECTOR', 'CENTRALITY'],
  ['louvain', 'LOUVAIN', 'COMMUNITIES'],
  ['label-propagation', 'LABEL_PROPAGATION', undefined],
];

export const ALGORITHM_WORDS: readonly string[] = [...NAMES.map(([, first]) => first), 'LABEL'];

/** The next word is one of ALGORITHM_WORDS. */
export function algorithmStatement(reader: Reader): Algorithm {
  const found = NAMES.find(([, first]) => reader.isWord(first));
  reader.advance();
  if (found === undefined) reader.expectWord('PROPAGATION');
  else if (found[2] !== undefined) reader.acceptWords(found[2]);
  return withOptions(reader, found?.[0] ?? 'label-propagation');
}

function withOptions(reader: Reader, algorithm: AlgorithmName): Algorithm {
  const takes = TAKES[algorithm];
  let { direction } = takes;
  let type: Name | undefined;
  const options: { -readonly [key in Option]?: number } = { ...takes.options };
  const optionClause = (option: Option): Clause => {
    const { words, range } = OPTIONS[option];
    const [name = '', ...others] = words;
    const read = ([word = name]: readonly string[]): void => {
      options[option] = range === 'whole' ? count(reader, word, 1) : measure(reader, word, range);
    };
    return clause(name, read, ...others.map((other) => [other]));
  };
  readClauses(reader, [
    ...(Object.keys(OPTIONS) as Option[]).filter((option) => option in takes.options).map(optionClause),
    directionClause(reader, (found) => {
      direction = found;
    }),
    edgeTypeClause(reader, (found) => {
      type = found;
    }),
  ]);
  return { kind: 'algorithm', algorithm, direction, type, options };
}

const TRIANGLE = [
  'NODE CREATE robot',
  'NODE CREATE robot',
  'NODE CREATE robot',
  'EDGE CREATE 1 -> 2 : repairs',
  'EDGE CREATE 2 -> 3 : repairs',
];

export const ALGORITHM_FORMS = [
  {
    name: 'PAGERANK',
    kind: 'algorithm',
    syntax: '[GRAPH] PAGERANK [DAMPING d] [TOLERANCE t] [ITERATIONS n] [direction] [EDGE TYPE type]',
    summary:
      'Ranks nodes by the ranks of those that point at them. Unless given, DAMPING is 0.85, TOLERANCE 1e-6 and ITERATIONS, also written MAX_ITERATIONS, 100. A direction is OUTGOING (the default here), INCOMING or BOTH, perhaps behind DIRECTION.',
    examples: [{ setup: TRIANGLE, statement: 'PAGERANK DAMPING 0.9 EDGE TYPE repairs' }],
  },
  {
    name: 'BETWEENNESS',
    kind: 'algorithm',
    syntax: '[GRAPH] BETWEENNESS [CENTRALITY] [SAMPLING r] [direction] [EDGE TYPE type]',
    summary:
      'Scores nodes by how many of the shortest paths between others lead through them. SAMPLING, also written SAMPLING_RATIO, is the share of nodes that paths are counted from: 1 unless given.',
    examples: [{ setup: TRIANGLE, statement: 'BETWEENNESS' }],
  },
  {
    name: 'CLOSENESS',
    kind: 'algorithm',
    syntax: '[GRAPH] CLOSENESS [CENTRALITY] [direction] [EDGE TYPE type]',
    summary: 'Scores nodes by how near they are to all others: the mean of the inverse distances.',
    examples: [{ setup: TRIANGLE, statement: 'CLOSENESS DIRECTION OUTGOING' }],
  },
  {
    name: 'EIGENVECTOR',
    kind: 'algorithm',
    syntax: '[GRAPH] EIGENVECTOR [CENTRALITY] [ITERATIONS n] [TOLERANCE t] [direction] [EDGE TYPE type]',
    summary:
      'Scores nodes by the scores of their neighbours. ITERATIONS is 100 and TOLERANCE 1e-6 unless given.',
    examples: [{ setup: TRIANGLE, statement: 'EIGENVECTOR CENTRALITY ITERATIONS 50' }],
  },
  {
    name: 'LOUVAIN',
    kind: 'algorithm',
    syntax: '[GRAPH] LOUVAIN [COMMUNITIES] [RESOLUTION r] [PASSES n] [direction] [EDGE TYPE type]',
    summary:
      'Groups nodes into communities by their modularity. RESOLUTION is 1 and PASSES, also written MAX_PASSES, 10 unless given.',
    examples: [{ setup: TRIANGLE, statement: 'LOUVAIN RESOLUTION 1.0 MAX_PASSES 10' }],
  },
  {
    name: 'LABEL PROPAGATION',
    kind: 'algorithm',
    syntax: '[GRAPH] LABEL PROPAGATION [ITERATIONS n] [direction] [EDGE TYPE type]',
    summary:
      'Groups nodes by letting each take the community that most of its neighbours have. Also written LABEL_PROPAGATION; ITERATIONS is 100 unless given.',
    examples: [{ setup: TRIANGLE, statement: 'GRAPH LABEL PROPAGATION ITERATIONS 20' }],
  },
] as const satisfies readonly Form[];
