/** Indexes and constraints of the graph on a real PostgreSQL: made, kept, named when violated, dropped. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asFacetError, type FacetError } from '../../src/base/index.ts';
import { CypherError, type Value } from '../../src/cypher/index.ts';
import { type Database, openStore } from '../../src/engine/index.ts';
import { type GraphResult, graphSchema, runQuery } from '../../src/models/graph/index.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let opened: TestStore;
beforeEach(async () => {
  opened = await openTestStore();
});
afterEach(() => opened.close());

const run = (
  text: string,
  parameters: Record<string, Value> = {},
  database: Database = opened.database,
): Promise<GraphResult> => runQuery(database, text, { parameters: new Map(Object.entries(parameters)) });

async function faultOf(text: string, parameters: Record<string, Value> = {}): Promise<FacetError> {
  try {
    await run(text, parameters);
  } catch (thrown) {
    return asFacetError(thrown);
  }
  throw new Error(`no error: ${text}`);
}

async function violation(text: string): Promise<string> {
  const fault = await faultOf(text);
  expect(fault).toBeInstanceOf(CypherError);
  expect(fault).toMatchObject({ type: 'ConstraintValidationFailed', code: 'GRAPH_CONSTRAINT_VIOLATION' });
  return fault.message;
}

const names = async (what: 'INDEXES' | 'CONSTRAINTS'): Promise<readonly Value[]> => {
  const { columns, rows } = await run(`SHOW ${what}`);
  return rows.map((row) => row[columns.indexOf('name')] ?? null);
};

const pgObjects = async (): Promise<readonly string[]> => {
  const rows = await opened.admin(
    `SELECT relname::text FROM pg_class WHERE relname ~ '^schema_[0-9]' AND relkind = 'i'
     UNION ALL SELECT conname::text FROM pg_constraint WHERE conname ~ '^schema_[0-9]' ORDER BY 1`,
  );
  return rows.map(([name]) => name ?? '');
};

test('indexes are created, shown and dropped', async () => {
  const created = await run('CREATE INDEX by_age FOR (n:Person) ON (n.age)');
  expect(created).toMatchObject({ columns: [], rows: [], writes: true, schema: { indexesAdded: 1 } });
  await run('CREATE INDEX FOR (n:Person) ON (n.last, n.first)');
  await run("CREATE RANGE INDEX `odd \"name'` FOR ()-[r:`KNOWS 'x'`]-() ON (r.`since $1`)");
  const { columns, rows } = await run('SHOW INDEXES');
  expect(columns.slice(0, 8)).toEqual([
    'id',
    'name',
    'state',
    'populationPercent',
    'type',
    'entityType',
    'labelsOrTypes',
    'properties',
  ]);
  const shown = rows.map((row) => row.slice(1, 8));
  expect(shown).toContainEqual(['by_age', 'ONLINE', 100, 'RANGE', 'NODE', ['Person'], ['age']]);
  expect(shown).toContainEqual([
    'odd "name\'',
    'ONLINE',
    100,
    'RANGE',
    'RELATIONSHIP',
    ["KNOWS 'x'"],
    ['since $1'],
  ]);
  const automatic = shown.map(([name]) => String(name)).filter((name) => name.startsWith('index_'));
  expect(automatic).toEqual([expect.stringMatching(/^index_[0-9a-f]{8}$/)]);
  expect(await pgObjects()).toHaveLength(3);
  for (const name of await names('INDEXES')) await run(`DROP INDEX \`${name}\``);
  expect(await names('INDEXES')).toEqual([]);
  expect(await pgObjects()).toEqual([]);
});

test('what is there already is refused, or left as it is with IF NOT EXISTS', async () => {
  await run('CREATE INDEX a FOR (n:Person) ON (n.age)');
  expect((await faultOf('CREATE INDEX a FOR (n:Other) ON (n.x)')).code).toBe('INDEX_ALREADY_EXISTS');
  expect((await faultOf('CREATE INDEX b FOR (n:Person) ON (n.age)')).code).toBe('INDEX_ALREADY_EXISTS');
  expect((await faultOf('CREATE CONSTRAINT c FOR (n:Person) REQUIRE n.age IS UNIQUE')).code).toBe(
    'INDEX_ALREADY_EXISTS',
  );
  const again = await run('CREATE INDEX b IF NOT EXISTS FOR (n:Person) ON (n.age)');
  expect(again.schema).toMatchObject({ indexesAdded: 0 });
  expect(await names('INDEXES')).toEqual(['a']);
  expect((await faultOf('DROP INDEX z')).code).toBe('INDEX_NOT_FOUND');
  expect((await faultOf('DROP CONSTRAINT a')).code).toBe('OBJECT_NOT_FOUND');
  expect((await run('DROP INDEX z IF EXISTS')).schema).toMatchObject({ indexesRemoved: 0 });
  expect((await faultOf('CREATE TEXT INDEX t FOR (n:P) ON (n.q)')).code).toBe('FEATURE_NOT_SUPPORTED');
  expect(
    (await faultOf('CREATE INDEX w FOR (n:P) ON (n.a, n.b, n.c, n.d, n.e, n.f, n.g, n.h, n.i)')).code,
  ).toBe('LIMIT_EXCEEDED');
  for (const text of [
    'CREATE INDEX FOR (n:P) ON (n.a, n.a)',
    'CREATE CONSTRAINT FOR (n:P) REQUIRE (n.a, n.b) IS NOT NULL',
    'CREATE CONSTRAINT FOR (n:P) REQUIRE (n.a, n.b) IS :: INTEGER',
  ])
    expect((await faultOf(text)).code).toBe('INVALID_CYPHER');
  expect((await faultOf('CREATE INDEX FOR (n:`a\0b`) ON (n.a)')).code).toBe('INVALID_CYPHER');
});

test('odd names of labels and properties', async () => {
  const label = "L'x\\\\y";
  await run(`CREATE CONSTRAINT odd FOR (n:\`${label}\`) REQUIRE n.\`@k'\` IS UNIQUE`);
  await run(`CREATE (:\`${label}\` {\`@k'\`: 1})`);
  await violation(`CREATE (:\`${label}\` {\`@k'\`: 1})`);
  const found = await run(`MATCH (n:\`${label}\`) WHERE n.\`@k'\` = 1 RETURN count(*)`);
  expect(found.rows).toEqual([[1n]]);
  // What PostgreSQL cannot store is nowhere.
  for (const name of ['`a\0b`', '`\ud800`']) {
    expect((await run(`MATCH (n:${name}) RETURN n`)).rows).toEqual([]);
    expect((await run(`MATCH ()-[r:${name}]->() RETURN r`)).rows).toEqual([]);
    expect((await run(`MATCH (n) WHERE NOT n:${name} AND n.\`x\0\` IS NULL RETURN count(*)`)).rows).toEqual([
      [1n],
    ]);
  }
});

test('uniqueness, of one property and of several', async () => {
  await run('CREATE CONSTRAINT email FOR (p:Person) REQUIRE p.email IS UNIQUE');
  await run('CREATE CONSTRAINT pair FOR (p:Place) REQUIRE (p.country, p.zip) IS UNIQUE');
  await run(
    "CREATE (:Person {email: 'a'}), (:Person {email: 'b'}), (:Other {email: 'a'}), (:Person), (:Person)",
  );
  expect(await violation("CREATE (:Person {email: 'a'})")).toBe(
    "The constraint 'email' is violated: two nodes with the label 'Person' have the same value of the property 'email'",
  );
  await violation("MATCH (p:Person {email: 'b'}) SET p.email = 'a'");
  await violation('MATCH (o:Other) SET o:Person');
  await run('CREATE (:Person {email: 1})');
  await violation('CREATE (:Person {email: 1.0})');
  const long = 'x'.repeat(9_000);
  await run('CREATE (:Person {email: $long})', { long });
  expect(await faultOf('CREATE (:Person {email: $long})', { long })).toBeInstanceOf(CypherError);
  await run('CREATE (:Person {email: $long})', { long: `${long}y` });
  await run(
    "CREATE (:Place {country: 'S', zip: 1}), (:Place {country: 'S', zip: 2}), (:Place {country: 'S'})",
  );
  expect(await violation("CREATE (:Place {country: 'S', zip: 2})")).toContain(
    "have the same values of the properties 'country', 'zip'",
  );
  // A query that frees the value may use it again.
  await run("MATCH (p:Person {email: 'a'}) DELETE p CREATE (:Person {email: 'a'})");
  await run("MATCH (p:Person {email: 'a'}) SET p.email = 'c' CREATE (:Person {email: 'a'})");
  await run("MATCH (p:Person {email: 'a'}) REMOVE p:Person CREATE (:Person {email: 'a'})");
  expect((await run("MATCH (p:Person {email: 'a'}) RETURN count(*)")).rows).toEqual([[1n]]);
});

test('existence, keys and types, of nodes and of relationships', async () => {
  await run('CREATE CONSTRAINT FOR (p:Person) REQUIRE p.name IS NOT NULL');
  await run('CREATE CONSTRAINT person_key FOR (k:Key) REQUIRE (k.a, k.b) IS NODE KEY');
  await run('CREATE CONSTRAINT FOR ()-[r:KNOWS]-() REQUIRE r.since IS NOT NULL');
  await run('CREATE CONSTRAINT FOR ()-[r:OWNS]-() REQUIRE r.id IS RELATIONSHIP KEY');
  await run('CREATE CONSTRAINT typed FOR (t:Typed) REQUIRE t.x IS :: INTEGER | LIST<STRING>');
  await run('CREATE CONSTRAINT FOR (t:Dated) REQUIRE t.x IS :: ZONED DATETIME');

  expect(await violation('CREATE (:Person)')).toContain(
    "a node with the label 'Person' lacks the property 'name'",
  );
  await run("CREATE (:Person {name: 'a'})");
  await violation('MATCH (p:Person) REMOVE p.name');
  await violation('MATCH (p:Person) SET p = {}');

  expect(await violation('CREATE (:Key {a: 1})')).toContain("lacks one of the properties 'a', 'b'");
  await run('CREATE (:Key {a: 1, b: 1})');
  await violation('CREATE (:Key {a: 1, b: 1})');

  expect(await violation('CREATE ()-[:KNOWS]->()')).toContain(
    "a relationship of the type 'KNOWS' lacks the property 'since'",
  );
  await run('CREATE ()-[:KNOWS {since: 1}]->(), ()-[:OWNS {id: 1}]->()');
  await violation('CREATE ()-[:OWNS {id: 1}]->()');
  await violation('CREATE ()-[:OWNS]->()');

  for (const good of ['1', '[]', "['a', 'b']", 'null']) await run(`CREATE (:Typed {x: ${good}})`);
  for (const bad of ['1.5', "'a'", '[1]', "['a', 1]", 'true', 'date()'])
    expect(await violation(`CREATE (:Typed {x: ${bad}})`)).toContain(
      'another type than INTEGER | LIST<STRING>',
    );
  await run('CREATE (:Dated {x: datetime()})');
  await violation('CREATE (:Dated {x: localdatetime()})');

  const { columns, rows } = await run('SHOW CONSTRAINTS');
  const type = columns.indexOf('type');
  expect(rows.map((row) => row[type]).sort()).toEqual([
    'NODE_KEY',
    'NODE_PROPERTY_EXISTENCE',
    'NODE_PROPERTY_TYPE',
    'NODE_PROPERTY_TYPE',
    'RELATIONSHIP_KEY',
    'RELATIONSHIP_PROPERTY_EXISTENCE',
  ]);
  for (const name of await names('CONSTRAINTS')) await run(`DROP CONSTRAINT ${name}`);
  expect(await pgObjects()).toEqual([]);
  await run('CREATE (:Person), (:Key), (:Typed {x: 1.5}), ()-[:KNOWS]->()');
});

test('a constraint that the stored graph violates is not created, and leaves nothing behind', async () => {
  await run('CREATE (:Person {email: 1}), (:Person {email: 1}), (:Person)');
  expect(await violation('CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS UNIQUE')).toBe(
    "The constraint 'c' cannot be created, because two nodes with the label 'Person' have the same value of the property 'email' already",
  );
  await violation('CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS NODE KEY');
  await violation('CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS NOT NULL');
  await violation('CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS :: STRING');
  expect(await names('CONSTRAINTS')).toEqual([]);
  expect(await pgObjects()).toEqual([]);
});

test('a failed query changes nothing', async () => {
  await run('CREATE CONSTRAINT FOR (p:Person) REQUIRE p.email IS UNIQUE');
  await run('CREATE (:Person {email: 3})');
  await violation('UNWIND range(1, 5) AS n CREATE (:Person {email: n})');
  expect((await run('MATCH (p:Person) RETURN count(*)')).rows).toEqual([[1n]]);
});

test('MERGE of one key by many at once makes one node', async () => {
  await run('CREATE CONSTRAINT FOR (p:Person) REQUIRE p.email IS UNIQUE');
  for (let round = 0; round < 5; round++) {
    const merge =
      'MERGE (p:Person {email: $email}) ON CREATE SET p.made = 1 ON MATCH SET p.met = 1 RETURN id(p)';
    const results = await Promise.all(Array.from({ length: 8 }, () => run(merge, { email: `e${round}` })));
    expect(new Set(results.map(({ rows }) => rows[0]?.[0])).size).toBe(1);
    expect(results.filter(({ counters }) => counters.nodesCreated === 1)).toHaveLength(1);
  }
  expect((await run('MATCH (p:Person) RETURN count(*)')).rows).toEqual([[5n]]);
});

test('a violation that is MERGE’s own is reported', async () => {
  await run('CREATE CONSTRAINT FOR (p:Person) REQUIRE p.email IS UNIQUE');
  await run('CREATE (:Person {email: 1})');
  await violation('MERGE (p:Person {name: 2}) SET p.email = 1');
});

test('in a transaction a command is undone with it', async () => {
  const { database } = opened;
  const transaction = await database.begin({
    owner: 'test',
    isolationLevel: 'read_committed',
    readOnly: false,
    timeoutMs: 10_000,
  });
  const options = { parameters: new Map<string, Value>(), transaction };
  await runQuery(database, 'CREATE CONSTRAINT c FOR (p:Person) REQUIRE p.email IS UNIQUE', options);
  await runQuery(database, 'CREATE (:Person {email: 1})', options);
  await expect(runQuery(database, 'CREATE (:Person {email: 1})', options)).rejects.toThrow("constraint 'c'");
  await database.rollback(transaction);
  expect((await graphSchema(database)).entries).toEqual([]);
  expect(await pgObjects()).toEqual([]);
});

test('two processes that create the same at once: one does, the other finds it', async () => {
  const other = await openStore(opened.uri, { observe: () => {} });
  try {
    const database = await other.namespace('default');
    const text = 'CREATE CONSTRAINT c IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE';
    const results = await Promise.all([
      run(text),
      run(text, {}, database),
      run(text),
      run(text, {}, database),
    ]);
    expect(results.map(({ schema }) => schema?.constraintsAdded).sort()).toEqual([0, 0, 0, 1]);
    expect((await graphSchema(opened.database)).entries.map(({ name }) => name)).toEqual(['c']);
    // The other process did not look again since, and still says which constraint it was.
    await run('CREATE (:Person {email: 1})');
    await run('CREATE CONSTRAINT d FOR (p:Place) REQUIRE p.zip IS UNIQUE');
    await run('CREATE (:Place {zip: 1})');
    await expect(run('CREATE (:Place {zip: 1})', {}, database)).rejects.toThrow("constraint 'd'");
  } finally {
    await other.stop();
  }
});

test('EXPLAIN runs nothing', async () => {
  await run('EXPLAIN CREATE INDEX a FOR (n:Person) ON (n.age)');
  expect((await run('EXPLAIN CREATE (:Person)')).columns).toEqual(['operator', 'details', 'sql']);
  expect(await names('INDEXES')).toEqual([]);
  expect((await run('MATCH (n) RETURN count(*)')).rows).toEqual([[0n]]);
});
