/** One room with a thousand subscribers over WebSockets: deliveries a second, and how late they are at half of that load. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { ask, ownFacet } from './http-side.ts';

const SUBSCRIBERS = 1_000;
const ROOM = 'bench';
const DELIVERIES = 100_000;

export const streamFanout: Scenario = {
  name: 'stream-fanout',
  question: `events of 200 bytes to ${SUBSCRIBERS} subscribers of a room over WebSockets, published over HTTP, against a limit; p99 at ${DELIVERIES / 2} deliveries/s`,
  unit: 'deliveries/s',
  target: DELIVERIES,
  rateAtLeast: true,
  bounds: { halfLoadP99Ms: 100 },
  async prepare(surroundings) {
    const facet = await ownFacet(surroundings);
    await ask(facet.port, 'POST', `/stream/${ROOM}`);
    const sockets = startProgram('websockets', LOAD_CORE);
    surroundings.defer(sockets.stop);
    await sockets.ask({
      do: 'open',
      port: facet.port,
      path: `/stream/${ROOM}/ws/subscriber-{n}?from_offset=0`,
      count: SUBSCRIBERS,
    });
    return {
      ours: {
        name: 'facet',
        async round(ms) {
          const { rate } = await sockets.ask<{ rate: number }>({ do: 'flood', room: ROOM, ms, underWay: 8 });
          const half = await sockets.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
            do: 'pace',
            room: ROOM,
            ms,
            deliveriesPerSecond: DELIVERIES / 2,
          });
          return {
            rate,
            details: { halfLoad: half.rate, halfLoadP50Ms: half.p50Ms, halfLoadP99Ms: half.p99Ms },
          };
        },
      },
    };
  },
};
