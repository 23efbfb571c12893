/** A large result over Bolt, 1,000 records to each PULL, beside the same rows as lines of JSON, by clients of the same kind. */
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

interface Clients {
  readonly name: string;
  readonly how: string;
  readonly program: string;
  /** The client of the lines parses them. */
  readonly parses: boolean;
}

const scenario = ({ name, how, program, parses }: Clients): Scenario => ({
  name,
  question: `a million records to ${how}, ${FETCH_SIZE} to a PULL, against /v0/cypher/stream to a client that ${parses ? 'parses' : 'counts'} its lines`,
  unit: 'rows/s',
  target: 0.4,
  bounds: { peakMemoryMb: 250 },
  async prepare(surroundings) {
    const rows = surroundings.size.smoke && surroundings.size.roundMs < 1_000 ? ROWS_SMOKE : ROWS;
    const { engine, bare, uri } = await openSides(surroundings, things(rows));
    await engine.stop();
    await bare.stop();
    // One for each side, so that the peak of memory is that of Bolt alone.
    const [facet, other] = [await startFacet(uri), await startFacet(uri)];
    surroundings.defer(facet.stop);
    surroundings.defer(other.stop);
    const reader = startProgram(program);
    surroundings.defer(reader.stop);
    const lines = startProgram('line-reader');
    surroundings.defer(lines.stop);
    const read = { query: QUERY, fetchSize: FETCH_SIZE, port: facet.boltPort };
    return {
      ours: {
        name: 'Bolt',
        async round() {
          const seen = await reader.ask<{ rows: number; ms: number }>({ do: 'rows', ...read });
          if (seen.rows !== rows) throw new Error(`${seen.rows} records of ${rows}`);
          return { rate: (rows * 1000) / seen.ms };
        },
      },
      peer: {
        name: '/v0/cypher/stream',
        async round() {
          const seen = await lines.ask<{ lines: number; bytes: number; tail: string; ms: number }>({
            do: 'read',
            port: other.port,
            path: '/v0/cypher/stream',
            body: { query: QUERY, timeoutMs: 600_000 },
            parses,
          });
          // The columns before the rows, their count behind them.
          if (seen.lines !== rows + 2) throw new Error(`${seen.lines} lines of ${rows} rows: ${seen.tail}`);
          return { rate: (rows * 1000) / seen.ms, details: { megabytes: seen.bytes / 1e6 } };
        },
      },
      async finish(): Promise<Record<string, number>> {
        const ms = surroundings.size.smoke ? STALL_MS_SMOKE : STALL_MS;
        await reader.ask({ do: 'stall', ...read, ms });
        const peak = peakMemoryMb(facet.pid);
        return peak === undefined ? {} : { peakMemoryMb: Math.round(peak) };
      },
    };
  },
});

export const boltStreamMillion: readonly Scenario[] = [
  scenario({
    name: 'bolt-stream-million-records',
    how: 'neo4j-driver',
    program: 'bolt-driver',
    parses: true,
  }),
  scenario({
    name: 'bolt-stream-million-records-wire',
    how: 'a client that counts them',
    program: 'bolt-load',
    parses: false,
  }),
];
