/** A seek over Bolt, by Neo4j's driver and by bare sockets, beside the same query over HTTP. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { loadFlights, openGraphSides } from './graph-sides.ts';

const SESSIONS = 32;
const QUERY = 'MATCH (a:Airport {n: $n}) RETURN a.n AS n, a.iata AS iata, a.city AS city';

interface Way {
  readonly name: string;
  readonly how: string;
  readonly program: string;
  readonly request: Readonly<Record<string, unknown>>;
}

const scenario = ({ name, how, program, request }: Way): Scenario => ({
  name,
  question: `an airport by an indexed property, ${SESSIONS} at once: ${how} against /v0/cypher over bare keep-alive sockets`,
  unit: 'requests/s',
  target: 0.7,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    const { airports } = await loadFlights(sides);
    await sides.cypher.stop();
    await sides.sql.stop();
    const facet = await startFacet(sides.uri);
    surroundings.defer(facet.stop);
    const bolt = startProgram(program);
    surroundings.defer(bolt.stop);
    const load = startProgram('load');
    surroundings.defer(load.stop);
    return {
      ours: {
        name: 'Bolt',
        round: (ms) =>
          bolt.ask<Round>({
            port: facet.boltPort,
            query: QUERY,
            idMax: airports,
            callers: SESSIONS,
            connections: SESSIONS,
            ms,
            ...request,
          }),
      },
      peer: {
        name: '/v0/cypher',
        async round(ms) {
          const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
            do: 'run',
            port: facet.port,
            connections: SESSIONS,
            idMax: airports,
            ms,
            path: '/v0/cypher',
            bodyBefore: `{"query":${JSON.stringify(QUERY)},"params":{"n":`,
            bodyAfter: '}}',
          });
          return { rate, details };
        },
      },
    };
  },
});

export const boltPointRead: readonly Scenario[] = [
  scenario({
    name: 'bolt-point-read',
    how: 'session.run of neo4j-driver',
    program: 'bolt-driver',
    request: { do: 'point' },
  }),
  scenario({
    name: 'bolt-point-read-managed',
    how: 'session.executeRead of neo4j-driver',
    program: 'bolt-driver',
    request: { do: 'point', how: 'managed' },
  }),
  scenario({
    name: 'bolt-point-read-wire',
    how: 'RUN and PULL over bare sockets',
    program: 'bolt-load',
    request: { do: 'wire' },
  }),
];
