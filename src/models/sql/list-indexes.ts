/** Lists indexes, of one table or of all that are not PostgreSQL's or Facet's own. */
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import { checkedName, DEFAULT_SCHEMA, qualifiedName } from '../table-names.ts';
import type { ListIndexesInput, ListIndexesResult } from './catalog-schemas.ts';
import { indexMethodName } from './index-types.ts';
import { readCatalog } from './read-catalog.ts';
import { FIND_TABLE, LIST_INDEXES } from './statements.ts';
import { tableNotFound } from './tables.ts';

/** @throws TABLE_NOT_FOUND, when a table is named */
export async function listIndexes(
  context: OperationContext,
  input: ListIndexesInput,
): Promise<ListIndexesResult> {
  const page = pageOf(input);
  const table = input.table === undefined ? undefined : qualifiedName(input.table, input.schema, 'table');
  const schema = table?.schema ?? (input.schema === undefined ? null : checkedName(input.schema, 'schema'));
  const rows = await readCatalog(context, async (options) => {
    const { database } = context;
    if (table !== undefined) {
      const found = await database.run(FIND_TABLE, [table.schema, table.name], options);
      if (found.rows.length === 0) throw tableNotFound(table);
    }
    const parameters = [schema, table?.name ?? null, String(page.limit), String(page.offset)];
    return (await database.run(LIST_INDEXES, parameters, options)).rows;
  });
  return {
    indexes: rows.filter(([, name]) => name !== null).map(summaryOf),
    pagination: paginationOf(page, Number(rows[0]?.[0])),
  };
}

function summaryOf(cells: readonly Cell[]): ListIndexesResult['indexes'][number] {
  const [, name, schema, table, columns, method, unique, sizeBytes, status, progress, detail] = cells;
  return {
    name: name ?? '',
    table: schema === DEFAULT_SCHEMA ? (table ?? '') : `${schema}.${table}`,
    columns: JSON.parse(columns ?? '[]') as string[],
    type: indexMethodName(method ?? ''),
    unique: unique === 't',
    sizeBytes: Number(sizeBytes),
    ...(typeof status === 'string'
      ? { status, progress: Number(progress), ...(typeof detail === 'string' ? { detail } : {}) }
      : {}),
  };
}
