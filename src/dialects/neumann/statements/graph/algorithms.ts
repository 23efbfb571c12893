/** Algorithms over the whole graph: each is a procedure of the graph model, whose rows become a result. */
import type { Value } from '../../../../cypher/index.ts';
import type { AlgorithmName, Direction, StatementOf } from '../../../../nql/index.ts';
import { CentralityType } from '../../gen/neumann/v1/results_pb.ts';
import type { PlainResult, ResultKind } from '../../result.ts';
import type { Runners } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { jsonOf } from '../values.ts';

/** The words of procedures. */
export const DIRECTIONS: Readonly<Record<Direction, string>> = {
  outgoing: 'natural',
  incoming: 'reverse',
  both: 'undirected',
};

type Statement = StatementOf<'algorithm'>;
type Options = Statement['options'];
/** The identity of a node, and what the procedure yields beside it. */
type Rows = readonly (readonly Value[])[];

interface Run {
  readonly procedure: string;
  readonly yields: readonly string[];
  readonly settings: (options: Options) => Record<string, unknown>;
  readonly answers: ResultKind;
  readonly result: (rows: Rows, options: Options) => PlainResult;
}

/** The same communities each time. */
const SEED = 42;

const float = (value: number | undefined): unknown => (value === undefined ? undefined : jsonOf(value));
const items = (rows: Rows): { nodeId: bigint; score: number }[] =>
  rows.map(([id, score]) => ({ nodeId: BigInt(id as string), score: Number(score) }));
/** Behind the score: iterations, moved, converged. A graph without nodes has no rows, and nothing to repeat. */
const rounds = ([row]: Rows): { iterations: number; converged: boolean } => ({
  iterations: Number(row?.[2] ?? 0),
  converged: row === undefined || row[4] === true,
});

function communities(rows: Rows): {
  items: { nodeId: bigint; communityId: bigint }[];
  communityCount: number;
  communities: { communityId: bigint; memberNodeIds: bigint[] }[];
} {
  const members = new Map<bigint, bigint[]>();
  const found = rows.map(([id, community]) => {
    const [nodeId, communityId] = [BigInt(id as string), community as bigint];
    const known = members.get(communityId);
    if (known === undefined) members.set(communityId, [nodeId]);
    else known.push(nodeId);
    return { nodeId, communityId };
  });
  const lists = [...members].map(([communityId, memberNodeIds]) => ({ communityId, memberNodeIds }));
  return { items: found, communityCount: members.size, communities: lists };
}

const RUNS: Readonly<Record<AlgorithmName, Run>> = {
  pagerank: {
    procedure: 'algo.pageRank.report',
    yields: ['score', 'iterations', 'moved', 'converged'],
    settings: ({ damping, tolerance, iterations }) => ({
      damping: float(damping),
      tolerance: float(tolerance),
      iterations,
    }),
    answers: 'pageRank',
    result: (rows) => ({
      case: 'pageRank',
      value: { items: items(rows), ...rounds(rows), convergence: Number(rows[0]?.[3] ?? 0) },
    }),
  },
  betweenness: {
    procedure: 'algo.betweenness',
    yields: ['score'],
    settings: ({ sampling }) => ({ sampling: float(sampling) }),
    answers: 'centrality',
    result: (rows, { sampling = 1 }) => ({
      case: 'centrality',
      value: {
        items: items(rows),
        centralityType: CentralityType.BETWEENNESS,
        // As the procedure counts them.
        sampleCount: Math.ceil(sampling * rows.length),
      },
    }),
  },
  closeness: {
    procedure: 'algo.closeness',
    yields: ['score'],
    settings: () => ({}),
    answers: 'centrality',
    result: (rows) => ({
      case: 'centrality',
      value: { items: items(rows), centralityType: CentralityType.CLOSENESS },
    }),
  },
  eigenvector: {
    procedure: 'algo.eigenvector',
    yields: ['score', 'iterations', 'moved', 'converged'],
    settings: ({ tolerance, iterations }) => ({ tolerance: float(tolerance), iterations }),
    answers: 'centrality',
    result: (rows) => ({
      case: 'centrality',
      value: { items: items(rows), ...rounds(rows), centralityType: CentralityType.EIGENVECTOR },
    }),
  },
  louvain: {
    procedure: 'algo.louvain.report',
    yields: ['community', 'modularity', 'levels'],
    settings: ({ resolution, passes }) => ({ resolution: float(resolution), levels: passes }),
    answers: 'communities',
    result: (rows) => ({
      case: 'communities',
      value: {
        ...communities(rows),
        modularity: Number(rows[0]?.[2] ?? 0),
        passes: Number(rows[0]?.[3] ?? 0),
      },
    }),
  },
  'label-propagation': {
    procedure: 'algo.labelPropagation.report',
    yields: ['community', 'iterations'],
    settings: ({ iterations }) => ({ iterations, seed: SEED }),
    answers: 'communities',
    result: (rows) => ({
      case: 'communities',
      value: { ...communities(rows), iterations: Number(rows[0]?.[2] ?? 0) },
    }),
  },
};

export const ALGORITHM_RUNNERS: Runners<'algorithm'> = {
  algorithm: {
    answers: ({ algorithm }) => RUNS[algorithm].answers,
    run: async ({ algorithm, direction, type, options }, call) => {
      const { procedure, yields, settings, result } = RUNS[algorithm];
      const given = {
        ...settings(options),
        direction: DIRECTIONS[direction],
        edge_types: type === undefined ? [] : [type.text],
      };
      const columns = ['node_id', ...yields].join(', ');
      const query = `CALL ${procedure}($settings) YIELD ${columns} RETURN ${columns}`;
      const { rows } = await askCypher(call, query, { settings: given });
      return result(rows, options);
    },
  },
};
