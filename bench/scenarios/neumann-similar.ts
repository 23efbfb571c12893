/** SIMILAR over 10,000 embeddings of 128 numbers: what the language and the gate add to the vector model. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

const ROWS = 10_000;
const SMOKE_ROWS = 3_000;

const similar = (name: string, by: 'vector' | 'key', question: string): Scenario => ({
  name,
  question,
  unit: 'searches/s at the median',
  target: 0.5,
  async prepare({ size, defer }) {
    const program = startProgram('neumann-similar', LOAD_CORE);
    defer(async () => {
      await program.ask({ do: 'stop' });
      await program.stop();
    });
    await program.ask({ do: 'load', rows: size.smoke ? SMOKE_ROWS : ROWS });
    return {
      ours: { name: 'SIMILAR', round: (ms) => program.ask<Round>({ do: 'statement', by, ms }) },
      peer: { name: 'embedding.search', round: (ms) => program.ask<Round>({ do: 'direct', by, ms }) },
    };
  },
});

export const neumannSimilar: readonly Scenario[] = [
  similar(
    'neumann-similar',
    'vector',
    'SIMILAR [128 numbers] TOP 10 over 10,000 x 128, one at a time, against embedding.search with the vector as it is',
  ),
  similar('neumann-similar-key', 'key', 'the same for the key of a stored embedding'),
];
