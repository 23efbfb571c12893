/**
 * The statement by which PostgreSQL evaluates conditions on rows that are no longer, or not only, in a table: values come
 * as one array of text for each column that a condition may mention, get the types and names of the columns and together
 * the name of the table. The answer is one list of the numbers of matching rows for each condition. Pure.
 */
import { arrayLiteral, type Cell, type ChangedTable, quoteIdentifier } from '../../../engine/index.ts';
import type { ColumnType } from '../column-types.ts';

export interface FilterStatement {
  readonly sql: string;
  /** Places of the columns that it wants values of, in order. */
  readonly columns: readonly number[];
}

/** `conditions` stand in parentheses already; `types` are those of the columns of the table, in order. */
export function filterStatement(
  table: ChangedTable,
  types: readonly ColumnType[],
  conditions: readonly string[],
): FilterStatement {
  const columns = mentioned(table, conditions);
  const number = quoteIdentifier(unusedName(table));
  const arrays: string[] = [];
  const names: string[] = [];
  const outputs: string[] = [];
  for (const [index, at] of columns.entries()) {
    const type = types[at];
    const column = table.columns[at];
    if (type === undefined || column === undefined) continue;
    arrays.push(`pg_catalog.unnest($${index + 1}::${type.unnests ? type.sql : 'text'}[])`);
    names.push(`c${index}`);
    outputs.push(`c${index}${type.unnests ? '' : `::${type.sql}`} AS ${quoteIdentifier(column.name)}`);
  }
  const lists = conditions.map((condition) => `pg_catalog.array_agg(${number}) FILTER (WHERE ${condition})`);
  const sql =
    `SELECT ${lists.join(', ')} FROM (SELECT ${[...outputs, `n AS ${number}`].join(', ')} ` +
    `FROM ROWS FROM (${arrays.join(', ')}) WITH ORDINALITY AS v(${names.join(', ')}, n)) ` +
    `AS ${quoteIdentifier(table.name)}`;
  return { sql, columns };
}

/** Arrays for the parameters of the statement. */
export function filterParameters(
  { columns }: FilterStatement,
  rows: readonly (readonly Cell[])[],
): readonly string[] {
  return columns.map((at) => arrayLiteral(rows.map((row) => row[at] ?? null)));
}

/** The list of a condition, from its cell. */
export function matchingRows(cell: Cell | undefined): readonly number[] {
  if (cell === null || cell === undefined || cell === '{}') return [];
  return cell
    .slice(1, -1)
    .split(',')
    .map((digits) => Number(digits) - 1);
}

/**
 * Columns whose names occur in the conditions, whatever they mean there; all when the table's name does, for then the
 * whole row may be meant. At least one, to have rows at all.
 */
function mentioned(table: ChangedTable, conditions: readonly string[]): readonly number[] {
  const text = conditions.join('\n').toLowerCase();
  const all = table.columns.map((_, at) => at);
  const spelled = (name: string): boolean => text.includes(name.toLowerCase().replaceAll('"', '""'));
  if (spelled(table.name)) return all;
  const found = all.filter((at) => spelled(table.columns[at]?.name ?? ''));
  return found.length > 0 ? found : all.slice(0, 1);
}

/** A name for the number of a row that no column has. */
function unusedName(table: ChangedTable): string {
  let name = '#';
  while (table.columns.some((column) => column.name === name)) name += '#';
  return name;
}
