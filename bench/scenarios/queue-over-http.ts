/** A queue drained over HTTP against the same through the models: what the way there and back costs. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { ownFacet } from './http-side.ts';
import { openModels } from './model-side.ts';
import { CONSUMERS, MESSAGES, messagesIn, ourRound } from './queue-models.ts';

export const queueOverHttp: Scenario = {
  name: 'queue-over-http',
  question: `messages consumed one by one and acked over HTTP on ${CONSUMERS} connections, against the same through the models`,
  unit: 'messages/s',
  target: 0.5,
  async prepare(surroundings) {
    const facet = await ownFacet(surroundings);
    const clients = startProgram('queue-http', LOAD_CORE);
    surroundings.defer(clients.stop);
    await clients.ask({ do: 'open', port: facet.port });
    const models = await openModels(surroundings);
    const count = messagesIn(surroundings, MESSAGES);
    return {
      ours: {
        name: 'http',
        round: () => clients.ask<Round>({ do: 'round', count, consumers: CONSUMERS }),
      },
      peer: { name: 'models', round: () => ourRound(models, count, 'drain') },
    };
  },
};
