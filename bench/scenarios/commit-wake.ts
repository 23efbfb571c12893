/** One transaction over five models, and how soon a consumer that waits for its message has it. */
import type { Scenario } from '../scenario.ts';
import { openModels } from './model-side.ts';

interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const commitWake: Scenario = {
  name: 'commit-wake',
  question:
    'from COMMIT of a row, a node, a key, a message and an event to the consumer that waits for the message, against a limit',
  unit: 'ms',
  target: 50,
  async prepare(surroundings) {
    const models = await openModels(surroundings);
    const queue = 'wake';
    await models.ask({ do: 'prepareWake', queue });
    let from = 1;
    return {
      ours: {
        name: 'models',
        async round(ms) {
          const wake = await models.ask<{ next: number; sent: Times; answered: Times }>({
            do: 'wake',
            queue,
            ms,
            from,
          });
          from = wake.next;
          const { p50Ms, p99Ms } = wake.sent;
          return { rate: p50Ms, details: { p99Ms, afterAnswerP50Ms: wake.answered.p50Ms } };
        },
      },
    };
  },
};
