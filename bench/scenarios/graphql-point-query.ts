/** What GraphQL costs on top of REST: the same statement on the same server, once through each. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, POINT_SELECT } from '../tables.ts';
import { openSides } from './sides.ts';

const CONNECTIONS = 64;

interface Load extends Record<string, unknown> {
  readonly path: string;
  readonly bodyBefore: string;
  readonly bodyAfter: string;
}

const DOCUMENT =
  `query ($sql: String!, $params: [JSON]) { query(sql: $sql, params: $params) ` +
  '{ columns columnTypes rows rowCount executionTimeMs } }';

export const graphqlPointQuery: Scenario = {
  name: 'graphql-point-query',
  question: `a row by its key through POST /graphql, ${CONNECTIONS} keep-alive connections, against POST /api/v1/query of the same server`,
  unit: 'requests/s',
  target: 0.5,
  async prepare(surroundings) {
    const { uri } = await openSides(surroundings);
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const load = startProgram('load');
    surroundings.defer(load.stop);

    const run = async (target: Load, ms: number): Promise<Round> => {
      const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
        do: 'run',
        port: facet.port,
        connections: CONNECTIONS,
        idMax: POINT_ROWS,
        ms,
        ...target,
      });
      return { rate, details };
    };
    const sql = JSON.stringify(POINT_SELECT);
    const graphql = {
      path: '/graphql',
      bodyBefore: `{"query":${JSON.stringify(DOCUMENT)},"variables":{"sql":${sql},"params":[`,
      bodyAfter: ']}}',
    };
    const rest = { path: '/api/v1/query', bodyBefore: `{"sql":${sql},"params":[`, bodyAfter: ']}' };
    return {
      ours: { name: 'GraphQL', round: (ms) => run(graphql, ms) },
      peer: { name: 'REST', round: (ms) => run(rest, ms) },
    };
  },
};
