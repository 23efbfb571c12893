/** A large result as lines of JSON: rows a second, and the memory of the server while it sends them. */
import { peakMemoryMb, startFacet, startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { STREAM_SELECT, streamTable } from '../tables.ts';
import { openSides } from './sides.ts';

const ROWS = 1_000_000;
const ROWS_SMOKE = 10_000;
const ROWS_PER_FETCH = 1_000;

export const streamMillionRows: Scenario = {
  name: 'stream-million-rows',
  question:
    'a million rows as NDJSON over HTTP, read by a client, against pg-cursor alone that drops the rows',
  unit: 'rows/s',
  target: 0.5,
  bounds: { peakMemoryMb: 200 },
  async prepare(surroundings) {
    const rows = surroundings.size.smoke ? ROWS_SMOKE : ROWS;
    const { bare, engine, uri } = await openSides(surroundings, streamTable(rows));
    await engine.stop();
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const reader = startProgram('line-reader');
    surroundings.defer(reader.stop);
    return {
      ours: {
        name: 'facet',
        async round() {
          const read = await reader.ask<{ lines: number; bytes: number; ms: number; tail: string }>({
            do: 'read',
            port: facet.port,
            sql: STREAM_SELECT,
          });
          // Lines beyond the rows: the head with the columns, and the one that ends a complete result.
          if (read.lines < rows)
            throw new Error(`${read.lines} lines of ${rows} rows; the end: ${read.tail}`);
          return { rate: (rows * 1000) / read.ms, details: { megabytes: read.bytes / 1e6 } };
        },
      },
      peer: {
        name: 'pg-cursor',
        async round() {
          const { count, ms } = await bare.ask<{ count: number; ms: number }>({
            do: 'rows',
            sql: STREAM_SELECT,
            rowsPerFetch: ROWS_PER_FETCH,
          });
          if (count !== rows) throw new Error(`pg-cursor read ${count} of ${rows} rows`);
          return { rate: (count * 1000) / ms };
        },
      },
      async finish(): Promise<Record<string, number>> {
        const peak = peakMemoryMb(facet.pid);
        return peak === undefined ? {} : { peakMemoryMb: Math.round(peak) };
      },
    };
  },
};
