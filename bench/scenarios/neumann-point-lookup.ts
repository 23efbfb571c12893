/** The whole way of a Neumann statement over gRPC, against the least that could run the same SQL and answer the same. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, POINT_SELECT_SHORT, POINT_SELECT_TEXT } from '../tables.ts';
import { openSides } from './sides.ts';

const CONNECTIONS = 4;
const CALLERS = 64;

const lookup = (name: string, form: string, sql: string): Scenario => ({
  name,
  question: `neumann.v1 Execute of a point select ${form}, ${CALLERS} calls in flight on ${CONNECTIONS} connections, against a bare handler of @grpc/grpc-js on a pipelined pg client`,
  unit: 'calls/s',
  target: 0.55,
  async prepare(surroundings) {
    const { connection, uri } = await openSides(surroundings);
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const peer = startProgram('bare-neumann');
    surroundings.defer(peer.stop);
    const load = startProgram('grpc-load');
    surroundings.defer(load.stop);
    const peerPort = await peer.ask<number>({ do: 'start', connection });
    const run = async (port: number, ms: number): Promise<Round> => {
      const { rate } = await load.ask<{ rate: number }>({
        do: 'run',
        port,
        dialect: 'neumann',
        sql,
        idMax: POINT_ROWS,
        connections: CONNECTIONS,
        callers: CALLERS,
        ms,
      });
      return { rate };
    };
    return {
      ours: { name: 'facet', round: (ms) => run(facet.grpcPort, ms) },
      peer: { name: 'bare grpc-js + pg', round: (ms) => run(peerPort, ms) },
    };
  },
});

export const neumannPointLookup: readonly Scenario[] = [
  lookup('neumann-point-lookup', 'in the short form, which is prepared', POINT_SELECT_SHORT),
  lookup(
    'neumann-point-lookup-sql',
    'of PostgreSQL with its id in the text, which no two have',
    POINT_SELECT_TEXT,
  ),
];
