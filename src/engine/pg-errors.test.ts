/** The table from SQLSTATE to codes, row by row, and what becomes of the rest of an error. */
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../base/index.ts';
import { codeOfState, fromConnectError, fromServerError, isStalePlan } from './pg-errors.ts';

/** Every row of the error table, and for each class a state that no row names. */
const TABLE: readonly [states: string, code: ErrorCode][] = [
  ['42601 42000 42602 42622 42939', 'INVALID_SQL'],
  ['42P02 08P01', 'PARAMETER_COUNT_MISMATCH'],
  ['42P01', 'TABLE_NOT_FOUND'],
  ['42704', 'OBJECT_NOT_FOUND'],
  ['3F000', 'SCHEMA_NOT_FOUND'],
  ['3D000', 'DATABASE_NOT_FOUND'],
  ['26000', 'PREPARED_STATEMENT_NOT_FOUND'],
  ['34000', 'CURSOR_NOT_FOUND'],
  ['3B001', 'SAVEPOINT_NOT_FOUND'],
  ['42703', 'COLUMN_NOT_FOUND'],
  ['42702 42P09', 'AMBIGUOUS_COLUMN'],
  ['42701', 'DUPLICATE_COLUMN'],
  ['42883', 'FUNCTION_NOT_FOUND'],
  ['42804 42846 42P18 42725', 'TYPE_MISMATCH'],
  ['42803 42P20 42P10 42P16 42P17 42611 428C9', 'SEMANTIC_ERROR'],
  ['42P07', 'TABLE_ALREADY_EXISTS'],
  ['42P05', 'PREPARED_STATEMENT_EXISTS'],
  ['42710 42P06 42P04 42723', 'OBJECT_ALREADY_EXISTS'],
  ['42501 0L000 0P000', 'PERMISSION_DENIED'],
  ['28000 28P01', 'UNAUTHORIZED'],
  ['23505', 'UNIQUE_VIOLATION'],
  ['23503 23001', 'FOREIGN_KEY_VIOLATION'],
  ['23P01', 'EXCLUSION_VIOLATION'],
  ['23502', 'NOT_NULL_VIOLATION'],
  ['23514 44000', 'CHECK_VIOLATION'],
  ['23000', 'CONSTRAINT_VIOLATION'],
  ['22001', 'VALUE_TOO_LONG'],
  ['22003', 'NUMERIC_OUT_OF_RANGE'],
  ['22007 22008', 'INVALID_DATETIME'],
  ['22012', 'DIVISION_BY_ZERO'],
  ['22P02 22P03 22021 22030 22000 22023 2201W 2201X 21000', 'INVALID_VALUE'],
  ['40001', 'SERIALIZATION_FAILURE'],
  ['40P01', 'DEADLOCK_DETECTED'],
  ['40002 40003 40000', 'TRANSACTION_CONFLICT'],
  ['55P03', 'LOCK_TIMEOUT'],
  ['25006', 'READ_ONLY_TRANSACTION'],
  ['25P02', 'TRANSACTION_ABORTED'],
  ['25P01', 'NO_ACTIVE_TRANSACTION'],
  ['25P03 25P04', 'TRANSACTION_NOT_FOUND'],
  ['25001 2D000 24000', 'INVALID_TRANSACTION_STATE'],
  ['2BP01', 'DEPENDENT_OBJECTS_EXIST'],
  ['55000 55006 55P02 55P04', 'OBJECT_IN_USE'],
  ['57014', 'QUERY_CANCELLED'],
  ['57P01 57P02 57P03 57P05 08000 08001 08003 08004 08006 08007', 'UNAVAILABLE'],
  ['53300', 'TOO_MANY_CONNECTIONS'],
  ['53100 53200 53000', 'RESOURCE_EXHAUSTED'],
  ['53400', 'LIMIT_EXCEEDED'],
  ['54000 54001 54023', 'LIMIT_EXCEEDED'],
  ['0A000', 'FEATURE_NOT_SUPPORTED'],
  ['HV000', 'FOREIGN_DATA_ERROR'],
  ['P0001 P0002 P0003 P0004', 'USER_EXCEPTION'],
  ['38000 39000 3B000 2F000 03000 09000 27000 45000 MY001 P0000 ZZ999', 'USER_EXCEPTION'],
  ['58000 58P01 F0000', 'INTERNAL_ERROR'],
  ['XX001 XX002', 'DATA_CORRUPTED'],
  ['XX000', 'INTERNAL_ERROR'],
];

describe('SQLSTATE', () => {
  it.each(TABLE)('%s: %s', (states, code) => {
    for (const state of states.split(' ')) expect(`${state} ${codeOfState(state)}`).toBe(`${state} ${code}`);
  });
});

describe('the error', () => {
  it('keeps what PostgreSQL said', () => {
    const error = fromServerError({
      code: '23505',
      message: 'duplicate key',
      detail: 'Key (id)=(1)',
      hint: 'another',
      position: '7',
    });
    expect(error).toMatchObject({
      code: 'UNIQUE_VIOLATION',
      message: 'duplicate key',
      detail: 'Key (id)=(1)',
      hint: 'another',
      position: 7,
      sqlState: '23505',
    });
  });

  it.each([
    ['syntax error at or near "FORM"', '15', `Syntax error at position 15: unexpected token 'FORM'`],
    ['syntax error at or near ""', '1', `Syntax error at position 1: unexpected token ''`],
    ['syntax error at end of input', '9', 'Syntax error at position 9: unexpected end of input'],
    [
      'unterminated quoted string at or near "\'x\ny"',
      '8',
      `Syntax error at position 8: unterminated quoted string near ''x\ny'`,
    ],
    ['cannot insert multiple commands into a prepared statement', undefined, undefined],
  ])('of syntax says where: %s', (message, position, expected) => {
    expect(fromServerError({ code: '42601', message, position }).message).toBe(expected ?? message);
  });

  it('of a cancelled statement depends on who cancelled it', () => {
    const server = { code: '57014', message: 'canceling statement due to user request' };
    expect(fromServerError(server, 'timeout').code).toBe('QUERY_TIMEOUT');
    expect(fromServerError(server, 'deadline').code).toBe('QUERY_TIMEOUT');
    expect(fromServerError(server, 'abort').code).toBe('QUERY_CANCELLED');
    expect(fromServerError(server).code).toBe('QUERY_CANCELLED');
    expect(fromServerError({ code: '23505', message: 'x' }, 'timeout').code).toBe('UNIQUE_VIOLATION');
  });

  it('of PostgreSQL itself keeps its words for the log', () => {
    const server = { code: 'XX000', message: 'cache lookup failed' };
    expect(fromServerError(server)).toMatchObject({
      code: 'INTERNAL_ERROR',
      message: 'Internal error',
      cause: server,
    });
  });

  it('tells indexes and types apart from other things', () => {
    expect(fromServerError({ code: '42704', message: 'index "a" does not exist' }).code).toBe(
      'INDEX_NOT_FOUND',
    );
    expect(fromServerError({ code: '42704', message: 'type "a" does not exist' }).code).toBe('INVALID_TYPE');
    expect(fromServerError({ code: '42704', message: 'role "a" does not exist' }).code).toBe(
      'OBJECT_NOT_FOUND',
    );
    const exists = { code: '42P07', message: 'relation "a" already exists' };
    expect(fromServerError({ ...exists, routine: 'index_create' }).code).toBe('INDEX_ALREADY_EXISTS');
    expect(fromServerError(exists).code).toBe('TABLE_ALREADY_EXISTS');
  });

  it('of a connection says where, and that it may be tried again', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(fromConnectError(refused, { host: 'db', port: 1 })).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: 'PostgreSQL at db:1 cannot be reached: connect ECONNREFUSED',
    });
    const password = { code: '28P01', message: 'password authentication failed for user "ann"' };
    expect(fromConnectError(password, { host: '/run', port: 1 })).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('/run/.s.PGSQL.1 refuses the connection'),
    });
  });

  it('knows an outdated plan from a feature that is missing', () => {
    expect(isStalePlan({ code: '0A000', message: 'x', routine: 'RevalidateCachedQuery' })).toBe(true);
    expect(isStalePlan({ code: '26000', message: 'x' })).toBe(true);
    expect(isStalePlan({ code: '0A000', message: 'x', routine: 'other' })).toBe(false);
  });
});
