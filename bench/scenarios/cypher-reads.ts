/** What Cypher costs beside SQL by hand, on OpenFlights: from one node to all pairs of flights. */
import { ONE_HOP, type Question, SEEK, TWO_HOP_DISTINCT, TWO_HOP_WHOLE } from '../graph-questions.ts';
import type { Round, Scenario } from '../scenario.ts';
import { askBoth, loadFlights, openGraphSides } from './graph-sides.ts';

const CALLERS = 32;

const read = (name: string, what: string, question: Question): Scenario => ({
  name,
  question: `${what} of OpenFlights by Cypher, ${CALLERS} in flight, against prepared SQL on the same tables`,
  unit: 'queries/s',
  target: 0.6,
  prepare: (surroundings) => askBoth(surroundings, question, CALLERS),
});

export const cypherSeek = read('cypher-seek', 'an airport by an indexed property', SEEK);
export const cypherOneHop = read('cypher-one-hop', 'where one can fly to from an airport', ONE_HOP);
export const cypherTwoHopDistinct = read(
  'cypher-two-hop-distinct',
  'how many airports are two flights from one',
  TWO_HOP_DISTINCT,
);

export const cypherTwoHopWholeGraph: Scenario = {
  name: 'cypher-two-hop-whole-graph',
  question: 'the number of all pairs of connecting flights, one query at a time, against the best SQL for it',
  unit: 'queries/s',
  target: 0.83,
  async prepare(surroundings) {
    const sides = await openGraphSides(surroundings);
    await loadFlights(sides);
    const { cypher: query, sql } = TWO_HOP_WHOLE;
    await sides.cypher.ask({ do: 'compare', query, sql, count: 1 });
    return {
      ours: {
        name: 'cypher',
        round: (ms) => sides.cypher.ask<Round>({ do: 'cypher', query, callers: 1, ms }),
      },
      peer: { name: 'sql', round: (ms) => sides.sql.ask<Round>({ do: 'sqlAlone', sql, ms }) },
    };
  },
};
