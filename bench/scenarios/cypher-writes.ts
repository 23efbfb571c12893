/** Rows of a client into the graph: UNWIND and CREATE, against INSERT of the same rows from arrays. */
import { CYPHER_INDEXES } from '../graph-questions.ts';
import type { Round, Scenario } from '../scenario.ts';
import { openGraphSides } from './graph-sides.ts';

/** The index by which both sides find the ends of a relationship. */
const SQL_INDEX = `create index if not exists bench_id_json on graph.node ((props -> 'id')) where labels @> '{Airport}'`;

const create = (name: string, question: string, ours: string, peer: string): Scenario => ({
  name,
  question,
  unit: 'rows/s',
  target: 0.4,
  async prepare(surroundings) {
    const { cypher, sql } = await openGraphSides(surroundings);
    for (const query of CYPHER_INDEXES) await cypher.ask({ do: 'cypherIndex', query });
    await cypher.ask({ do: 'load', graph: 'flights', sqlIndexes: [SQL_INDEX] });
    return {
      ours: { name: 'cypher', round: (ms) => cypher.ask<Round>({ do: 'write', what: ours, ms }) },
      peer: { name: 'sql', round: (ms) => sql.ask<Round>({ do: 'write', what: peer, ms }) },
    };
  },
});

export const cypherCreateNodes = create(
  'cypher-create-nodes',
  'UNWIND $rows CREATE of 10,000 nodes, against INSERT … SELECT FROM unnest of the same rows',
  'cypherNodes',
  'sqlNodes',
);

export const cypherCreateRelationships = create(
  'cypher-create-relationships',
  'UNWIND $rows MATCH both ends CREATE of 50,000 relationships, against INSERT … SELECT FROM unnest and both ends',
  'cypherRelationships',
  'sqlRelationships',
);
