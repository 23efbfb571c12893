/**
 * Builds indexes. The build locks the table against writes and may take as long as it takes: it is bound by the
 * largest timeout there is and not by the default one.
 */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { quoteIdentifier, statement, type Transaction } from '../../engine/index.ts';
import { builderOf } from '../index-builders.ts';
import type { OperationContext } from '../operation.ts';
import {
  assertUserSchema,
  checkedName,
  type QualifiedName,
  qualifiedName,
  quotedName,
  spelledName,
} from '../table-names.ts';
import { FIND_VECTOR_INDEX } from '../vector-catalog.ts';
import type { CreateIndexInput, CreateIndexResult } from './catalog-schemas.ts';
import { ofDefinition } from './definition-errors.ts';
import { checkIndexShape, indexKey, indexOptions, indexTypeOf } from './index-types.ts';
import { INDEXABLE_COLUMNS } from './statements.ts';
import { tableNotFound } from './tables.ts';

/**
 * With `ifNotExists` a relation of the name is left as it is, whatever it indexes.
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, INDEX_ALREADY_EXISTS, INVALID_INDEX_TYPE, INVALID_INDEX_OPTION,
 *   TYPE_MISMATCH for columns that the type cannot index, UNIQUE_VIOLATION for rows that a unique index forbids
 */
export async function createIndex(
  context: OperationContext,
  input: CreateIndexInput,
): Promise<CreateIndexResult> {
  const builder = builderOf(input.type);
  if (builder !== undefined) return await builder.build(context, input);
  const { database, transaction, signal } = context;
  const table = qualifiedName(input.table, input.schema, 'table');
  assertUserSchema(table);
  const name = checkedName(input.name, 'name');
  const type = indexTypeOf(input.type);
  checkIndexShape(type, input.unique === true, input.columns.length);
  const options = indexOptions(type, input.options ?? {});
  const answer = { name, table: input.table, type };
  const timeoutMs = LIMITS.queryTimeoutMsMax;
  const startedAtMs = monotonicMs();
  try {
    await database.inTransaction(
      async (own: Transaction) => {
        const named = await database.run(FIND_VECTOR_INDEX, [table.schema, name], {
          transaction: own,
          signal,
        });
        if (named.rows.length > 0) throw alreadyExists({ ...table, name }, undefined);
        const keys = await indexKeys(context, table, input.columns, type, own);
        const building = statement(
          'sql.indexes.create',
          `CREATE ${input.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(name)} ON ${quotedName(table)}
           USING ${type} (${keys.join(', ')})${options}`,
        );
        await database.run(building, [], { transaction: own, signal, timeoutMs });
      },
      { transaction, signal, timeoutMs },
    );
  } catch (error) {
    const known = asIndexError(error, { ...table, name });
    if (known instanceof FacetError && known.code === 'INDEX_ALREADY_EXISTS' && input.ifNotExists === true) {
      return { ...answer, created: false, buildTimeMs: 0 };
    }
    throw known;
  }
  return { ...answer, created: true, buildTimeMs: Math.round(monotonicMs() - startedAtMs) };
}

/** @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, TYPE_MISMATCH */
async function indexKeys(
  context: OperationContext,
  table: QualifiedName,
  columns: readonly string[],
  type: ReturnType<typeof indexTypeOf>,
  transaction: Transaction,
): Promise<string[]> {
  const { rows } = await context.database.run(INDEXABLE_COLUMNS, [table.schema, table.name], {
    transaction,
    signal: context.signal,
  });
  if (rows.length === 0) throw tableNotFound(table);
  return columns.map((name) => {
    const found = rows.find(([column]) => column === name);
    if (found === undefined) {
      throw new FacetError('COLUMN_NOT_FOUND', `Table '${spelledName(table)}' has no column '${name}'`);
    }
    const [, typeOid, category] = found;
    return indexKey(type, {
      name,
      quotedName: quoteIdentifier(name),
      typeOid: typeOid ?? '',
      category: category ?? '',
    });
  });
}

function asIndexError(error: unknown, index: QualifiedName): unknown {
  if (!(error instanceof FacetError)) return error;
  const raced = error.code === 'UNIQUE_VIOLATION' && /"pg_class_/.test(error.message);
  if (raced || error.code === 'TABLE_ALREADY_EXISTS' || error.code === 'INDEX_ALREADY_EXISTS') {
    return alreadyExists(index, error.sqlState);
  }
  // "data type json has no default operator class for access method btree"
  return ofDefinition(
    error,
    error.message.includes('operator class') ? { OBJECT_NOT_FOUND: 'TYPE_MISMATCH' } : {},
  );
}

const alreadyExists = (index: QualifiedName, sqlState: string | undefined): FacetError =>
  new FacetError('INDEX_ALREADY_EXISTS', `Index '${spelledName(index)}' already exists`, {
    sqlState,
    hint: 'Names of tables and indexes are unique within a schema. Ask for it only if it does not exist to leave it as it is.',
  });
