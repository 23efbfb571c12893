/** Search in 100,000 vectors of 128 numbers: what the operation adds to the library under it, and what filters cost. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';

const ROWS = 100_000;
const SMOKE_ROWS = 5_000;

const searching = (
  name: string,
  filter: 'none' | 'one' | 'half',
  limits: Pick<Scenario, 'question' | 'target' | 'bounds' | 'unit'>,
): Scenario => ({
  name,
  ...limits,
  async prepare({ size, defer }) {
    const program = startProgram('vectors', LOAD_CORE);
    defer(async () => {
      await program.ask({ do: 'stop' });
      await program.stop();
    });
    await program.ask({ do: 'load', rows: size.smoke ? SMOKE_ROWS : ROWS });
    const ours = (ms: number): Promise<Round> => program.ask<Round>({ do: 'ours', ms, filter });
    if (filter === 'none') {
      return {
        ours: { name: 'vector.search', round: ours },
        peer: { name: 'usearch', round: (ms) => program.ask<Round>({ do: 'direct', ms }) },
      };
    }
    const inMs = async (ms: number): Promise<Round> => {
      const { details } = await ours(ms);
      return { rate: details?.p50Ms ?? 0, ...(details === undefined ? {} : { details }) };
    };
    return { ours: { name: 'vector.search', round: inMs } };
  },
});

export const vectorSearch: readonly Scenario[] = [
  searching('vector-search', 'none', {
    question: 'the 10 nearest of 100,000 x 128, one at a time, against usearch called directly',
    unit: 'searches/s at the median',
    target: 1 / 3,
    bounds: { missed: 0.02 },
  }),
  searching('vector-search-filter-1', 'one', {
    question:
      'the same with a filter on an indexed column that 1 % of the rows pass, against 10 ms at the median',
    unit: 'ms',
    target: 10,
    bounds: { missed: 0 },
  }),
  searching('vector-search-filter-50', 'half', {
    question:
      'the same with a filter on an indexed column that half of the rows pass, against 20 ms at the median',
    unit: 'ms',
    target: 20,
    bounds: { missed: 0.05 },
  }),
];
