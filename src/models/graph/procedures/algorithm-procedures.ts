/** The procedures of `algo` that say something of every node. */
import type { ProcedureParameter, Value } from '../../../cypher/index.ts';
import { type Algorithm, algorithmProcedure, type Column } from './algorithm-procedure.ts';
import {
  betweenness,
  closeness,
  eigenvector,
  findCommunities,
  type Links,
  labelPropagation,
  louvain,
  networkOf,
  pageRank,
  propagateLabels,
  type Ranked,
  rankPages,
  strongComponents,
  triangles,
  weakComponents,
} from './algorithms/index.ts';
import type { ListedProcedure } from './listed-procedure.ts';
import { WEIGHT } from './settings.ts';

/** Rounds beyond this have long stopped to change anything. */
const ITERATIONS_BOUNDS = { least: 1, most: 10_000 };
/** Seeds of 32 bits. */
const SEED_BOUNDS = { least: -(2 ** 31), most: 2 ** 31 - 1 };

const INTEGER = 'INTEGER';
const FLOAT = 'FLOAT';

/** Settings that bound nothing but their sign. */
const ANY_POSITIVE = { least: Number.MIN_VALUE, most: Number.MAX_VALUE };

const one = (name: string, type: string): readonly ProcedureParameter[] => [{ name, type }];
const integers =
  (values: ArrayLike<number>): Column =>
  (position) =>
    BigInt(values[position] ?? 0);
const floats =
  (values: ArrayLike<number>): Column =>
  (position) =>
    values[position] ?? 0;

/** The same for all nodes. */
const always =
  (value: Value): Column =>
  () =>
    value;

/** How repetition ended, the same for all nodes. */
const ROUNDS: readonly ProcedureParameter[] = [
  { name: 'iterations', type: INTEGER },
  { name: 'moved', type: FLOAT },
  { name: 'converged', type: 'BOOLEAN' },
];
const rounds = ({ rounds: made, moved, converged }: Ranked): readonly Column[] => [
  always(BigInt(made)),
  always(moved),
  always(converged),
];

const wcc: Algorithm = {
  name: 'wcc',
  description: 'The connected component of each node, whatever the direction of relationships.',
  settings: [],
  outputs: one('component', INTEGER),
  plan: (settings) => {
    settings.direction('undirected');
    return async (links, pace) => [integers(await weakComponents(links, pace))];
  },
};

const scc: Algorithm = {
  name: 'scc',
  description: 'The strongly connected component of each node: the nodes that reach each other.',
  settings: [],
  outputs: one('component', INTEGER),
  plan: (settings) => {
    const direction = settings.direction('natural');
    return async (links, pace) => [integers(await strongComponents(networkOf(links, direction), pace))];
  },
};

const pageRankAlgorithm: Algorithm = {
  name: 'pageRank',
  description:
    'PageRank of each node; the scores add up to 1. Settings: damping 0.85, iterations 20, tolerance 0.0000001, direction natural.',
  settings: [...WEIGHT, 'damping', 'iterations', 'tolerance'],
  outputs: one('score', FLOAT),
  plan: (settings) => {
    const direction = settings.direction('natural');
    const options = {
      damping: settings.float('damping', 0.85, { least: 0, most: 1, below: true }),
      iterations: settings.integer('iterations', 20, ITERATIONS_BOUNDS),
      tolerance: settings.float('tolerance', 1e-7, { least: 0, most: 1 }),
    };
    return async (links, pace) => [floats(await pageRank(networkOf(links, direction), options, pace))];
  },
};

const pageRankReport: Algorithm = {
  name: 'pageRank.report',
  description:
    'As algo.pageRank, and beside each score how often it was repeated, by how much the scores have moved at last, and whether that was less than the tolerance. Settings: damping 0.85, iterations 100, tolerance 0.000001, direction natural.',
  settings: [...WEIGHT, 'damping', 'iterations', 'tolerance'],
  outputs: [...one('score', FLOAT), ...ROUNDS],
  plan: (settings) => {
    const direction = settings.direction('natural');
    const options = {
      damping: settings.float('damping', 0.85, { least: 0, most: 1 }),
      iterations: settings.integer('iterations', 100, ITERATIONS_BOUNDS),
      tolerance: settings.float('tolerance', 1e-6, ANY_POSITIVE),
    };
    return async (links, pace) => {
      const ranked = await rankPages(networkOf(links, direction), options, pace);
      return [floats(ranked.scores), ...rounds(ranked)];
    };
  },
};

const eigenvectorAlgorithm: Algorithm = {
  name: 'eigenvector',
  description:
    'Eigenvector centrality: a score in proportion to the sum of the scores of the nodes that a node leads to. Settings: iterations 100, tolerance 0.000001, direction undirected.',
  settings: [...WEIGHT, 'iterations', 'tolerance'],
  outputs: [...one('score', FLOAT), ...ROUNDS],
  plan: (settings) => {
    const direction = settings.direction('undirected');
    const options = {
      iterations: settings.integer('iterations', 100, ITERATIONS_BOUNDS),
      tolerance: settings.float('tolerance', 1e-6, ANY_POSITIVE),
    };
    return async (links, pace) => {
      const ranked = await eigenvector(networkOf(links, direction), options, pace);
      return [floats(ranked.scores), ...rounds(ranked)];
    };
  },
};

const closenessAlgorithm: Algorithm = {
  name: 'closeness',
  description:
    'How near each node is to all others: the mean of the inverse distances, counted in steps. Settings: direction undirected.',
  settings: [],
  outputs: one('score', FLOAT),
  plan: (settings) => {
    const direction = settings.direction('undirected');
    return async (links, pace) => [floats(await closeness(networkOf(links, direction), pace))];
  },
};

const degree: Algorithm = {
  name: 'degree',
  description:
    'How many relationships end and begin at each node. With direction reverse the two change places.',
  settings: [],
  outputs: [
    { name: 'in_degree', type: INTEGER },
    { name: 'out_degree', type: INTEGER },
    { name: 'degree', type: INTEGER },
  ],
  plan: (settings) => {
    const reverse = settings.direction('natural') === 'reverse';
    return async (links) => {
      const [starts, ends] = [ofEach(links.nodes, links.sources), ofEach(links.nodes, links.targets)];
      const [incoming, outgoing] = reverse ? [starts, ends] : [ends, starts];
      const sum = incoming.map((count, node) => count + (outgoing[node] ?? 0));
      return [incoming, outgoing, sum].map(integers);
    };
  },
};

/** How often each number below `length` is there. */
function ofEach(length: Links['nodes'], numbers: Int32Array): Int32Array {
  const counts = new Int32Array(length);
  for (const number of numbers) counts[number] = (counts[number] as number) + 1;
  return counts;
}

const triangleCount = (name: string): Algorithm => ({
  name,
  description:
    'The triangles at each node, directions aside, and which part of its pairs of neighbours they connect.',
  settings: [],
  outputs: [
    { name: 'triangles', type: INTEGER },
    { name: 'coefficient', type: FLOAT },
  ],
  plan: (settings) => {
    settings.direction('undirected');
    return async (links, pace) => {
      const { counts, coefficients } = await triangles(networkOf(links, 'undirected'), pace);
      return [integers(counts), floats(coefficients)];
    };
  },
});

const labelPropagationOf = (name: string): Algorithm => ({
  name,
  description:
    'Communities by label propagation. Settings: iterations 10, seed 0 (same seed, same result), direction undirected.',
  settings: [...WEIGHT, 'iterations', 'seed'],
  outputs: one('community', INTEGER),
  plan: (settings) => {
    const direction = settings.direction('undirected');
    const options = {
      iterations: settings.integer('iterations', 10, ITERATIONS_BOUNDS),
      seed: settings.integer('seed', 0, SEED_BOUNDS),
    };
    return async (links, pace) => [
      integers(await labelPropagation(networkOf(links, direction), options, pace)),
    ];
  },
});

const labelPropagationReport: Algorithm = {
  name: 'labelPropagation.report',
  description:
    'As algo.labelPropagation, and beside each community how often it was repeated. Settings: iterations 100, seed 0, direction undirected.',
  settings: [...WEIGHT, 'iterations', 'seed'],
  outputs: [...one('community', INTEGER), ...one('iterations', INTEGER)],
  plan: (settings) => {
    const direction = settings.direction('undirected');
    const options = {
      iterations: settings.integer('iterations', 100, ITERATIONS_BOUNDS),
      seed: settings.integer('seed', 0, SEED_BOUNDS),
    };
    return async (links, pace) => {
      const found = await propagateLabels(networkOf(links, direction), options, pace);
      return [integers(found.communities), always(BigInt(found.rounds))];
    };
  },
};

const louvainReport: Algorithm = {
  name: 'louvain.report',
  description:
    'As algo.louvain, and beside each community the modularity of all of them and the levels it took. Settings: resolution 1, iterations 100 on each level, levels 20.',
  settings: [...WEIGHT, 'resolution', 'iterations', 'levels'],
  outputs: [...one('community', INTEGER), ...one('modularity', FLOAT), ...one('levels', INTEGER)],
  plan: (settings) => {
    settings.direction('undirected');
    const options = {
      resolution: settings.float('resolution', 1, ANY_POSITIVE),
      iterations: settings.integer('iterations', 100, ITERATIONS_BOUNDS),
      levels: settings.integer('levels', 20, ITERATIONS_BOUNDS),
    };
    return async (links, pace) => {
      const found = await findCommunities(networkOf(links, 'undirected'), options, pace);
      return [integers(found.communities), always(found.modularity), always(BigInt(found.levels))];
    };
  },
};

const louvainAlgorithm: Algorithm = {
  name: 'louvain',
  description:
    "Communities by Louvain's method, directions aside. Settings: iterations 100 on each level, levels 20.",
  settings: [...WEIGHT, 'iterations', 'levels'],
  outputs: one('community', INTEGER),
  plan: (settings) => {
    settings.direction('undirected');
    const options = {
      iterations: settings.integer('iterations', 100, ITERATIONS_BOUNDS),
      levels: settings.integer('levels', 20, ITERATIONS_BOUNDS),
    };
    return async (links, pace) => [integers(await louvain(networkOf(links, 'undirected'), options, pace))];
  },
};

const betweennessAlgorithm: Algorithm = {
  name: 'betweenness',
  description:
    'How many shortest paths between others lead through each node, counted in steps. Settings: normalized false, sampling 1 (the part of the nodes that paths are looked for from), direction natural.',
  settings: ['normalized', 'sampling'],
  outputs: one('score', FLOAT),
  plan: (settings) => {
    const direction = settings.direction('natural');
    const options = {
      undirected: direction === 'undirected',
      normalized: settings.flag('normalized'),
      sampling: settings.float('sampling', 1, { least: Number.MIN_VALUE, most: 1 }),
    };
    return async (links, pace) => [floats(await betweenness(networkOf(links, direction), options, pace))];
  },
};

/** Two of them have a second spelling. */
export const ALGORITHM_PROCEDURES: readonly ListedProcedure[] = [
  wcc,
  scc,
  pageRankAlgorithm,
  pageRankReport,
  eigenvectorAlgorithm,
  closenessAlgorithm,
  degree,
  triangleCount('triangleCount'),
  triangleCount('triangle_count'),
  labelPropagationOf('labelPropagation'),
  labelPropagationOf('label_propagation'),
  labelPropagationReport,
  louvainAlgorithm,
  louvainReport,
  betweennessAlgorithm,
].map(algorithmProcedure);
