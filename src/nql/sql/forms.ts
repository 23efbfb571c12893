/** The forms of SQL, for the reference page: PostgreSQL's own, and those that are short for them. */
import type { Form } from '../form.ts';

const MOONS = 'CREATE TABLE moons (name:string, radius:float, ringed:bool, note:string?)';
const FILLED = [MOONS, "INSERT moons name='Io', radius=1821.6, ringed=false"];

export const SQL_FORMS = [
  {
    name: 'SQL of PostgreSQL',
    kind: 'sql',
    syntax:
      'SELECT … FROM … | INSERT INTO … | UPDATE … | DELETE FROM … | CREATE … | WITH … | EXPLAIN … | and so on',
    summary:
      'Whatever PostgreSQL takes goes there as it is, and follows its rules: double quotes are for names, and a comparison with NULL is never true.',
    examples: [
      { statement: 'CREATE TABLE crew (id INT PRIMARY KEY, name TEXT NOT NULL, pay FLOAT)' },
      {
        setup: ['CREATE TABLE crew (id INT PRIMARY KEY, name TEXT NOT NULL, pay FLOAT)'],
        statement: "INSERT INTO crew (id, name, pay) VALUES (1, 'Ada', 10.5), (2, 'Bo', NULL)",
      },
      {
        setup: FILLED,
        statement: 'SELECT name, radius FROM moons WHERE radius > 1000 ORDER BY radius DESC LIMIT 2',
      },
      { setup: FILLED, statement: "UPDATE moons SET radius = 1821.5 WHERE name = 'Io'" },
      { setup: FILLED, statement: 'SELECT COUNT(*) AS n, AVG(radius) FROM moons' },
    ],
  },
  {
    name: 'CREATE TABLE, short',
    kind: 'sql',
    syntax: 'CREATE TABLE [IF NOT EXISTS] table (column:type[?], …)',
    summary:
      'Makes a table with these columns, and behind them a column `_id`, which numbers its rows from 1. Types are INT (of 64 bits), FLOAT, STRING and BOOL; a column is NOT NULL unless its type ends with a question mark.',
    examples: [{ statement: MOONS }],
  },
  {
    name: 'INSERT, short',
    kind: 'sql',
    syntax: 'INSERT table column = value, …',
    summary: 'Makes a row. Answers its `_id`, if the table has that column.',
    examples: [{ setup: [MOONS], statement: "INSERT moons name='Io', radius=1821.6, ringed=false" }],
  },
  {
    name: 'SELECT, short',
    kind: 'sql',
    syntax: 'SELECT table [WHERE condition] [LIMIT n]',
    summary: 'Answers rows with all columns.',
    examples: [{ setup: FILLED, statement: 'SELECT moons WHERE radius > 1000.0 AND ringed = false' }],
  },
  {
    name: 'DELETE, short',
    kind: 'sql',
    syntax: 'DELETE table [WHERE condition]',
    summary: 'Removes rows. Answers how many.',
    examples: [{ setup: FILLED, statement: 'DELETE moons WHERE note IS NULL' }],
  },
  {
    name: 'CREATE INDEX, short',
    kind: 'sql',
    syntax: 'CREATE INDEX table column',
    summary: 'Makes an index of a column, with the name `table_column_idx`.',
    examples: [{ setup: [MOONS], statement: 'CREATE INDEX moons radius' }],
  },
  {
    name: 'DROP INDEX, short',
    kind: 'sql',
    syntax: 'DROP INDEX table column | DROP INDEX [IF EXISTS] ON table(column)',
    summary: 'Removes the index of that name.',
    examples: [{ setup: [MOONS, 'CREATE INDEX moons radius'], statement: 'DROP INDEX ON moons(radius)' }],
  },
] as const satisfies readonly Form[];
