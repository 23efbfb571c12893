/** A seek over Bolt, by Neo4j's driver and by bare sockets, beside the same query over HTTP by clients of the same kind. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { loadFlights, openGraphSides } from './graph-sides.ts';

const SESSIONS = 32;
const QUERY = 'MATCH (a:Airport {n: $n}) RETURN a.n AS n, a.iata AS iata, a.city AS city';
const BODY = { bodyBefore: `{"query":${JSON.stringify(QUERY)},"params":{"n":`, bodyAfter: '}}' };

/** A program and what it is asked for. */
interface Client {
  readonly name: string;
  readonly program: string;
  readonly request: Readonly<Record<string, unknown>>;
}

const SOCKETS: Client = {
  name: '/v0/cypher by bare sockets',
  program: 'load',
  request: { do: 'run', path: '/v0/cypher', ...BODY },
};
const FETCH: Client = {
  name: '/v0/cypher by fetch',
  program: 'http-fetch',
  request: { do: 'fetched', path: '/v0/cypher', query: QUERY },
};

const scenario = (name: string, how: string, ours: Client, peer: Client): Scenario => ({
  name,
  question: `an airport by an indexed property, ${SESSIONS} at once: ${how} against ${peer.name}`,
  unit: 'requests/s',
  target: 0.7,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    const { airports: idMax } = await loadFlights(sides);
    await sides.cypher.stop();
    await sides.sql.stop();
    const facet = await startFacet(sides.uri);
    surroundings.defer(facet.stop);
    const side = ({ program, request, ...named }: Client, port: number) => {
      const client = startProgram(program);
      surroundings.defer(client.stop);
      const all = { port, idMax, callers: SESSIONS, connections: SESSIONS, ...request };
      return {
        ...named,
        async round(ms: number): Promise<Round> {
          const { details, rate, ...rest } = await client.ask<Round & Record<string, number>>({ ...all, ms });
          return { rate, details: details ?? rest };
        },
      };
    };
    return { ours: side(ours, facet.boltPort), peer: side(peer, facet.port) };
  },
});

const DRIVER = 'bolt-driver';

export const boltPointRead: readonly Scenario[] = [
  scenario(
    'bolt-point-read',
    'session.run of neo4j-driver',
    { name: 'session.run', program: DRIVER, request: { do: 'point', query: QUERY } },
    FETCH,
  ),
  scenario(
    'bolt-point-read-managed',
    'session.executeRead of neo4j-driver',
    { name: 'executeRead', program: DRIVER, request: { do: 'point', how: 'managed', query: QUERY } },
    FETCH,
  ),
  scenario(
    'bolt-point-read-wire',
    'RUN and PULL over bare sockets',
    { name: 'RUN, PULL', program: 'bolt-load', request: { do: 'wire', query: QUERY } },
    SOCKETS,
  ),
  scenario(
    'bolt-point-read-driver-wire',
    'session.run of neo4j-driver',
    { name: 'session.run', program: DRIVER, request: { do: 'point', query: QUERY } },
    SOCKETS,
  ),
];
