/** A large result of a Neumann statement as messages of gRPC: rows a second, and the memory of the server while it sends them. */
import { peakMemoryMb, startFacet, startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { STREAM_SELECT, streamTable } from '../tables.ts';
import { openSides } from './sides.ts';

const ROWS = 1_000_000;
const ROWS_SMOKE = 10_000;
/** A reader that takes nothing for so long must not fill the memory of the server. */
const STALL_MS = 20_000;
const STALL_MS_SMOKE = 1_000;

export const neumannStreamMillionRows: Scenario = {
  name: 'neumann-stream-million-rows',
  question:
    'a million rows by ExecuteStream of neumann.v1, one chunk each, read by a client, against a bare handler of @grpc/grpc-js on pg-cursor',
  unit: 'rows/s',
  target: 0.4,
  bounds: { peakMemoryMb: 250 },
  async prepare(surroundings) {
    const rows = surroundings.size.smoke && surroundings.size.roundMs < 1_000 ? ROWS_SMOKE : ROWS;
    const { engine, connection, uri } = await openSides(surroundings, streamTable(rows));
    await engine.stop();
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const reader = startProgram('grpc-load');
    surroundings.defer(reader.stop);
    const bare = startProgram('bare-neumann');
    surroundings.defer(bare.stop);
    const barePort = await bare.ask<number>({ do: 'start', connection });
    const read = async (port: number): Promise<Round> => {
      const seen = await reader.ask<{ rows: number; bytes: number; ms: number }>({
        do: 'rows',
        port,
        sql: STREAM_SELECT,
        dialect: 'neumann',
      });
      // One more, which says that it is the last.
      if (seen.rows !== rows + 1) throw new Error(`${seen.rows} messages of ${rows} rows`);
      return { rate: (rows * 1000) / seen.ms, details: { megabytes: seen.bytes / 1e6 } };
    };
    return {
      ours: { name: 'facet', round: () => read(facet.grpcPort) },
      peer: { name: 'bare grpc-js + pg-cursor', round: () => read(barePort) },
      async finish(): Promise<Record<string, number>> {
        const ms = surroundings.size.smoke ? STALL_MS_SMOKE : STALL_MS;
        await reader.ask({ do: 'stall', port: facet.grpcPort, sql: STREAM_SELECT, dialect: 'neumann', ms });
        const peak = peakMemoryMb(facet.pid);
        return peak === undefined ? {} : { peakMemoryMb: Math.round(peak) };
      },
    };
  },
};
