/** Drops an index. One that a constraint needs goes with the constraint only. */
import { FacetError } from '../../base/index.ts';
import { statement, type Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertUserSchema, qualifiedName, quotedName, spelledName } from '../table-names.ts';
import { DROP_VECTOR_INDEX, vectorCatalogChanged } from '../vector-catalog.ts';
import type { DropIndexInput, DropIndexResult } from './catalog-schemas.ts';
import { ofDefinition } from './definition-errors.ts';

/** @throws INDEX_NOT_FOUND, DEPENDENT_OBJECTS_EXIST */
export async function dropIndex(context: OperationContext, input: DropIndexInput): Promise<DropIndexResult> {
  const { database, transaction, signal } = context;
  const index = qualifiedName(input.name, input.schema, 'name');
  assertUserSchema(index);
  try {
    await database.inTransaction(
      async (own: Transaction) => {
        await database.run(statement('sql.indexes.drop', `DROP INDEX ${quotedName(index)}`), [], {
          transaction: own,
          signal,
        });
      },
      { transaction, signal },
    );
  } catch (error) {
    if (!isMissing(error)) throw ofDefinition(error);
    const ofVectors = [index.schema, index.name];
    const { rows } = await database.run(DROP_VECTOR_INDEX, ofVectors, { transaction, signal });
    vectorCatalogChanged(database);
    if (rows.length > 0) return { name: index.name, dropped: true };
    if (input.ifExists !== true) {
      throw new FacetError('INDEX_NOT_FOUND', `Index '${spelledName(index)}' does not exist`);
    }
    return { name: index.name, dropped: false };
  }
  return { name: index.name, dropped: true };
}

/** Also when the name is that of a table: 42809. */
const isMissing = (error: unknown): boolean =>
  error instanceof FacetError &&
  (['INDEX_NOT_FOUND', 'OBJECT_NOT_FOUND', 'SCHEMA_NOT_FOUND'].includes(error.code) ||
    error.sqlState === '42809');
