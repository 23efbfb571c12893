/** What the commands that change tables work with: one transaction, and the tables as it found them. */
import type { Database, Parameter, RunOptions, Statement, Transaction } from '../../../engine/index.ts';
import type { DeclaredTable } from '../declared/index.ts';
import { COUNT_WRITE } from '../writer-statements.ts';
import { LOCK_GRAPH } from './table-statements.ts';

export type InTransaction = RunOptions & { readonly transaction: Transaction };

export interface TableChange {
  readonly database: Database;
  readonly options: InTransaction;
  readonly tables: readonly DeclaredTable[];
}

export const run = async (
  { database, options }: Omit<TableChange, 'tables'>,
  statement: Statement,
  parameters: readonly Parameter[],
): Promise<number> => (await database.run(statement, parameters, options)).affected;

/** Before a command looks at or changes all nodes of a label, or all relationships of a type. */
export async function lockGraph(change: TableChange): Promise<void> {
  await run(change, LOCK_GRAPH, []);
}

/** What versions of the graph are counted by. */
export async function countWrite(
  change: Omit<TableChange, 'tables'>,
  changed: { readonly nodes: boolean; readonly relationships: boolean },
): Promise<void> {
  if (!changed.nodes && !changed.relationships) return;
  await run(change, COUNT_WRITE, ['1', changed.nodes ? '1' : '0', changed.relationships ? '1' : '0']);
}
