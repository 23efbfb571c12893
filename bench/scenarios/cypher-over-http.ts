/** A seek over HTTP by both APIs of one server: what `/v0/cypher` costs beside `/api/v1/query`. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { loadFlights, openGraphSides } from './graph-sides.ts';

const CONNECTIONS = 32;

const CYPHER = 'MATCH (a:Airport {n: $n}) RETURN a.n AS n, a.iata AS iata, a.city AS city';
const SQL =
  "select (props ->> 'n')::bigint as n, props ->> 'iata' as iata, props ->> 'city' as city " +
  "from graph.node where labels @> '{Airport}' and (props ->> 'n')::bigint = $1::bigint";

interface Load extends Record<string, unknown> {
  readonly path: string;
  readonly bodyBefore: string;
  readonly bodyAfter: string;
}

export const cypherOverHttp: Scenario = {
  name: 'cypher-over-http',
  question: `an airport by an indexed property over HTTP, ${CONNECTIONS} keep-alive connections: /v0/cypher against /api/v1/query`,
  unit: 'requests/s',
  target: 0.75,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    const { airports } = await loadFlights(sides);
    const facet = await startFacet(sides.uri);
    surroundings.defer(facet.stop);
    const load = startProgram('load');
    surroundings.defer(load.stop);
    const run = async (target: Load, ms: number): Promise<Round> => {
      const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
        do: 'run',
        port: facet.port,
        connections: CONNECTIONS,
        idMax: airports,
        ms,
        ...target,
      });
      return { rate, details };
    };
    const cypher = {
      path: '/v0/cypher',
      bodyBefore: `{"query":${JSON.stringify(CYPHER)},"params":{"n":`,
      bodyAfter: '}}',
    };
    const sql = {
      path: '/api/v1/query',
      bodyBefore: `{"sql":${JSON.stringify(SQL)},"params":[`,
      bodyAfter: ']}',
    };
    return {
      ours: { name: '/v0/cypher', round: (ms) => run(cypher, ms) },
      peer: { name: '/api/v1/query', round: (ms) => run(sql, ms) },
    };
  },
};
