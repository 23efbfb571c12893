/** What the Cypher scenarios begin with: one process for Cypher, one for SQL, both on the graph of the run. */
import { CYPHER_INDEXES, type Question, SQL_INDEXES } from '../graph-questions.ts';
import { type Program, startProgram } from '../processes.ts';
import type { Prepared, Round, Surroundings } from '../scenario.ts';

export interface GraphSides {
  readonly cypher: Program;
  readonly sql: Program;
  readonly uri: string;
}

/** Answers of both sides are compared for so many keys before anything is measured. */
const COMPARED = 50;

export async function openGraphSides(surroundings: Surroundings): Promise<GraphSides> {
  const { uri } = await surroundings.postgres();
  const open = async (): Promise<Program> => {
    const program = startProgram('graph');
    surroundings.defer(program.stop);
    await program.ask({ do: 'open', uri });
    return program;
  };
  return { cypher: await open(), sql: await open(), uri };
}

export interface Loaded {
  readonly airports: number;
  readonly routes: number;
  readonly codes: readonly string[];
}

export async function loadFlights({ cypher, sql }: GraphSides): Promise<Loaded> {
  for (const query of CYPHER_INDEXES) await cypher.ask({ do: 'cypherIndex', query });
  const loaded = await cypher.ask<Loaded>({ do: 'load', graph: 'flights', sqlIndexes: SQL_INDEXES });
  for (const side of [cypher, sql]) await side.ask({ do: 'keys', values: loaded.codes });
  return loaded;
}

/** A question with a key, by both sides with so many in flight. */
export async function askBoth(
  surroundings: Surroundings,
  question: Question,
  callers: number,
): Promise<Prepared> {
  const sides = await openGraphSides(surroundings);
  await loadFlights(sides);
  const request = { query: question.cypher, sql: question.sql, callers };
  await sides.cypher.ask({ do: 'compare', ...request, count: COMPARED });
  return {
    ours: { name: 'cypher', round: (ms) => sides.cypher.ask<Round>({ do: 'cypher', ...request, ms }) },
    peer: { name: 'sql', round: (ms) => sides.sql.ask<Round>({ do: 'sql', ...request, ms }) },
  };
}
