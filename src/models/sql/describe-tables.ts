/** All tables of a schema with their columns and indexes, in one statement however many there are. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { checkedName, DEFAULT_SCHEMA } from '../table-names.ts';
import type { DescribeTablesInput, DescribeTablesResult } from './catalog-schemas.ts';
import { readCatalog } from './read-catalog.ts';
import { rowCounts } from './row-counts.ts';
import { DESCRIBE_TABLES } from './statements.ts';
import { columnOf, indexOf, tableFacts } from './tables.ts';

/** @throws LIMIT_EXCEEDED when the schema has more than LIMITS.describedTablesMax tables */
export async function describeTables(
  context: OperationContext,
  input: DescribeTablesInput,
): Promise<DescribeTablesResult> {
  const schema = checkedName(input.schema ?? DEFAULT_SCHEMA, 'schema');
  const parameters = [
    schema,
    String(input.columns === true),
    String(input.indexes === true),
    String(LIMITS.describedTablesMax + 1),
  ];
  const rows = await readCatalog(
    context,
    async (options) => (await context.database.run(DESCRIBE_TABLES, parameters, options)).rows,
  );
  if (rows.length > LIMITS.describedTablesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `Schema '${schema}' has more than ${LIMITS.describedTablesMax} tables (describedTablesMax)`,
      { hint: 'List them page by page, and describe those of interest.' },
    );
  }
  const found = rows.map(([name, tableSchema, columns, indexes, ...facts]) => ({
    table: { schema: tableSchema ?? '', name: name ?? '' },
    columns,
    indexes,
    facts: tableFacts(facts),
  }));
  const counts =
    input.rowCount === true
      ? await rowCounts(
          context,
          found.map(({ table, facts }) => ({ ...facts, table })),
        )
      : undefined;
  return {
    tables: found.map(({ table, columns, indexes, facts: { engine, sizeBytes } }, at) => ({
      ...table,
      engine,
      sizeBytes,
      ...(counts === undefined ? {} : { rowCount: counts[at] ?? 0 }),
      ...(input.columns === true ? { columns: factsIn(columns).map(columnOf) } : {}),
      ...(input.indexes === true ? { indexes: factsIn(indexes).map(indexOf) } : {}),
    })),
  };
}

/** Rows of facts that came as one JSON text, in the form in which single rows come. */
function factsIn(json: Cell | undefined): Cell[][] {
  const rows = JSON.parse(json ?? '[]') as (string | number | boolean | null)[][];
  return rows.map((facts) => facts.map(cellOf));
}

const cellOf = (fact: string | number | boolean | null): Cell =>
  typeof fact === 'boolean' ? (fact ? 't' : 'f') : fact === null ? null : String(fact);
