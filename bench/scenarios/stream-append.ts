/** Events appended to one room, through the models: as fast as batches of one statement go. */
import type { Round, Scenario } from '../scenario.ts';
import { openModels } from './model-side.ts';

const CALLERS = 1_024;
const EVENT_BYTES = 100;

export const streamAppend: Scenario = {
  name: 'stream-append',
  question: `events of ${EVENT_BYTES} bytes appended to one room through the models, ${CALLERS} in flight, durable, against a limit`,
  unit: 'events/s',
  target: 50_000,
  rateAtLeast: true,
  async prepare(surroundings) {
    const models = await openModels(surroundings);
    const request = { do: 'append', callers: CALLERS, bytes: EVENT_BYTES };
    return {
      ours: {
        name: 'models',
        async round(ms) {
          const { rate, details } = await models.ask<Round>({ ...request, ms });
          return { rate, details: { p50Ms: details?.p50Ms ?? 0, p99Ms: details?.p99Ms ?? 0 } };
        },
      },
    };
  },
};
