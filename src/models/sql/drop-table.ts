/** Drops a table, and what depends on it if asked to. */
import { FacetError } from '../../base/index.ts';
import { statement, type Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertUserSchema, qualifiedName, quotedName, spelledName } from '../table-names.ts';
import type { DropTableInput, DropTableResult } from './catalog-schemas.ts';
import { ofDefinition } from './definition-errors.ts';
import { tableNotFound } from './tables.ts';

/** @throws TABLE_NOT_FOUND, DEPENDENT_OBJECTS_EXIST, QUERY_TIMEOUT while others use the table */
export async function dropTable(context: OperationContext, input: DropTableInput): Promise<DropTableResult> {
  const { database, transaction, signal } = context;
  const table = qualifiedName(input.table, input.schema, 'table');
  assertUserSchema(table);
  const dropping = statement(
    'sql.tables.drop',
    `DROP TABLE ${quotedName(table)}${input.cascade ? ' CASCADE' : ''}`,
  );
  try {
    await database.inTransaction(
      async (own: Transaction) => {
        await database.run(dropping, [], { transaction: own, signal });
      },
      { transaction, signal },
    );
  } catch (error) {
    const missing =
      error instanceof FacetError && (error.code === 'TABLE_NOT_FOUND' || error.code === 'SCHEMA_NOT_FOUND');
    if (!missing) throw ofDefinition(error);
    if (input.ifExists !== true) throw tableNotFound(table);
    return { name: table.name, dropped: false, message: `Table '${spelledName(table)}' does not exist` };
  }
  return { name: table.name, dropped: true, message: `Table '${spelledName(table)}' dropped successfully` };
}
