/** What a server costs that ten thousand clients are connected to, and none says anything. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOAD_CORE } from '../pin.ts';
import { memoryMb, processorMs } from '../process-facts.ts';
import { startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { ownFacet } from './http-side.ts';

const SOCKETS = 10_000;
const SMOKE_SOCKETS = 500;
const LOOK_MS = 20_000;
/** Until what opening them left behind is gone. */
const REST_MS = 5_000;

export const idleWebsockets: Scenario = {
  name: 'idle-websockets',
  question: `resident memory of the server with ${SOCKETS} open WebSockets that say nothing, and its share of a core`,
  unit: 'MB',
  target: 400,
  bounds: { corePercent: 2 },
  leftOut() {
    if (process.platform !== 'linux') return 'it reads /proc';
    const files = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return Number(files) > SOCKETS + 200
      ? undefined
      : `ulimit -n is ${files}: raise it to ${SOCKETS + 1_000}`;
  },
  async prepare(surroundings) {
    const { smoke } = surroundings.size;
    const facet = await ownFacet(surroundings, ['--http-connections-max', String(SOCKETS + 100)]);
    const beforeMb = memoryMb(facet.pid);
    const sockets = startProgram('websockets', LOAD_CORE);
    surroundings.defer(sockets.stop);
    const count = smoke && surroundings.size.roundMs < 1_000 ? SMOKE_SOCKETS : SOCKETS;
    await sockets.ask({ do: 'open', port: facet.port, path: '/api/v1/ws', count });
    await sleep(smoke ? 1_000 : REST_MS);
    return {
      ours: {
        name: 'facet',
        async round() {
          const lookMs = smoke ? 2_000 : LOOK_MS / surroundings.size.rounds;
          const before = processorMs(facet.pid);
          const startedAt = performance.now();
          await sleep(lookMs);
          const elapsedMs = performance.now() - startedAt;
          const corePercent = ((processorMs(facet.pid) - before) * 100) / elapsedMs;
          const { open } = await sockets.ask<{ open: number }>({ do: 'state' });
          if (open !== count) throw new Error(`${count - open} of ${count} connections were closed`);
          return { rate: memoryMb(facet.pid), details: { corePercent, beforeMb, sockets: open } };
        },
      },
    };
  },
};
