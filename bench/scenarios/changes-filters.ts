/** Subscribers of one table with a filter each: a hundred of them against one, over the same load of rows. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { ownPostgres } from './model-side.ts';

const SUBSCRIBERS = 100;

export const changesFilters: Scenario = {
  name: 'changes-filters',
  question: `rows a second until ${SUBSCRIBERS} followers of a table, each with another filter, have what matches; against one such follower`,
  unit: 'rows/s',
  // Less than twice the cost.
  target: 0.5,
  async prepare(surroundings) {
    const { uri } = await ownPostgres(surroundings);
    const program = startProgram('change-filters', LOAD_CORE);
    surroundings.defer(program.stop);
    await program.ask({ do: 'open', uri });
    const side = (name: string, subscribers: number) => ({
      name,
      // A round is a load of rows, however long that takes.
      round: () => program.ask<{ rate: number }>({ do: 'round', subscribers }),
    });
    return { ours: side(`${SUBSCRIBERS} filters`, SUBSCRIBERS), peer: side('one filter', 1) };
  },
};
