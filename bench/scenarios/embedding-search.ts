/** Search in a collection of 10,000 embeddings of 128 numbers: what it adds to the search of vectors in a table. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

const ROWS = 10_000;
const SMOKE_ROWS = 3_000;

const searching = (name: string, by: 'vector' | 'key', question: string): Scenario => ({
  name,
  question,
  unit: 'searches/s at the median',
  target: 0.5,
  async prepare({ size, defer }) {
    const program = startProgram('embeddings', LOAD_CORE);
    defer(async () => {
      await program.ask({ do: 'stop' });
      await program.stop();
    });
    await program.ask({ do: 'load', rows: size.smoke ? SMOKE_ROWS : ROWS });
    return {
      ours: { name: 'embedding.search', round: (ms) => program.ask<Round>({ do: by, ms }) },
      peer: { name: 'vector.search', round: (ms) => program.ask<Round>({ do: 'direct', ms }) },
    };
  },
});

export const embeddingSearch: readonly Scenario[] = [
  searching(
    'embedding-search',
    'vector',
    'the 10 most alike of a collection of 10,000 x 128, one at a time, against vector.search in a table of the same',
  ),
  searching(
    'embedding-search-key',
    'key',
    'the same for the key of a stored embedding, whose vector is read first',
  ),
];
