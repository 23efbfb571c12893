/** COPY … FROM: rows of a file, a query or a parameter into one table, all or none of them. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';
import { type Connection, columnOf, type DeclaredTable, tableError, tableNamed } from '../declared/index.ts';
import { runQuery } from '../run-query.ts';
import { type InsertBatch, nodeInserter } from './copy-nodes.ts';
import { relationshipInserter } from './copy-relationships.ts';
import { type CopyRow, type Field, fileRows, parameterRows, valueRow } from './copy-source.ts';
import { CopyWriter } from './copy-writer.ts';
import type { UploadedFiles } from './define-schemas.ts';
import { explicitFunctions } from './explicit-functions.ts';
import type { TableChange } from './table-change.ts';
import type { CopyFrom } from './table-command.ts';

export interface CopyContext {
  readonly text: string;
  readonly parameters: ReadonlyMap<string, Value>;
  readonly files: UploadedFiles | undefined;
  readonly journaled: boolean;
}

export interface Copied {
  readonly message: string;
  readonly nodes: number;
  readonly relationships: number;
}

/** @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, INVALID_VALUE, GRAPH_CONSTRAINT_VIOLATION, LIMIT_EXCEEDED … */
export async function copyTable(
  change: TableChange,
  command: CopyFrom,
  context: CopyContext,
): Promise<Copied> {
  const table = tableNamed(change.tables, command.name);
  const writer = new CopyWriter(change, context.text, context.journaled);
  const columns = columnsOf(table, command.columns);
  let fields: readonly Field[] = columns;
  let insert: InsertBatch;
  if (table.kind === 'NODE') insert = await nodeInserter(change, table, columns, writer.apply);
  else {
    const pair = pairOf(table, command.between);
    const ends = { from: tableNamed(change.tables, pair.from), to: tableNamed(change.tables, pair.to) };
    fields = [keyField('from', ends.from), keyField('to', ends.to), ...columns];
    insert = await relationshipInserter(change, table, ends, columns, writer.apply);
  }
  const count = await inBatches(rowsOf(change, command, context, fields), insert);
  await writer.finish();
  return {
    message: `${count} ${count === 1 ? 'tuple has' : 'tuples have'} been copied to the ${table.name} table.`,
    nodes: table.kind === 'NODE' ? count : 0,
    relationships: table.kind === 'REL' ? count : 0,
  };
}

/** Those that are named, or all but the ones that number themselves. @throws COLUMN_NOT_FOUND, INVALID_VALUE */
function columnsOf(table: DeclaredTable, names: readonly string[] | undefined): readonly Field[] {
  if (names === undefined) return table.columns.filter(({ type }) => type.base !== 'SERIAL');
  const found = names.map((name) => {
    const column = columnOf(table, name);
    if (column !== undefined) return column;
    throw tableError('COLUMN_NOT_FOUND', 'Binder', `Table ${table.name} does not contain column ${name}.`);
  });
  const key = columnOf(table, table.primaryKey);
  if (key === undefined || key.type.base === 'SERIAL' || key.default !== undefined || found.includes(key))
    return found;
  throw tableError(
    'INVALID_VALUE',
    'Copy',
    `The primary key ${key.name} of ${table.name} is among the columns.`,
  );
}

/** A table keeps keys that number themselves as what they are. */
function keyField(name: string, table: DeclaredTable): Field {
  const key = columnOf(table, table.primaryKey);
  if (key === undefined)
    throw tableError('COLUMN_NOT_FOUND', 'Binder', `Table ${table.name} has no primary key.`);
  return { name, type: key.type };
}

function pairOf({ name, connections }: DeclaredTable, asked: Connection | undefined): Connection {
  const [first, ...more] = connections;
  if (asked === undefined) {
    if (first !== undefined && more.length === 0) return first;
    throw tableError(
      'INVALID_VALUE',
      'Binder',
      `The table ${name} has multiple FROM and TO pairs defined in the schema. A specific pair of FROM and TO options is expected when copying data into the ${name} table.`,
    );
  }
  const pair = connections.find(({ from, to }) => from === asked.from && to === asked.to);
  if (pair !== undefined) return pair;
  throw tableError(
    'OBJECT_NOT_FOUND',
    'Binder',
    `${asked.from}->${asked.to} does not exist in ${name} table.`,
  );
}

async function* rowsOf(
  { database, options }: TableChange,
  { source, csv }: CopyFrom,
  { parameters, files }: CopyContext,
  fields: readonly Field[],
): AsyncGenerator<CopyRow> {
  switch (source.kind) {
    case 'files':
      yield* fileRows(source.names, files, csv, fields);
      return;
    case 'parameter':
      yield* parameterRows(source.name, parameters.get(source.name), fields);
      return;
    case 'query': {
      const { text, params } = explicitFunctions(source.text, parameters);
      const { rows } = await runQuery(database, text, { ...options, parameters: params, readOnly: true });
      for (const [at, row] of rows.entries()) yield valueRow(row, fields, `row ${at + 1} of the query`);
    }
  }
}

/** One batch is read while the one before is inserted. */
async function inBatches(rows: AsyncIterable<CopyRow>, insert: InsertBatch): Promise<number> {
  let count = 0;
  let batch: CopyRow[] = [];
  let inserting: Promise<void> = Promise.resolve();
  const give = async (): Promise<void> => {
    const full = batch;
    batch = [];
    await inserting;
    inserting = insert(full);
    // Told when the next one is given, or at the end.
    inserting.catch(() => {});
  };
  for await (const row of rows) {
    batch.push(row);
    count++;
    if (count > LIMITS.graphCopyRowsMax) {
      await inserting;
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `COPY takes at most ${LIMITS.graphCopyRowsMax} rows (graphCopyRowsMax)`,
        {
          hint: 'Copy several smaller files, one after the other.',
        },
      );
    }
    if (batch.length === LIMITS.graphCopyRowsPerBatch) await give();
  }
  if (batch.length > 0) await give();
  await inserting;
  return count;
}
