/** Creates tables from a list of columns: the statement is composed of quoted names, known types and enclosed expressions. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { quoteIdentifier, type RunOptions, statement, type Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { enclosedExpression } from '../sql-expression.ts';
import {
  assertUserSchema,
  checkedName,
  NAME_BYTES_MAX,
  type QualifiedName,
  qualifiedName,
  quotedName,
  spelledName,
} from '../table-names.ts';
import type { CreateTableInput, CreateTableResult } from './catalog-schemas.ts';
import { ofDefinition } from './definition-errors.ts';
import { DECLARE_COLUMNAR, FIND_TABLE, TYPE_BY_NAME } from './statements.ts';
import { type ColumnType, parseTypeName } from './type-syntax.ts';

type ColumnInput = CreateTableInput['columns'][number];

interface Column extends ColumnInput {
  readonly parsedType: ColumnType;
}

/**
 * With `ifNotExists` a table that exists is left as it is, whatever its columns are.
 * @throws TABLE_ALREADY_EXISTS, SCHEMA_NOT_FOUND, INVALID_TYPE, DUPLICATE_COLUMN, INVALID_SQL for a default
 */
export async function createTable(
  context: OperationContext,
  input: CreateTableInput,
): Promise<CreateTableResult> {
  const { database, transaction, signal } = context;
  const table = qualifiedName(input.name, input.schema, 'name');
  assertUserSchema(table);
  const columns: Column[] = [];
  for (const column of input.columns) {
    columns.push({ ...column, parsedType: await columnType(context, column.type) });
  }
  const creation = statement('sql.tables.create', creationText(table, columns));
  try {
    const message = await database.inTransaction(
      async (own: Transaction) => {
        const options = { transaction: own, signal };
        await database.run(creation, [], options);
        const note =
          input.engine === 'columnar' ? await declareColumnar(context, table, columns, options) : '';
        return `Table '${spelledName(table)}' created successfully${note}`;
      },
      { transaction, signal },
    );
    return { ...table, created: true, message };
  } catch (error) {
    if (error instanceof FacetError && (await isTaken(context, table, error))) {
      if (input.ifNotExists !== true) throw alreadyExists(table, error);
      return { ...table, created: false, message: `Table '${spelledName(table)}' already exists` };
    }
    throw ofDefinition(error);
  }
}

/**
 * Two that create the same table at once: the later one fails on the catalog's own unique index, or on the row type
 * that comes with a table. A type of that name may also stand alone, so then the table itself is looked for.
 */
async function isTaken(context: OperationContext, table: QualifiedName, error: FacetError): Promise<boolean> {
  if (error.code === 'TABLE_ALREADY_EXISTS') return true;
  if (error.code === 'UNIQUE_VIOLATION') return /"pg_(type|class)_/.test(error.message);
  if (error.code !== 'OBJECT_ALREADY_EXISTS') return false;
  const { transaction, signal } = context;
  const { rows } = await context.database.run(FIND_TABLE, [table.schema, table.name], {
    transaction,
    signal,
  });
  return rows.length > 0;
}

const alreadyExists = (table: QualifiedName, error: FacetError): FacetError =>
  new FacetError('TABLE_ALREADY_EXISTS', `Table '${spelledName(table)}' already exists`, {
    sqlState: error.sqlState,
    hint: 'Ask for it only if it does not exist to leave it as it is.',
  });

/** The type of that name: one of the reference, or one that PostgreSQL knows, such as an enum of the user. */
async function columnType(context: OperationContext, written: string): Promise<ColumnType> {
  const type = parseTypeName(written);
  if (type !== undefined) return type;
  const name = written.trim();
  if (
    /^[\p{L}_][\p{L}\p{N}_$]*(\.[\p{L}_][\p{L}\p{N}_$]*)?(\[\])?$/u.test(name) &&
    Buffer.byteLength(name) <= 127
  ) {
    const { transaction, signal } = context;
    const { rows } = await context.database.run(TYPE_BY_NAME, [name], { transaction, signal });
    const spelled = rows[0]?.[0];
    if (typeof spelled === 'string' && !spelled.startsWith('"char"') && !/^pg_/.test(spelled)) {
      return { sql: spelled, family: 'other' };
    }
  }
  throw new FacetError('INVALID_TYPE', `There is no type '${written.slice(0, 100)}'`, {
    hint: 'Types are Int64, Varchar(255), Decimal(10,2), Boolean, TimestampTz, Jsonb, Array<Text> and so on.',
  });
}

function creationText(table: QualifiedName, columns: readonly Column[]): string {
  const parts = columns.map(columnText);
  const keys = columns
    .filter(({ primaryKey }) => primaryKey === true)
    .map(({ name }) => quoteIdentifier(name));
  if (keys.length > 0) parts.push(`PRIMARY KEY (${keys.join(', ')})`);
  for (const { name, parsedType } of columns) {
    const { check, checkName, numbers } = parsedType;
    const column = quoteIdentifier(name);
    if (check !== undefined) parts.push(`${constraint(name, checkName)}CHECK (${check(column)})`);
    if (numbers !== undefined) parts.push(`${constraint(name, 'vector_numbers')}CHECK (${numbers(column)})`);
  }
  return `CREATE TABLE ${quotedName(table)} (\n  ${parts.join(',\n  ')}\n)`;
}

/** PostgreSQL cuts names that are too long, so those are left to it. */
const constraint = (column: string, end: string | undefined): string =>
  end === undefined || Buffer.byteLength(`${column}_${end}`) > NAME_BYTES_MAX
    ? ''
    : `CONSTRAINT ${quoteIdentifier(`${column}_${end}`)} `;

function columnText(column: Column): string {
  const name = checkedName(column.name, 'columns.name');
  if (column.primaryKey === true && column.nullable === true) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `Column '${name}' is in the primary key, so it cannot be nullable`,
    );
  }
  const pieces = [quoteIdentifier(name), column.parsedType.sql];
  if (typeof column.default === 'string') {
    if (Buffer.byteLength(column.default) > LIMITS.sqlTextBytesMax) {
      throw new FacetError(
        'PAYLOAD_TOO_LARGE',
        `The default of column '${name}' is larger than ${LIMITS.sqlTextBytesMax} bytes (sqlTextBytesMax)`,
      );
    }
    pieces.push(`DEFAULT ${enclosedExpression(column.default, `The default of column '${name}'`)}`);
  }
  if (column.nullable === false) pieces.push('NOT NULL');
  return pieces.join(' ');
}

/**
 * PostgreSQL stores rows, so `columnar` is what the table was declared as. What it helps in such tables is a BRIN
 * index: a few kilobytes that let scans skip whole ranges of rows, where values grow as rows are added.
 */
async function declareColumnar(
  context: OperationContext,
  table: QualifiedName,
  columns: readonly Column[],
  options: RunOptions,
): Promise<string> {
  const { database } = context;
  await database.run(DECLARE_COLUMNAR, [table.schema, table.name], options);
  const indexed =
    columns.find(({ parsedType }) => parsedType.family === 'moment') ??
    columns.find(({ parsedType }) => parsedType.family === 'integer');
  if (indexed === undefined) return '; engine columnar is declared, the data is stored as rows';
  await database.run(
    statement(
      'sql.tables.create_brin',
      `CREATE INDEX ON ${quotedName(table)} USING brin (${quoteIdentifier(indexed.name)})`,
    ),
    [],
    options,
  );
  return `; engine columnar is declared, the data is stored as rows with a BRIN index on '${indexed.name}'`;
}
