/** What tests of graph statements share: ids out of answers, and the same graph seen by Cypher and by SQL. */
import { graphQuery, sqlQuery } from '../../../src/models/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import type { Neumann } from './open-neumann.ts';

/** The id of what a statement has made. */
export async function made(neumann: Neumann, text: string): Promise<string> {
  return (await neumann.run(text)).ids.ids[0];
}

/** Nodes of these labels, one each. Their ids, in that order. */
export async function madeNodes(neumann: Neumann, ...nodes: readonly string[]): Promise<string[]> {
  const list = nodes.map((node) => `(${node})`).join(', ');
  return (await neumann.run(`BATCH CREATE NODES [${list}]`)).batch_operation.created_ids;
}

export async function cypher(neumann: Neumann, query: string): Promise<Leaves> {
  return (await neumann.dispatch.call(graphQuery, { query }, neumann.callOf().session)).rows;
}

export async function sql(neumann: Neumann, text: string): Promise<Leaves> {
  return (await neumann.dispatch.call(sqlQuery, { sql: text }, neumann.callOf().session)).rows;
}

export const emptied = (neumann: Neumann): Promise<Leaves> => cypher(neumann, 'MATCH (n) DETACH DELETE n');
