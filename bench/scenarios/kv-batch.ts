/** Batches of commands over HTTP: how many durable sets a second, with what Redis does by pipelining beside it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { missingProgram } from '../peers.ts';
import { LOAD_CORE, onCore } from '../pin.ts';
import { withCosts } from '../process-facts.ts';
import { startRedis } from '../redis.ts';
import type { Round, Scenario } from '../scenario.ts';
import { runWrk } from '../wrk.ts';
import { ask, ownFacet, postgresOf } from './http-side.ts';

const BATCH = 100;
const CONNECTIONS = 16;
const KEYS = 100_000;
const DEEP = 16;

export const kvBatch: Scenario = {
  name: 'kv-batch-100',
  question: `kv.set in batches of ${BATCH} over POST /api/v1/command, ${CONNECTIONS} connections, durable; beside it redis-benchmark -P ${DEEP} on Redis with appendfsync always`,
  unit: 'sets/s',
  target: 40_000,
  rateAtLeast: true,
  leftOut: () => missingProgram('redis-server', 'redis-benchmark', 'wrk'),
  async prepare(surroundings) {
    const facet = await ownFacet(surroundings);
    const redis = await startRedis(surroundings);
    const load = { port: facet.port, kind: 'facet-batch', connections: CONNECTIONS, keys: KEYS };
    const counted = async (): Promise<number> =>
      Number(/"sets":(\d+)/.exec(await ask(facet.port, 'GET', '/kv/stats'))?.[1] ?? Number.NaN);
    return {
      ours: {
        name: 'facet',
        async round(ms) {
          const before = await counted();
          const { rate, details = {} } = await withCosts(
            { server: facet.pid, ...postgresOf(facet.pid) },
            () => runWrk(load, ms),
          );
          const sets = (await counted()) - before;
          // A batch that is refused item by item is answered with 200, too.
          if (sets < BATCH) throw new Error(`only ${sets} keys were set`);
          const costs = Object.entries(details).map(([name, value]) => [
            name,
            name.endsWith('Us') ? value / BATCH : value,
          ]);
          return { rate: rate * BATCH, details: Object.fromEntries(costs) };
        },
      },
      peer: { name: 'redis-benchmark', round: (ms) => benchmark(redis.port, ms) },
    };
  },
};

/** It takes a number of requests and no time: about so many as it does in it. */
async function benchmark(port: number, ms: number): Promise<Round> {
  const requests = Math.max(20_000, ms * 100);
  const [command, args] = onCore(LOAD_CORE, 'redis-benchmark', [
    ...['-p', String(port), '-t', 'set', '-c', '50', '-P', String(DEEP), '-d', '64'],
    ...['-r', String(KEYS), '-n', String(requests), '--csv'],
  ]);
  const { stdout } = await promisify(execFile)(command, args);
  const cells = (/^"SET".*$/m.exec(stdout)?.[0] ?? '')
    .split(',')
    .map((cell) => Number(cell.replaceAll('"', '')));
  const [, rate = Number.NaN, , , p50Ms = Number.NaN, , p99Ms = Number.NaN] = cells;
  if (Number.isNaN(rate)) throw new Error(`redis-benchmark: ${stdout}`);
  return { rate, details: { p50Ms, p99Ms } };
}
