/** FIND: the shape of its answers, its refusals and its plans. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStatements, type Statements } from './unified-support.ts';

let db: Statements;
let ids: Readonly<Record<string, string>>;
beforeAll(async () => {
  db = await openStatements();
  await db.run(
    `ENTITY BATCH CREATE [
       { key: 'person:alice', name: 'Alice', role: 'pilot', age: 40, embedding: [1, 0] },
       { key: 'person:bob', name: 'Bob', role: 'engineer', age: 30, embedding: [0.6, 0.8] },
       { key: 'person:carl', name: 'Carl', role: 'engineer', age: 20, embedding: [0.8, 0.6] },
       { key: 'person:dora', name: 'Dora', role: 'engineer', embedding: [0.9, 0.1] },
       { key: 'person:eve', role: 'engineer', age: 50 },
       { key: 'port:rome', name: 'Rome', embedding: [1, 0.1] }]`,
  );
  await db.run("ENTITY CONNECT 'person:alice' -> 'person:bob' : knows { since: 2001 }");
  await db.run("ENTITY CONNECT 'person:carl' -> 'person:alice' : knows { since: 2010 }");
  await db.run("ENTITY CONNECT 'person:alice' -> 'person:eve' : leads");
  await db.run("ENTITY CONNECT 'person:alice' -> 'port:rome' : visits");
  const rows = await db.cypher('MATCH (n) RETURN n.entity_key, toString(id(n))');
  ids = Object.fromEntries(rows as [string, string][]);
});
afterAll(() => db.stop());

const found = async (text: string) => {
  const { description, items } = await db.run(text);
  return [
    description,
    ...items.map(({ key, fields }: { key: string; fields: { name?: string } }) => fields.name ?? key),
  ];
};

test('nodes have their label, their properties and a score', async () => {
  expect(
    await db.run(
      "FIND NODE person WHERE role = 'engineer' SIMILAR TO 'person:alice' CONNECTED TO 'person:alice' LIMIT 10",
    ),
  ).toEqual({
    description: 'Found 2 nodes',
    items: [
      {
        entityType: 'graph',
        key: ids['person:carl'],
        fields: { label: 'person', entity_key: 'person:carl', name: 'Carl', role: 'engineer', age: '20' },
        score: expect.closeTo(0.8, 6),
      },
      {
        entityType: 'graph',
        key: ids['person:bob'],
        fields: { label: 'person', entity_key: 'person:bob', name: 'Bob', role: 'engineer', age: '30' },
        score: expect.closeTo(0.6, 6),
      },
    ],
  });
});

test('each clause alone, and the texts of the counts', async () => {
  expect(await found('FIND NODE port')).toEqual(["Found 1 node(s) with label 'port'", 'Rome']);
  expect((await found('FIND NODES'))[0]).toBe('Found 6 node(s)');
  expect(await found('FIND NODE nothing')).toEqual(["Found 0 node(s) with label 'nothing'"]);
  expect(await found('FIND NODE WHERE age >= 40 LIMIT 1')).toEqual(['Found 1 node', 'Alice']);
  expect(await found("FIND NODE CONNECTED TO 'person:alice'")).toEqual([
    'Found 4 nodes',
    'Bob',
    'Carl',
    ids['person:eve'],
    'Rome',
  ]);
  expect(await found('FIND NODE SIMILAR TO [1, 0] LIMIT 3')).toEqual([
    'Found 3 nodes',
    'Alice',
    'Rome',
    'Dora',
  ]);
  expect(await found('FIND NODE person SIMILAR TO [1, 0] LIMIT 2 OFFSET 1')).toEqual([
    'Found 2 nodes',
    'Dora',
    'Carl',
  ]);
  expect(await found('FIND NODE SIMILAR TO [1, 0] LIMIT 0')).toEqual(['Found 0 nodes']);
  expect(await found('FIND NODE person SIMILAR TO [0, 1] METRIC EUCLIDEAN LIMIT 1')).toEqual([
    'Found 1 node',
    'Bob',
  ]);
  expect(await found(`FIND NODE CONNECTED TO ${ids['port:rome']}`)).toEqual(['Found 1 node', 'Alice']);
});

test('id and label are fields of nodes, unless they stand in backticks', async () => {
  expect(await found(`FIND NODE WHERE id = ${ids['port:rome']}`)).toEqual(['Found 1 node', 'Rome']);
  expect(await found("FIND NODE WHERE label = 'port'")).toEqual(['Found 1 node', 'Rome']);
  expect(await found("FIND NODE WHERE `label` = 'port'")).toEqual(['Found 0 nodes']);
  expect((await db.run('FIND NODE port RETURN id, label, none')).items[0].fields).toEqual({
    id: ids['port:rome'],
    label: 'port',
  });
});

test('edges and paths', async () => {
  const edge = async (text: string) =>
    (await db.run(text)).items.map(({ fields }: { fields: object }) => fields);
  expect(await edge('FIND EDGE knows WHERE since > 2005')).toEqual([
    { from: ids['person:carl'], to: ids['person:alice'], type: 'knows', since: '2010' },
  ]);
  expect((await db.run('FIND EDGE knows LIMIT 1')).description).toBe("Found 1 edge(s) of type 'knows'");
  expect(await edge("FIND EDGE WHERE type IN ('leads', 'visits') RETURN type")).toEqual([
    { type: 'leads' },
    { type: 'visits' },
  ]);
  expect(await db.run('FIND PATH person -[visits]-> port')).toMatchObject({
    description: "Found 1 path(s) of type 'visits'",
    items: [{ fields: { from_label: 'person', to_label: 'port', type: 'visits' } }],
  });
  expect(await edge('FIND PATH person -[]-> person WHERE since IS NULL RETURN to')).toEqual([
    { to: ids['person:eve'] },
  ]);
});

test('rows by condition, by the embeddings and by the edges of their entities', async () => {
  await db.run('CREATE TABLE ships (name:string, crew:int)');
  await db.run("INSERT ships name='Io', crew=30");
  await db.run("INSERT ships name='Ganymede', crew=10");
  await db.run("INSERT ships name='Europa', crew=70");
  await db.run("EMBED BATCH [('ships:1', [1, 0]), ('ships:3', [0.9, 0.4]), ('ships:9', [1, 0])]");
  await db.run("ENTITY CONNECT 'ships:3' -> 'port:rome' : in");
  expect(await db.run('FIND ROWS FROM ships WHERE crew BETWEEN 20 AND 50')).toEqual({
    description: 'Found 1 row',
    items: [{ entityType: 'relational', key: '1', fields: { name: 'Io', crew: '30' } }],
  });
  expect(await found('FIND ROWS FROM ships RETURN name LIMIT 2 OFFSET 1')).toEqual([
    "Found 2 row(s) in table 'ships'",
    'Ganymede',
    'Europa',
  ]);
  expect(await found('FIND ROWS FROM ships WHERE crew > 1 SIMILAR TO [0, 1]')).toEqual([
    'Found 2 rows',
    'Europa',
    'Io',
  ]);
  expect(await found("FIND ROWS FROM ships CONNECTED TO 'port:rome'")).toEqual(['Found 1 row', 'Europa']);
  expect(await found("FIND ROWS FROM ships SIMILAR TO 'ships:1' CONNECTED TO 'port:rome'")).toEqual([
    'Found 1 row',
    'Europa',
  ]);
  expect(await found("FIND ROWS FROM ships WHERE name <> 'Europa' CONNECTED TO 'port:rome'")).toEqual([
    'Found 0 rows',
  ]);
  expect(await db.failure('FIND ROWS FROM nothing')).toMatchObject({ code: 'TABLE_NOT_FOUND' });
  await db.sql('CREATE TABLE loose (name text)');
  await db.sql("INSERT INTO loose VALUES ('x')");
  expect(await found('FIND ROWS FROM loose')).toEqual(["Found 1 row(s) in table 'loose'", 'x']);
  expect(await db.failure('FIND ROWS FROM loose SIMILAR TO [1, 0]')).toMatchObject({
    code: 'INVALID_PARAMETER',
  });
});

test('rows by the keys that their tables have', async () => {
  await db.sql('CREATE TABLE harbour (code text PRIMARY KEY, n numeric)');
  await db.sql("INSERT INTO harbour VALUES ('it:rome', 1), ('It''s', 2)");
  await db.sql('CREATE TABLE tide (at date PRIMARY KEY, height int)');
  await db.sql("INSERT INTO tide VALUES ('2020-01-01', 5)");
  await db.run(
    `EMBED BATCH [('harbour:it:rome', [1, 0]), ("harbour:It's", [0, 1]), ('tide:2020-01-01', [1, 1]), ('tide:x', [1, 1])]`,
  );
  expect(
    (await db.run('FIND ROWS FROM harbour SIMILAR TO [0, 1]')).items.map(({ key }: { key: string }) => key),
  ).toEqual(["It's", 'it:rome']);
  expect((await db.run('FIND ROWS FROM tide SIMILAR TO [0, 1]')).items).toMatchObject([
    { key: '2020-01-01', fields: { height: '5' } },
  ]);
});

test('refusals name what is wrong', async () => {
  expect(await db.failure("FIND NODE CONNECTED TO 'person:nobody'")).toMatchObject({
    code: 'ENTITY_NOT_FOUND',
  });
  expect(await db.failure("FIND NODE SIMILAR TO 'person:nobody'")).toMatchObject({
    code: 'EMBEDDING_NOT_FOUND',
  });
  expect(await db.failure('FIND NODE person SIMILAR TO [1, 2, 3]')).toMatchObject({
    code: 'VECTOR_DIMENSION_MISMATCH',
  });
  expect(await db.failure('FIND NODE nothing SIMILAR TO [1, 2, 3]')).toMatchObject({
    code: 'VECTOR_DIMENSION_MISMATCH',
  });
  expect(await db.failure('FIND NODE SIMILAR TO [1, 2] LIMIT 10000 OFFSET 1')).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('vectorTopKMax'),
  });
  expect(await db.failure("FIND NODE WHERE name LIKE 'a\\\\'")).toMatchObject({ code: 'INVALID_PARAMETER' });
});

test('EXPLAIN tells the steps in their order', async () => {
  const plan = async (text: string) => (await db.run(`EXPLAIN ${text}`)).value.split('\n');
  expect(
    await plan(
      "FIND NODE person WHERE role = 'engineer' SIMILAR TO 'person:alice' CONNECTED TO 'person:alice' LIMIT 10",
    ),
  ).toEqual([
    "1. graph: nodes with an edge to or from 'person:alice': 4",
    '2. filter: nodes with label person that pass the condition, of these 4',
    "3. vector: embeddings in 'default' most like 'person:alice' (cosine), of the 3 that pass, measured one by one in the same snapshot",
    '4. answer: 10 from 0, the most alike first',
  ]);
  expect(await plan('FIND NODE SIMILAR TO [1, 0] LIMIT 3')).toMatchObject({ length: 4 });
  await db.cypher('CREATE INDEX role_index FOR (n:person) ON (n.role)');
  expect((await plan("FIND NODE person WHERE role = 'pilot' LIMIT 3"))[0]).toBe(
    '1. filter: nodes with label person that pass the condition, by index role_index',
  );
  expect((await plan('FIND EDGE knows'))[0]).toBe('1. filter: edges of type knows');
  expect(await plan("FIND ROWS FROM ships WHERE crew > 1 CONNECTED TO 'port:rome'")).toEqual([
    "1. graph: rows whose entities have an edge to or from 'port:rome': 1",
    '2. filter: rows of "ships" that pass the condition, of these 1',
    '3. answer: 100 from 0, in the order of the primary key',
  ]);
});
