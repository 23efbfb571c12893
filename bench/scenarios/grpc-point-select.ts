/** The whole way of a call of gRPC: HTTP/2, gate, engine and back, against the least that could answer the same. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, POINT_SELECT } from '../tables.ts';
import { openSides } from './sides.ts';

const CONNECTIONS = 4;
const CALLERS = 64;

export const grpcPointSelect: Scenario = {
  name: 'grpc-point-select',
  question: `Execute of a point select over gRPC, ${CALLERS} calls in flight on ${CONNECTIONS} connections, against a bare handler of @grpc/grpc-js on a pipelined pg client`,
  unit: 'calls/s',
  target: 0.6,
  async prepare(surroundings) {
    const { connection, uri } = await openSides(surroundings);
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const peer = startProgram('bare-grpc');
    surroundings.defer(peer.stop);
    const load = startProgram('grpc-load');
    surroundings.defer(load.stop);
    const peerPort = await peer.ask<number>({ do: 'start', connection });
    const run = async (port: number, ms: number): Promise<Round> => {
      const { rate } = await load.ask<{ rate: number }>({
        do: 'run',
        port,
        sql: POINT_SELECT,
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
};
