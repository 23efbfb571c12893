/** Declared tables on a real PostgreSQL: what they become, what they refuse, and how they change. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import {
  type GraphQueryResult,
  graphDefine,
  graphIdentify,
  graphQuery,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from '../../src/models/index.ts';
import { type Model, openModel, READER, WRITER } from './call-operation.ts';

let model: Model;
beforeEach(async () => {
  model = await openModel();
});
afterEach(() => model.stop());

const define = (statement: string, transactionId?: string): Promise<GraphQueryResult> =>
  model.call(graphDefine, { statement }, transactionId === undefined ? {} : { transactionId });
const said = async (statement: string): Promise<Value | undefined> => (await define(statement)).rows[0]?.[0];
const refused = (statement: string): Promise<FacetError> => model.fault(graphDefine, { statement });
const query = async (text: string, transactionId?: string): Promise<GraphQueryResult['rows']> => {
  const options = transactionId === undefined ? {} : { transactionId };
  return (await model.call(graphQuery, { query: text }, options)).rows;
};
const violation = (text: string): Promise<FacetError> => model.fault(graphQuery, { query: text });

const PERSON = 'CREATE NODE TABLE Person(id INT64, name STRING, age INT32, PRIMARY KEY(id))';

describe('declared', () => {
  test('a node table is its catalog entry, its key and its types', async () => {
    expect(await define(PERSON)).toMatchObject({
      columns: ['result'],
      kind: 'schema',
      writes: false,
      rows: [['Table Person has been created.']],
    });
    const constraints = await query('SHOW CONSTRAINTS');
    expect(constraints).toHaveLength(4);
    await query("CREATE (:Person {id: 1, name: 'Ann'})");
    expect((await violation('CREATE (:Person {id: 1})')).code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect((await violation("CREATE (:Person {name: 'Bob'})")).message).toMatch(/lacks the property 'id'/);
    expect((await violation('CREATE (:Person {id: 1.5})')).message).toMatch(/INTEGER|INT64/);
    // Nodes without a declaration are free, and so are properties.
    await query("CREATE (:Other {id: 'x', any: [1, 2]}), (:Person {id: 2, nick: 'B'})");
    const { rows } = await model.call(graphQuery, {
      query: 'EXPLAIN MATCH (p:Person {id: 1}) RETURN p.name',
    });
    expect(JSON.stringify(rows)).toMatch(/table Person\.id key/);
  });

  test('a rel table is between node tables that are there', async () => {
    await define(PERSON);
    expect(await refused('CREATE REL TABLE Lives(FROM Person TO City)')).toMatchObject({
      code: 'TABLE_NOT_FOUND',
      message: 'Binder exception: Table City does not exist.',
    });
    await define('CREATE NODE TABLE City(name STRING, PRIMARY KEY(name))');
    expect(await said('CREATE REL TABLE Lives(FROM Person TO City, since DATE, MANY_ONE)')).toMatch(
      /^Table Lives has been created\. Kept, not enforced: MANY_ONE; /,
    );
    expect(await refused('CREATE REL TABLE Bad(FROM Lives TO City)')).toMatchObject({
      code: 'TYPE_MISMATCH',
    });
    expect(await refused('DROP TABLE City')).toMatchObject({
      code: 'DEPENDENT_OBJECTS_EXIST',
      message:
        'Binder exception: Cannot delete node table City because it is referenced by relationship table Lives.',
    });
  });

  test('a name is taken once', async () => {
    await define(PERSON);
    expect(await refused(PERSON)).toMatchObject({
      code: 'TABLE_ALREADY_EXISTS',
      message: 'Binder exception: Person already exists in catalog.',
    });
    const again = PERSON.replace('TABLE', 'TABLE IF NOT EXISTS');
    expect(await said(again)).toBe('Person already exists in catalog.');
    expect(await query('SHOW CONSTRAINTS')).toHaveLength(4);
  });

  test('what is stored already must fit', async () => {
    await query("CREATE (:Person {id: 'x'})");
    expect((await refused(PERSON)).message).toMatch(/cannot be created, because/);
    expect(await said('CALL show_tables() RETURN count(*)')).toBe(0n);
    expect(await query('SHOW CONSTRAINTS')).toEqual([]);
  });

  test('constraints that are there already stay whose they are', async () => {
    await query('CREATE CONSTRAINT mine FOR (p:Person) REQUIRE p.id IS NODE KEY');
    await query('CREATE CONSTRAINT type FOR (p:Person) REQUIRE p.name IS :: STRING');
    await define(PERSON);
    expect(await query('SHOW CONSTRAINTS')).toHaveLength(4);
    await define('DROP TABLE Person');
    expect(await query('SHOW CONSTRAINTS')).toHaveLength(2);
    await query('CREATE CONSTRAINT unique FOR (p:City) REQUIRE p.id IS UNIQUE');
    expect((await refused(PERSON.replace('Person', 'City'))).kind).toBe('exists');
  });

  test('odd names and texts are as safe as others', async () => {
    await define(
      'CREATE NODE TABLE `Od"d \'T` (`a \'b" $1` INT64 DEFAULT -5, `@x` STRING, PRIMARY KEY(`a \'b" $1`))',
    );
    await query("CREATE (:`Od\"d 'T` {`a 'b\" $1`: 1, `@x`: 'y'})");
    expect((await violation('CREATE (:`Od"d \'T` {`a \'b" $1`: 1})')).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    await define('ALTER TABLE `Od"d \'T` RENAME `@x` TO `@@y`');
    expect(await query('MATCH (n:`Od"d \'T`) RETURN n.`@@y`, n.`@x`')).toEqual([['y', null]]);
    expect(await said("CALL table_info('Od\"d \\'T') RETURN `default expression`")).toBe('-5');
    await define('DROP TABLE `Od"d \'T`');
    expect(await query('MATCH (n) RETURN count(*)')).toEqual([[0n]]);
  });
});

describe('dropped', () => {
  test('a node table takes its nodes, what connects them, and its constraints', async () => {
    await define(PERSON);
    await query('CREATE (a:Person {id: 1})-[:KNOWS]->(:Person:Extra {id: 2}), (a)<-[:OWNS]-(:Dog), (:Dog)');
    expect(await said('DROP TABLE Person')).toBe('Table Person has been dropped.');
    expect(await query('MATCH (n) RETURN labels(n)')).toEqual([[['Dog']], [['Dog']]]);
    expect(await query('MATCH ()-[r]->() RETURN count(r)')).toEqual([[0n]]);
    expect(await query('SHOW CONSTRAINTS')).toEqual([]);
    expect((await refused('DROP TABLE Person')).message).toBe(
      'Binder exception: Table Person does not exist.',
    );
    expect(await said('DROP TABLE IF EXISTS Person')).toBe('Table Person does not exist.');
    await query('CREATE (:Person)');
  });

  test('a rel table takes its relationships', async () => {
    await define(PERSON);
    await define('CREATE REL TABLE Knows(FROM Person TO Person, since INT64)');
    await query('CREATE (a:Person {id: 1})-[:Knows {since: 1}]->(b:Person {id: 2})-[:Likes]->(a)');
    expect((await violation("MATCH ()-[r:Knows]->() SET r.since = 'x'")).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    await define('DROP TABLE Knows');
    expect(await query('MATCH ()-[r]->() RETURN type(r)')).toEqual([['Likes']]);
    expect(await query('MATCH (n) RETURN count(*)')).toEqual([[2n]]);
  });
});

describe('altered', () => {
  beforeEach(async () => {
    await define(PERSON);
    await query("CREATE (:Person {id: 1, name: 'Ann'}), (:Person {id: 2, city: 'Rome'})");
  });

  test('columns come and go', async () => {
    expect(await said("ALTER TABLE Person ADD city STRING DEFAULT 'Oslo'")).toBe(
      'Property city added to table Person.',
    );
    expect(await query('MATCH (p:Person) RETURN p.city ORDER BY p.id')).toEqual([['Oslo'], ['Rome']]);
    expect((await violation('MATCH (p:Person) SET p.city = 3')).code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect((await refused('ALTER TABLE Person ADD city STRING')).message).toBe(
      'Binder exception: Person table already has property city.',
    );
    await define('ALTER TABLE Person ADD IF NOT EXISTS city STRING');
    await define('ALTER TABLE Person DROP city');
    expect(await query('MATCH (p:Person) WHERE p.city IS NOT NULL RETURN p')).toEqual([]);
    await query('MATCH (p:Person) SET p.city = 3');
    expect((await refused('ALTER TABLE Person DROP city')).code).toBe('COLUMN_NOT_FOUND');
    await define('ALTER TABLE Person DROP IF EXISTS city');
    expect((await refused('ALTER TABLE Person DROP id')).message).toMatch(
      /because it is used as primary key/,
    );
    expect((await refused('ALTER TABLE Person ADD u UUID DEFAULT gen_random_uuid()')).code).toBe(
      'FEATURE_NOT_SUPPORTED',
    );
    expect((await refused("ALTER TABLE Person ADD n INT64 DEFAULT 'x'")).code).toBe('TYPE_MISMATCH');
    expect((await refused('ALTER TABLE Person ADD city STRING')).message).toMatch(
      /cannot be created, because/,
    );
  });

  test('columns and tables get other names', async () => {
    await define('ALTER TABLE Person RENAME id TO key');
    expect(await query('MATCH (p:Person) RETURN p.key, p.id ORDER BY p.key')).toEqual([
      [1n, null],
      [2n, null],
    ]);
    expect((await violation('CREATE (:Person {key: 1})')).code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect((await refused('ALTER TABLE Person RENAME key TO name')).code).toBe('DUPLICATE_COLUMN');
    await define('CREATE REL TABLE Knows(FROM Person TO Person)');
    await query('MATCH (a:Person {key: 1}), (b:Person {key: 2}) CREATE (a)-[:Knows]->(b)');
    await define('ALTER TABLE Person RENAME TO Human');
    await define('ALTER TABLE Knows RENAME TO Met');
    expect(await query('MATCH (a:Human)-[r:Met]->(b:Human) RETURN a.key, b.key, labels(a)')).toEqual([
      [1n, 2n, ['Human']],
    ]);
    expect((await define("CALL show_connection('Met') RETURN *")).rows).toEqual([
      ['Human', 'Human', 'key', 'key'],
    ]);
    expect((await violation('CREATE (:Human {key: 1})')).code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    await query('CREATE (:Person {key: 1})');
    expect((await refused('ALTER TABLE Human RENAME TO Met')).code).toBe('TABLE_ALREADY_EXISTS');
    expect((await refused('ALTER TABLE Person RENAME TO X')).code).toBe('TABLE_NOT_FOUND');
  });

  test('rel tables get other pairs', async () => {
    await define('CREATE NODE TABLE City(name STRING PRIMARY KEY)');
    await define('CREATE REL TABLE R(FROM Person TO Person)');
    await define('ALTER TABLE R ADD FROM Person TO City');
    expect((await define("CALL show_connection('R') RETURN *")).rows).toHaveLength(2);
    await define('ALTER TABLE R DROP FROM Person TO Person');
    expect((await refused('ALTER TABLE R DROP FROM Person TO City')).code).toBe('DEPENDENT_OBJECTS_EXIST');
    expect((await refused('ALTER TABLE Person ADD FROM Person TO City')).code).toBe('TYPE_MISMATCH');
  });
});

describe('the catalog', () => {
  test('is told by calls, and Cypher goes on behind them', async () => {
    await define('CREATE NODE TABLE B(id SERIAL, v DOUBLE DEFAULT 1.5, PRIMARY KEY(id))');
    await define('CREATE NODE TABLE A(id STRING PRIMARY KEY)');
    await define('CREATE REL TABLE R(FROM A TO B, w INT64)');
    await define("COMMENT ON TABLE A IS 'the first'");
    const shown = await define('CALL show_tables() RETURN *;');
    expect(shown.columns).toEqual(['id', 'name', 'type', 'database name', 'comment']);
    expect(shown.rows.map((row) => row.slice(1))).toEqual([
      ['B', 'NODE', 'local(facet)', ''],
      ['A', 'NODE', 'local(facet)', 'the first'],
      ['R', 'REL', 'local(facet)', ''],
    ]);
    const { labels, types } = await model.call(graphIdentify, { labels: ['B', 'A'], types: ['R'] });
    expect(shown.rows.map(([id]) => Number(id))).toEqual([...labels, ...types]);
    expect((await define('call SHOW_TABLES()')).rows).toEqual(shown.rows);
    expect((await define("CALL show_tables() WHERE type = 'NODE' RETURN name ORDER BY name")).rows).toEqual([
      ['A'],
      ['B'],
    ]);
    expect((await define('CALL show_tables() YIELD name AS n, comment WHERE n < "B" RETURN *')).rows).toEqual(
      [['A', 'the first']],
    );
    expect(await define('CALL show_tables() YIELD * RETURN count(*) AS c')).toMatchObject({
      columns: ['c'],
      rows: [[3n]],
    });
    expect((await define("CALL table_info('B') RETURN *")).rows).toEqual([
      [0n, 'id', 'SERIAL', 'NULL', true],
      [1n, 'v', 'DOUBLE', '1.5', false],
    ]);
    expect((await define("CALL table_info('R') RETURN *")).columns.at(-1)).toBe('storage_direction');
    expect((await define('CALL db_version() RETURN *')).columns).toEqual(['version']);
    expect((await define("CALL show_functions() WHERE name = 'toUpper' RETURN type")).rows).toEqual([
      ['SCALAR_FUNCTION'],
    ]);
    expect(
      (await define('CALL show_indexes() RETURN table_name, property_names ORDER BY table_name')).rows,
    ).toEqual([
      ['A', ['id']],
      ['B', ['id']],
    ]);
    expect((await define('CALL show_loaded_extensions() RETURN *')).rows).toEqual([]);
    expect((await refused("CALL table_info('X') RETURN *")).code).toBe('TABLE_NOT_FOUND');
    expect((await refused('CALL table_info() RETURN *')).code).toBe('FUNCTION_NOT_FOUND');
    expect((await refused('CALL show_tables() YIELD nothing RETURN *')).code).toBe('COLUMN_NOT_FOUND');
    expect((await refused('CALL show_tables() CREATE (n) RETURN n')).code).toBe('READ_ONLY_TRANSACTION');
  });

  test('numbers of names are given once, to all who ask at once', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `Label${at}`);
    const asked = await Promise.all(
      names.map((name, at) =>
        model.call(graphIdentify, { labels: [name, names[(at * 7) % 20] ?? ''], types: ['T', 'Label0'] }),
      ),
    );
    const numbers = new Set(asked.flatMap(({ labels, types }) => [...labels, ...types]));
    expect(numbers.size).toBe(22);
    expect(Math.min(...numbers)).toBe(1);
    expect(Math.max(...numbers)).toBe(22);
    const again = await model.call(
      graphIdentify,
      { labels: [...names, ''], types: ['T'] },
      { principal: READER },
    );
    expect(again.labels.slice(0, 20)).toEqual(asked.map(({ labels }) => labels[0]));
    expect(again.labels[20]).toBe(0);
  });
});

describe('within transactions', () => {
  const begin = async (options: Record<string, unknown> = {}): Promise<string> =>
    (await model.call(transactionBegin, options)).txnId;

  test('all of it is rolled back, or none', async () => {
    const transaction = await begin();
    await define(PERSON, transaction);
    await query('CREATE (:Person {id: 1})', transaction);
    expect((await define('CALL show_tables() RETURN name', transaction)).rows).toEqual([['Person']]);
    expect((await define('CALL show_tables() RETURN name')).rows).toEqual([]);
    await model.call(transactionRollback, { txnId: transaction });
    expect((await define('CALL show_tables() RETURN name')).rows).toEqual([]);
    const second = await begin();
    await define(PERSON, second);
    const fault = await model.fault(graphDefine, { statement: PERSON }, { transactionId: second });
    expect(fault.code).toBe('TABLE_ALREADY_EXISTS');
    await define('CREATE NODE TABLE City(name STRING PRIMARY KEY)', second);
    await model.call(transactionCommit, { txnId: second });
    expect((await define('CALL show_tables() RETURN name')).rows).toEqual([['Person'], ['City']]);
  });

  test('readers change nothing', async () => {
    const asReader = (input: Record<string, unknown>): Promise<FacetError> =>
      model.fault(graphDefine, input, { principal: READER });
    expect((await asReader({ statement: PERSON })).code).toBe('FORBIDDEN');
    expect(
      (await model.fault(graphDefine, { statement: PERSON, readOnly: true }, { principal: WRITER })).code,
    ).toBe('READ_ONLY_TRANSACTION');
    expect(
      (
        await model.call(
          graphDefine,
          { statement: 'CALL show_tables() RETURN *', readOnly: true },
          { principal: READER },
        )
      ).rows,
    ).toEqual([]);
  });

  test('many who declare at once wait for each other', async () => {
    const done = await Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => define(PERSON.replace('Person', `P${at % 4}`))),
    );
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    expect((await define('CALL show_tables() RETURN name')).rows).toHaveLength(4);
  });
});
