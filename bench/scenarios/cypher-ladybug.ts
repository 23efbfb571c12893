/** Our Cypher against an embedded graph database on the same questions. Left out where its package is not installed. */
import { createRequire } from 'node:module';
import { ONE_HOP, type Question, SEEK, TWO_HOP_DISTINCT, TWO_HOP_WHOLE } from '../graph-questions.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { loadFlights, openGraphSides } from './graph-sides.ts';

const PACKAGE = `@ladybugdb/core-${process.platform}-${process.arch}`;

/** Peers that only the benchmarks need are installed beside them. */
const PEERS = new URL('../peers/package.json', import.meta.url);

function leftOut(): string | undefined {
  try {
    createRequire(PEERS).resolve(PACKAGE);
    return undefined;
  } catch {
    return `${PACKAGE} is not installed: npm ci --prefix bench/peers (elsewhere than on linux-x64 see bench/README.md)`;
  }
}

/** Answers are compared for so many keys before anything is measured. */
const COMPARED = 20;

const against = (name: string, { cypher: query }: Question, callers: number, target: number): Scenario => ({
  name: `cypher-ladybug-${name}`,
  question: `${query} on OpenFlights, ${callers} in flight, against LadybugDB in memory`,
  unit: 'queries/s',
  target,
  leftOut,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    const { codes } = await loadFlights(sides);
    await sides.sql.stop();
    const ladybug = startProgram('ladybug');
    surroundings.defer(ladybug.stop);
    await ladybug.ask({ do: 'load', scratch: surroundings.scratch });
    await ladybug.ask({ do: 'keys', values: codes });
    for (const key of query.includes('$k') ? codes.slice(0, COMPARED) : [undefined]) {
      const ours = await sides.cypher.ask<string[]>({ do: 'values', query, key });
      const theirs = await ladybug.ask<string[]>({ do: 'values', query, key });
      if (ours.join('\n') !== theirs.join('\n')) {
        throw new Error(
          `for ${key ?? query} we say\n${ours.join('\n')}\nand LadybugDB\n${theirs.join('\n')}`,
        );
      }
    }
    return {
      ours: { name: 'facet', round: (ms) => sides.cypher.ask<Round>({ do: 'cypher', query, callers, ms }) },
      peer: { name: 'ladybug', round: (ms) => ladybug.ask<Round>({ do: 'run', query, callers, ms }) },
    };
  },
});

export const cypherLadybug: readonly Scenario[] = [
  against('seek', SEEK, 32, 2),
  against('one-hop', ONE_HOP, 32, 2),
  against('two-hop-distinct', TWO_HOP_DISTINCT, 32, 2),
  against('two-hop-whole-graph', TWO_HOP_WHOLE, 1, 0.05),
];
