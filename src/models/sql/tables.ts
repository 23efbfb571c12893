/** Lists and describes tables from PostgreSQL's catalog and from what Facet notes about them. */
import { FacetError } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import {
  checkedName,
  DEFAULT_SCHEMA,
  type QualifiedName,
  qualifiedName,
  spelledName,
} from '../table-names.ts';
import { columnTypeName } from '../type-names.ts';
import type {
  DescribeTableInput,
  DescribeTableResult,
  ListTablesInput,
  ListTablesResult,
} from './catalog-schemas.ts';
import { indexMethodName } from './index-types.ts';
import { readCatalog } from './read-catalog.ts';
import { rowCount } from './row-counts.ts';
import { FIND_TABLE, LIST_TABLES, TABLE_COLUMNS, TABLE_INDEXES } from './statements.ts';

export async function listTables(
  context: OperationContext,
  input: ListTablesInput,
): Promise<ListTablesResult> {
  const page = pageOf(input);
  const schema = checkedName(input.schema ?? DEFAULT_SCHEMA, 'schema');
  const rows = await readCatalog(context, async (options) => {
    const parameters = [
      schema,
      String(input.includeSystem === true),
      String(page.limit),
      String(page.offset),
    ];
    return (await context.database.run(LIST_TABLES, parameters, options)).rows;
  });
  const tables = [];
  for (const [, name, tableSchema, ...facts] of rows) {
    if (typeof name !== 'string' || typeof tableSchema !== 'string') continue;
    const qualified = { schema: tableSchema, name };
    const { createdAt, engine, sizeBytes, ...measured } = tableFacts(facts);
    tables.push({
      name,
      schema: tableSchema,
      engine,
      rowCount: await rowCount(context, { table: qualified, ...measured }),
      sizeBytes,
      createdAt,
    });
  }
  return { tables, pagination: paginationOf(page, Number(rows[0]?.[0])) };
}

/** @throws TABLE_NOT_FOUND */
export async function describeTable(
  context: OperationContext,
  input: DescribeTableInput,
): Promise<DescribeTableResult> {
  const qualified = qualifiedName(input.table, input.schema, 'table');
  const { facts, columns, indexes } = await readCatalog(context, async (options) => {
    const { database } = context;
    const found = await database.run(FIND_TABLE, [qualified.schema, qualified.name], options);
    const [oid, ...facts] = found.rows[0] ?? [];
    if (typeof oid !== 'string') throw tableNotFound(qualified);
    return {
      facts: tableFacts(facts),
      columns: (await database.run(TABLE_COLUMNS, [oid], options)).rows.map(columnOf),
      indexes: (await database.run(TABLE_INDEXES, [oid], options)).rows.map(indexOf),
    };
  });
  const { createdAt, modifiedAt, engine, sizeBytes } = facts;
  return {
    ...qualified,
    engine,
    columns,
    indexes,
    rowCount: await rowCount(context, { table: qualified, ...facts }),
    sizeBytes,
    createdAt,
    lastModifiedAt: modifiedAt,
  };
}

export const tableNotFound = (table: QualifiedName): FacetError =>
  new FacetError('TABLE_NOT_FOUND', `Table '${spelledName(table)}' does not exist`);

export interface TableFacts {
  /** Rows at the last ANALYZE; -1 when there was none. */
  readonly analyzedRows: number;
  readonly sizeBytes: number;
  readonly heapBytes: number;
  readonly locked: boolean;
  readonly engine: 'row' | 'columnar';
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
}

export function tableFacts(cells: readonly Cell[]): TableFacts {
  const [analyzedRows, sizeBytes, heapBytes, locked, engine, createdAt = null, modifiedAt = null] = cells;
  return {
    analyzedRows: Number(analyzedRows),
    sizeBytes: Number(sizeBytes),
    heapBytes: Number(heapBytes),
    locked: locked === 't',
    engine: engine === 'columnar' ? 'columnar' : 'row',
    createdAt,
    modifiedAt,
  };
}

export function columnOf(cells: readonly Cell[]): DescribeTableResult['columns'][number] {
  const [name, nullable, primaryKey, expression, typeOid, typeName, isArray, modifier, checks] = cells;
  return {
    name: name ?? '',
    type: columnTypeName({
      typeOid: Number(typeOid),
      typeName: typeName ?? '',
      isArray: isArray === 't',
      modifier: Number(modifier),
      checks: JSON.parse(checks ?? '[]') as string[],
    }),
    nullable: nullable === 't',
    primaryKey: primaryKey === 't',
    default: expression?.replace(/^nextval\('(.*)'::regclass\)$/s, "nextval('$1')") ?? null,
  };
}

export function indexOf(cells: readonly Cell[]): DescribeTableResult['indexes'][number] {
  const [name, columns, method, unique] = cells;
  return {
    name: name ?? '',
    columns: JSON.parse(columns ?? '[]') as string[],
    type: indexMethodName(method ?? ''),
    unique: unique === 't',
  };
}
