/** A large result over Bolt, 1,000 records to each PULL, beside the same rows as lines of JSON. */
import { peakMemoryMb, startFacet, startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { openSides } from './sides.ts';

const ROWS = 1_000_000;
const ROWS_SMOKE = 10_000;
const FETCH_SIZE = 1_000;
/** A reader that takes nothing for so long must not fill the memory of the server. */
const STALL_MS = 20_000;
const STALL_MS_SMOKE = 1_000;

const QUERY = 'MATCH (t:Thing) RETURN t.n AS n, t.short AS short, t.long AS long';

/** Nodes as Cypher stores them: an int, a short text and a text of 100 bytes. */
const things = (rows: number): readonly string[] => [
  'delete from graph.edge',
  'delete from graph.node',
  `insert into graph.node (id, labels, props)
   select n, '{Thing}', jsonb_build_object('n', n, 'short', 'row ' || n, 'long', rpad(md5(n::text), 100, 'abcdefghij'))
   from generate_series(1, ${rows}) n`,
  'analyze graph.node',
];

export const boltStreamMillion: Scenario = {
  name: 'bolt-stream-million-records',
  question: `a million records to neo4j-driver, ${FETCH_SIZE} to a PULL, against a client that counts the lines of /v0/cypher/stream`,
  unit: 'rows/s',
  target: 0.4,
  bounds: { peakMemoryMb: 250 },
  async prepare(surroundings) {
    const rows = surroundings.size.smoke && surroundings.size.roundMs < 1_000 ? ROWS_SMOKE : ROWS;
    const { engine, uri } = await openSides(surroundings, things(rows));
    await engine.stop();
    const facet = await startFacet(uri);
    surroundings.defer(facet.stop);
    const driver = startProgram('bolt-driver');
    surroundings.defer(driver.stop);
    const lines = startProgram('line-reader');
    surroundings.defer(lines.stop);
    const read = { query: QUERY, fetchSize: FETCH_SIZE, port: facet.boltPort };
    return {
      ours: {
        name: 'Bolt',
        async round() {
          const seen = await driver.ask<{ rows: number; ms: number }>({ do: 'rows', ...read });
          if (seen.rows !== rows) throw new Error(`${seen.rows} records of ${rows}`);
          return { rate: (rows * 1000) / seen.ms };
        },
      },
      peer: {
        name: '/v0/cypher/stream',
        async round() {
          const seen = await lines.ask<{ lines: number; bytes: number; tail: string; ms: number }>({
            do: 'read',
            port: facet.port,
            path: '/v0/cypher/stream',
            body: { query: QUERY, timeoutMs: 600_000 },
          });
          // The columns before the rows, their count behind them.
          if (seen.lines !== rows + 2) throw new Error(`${seen.lines} lines of ${rows} rows: ${seen.tail}`);
          return { rate: (rows * 1000) / seen.ms, details: { megabytes: seen.bytes / 1e6 } };
        },
      },
      async finish(): Promise<Record<string, number>> {
        const ms = surroundings.size.smoke ? STALL_MS_SMOKE : STALL_MS;
        await driver.ask({ do: 'stall', ...read, ms });
        const peak = peakMemoryMb(facet.pid);
        return peak === undefined ? {} : { peakMemoryMb: Math.round(peak) };
      },
    };
  },
};
