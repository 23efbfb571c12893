/** The whole way of a request: HTTP, dialect, gate, engine, against the least that could answer the same. */
import { startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { POINT_ROWS, POINT_SELECT } from '../tables.ts';
import { openSides } from './sides.ts';

const CONNECTIONS = 64;

interface Load extends Record<string, unknown> {
  readonly port: number;
  readonly path: string;
  readonly bodyBefore: string;
  readonly bodyAfter: string;
}

export const preparedPointSelectHttp: Scenario = {
  name: 'prepared-point-select-http',
  question: `execute of a prepared statement over HTTP, ${CONNECTIONS} keep-alive connections, against a bare Fastify route on a pipelined pg client`,
  unit: 'requests/s',
  target: 0.6,
  async prepare(surroundings) {
    const { connection, uri } = await openSides(surroundings);
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const peer = startProgram('bare-fastify');
    surroundings.defer(peer.stop);
    const load = startProgram('load');
    surroundings.defer(load.stop);

    const peerPort = await peer.ask<number>({ do: 'start', connection, sql: POINT_SELECT });
    const created = await fetch(`http://127.0.0.1:${facet.port}/api/v1/prepared`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'create', name: 'point', sql: POINT_SELECT }),
    });
    if (created.status !== 200) throw new Error(`prepare: ${created.status} ${await created.text()}`);

    const run = async (target: Load, ms: number): Promise<Round> => {
      const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
        do: 'run',
        connections: CONNECTIONS,
        idMax: POINT_ROWS,
        ms,
        ...target,
      });
      return { rate, details };
    };
    const ours = {
      port: facet.port,
      path: '/api/v1/prepared',
      bodyBefore: '{"action":"execute","name":"point","params":[',
      bodyAfter: ']}',
    };
    const bare = {
      port: peerPort,
      path: '/point',
      bodyBefore: '{"name":"point","params":[',
      bodyAfter: ']}',
    };
    return {
      ours: { name: 'facet', round: (ms) => run(ours, ms) },
      peer: { name: 'bare fastify + pg', round: (ms) => run(bare, ms) },
    };
  },
};
