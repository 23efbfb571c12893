/** What of Cypher is measured against a time: a shortest path in a large graph, and compiling. */
import { CYPHER_INDEXES, DISTANCE_SQL, SHORTEST_PATH, TYPICAL_QUERIES } from '../graph-questions.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { openGraphSides } from './graph-sides.ts';

const RANDOM = { nodes: 200_000, relationships: 800_000 };
const RANDOM_SMOKE = { nodes: 2_000, relationships: 8_000 };

/** Answers of both sides are compared for so many pairs before anything is measured. */
const COMPARED = 40;

interface Timed extends Round {
  readonly details: { readonly p50Ms: number; readonly p99Ms: number };
}

export const cypherShortestPath: Scenario = {
  name: 'cypher-shortest-path',
  question:
    'shortestPath between nodes by chance of a random graph of 200,000 nodes and 800,000 relationships, one after the ' +
    'other, against a function in PL/pgSQL that searches from both ends; the median is bounded by 100 ms',
  unit: 'paths/s',
  target: 0.75,
  bounds: { p50Ms: 100 },
  async prepare(surroundings) {
    const { cypher, sql } = await openGraphSides(surroundings);
    const size = surroundings.size.smoke ? RANDOM_SMOKE : RANDOM;
    for (const query of CYPHER_INDEXES) await cypher.ask({ do: 'cypherIndex', query });
    await cypher.ask({ do: 'load', graph: 'random', size, sqlIndexes: DISTANCE_SQL });
    const request = { query: SHORTEST_PATH.cypher, sql: SHORTEST_PATH.sql, nodes: size.nodes };
    const lengths = await cypher.ask<number[]>({ do: 'comparePaths', ...request, count: COMPARED });
    const found = lengths.filter((length) => length > 0);
    return {
      ours: { name: 'cypher', round: (ms) => cypher.ask<Timed>({ do: 'paths', ...request, ms }) },
      peer: { name: 'plpgsql', round: (ms) => sql.ask<Timed>({ do: 'distances', ...request, ms }) },
      finish: async () => ({
        stepsOnAverage: found.reduce((sum, length) => sum + length, 0) / Math.max(1, found.length),
        withoutPath: (lengths.length - found.length) / lengths.length,
      }),
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
