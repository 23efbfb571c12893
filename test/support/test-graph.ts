/** What tests of the graph need of a database besides queries: an empty graph, and a transaction that stays open. */
import { type Database, statement, type Transaction } from '../../src/engine/index.ts';

const EMPTY = [
  statement('test.empty_relationships', 'DELETE FROM graph.edge'),
  statement('test.empty_nodes', 'DELETE FROM graph.node'),
];

export async function emptyGraph(database: Database): Promise<void> {
  await database.inTransaction(async (transaction) => {
    for (const empty of EMPTY) await database.run(empty, [], { transaction });
  });
}

export const beginOn = (
  database: Database,
  isolationLevel: Transaction['isolationLevel'] = 'read_committed',
): Promise<Transaction> =>
  database.begin({ owner: 'test', isolationLevel, readOnly: false, timeoutMs: 60_000 });
