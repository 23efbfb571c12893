/** The procedures of `algo` that say something of every node. */
import type { ProcedureParameter } from '../../../cypher/index.ts';
import { type Algorithm, algorithmProcedure, type Column } from './algorithm-procedure.ts';
import {
  betweenness,
  type Links,
  labelPropagation,
  louvain,
  networkOf,
  pageRank,
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

const one = (name: string, type: string): readonly ProcedureParameter[] => [{ name, type }];
const integers =
  (values: ArrayLike<number>): Column =>
  (position) =>
    BigInt(values[position] ?? 0);
const floats =
  (values: ArrayLike<number>): Column =>
  (position) =>
    values[position] ?? 0;

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
    'How many shortest paths between others lead through each node, counted in steps. Settings: normalized false, direction natural.',
  settings: ['normalized'],
  outputs: one('score', FLOAT),
  plan: (settings) => {
    const direction = settings.direction('natural');
    const options = { undirected: direction === 'undirected', normalized: settings.flag('normalized') };
    return async (links, pace) => [floats(await betweenness(networkOf(links, direction), options, pace))];
  },
};

/** Two of them have a second spelling. */
export const ALGORITHM_PROCEDURES: readonly ListedProcedure[] = [
  wcc,
  scc,
  pageRankAlgorithm,
  degree,
  triangleCount('triangleCount'),
  triangleCount('triangle_count'),
  labelPropagationOf('labelPropagation'),
  labelPropagationOf('label_propagation'),
  louvainAlgorithm,
  betweennessAlgorithm,
].map(algorithmProcedure);
