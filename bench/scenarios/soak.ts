/**
 * Ten minutes of keys that expire, messages that are consumed and events that retention removes: do memory and tables
 * level off? The first half of the time is left for them to get there; in the second half the last quarter is compared
 * with the third.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LOAD_CORE } from '../pin.ts';
import { memoryMb } from '../process-facts.ts';
import { startProgram } from '../processes.ts';
import type { Scenario } from '../scenario.ts';
import { median } from '../statistics.ts';
import { ask, ownFacet } from './http-side.ts';

const LOOKS = 60;
const TABLES = `SELECT (coalesce(sum(pg_total_relation_size(c.oid)), 0) / 1024.0 / 1024.0)::float8 AS mb
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname IN ('kv', 'queue', 'stream')`;
/** The last quarter may be so many times the third, for noise and for what the allocator keeps. */
const GROWTH_MAX = 1.1;

interface Look {
  readonly seconds: number;
  readonly memoryMb: number;
  readonly tablesMb: number;
}

export const soak: Scenario = {
  name: 'soak',
  question: `growth of the server's memory between the third and the last quarter of a soak with keys that expire, against a limit`,
  unit: 'times',
  target: GROWTH_MAX,
  bounds: { tablesGrowth: GROWTH_MAX },
  once: true,
  onlyNamed: true,
  async prepare(surroundings) {
    const seconds = surroundings.size.soakSeconds;
    const facet = await ownFacet(surroundings);
    await ask(facet.port, 'POST', '/queue/soak', { max_depth: 1_000_000 });
    await ask(facet.port, 'POST', '/api/v1/command', {
      type: 'request',
      request_id: 'r',
      command: 'stream.create',
      payload: { room: 'soak', max_events: 10_000 },
    });
    const load = startProgram('churn', LOAD_CORE);
    surroundings.defer(load.stop);
    const tablesMb = async (): Promise<number> => {
      const answer = await ask(facet.port, 'POST', '/api/v1/query', { sql: TABLES });
      const { rows } = JSON.parse(answer) as { rows: readonly Readonly<Record<string, unknown>>[] };
      const mb = Number(Object.values(rows[0] ?? {})[0]);
      if (Number.isNaN(mb)) throw new Error(`no size of the tables: ${answer}`);
      return mb;
    };
    return {
      ours: {
        name: 'facet',
        async round() {
          const running = load.ask<{ rate: number }>({ do: 'run', port: facet.port, ms: seconds * 1000 });
          const looks: Look[] = [];
          for (let n = 1; n <= LOOKS; n++) {
            await Promise.race([sleep((seconds * 1000) / LOOKS), running]);
            const look = {
              seconds: (n * seconds) / LOOKS,
              memoryMb: memoryMb(facet.pid),
              tablesMb: await tablesMb(),
            };
            looks.push(look);
            if (n % 6 === 0) {
              console.error(
                `  ${look.seconds.toFixed(0)} s: ${look.memoryMb.toFixed(0)} MB resident, ${look.tablesMb.toFixed(1)} MB of tables`,
              );
            }
          }
          const { rate } = await running;
          return { rate: growth(looks, 'memoryMb'), details: { ...details(looks), commandsPerSecond: rate } };
        },
      },
    };
  },
};

const quarter = (looks: readonly Look[], n: number, of: 'memoryMb' | 'tablesMb'): number =>
  median(
    looks
      .slice(Math.floor((looks.length * n) / 4), Math.floor((looks.length * (n + 1)) / 4))
      .map((look) => look[of]),
  );

const growth = (looks: readonly Look[], of: 'memoryMb' | 'tablesMb'): number =>
  quarter(looks, 3, of) / quarter(looks, 2, of);

const details = (looks: readonly Look[]): Record<string, number> => ({
  memoryMb: quarter(looks, 3, 'memoryMb'),
  tablesMb: quarter(looks, 3, 'tablesMb'),
  tablesGrowth: growth(looks, 'tablesMb'),
});
