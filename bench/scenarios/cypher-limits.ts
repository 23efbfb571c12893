/** What of Cypher is measured against a time: a shortest path in a large graph, and compiling. */
import { CYPHER_INDEXES, SHORTEST_PATH, TYPICAL_QUERIES } from '../graph-questions.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { openGraphSides } from './graph-sides.ts';

const RANDOM = { nodes: 200_000, relationships: 800_000 };
const RANDOM_SMOKE = { nodes: 2_000, relationships: 8_000 };

interface Timed extends Round {
  readonly details: { readonly p50Ms: number; readonly p99Ms: number };
}

export const cypherShortestPath: Scenario = {
  name: 'cypher-shortest-path',
  question:
    'median of shortestPath between two nodes of a random graph of 200,000 nodes and 800,000 relationships',
  unit: 'ms',
  target: 100,
  async prepare(surroundings) {
    const { cypher } = await openGraphSides(surroundings);
    const size = surroundings.size.smoke ? RANDOM_SMOKE : RANDOM;
    for (const query of CYPHER_INDEXES) await cypher.ask({ do: 'cypherIndex', query });
    await cypher.ask({ do: 'load', graph: 'random', size });
    const request = { do: 'paths', query: SHORTEST_PATH, nodes: size.nodes, callers: 1 };
    return {
      ours: {
        name: 'cypher',
        async round(ms) {
          const { rate, details } = await cypher.ask<Timed>({ ...request, ms });
          return { rate: details.p50Ms, details: { p99Ms: details.p99Ms, pathsPerSecond: rate } };
        },
      },
    };
  },
};

export const cypherCompile: Scenario = {
  name: 'cypher-compile',
  question: 'median time from the text of a query to what runs, no text twice',
  unit: 'µs',
  target: 200,
  async prepare(surroundings) {
    const program = startProgram('graph');
    surroundings.defer(program.stop);
    return {
      ours: {
        name: 'prepare',
        async round(ms) {
          const { details } = await program.ask<Timed>({ do: 'compile', queries: TYPICAL_QUERIES, ms });
          return { rate: details.p50Ms * 1000, details: { p99Us: details.p99Ms * 1000 } };
        },
      },
    };
  },
};
