/** What the graph model can do: Cypher as data in and out, and the state of a graph as its writer sees it. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { JOURNAL_OPERATIONS } from './journal-operations.ts';
import { query, stream } from './query.ts';
import * as schemas from './query-schemas.ts';
import { SNAPSHOT_OPERATIONS } from './snapshot/index.ts';
import { flush, status } from './status.ts';
import { define, defineInput, identify, identifyInput, identifyResult } from './tables/index.ts';

/** What any Cypher text can fail with, beside the engine's own. */
const CYPHER_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_CYPHER',
  'CYPHER_SEMANTIC_ERROR',
  'CYPHER_TYPE_ERROR',
  'CYPHER_ARGUMENT_ERROR',
  'CYPHER_ARITHMETIC_ERROR',
  'ENTITY_NOT_FOUND',
  'PARAMETER_MISSING',
  'PROCEDURE_ERROR',
  'PROPERTY_NOT_FOUND',
  'GRAPH_CONSTRAINT_VIOLATION',
  'INDEX_ALREADY_EXISTS',
  'INDEX_NOT_FOUND',
  'OBJECT_ALREADY_EXISTS',
  'OBJECT_NOT_FOUND',
  'DEPENDENT_OBJECTS_EXIST',
  'FEATURE_NOT_SUPPORTED',
  'INVALID_PARAMETER',
  'LIMIT_EXCEEDED',
  'INVALID_VALUE',
  'PAYLOAD_TOO_LARGE',
  'WRITER_FENCED',
  'LOCK_TIMEOUT',
  'SERIALIZATION_FAILURE',
  'TRANSACTION_CONFLICT',
  'DEADLOCK_DETECTED',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
  'INVALID_TRANSACTION_STATE',
] as const;

export const graphQuery = operation({
  name: 'graph.query',
  summary: 'Runs one Cypher query and returns its rows; one that writes needs role write.',
  input: schemas.queryInput,
  output: schemas.queryResult,
  access: 'read',
  category: 'query',
  streams: false,
  errors: CYPHER_ERRORS,
  run: query,
});

export const graphStream = operation({
  name: 'graph.stream',
  summary: 'Runs one Cypher query and hands on its rows in batches.',
  input: schemas.queryInput,
  output: schemas.queryStream,
  access: 'read',
  category: 'query',
  streams: true,
  errors: CYPHER_ERRORS,
  run: stream,
});

export const graphFlush = operation({
  name: 'graph.flush',
  summary: 'Has PostgreSQL write what it holds in memory to its data files.',
  input: schemas.flushInput,
  output: schemas.flushResult,
  access: 'write',
  category: 'admin',
  streams: false,
  errors: [...ENGINE_ERRORS, 'WRITER_FENCED'],
  run: flush,
});

export const graphDefine = operation({
  name: 'graph.define',
  summary: 'Runs one command on declared tables: declares, changes, drops, copies into, or lists them.',
  input: defineInput,
  output: schemas.queryResult,
  access: 'read',
  category: 'query',
  streams: false,
  errors: [
    ...CYPHER_ERRORS,
    'TABLE_NOT_FOUND',
    'TABLE_ALREADY_EXISTS',
    'COLUMN_NOT_FOUND',
    'DUPLICATE_COLUMN',
    'FUNCTION_NOT_FOUND',
    'INVALID_TYPE',
    'TYPE_MISMATCH',
    'NUMERIC_OUT_OF_RANGE',
    'INVALID_DATETIME',
    'MISSING_PARAMETER',
  ],
  run: define,
});

export const graphIdentify = operation({
  name: 'graph.identify',
  summary: 'Returns the numbers of labels and types; a name that has none gets one.',
  input: identifyInput,
  output: identifyResult,
  access: 'read',
  category: 'query',
  streams: false,
  errors: ENGINE_ERRORS,
  run: identify,
});

export const graphStatus = operation({
  name: 'graph.status',
  summary: 'Returns the epoch and the manifest version of a graph.',
  input: schemas.statusInput,
  output: schemas.statusResult,
  access: 'public',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'DATABASE_NOT_FOUND'],
  run: status,
});

export const GRAPH_OPERATIONS = [
  graphQuery,
  graphStream,
  graphDefine,
  graphIdentify,
  graphFlush,
  graphStatus,
  ...JOURNAL_OPERATIONS,
  ...SNAPSHOT_OPERATIONS,
] as const;
