/** COPY into a node table: rows become nodes, batch by batch. */
import { asFacetError } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';
import { type DeclaredTable, defaultOf, tableError } from '../declared/index.ts';
import { nodeIdsFor } from '../identities.ts';
import { uniqueKey } from '../matcher/index-keys.ts';
import { encodeProperties } from '../property-json.ts';
import { isUniqueViolation } from '../schema/index.ts';
import type { CopyRow, Field } from './copy-source.ts';
import { nextSerial } from './copy-statements.ts';
import type { Apply } from './copy-writer.ts';
import { run, type TableChange } from './table-change.ts';
import { LOCK_SCHEMA } from './table-statements.ts';

/** Inserts a batch. @throws INVALID_VALUE for keys that are null, GRAPH_CONSTRAINT_VIOLATION for keys that are there */
export type InsertBatch = (rows: readonly CopyRow[]) => Promise<void>;

/** @param columns those that the rows have */
export async function nodeInserter(
  change: TableChange,
  table: DeclaredTable,
  columns: readonly Field[],
  apply: Apply,
): Promise<InsertBatch> {
  const names = columns.map(({ name }) => name);
  const keyAt = names.indexOf(table.primaryKey);
  const fill = await filler(change, table, names);
  const labels = [table.name];
  return async (rows) => {
    const ids = (await nodeIdsFor(change.database, rows.length)).reverse();
    const properties = rows.map((row) => {
      if (keyAt >= 0 && row.values[keyAt] === null) throw nullKey(row);
      return encodeProperties(fill(namedValues(names, row.values)));
    });
    try {
      await apply({ what: 'insert nodes', ids, labels: rows.map(() => labels), properties });
    } catch (thrown) {
      throw duplicateOf(thrown, rows, keyAt) ?? thrown;
    }
  };
}

/** Without those that are null, which no property is. */
export function namedValues(names: readonly string[], values: readonly Value[]): Map<string, Value> {
  const named = new Map<string, Value>();
  names.forEach((name, at) => {
    const value = values[at] ?? null;
    if (value !== null) named.set(name, value);
  });
  return named;
}

/** Adds what the rows have no column for: defaults, and the next number of a SERIAL column. */
export async function filler(
  change: TableChange,
  table: DeclaredTable,
  given: readonly string[],
): Promise<(properties: Map<string, Value>) => Map<string, Value>> {
  const makers: (readonly [name: string, make: () => Value])[] = [];
  for (const { name, type, default: text } of table.columns) {
    if (given.includes(name)) continue;
    if (type.base === 'SERIAL') {
      // Nobody else counts on meanwhile.
      await run(change, LOCK_SCHEMA, []);
      let next = await nextSerial(change, table, name);
      makers.push([name, () => next++]);
    } else if (text !== undefined) makers.push([name, defaultOf(text, type).make]);
  }
  return (properties) => {
    for (const [name, make] of makers) {
      const value = make();
      if (value !== null) properties.set(name, value);
    }
    return properties;
  };
}

const nullKey = ({ place }: CopyRow): Error =>
  tableError(
    'INVALID_VALUE',
    'Copy',
    `Error in ${place}: Found NULL, which violates the non-null constraint of the primary key column.`,
  );

const TAKEN = /=\((.*)\) already exists/s;

/** PostgreSQL names the key that two have; the last row of the batch that has it is the one too many. */
function duplicateOf(thrown: unknown, rows: readonly CopyRow[], keyAt: number): Error | undefined {
  const error = asFacetError(thrown);
  if (keyAt < 0 || !isUniqueViolation(error)) return undefined;
  const [, key] = TAKEN.exec(error.detail ?? '') ?? [];
  const row = rows.findLast(({ values }) => uniqueKey(values[keyAt] ?? null) === key);
  const where = row === undefined ? '' : `Error in ${row.place}: `;
  const value = row === undefined ? '' : ` ${String(row.values[keyAt])}`;
  return tableError(
    'GRAPH_CONSTRAINT_VIOLATION',
    'Copy',
    `${where}Found duplicated primary key value${value}, which violates the uniqueness constraint of the primary key column.`,
  );
}
