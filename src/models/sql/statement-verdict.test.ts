/** Which statements are taken, and with what words the others are refused. */
import { describe, expect, test } from 'vitest';
import type { Role } from '../../base/index.ts';
import { readSqlText } from '../../engine/index.ts';
import { statementVerdict } from './statement-verdict.ts';

const verdict = (sql: string, inTransaction = false, role: Role = 'write') =>
  statementVerdict(sql, readSqlText(sql), { inTransaction, role });

describe('taken anywhere', () => {
  test.each([
    'SELECT 1',
    'select temp from sensors',
    "SELECT 'BEGIN; COMMIT'",
    'SELECT 1;',
    'SELECT 1 ; -- done; really',
    '/* BEGIN; */ SELECT $$ COMMIT; $$',
    'WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x',
    '(SELECT 1) UNION (SELECT 2)',
    'INSERT INTO "BEGIN" VALUES (1)',
    'CREATE TABLE temp (temporary int)',
    'CREATE INDEX ON t (stdin)',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END',
    'SHOW server_version',
    'NOTIFY channel',
    'VACUUM',
    'SELECT a INTO b FROM c',
    'SELEC 1',
  ])('%s', (sql) => {
    expect(verdict(sql)).toBeUndefined();
  });
});

test.each(['', '   ', ';', '-- nothing', '/* nothing */ ;;'])('%j is empty', (sql) => {
  expect(verdict(sql)).toMatchObject({ code: 'INVALID_SQL', message: 'The SQL text is empty' });
});

test.each(['SELECT 1; SELECT 2', 'SELECT 1; DROP TABLE users', 'BEGIN; COMMIT'])('%s is several', (sql) => {
  expect(verdict(sql)).toMatchObject({
    code: 'INVALID_SQL',
    message: expect.stringContaining('multiple statements'),
  });
  expect(verdict(sql, true)?.code).toBe('INVALID_SQL');
});

describe('transaction control', () => {
  test.each([
    'BEGIN',
    'begin isolation level serializable',
    'START TRANSACTION',
    'COMMIT',
    'COMMIT PREPARED $$a$$',
    'END',
    'ABORT',
    'ROLLBACK',
    'ROLLBACK WORK',
    'ROLLBACK AND CHAIN',
    "PREPARE TRANSACTION 'a'",
    '/* hidden */ BEGIN -- really',
  ])('%s is refused inside and outside', (sql) => {
    expect(verdict(sql)?.code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
    expect(verdict(sql, true)?.code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
    expect(verdict(sql)?.hint).toContain('transaction operations');
  });

  test.each([
    'SAVEPOINT a',
    'RELEASE a',
    'RELEASE SAVEPOINT a',
    'ROLLBACK TO a',
    'ROLLBACK /* back */ TO SAVEPOINT a',
    'ROLLBACK WORK TO SAVEPOINT a',
    'ROLLBACK TRANSACTION TO a',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE',
    'SET LOCAL TRANSACTION READ ONLY',
  ])('%s is taken inside only', (sql) => {
    expect(verdict(sql)?.code).toBe('TRANSACTION_CONTROL_NOT_ALLOWED');
    expect(verdict(sql, true)).toBeUndefined();
  });
});

describe('statements of a session', () => {
  test.each([
    ["SET search_path TO 'a'", 'SET LOCAL'],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY', 'SET LOCAL'],
    ['RESET ALL', 'nothing to reset'],
    ['PREPARE a AS SELECT 1', 'sql.prepare'],
    ['EXECUTE a', 'sql.execute'],
    ['DEALLOCATE a', 'sql.deallocate'],
    ['DECLARE c CURSOR FOR SELECT 1', 'as a stream'],
    ['FETCH 1 FROM c', 'as a stream'],
    ['CLOSE c', 'transaction'],
    ['CREATE TEMP TABLE a (b int)', 'transaction'],
    ['CREATE LOCAL TEMPORARY TABLE a (b int)', 'transaction'],
    ['CREATE OR REPLACE TEMP VIEW a AS SELECT 1', 'transaction'],
    ['CREATE TABLE pg_temp.a (b int)', 'transaction'],
    ['SELECT 1 AS a INTO TEMP b', 'transaction'],
  ])('%s is taken inside a transaction only, and what to do instead is said', (sql, instead) => {
    expect(verdict(sql)).toMatchObject({
      code: 'FEATURE_NOT_SUPPORTED',
      hint: expect.stringContaining(instead),
    });
    expect(verdict(sql, true)).toBeUndefined();
  });

  test.each(["LOAD 'x'"])('%s', (sql) => {
    expect(verdict(sql)?.code).toBe('FEATURE_NOT_SUPPORTED');
  });

  test.each([
    'DISCARD ALL',
    'DISCARD PLANS',
    'DEALLOCATE ALL',
    'DEALLOCATE PREPARE ALL',
    'LISTEN a',
    'UNLISTEN *',
  ])('%s is taken nowhere', (sql) => {
    expect(verdict(sql)?.code).toBe('FEATURE_NOT_SUPPORTED');
    expect(verdict(sql, true)?.code).toBe('FEATURE_NOT_SUPPORTED');
  });
});

test.each([
  'COPY t FROM STDIN',
  'copy t (a, b) from stdin with (format csv)',
  'COPY (SELECT 1) TO STDOUT',
])('%s has no channel', (sql) => {
  expect(verdict(sql)?.code).toBe('FEATURE_NOT_SUPPORTED');
  expect(verdict(sql, true)?.code).toBe('FEATURE_NOT_SUPPORTED');
});

test.each([
  'SET TRANSACTION READ WRITE',
  'SET LOCAL transaction_read_only = off',
  'RESET transaction_read_only',
  'DO $$ BEGIN END $$',
  'CALL p()',
])('a reader may not lift the read-only mode: %s', (sql) => {
  expect(verdict(sql, true, 'read')?.code).toBe('READ_ONLY_TRANSACTION');
});

test('a reader may read', () => {
  expect(verdict('SELECT 1', false, 'read')).toBeUndefined();
  expect(verdict('SHOW TimeZone', true, 'read')).toBeUndefined();
});

test.each([
  'CREATE DATABASE mine',
  'alter database facet connection limit 0',
  'DROP DATABASE ns_other WITH (FORCE)',
  'ALTER ROLE facet SET work_mem = 64',
  'ALTER USER CURRENT_USER RESET ALL',
  'DROP TABLESPACE fast',
])('%s is for admins', (sql) => {
  expect(verdict(sql)?.code).toBe('FORBIDDEN');
  expect(verdict(sql, true)?.code).toBe('FORBIDDEN');
  expect(verdict(sql, false, 'admin')).toBeUndefined();
});
