/** Which texts are commands on tables. */
import { expect, test } from 'vitest';
import { isTableCommand } from './is-table-command.ts';

test.each([
  'CREATE NODE TABLE T(id INT64, PRIMARY KEY(id))',
  'create rel table R(FROM A TO B)',
  'CREATE REL TABLE GROUP R(FROM A TO B)',
  '  // first\n /* then */ CREATE\n/* here */ NODE TABLE T(id INT64 PRIMARY KEY)',
  'DROP TABLE T',
  'drop table if exists T;',
  'ALTER TABLE T ADD x INT64',
  'COPY T FROM "a.csv"',
  'COPY (MATCH (n) RETURN n) TO "a.csv"',
  'COMMENT ON TABLE T IS "x"',
  'CALL show_tables() RETURN *;',
  "call TABLE_INFO('T') RETURN *",
  'CALL threads = 4',
  'LOAD FROM "a.csv" RETURN *',
  'INSTALL json',
  'ATTACH "x" AS y',
  'EXPORT DATABASE "x"',
  'CHECKPOINT',
  'USE other',
])('%s is one', (text) => {
  expect(isTableCommand(text)).toBe(true);
});

test.each([
  'CREATE (n:NODE {table: 1})',
  'CREATE (:T {id: 1})',
  'CREATE CONSTRAINT FOR (n:T) REQUIRE n.id IS UNIQUE',
  'CREATE INDEX FOR (n:T) ON (n.id)',
  'DROP INDEX x',
  'MATCH (n) DETACH DELETE n',
  'CALL db.labels()',
  'CALL show_tables_of_mine()',
  'CALL { MATCH (n) RETURN n } RETURN n',
  "LOAD CSV FROM 'a' AS row RETURN row",
  '// DROP TABLE T\nMATCH (n) RETURN n',
  '/* CREATE NODE TABLE */ RETURN 1',
  "RETURN 'COPY T FROM x'",
  'DETACH DELETE n',
  'copying',
  '',
])('%s is none', (text) => {
  expect(isTableCommand(text)).toBe(false);
});

test('a long text of blanks and comments is told in linear time', () => {
  expect(isTableCommand(`${' \n'.repeat(50_000)}${'/*'.repeat(10_000)}`)).toBe(false);
  expect(isTableCommand(`CREATE${' // x\n'.repeat(20_000)}(n)`)).toBe(false);
});
