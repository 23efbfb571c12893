/** What the sql model can do: SQL text as data in and out, prepared statements, tables and indexes. */
import { LIMITS } from '../../base/index.ts';
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import * as catalog from './catalog-schemas.ts';
import { createIndex } from './create-index.ts';
import { createTable } from './create-table.ts';
import { describeTables } from './describe-tables.ts';
import { dropIndex } from './drop-index.ts';
import { dropTable } from './drop-table.ts';
import { executeTransaction } from './execute-transaction.ts';
import { explain } from './explain.ts';
import { listIndexes } from './list-indexes.ts';
import { deallocate, execute, prepare } from './prepared.ts';
import { query, stream } from './query.ts';
import * as statement from './statement-schemas.ts';
import { describeTable, listTables } from './tables.ts';
import { withVectorIndexes, withVectorIndexesStreamed } from './vector-index-statements.ts';
import { withVectorErrors, withVectors, withVectorsInAll } from './vector-types.ts';

/** What any SQL text can fail with, beside the engine's own: most of PostgreSQL's states have a code. */
const SQL_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_SQL',
  'PARAMETER_COUNT_MISMATCH',
  'TRANSACTION_CONTROL_NOT_ALLOWED',
  'FEATURE_NOT_SUPPORTED',
  'SEMANTIC_ERROR',
  'TABLE_NOT_FOUND',
  'COLUMN_NOT_FOUND',
  'TYPE_MISMATCH',
  'INVALID_VALUE',
  'UNIQUE_VIOLATION',
  'FOREIGN_KEY_VIOLATION',
  'NOT_NULL_VIOLATION',
  'CHECK_VIOLATION',
  'INVALID_TYPE',
  'VECTOR_DIMENSION_MISMATCH',
  'INVALID_VECTOR',
  'SERIALIZATION_FAILURE',
  'DEADLOCK_DETECTED',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
  'PERMISSION_DENIED',
  'PAYLOAD_TOO_LARGE',
  'LIMIT_EXCEEDED',
] as const;

export const sqlQuery = operation({
  name: 'sql.query',
  summary: 'Runs one SQL statement and returns its rows.',
  input: statement.queryInput,
  output: statement.queryResult,
  access: 'read',
  category: 'query',
  streams: false,
  errors: SQL_ERRORS,
  run: withVectors(withVectorIndexes(query)),
});

export const sqlStream = operation({
  name: 'sql.stream',
  summary: `Runs one SQL statement and hands on its rows as they arrive, ${LIMITS.streamRowsPerFetch} at a time.`,
  input: statement.queryInput,
  output: statement.queryStream,
  access: 'read',
  category: 'query',
  streams: true,
  errors: SQL_ERRORS,
  run: withVectors(withVectorIndexesStreamed(stream)),
});

export const sqlExecuteTransaction = operation({
  name: 'sql.execute_transaction',
  summary: 'Runs several SQL statements in one transaction: all of them take effect, or none.',
  input: statement.executeTransactionInput,
  output: statement.executeTransactionResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...SQL_ERRORS, 'TRANSACTION_CONFLICT'],
  run: withVectorsInAll(executeTransaction),
});

export const sqlExplain = operation({
  name: 'sql.explain',
  summary: 'Returns the plan of an SQL statement as a tree, text or Graphviz.',
  input: statement.explainInput,
  output: statement.explainResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: SQL_ERRORS,
  run: withVectors(explain),
});

export const sqlPrepare = operation({
  name: 'sql.prepare',
  summary:
    'Keeps an SQL statement under a name for this principal until it is deallocated or the server stops.',
  input: statement.prepareInput,
  output: statement.prepareResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...SQL_ERRORS, 'PREPARED_STATEMENT_EXISTS'],
  run: withVectors(prepare),
});

export const sqlExecute = operation({
  name: 'sql.execute',
  summary: 'Runs a prepared statement and returns its rows.',
  input: statement.executeInput,
  output: statement.queryResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...SQL_ERRORS, 'PREPARED_STATEMENT_NOT_FOUND'],
  run: withVectorErrors(execute),
});

export const sqlDeallocate = operation({
  name: 'sql.deallocate',
  summary: 'Forgets a prepared statement.',
  input: statement.deallocateInput,
  output: statement.deallocateResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ['PREPARED_STATEMENT_NOT_FOUND'],
  run: deallocate,
});

export const sqlListTables = operation({
  name: 'sql.list_tables',
  summary: 'Lists the tables of a schema, by name.',
  input: catalog.listTablesInput,
  output: catalog.listTablesResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_CURSOR'],
  run: listTables,
});

export const sqlDescribeTable = operation({
  name: 'sql.describe_table',
  summary: 'Describes a table: columns, keys, indexes, size.',
  input: catalog.describeTableInput,
  output: catalog.describeTableResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'TABLE_NOT_FOUND'],
  run: describeTable,
});

export const sqlDescribeTables = operation({
  name: 'sql.describe_tables',
  summary: 'Describes all tables of a schema, with as much as is asked for.',
  input: catalog.describeTablesInput,
  output: catalog.describeTablesResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'LIMIT_EXCEEDED'],
  run: describeTables,
});

export const sqlCreateTable = operation({
  name: 'sql.create_table',
  summary: 'Creates a table.',
  input: catalog.createTableInput,
  output: catalog.createTableResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [
    ...ENGINE_ERRORS,
    'TABLE_ALREADY_EXISTS',
    'SCHEMA_NOT_FOUND',
    'INVALID_TYPE',
    'DUPLICATE_COLUMN',
    'INVALID_SQL',
    'SEMANTIC_ERROR',
    'TYPE_MISMATCH',
  ],
  run: createTable,
});

export const sqlDropTable = operation({
  name: 'sql.drop_table',
  summary: 'Drops a table.',
  input: catalog.dropTableInput,
  output: catalog.dropTableResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'TABLE_NOT_FOUND', 'DEPENDENT_OBJECTS_EXIST', 'LOCK_TIMEOUT'],
  run: dropTable,
});

export const sqlListIndexes = operation({
  name: 'sql.list_indexes',
  summary: 'Lists the indexes of a table, or of all tables, by name.',
  input: catalog.listIndexesInput,
  output: catalog.listIndexesResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'TABLE_NOT_FOUND', 'INVALID_CURSOR'],
  run: listIndexes,
});

export const sqlCreateIndex = operation({
  name: 'sql.create_index',
  summary: 'Builds an index and waits until it is done.',
  input: catalog.createIndexInput,
  output: catalog.createIndexResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [
    ...ENGINE_ERRORS,
    'TABLE_NOT_FOUND',
    'COLUMN_NOT_FOUND',
    'INDEX_ALREADY_EXISTS',
    'INVALID_INDEX_TYPE',
    'INVALID_INDEX_OPTION',
    'NOT_A_VECTOR_COLUMN',
    'FEATURE_NOT_SUPPORTED',
    'LIMIT_EXCEEDED',
    'CHANGES_UNAVAILABLE',
    'TYPE_MISMATCH',
    'UNIQUE_VIOLATION',
  ],
  run: createIndex,
});

export const sqlDropIndex = operation({
  name: 'sql.drop_index',
  summary: 'Drops an index.',
  input: catalog.dropIndexInput,
  output: catalog.dropIndexResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INDEX_NOT_FOUND', 'DEPENDENT_OBJECTS_EXIST'],
  run: dropIndex,
});

export const SQL_OPERATIONS = [
  sqlQuery,
  sqlStream,
  sqlExecuteTransaction,
  sqlExplain,
  sqlPrepare,
  sqlExecute,
  sqlDeallocate,
  sqlListTables,
  sqlDescribeTable,
  sqlDescribeTables,
  sqlCreateTable,
  sqlDropTable,
  sqlListIndexes,
  sqlCreateIndex,
  sqlDropIndex,
] as const;
