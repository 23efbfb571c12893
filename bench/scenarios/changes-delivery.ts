/** How long after a commit its change is with a client of a WebSocket, beside a bare reader of the same log. */
import { LOAD_CORE, SERVER_CORE } from '../pin.ts';
import { startFacet, startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';

const COMMITS_PER_SECOND = 200;

interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly afterAckP50Ms: number;
}

/** Both follow the same commits at the same time, so each bears what the other costs. */
type Reader = 'ours' | 'bare';

export const changesDelivery: Scenario = {
  name: 'changes-delivery',
  question: `from sending a commit to its change at a client of /ws/events, ${COMMITS_PER_SECOND} commits a second, against a bare reader of pgoutput (median, inverse)`,
  unit: 'per second, one by one',
  target: 1 / 3,
  async prepare(surroundings) {
    const { uri, client } = await surroundings.postgres();
    const facet = await startFacet(uri, [], SERVER_CORE);
    surroundings.defer(facet.stop);
    const program = startProgram('change-delivery', LOAD_CORE);
    surroundings.defer(program.stop);
    await program.ask({ do: 'begin', connection: client, port: facet.port });
    surroundings.defer(async () => {
      await program.ask({ do: 'end' });
    });
    const side = (reader: Reader, name: string) => ({
      name,
      async round(ms: number) {
        const found = await program.ask<Record<Reader, Times>>({
          do: 'pace',
          ms,
          perSecond: COMMITS_PER_SECOND,
        });
        const { p50Ms, p99Ms, afterAckP50Ms } = found[reader];
        return { rate: 1_000 / p50Ms, details: { p50Ms, p99Ms, afterAckP50Ms } };
      },
    });
    return { ours: side('ours', 'facet'), peer: side('bare', 'bare pgoutput reader') };
  },
};
