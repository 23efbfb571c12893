/** One hop over graphd's WebSocket and over `/v0/cypher` of the same server. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { loadFlights, openGraphSides } from './graph-sides.ts';

const CONNECTIONS = 16;
const QUERY = 'MATCH (a:Airport {n: $n})-[:ROUTE]->(b) RETURN b.iata';

export const graphdOneHop: Scenario = {
  name: 'graphd-one-hop',
  question: `where one can fly to from an airport, ${CONNECTIONS} connections: Execute over graphd's WebSocket against /v0/cypher`,
  unit: 'requests/s',
  target: 1,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    const { airports } = await loadFlights(sides);
    await sides.cypher.stop();
    await sides.sql.stop();
    const facet = await startFacet(sides.uri);
    surroundings.defer(facet.stop);
    const graphd = startProgram('graphd-load');
    surroundings.defer(graphd.stop);
    const load = startProgram('load');
    surroundings.defer(load.stop);
    const asked = { port: facet.port, idMax: airports, connections: CONNECTIONS };
    return {
      ours: {
        name: 'graphd',
        round: (ms) => graphd.ask<Round>({ do: 'run', ...asked, query: QUERY, ms }),
      },
      peer: {
        name: '/v0/cypher',
        async round(ms) {
          const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
            do: 'run',
            ...asked,
            anyRows: true,
            path: '/v0/cypher',
            bodyBefore: `{"query":${JSON.stringify(QUERY)},"params":{"n":`,
            bodyAfter: '}}',
            ms,
          });
          return { rate, details };
        },
      },
    };
  },
};
