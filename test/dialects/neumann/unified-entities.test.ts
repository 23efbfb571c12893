/** ENTITY: one key over node, embedding and row, and what SQL and Cypher see of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/index.ts';
import { openStatements, type Statements } from './unified-support.ts';

let db: Statements;
beforeAll(async () => {
  db = await openStatements();
});
afterAll(() => db.stop());

describe('ENTITY', () => {
  test('is made, read, changed and removed', async () => {
    const made =
      "ENTITY CREATE 'user:alice' { name: 'Alice', age: 30, height: 1.5, tags: ['a', 'b'] } EMBEDDING [0.1, 0.25]";
    expect(await db.run(made)).toEqual({ value: "Entity 'user:alice' created" });
    expect(await db.run("ENTITY GET 'user:alice'")).toEqual({
      description: 'Entity: user:alice',
      items: [
        {
          entityType: 'unified',
          key: 'user:alice',
          fields: { name: 'Alice', age: '30', height: '1.5', tags: '[a, b]', _embedding: '[0.1, 0.25]' },
        },
      ],
    });
    expect(await db.run("ENTITY UPDATE 'user:alice' { age: 31, name: NULL } EMBEDDING [1, 2]")).toEqual({
      value: "Entity 'user:alice' updated",
    });
    expect(await db.cypher('MATCH (n:user) RETURN n.entity_key, n.age, n.name, n.height')).toEqual([
      ['user:alice', 31n, null, 1.5],
    ]);
    expect(await db.sql('SELECT key, vector::text FROM embedding."default"')).toEqual([
      ['user:alice', '{1,2}'],
    ]);
    await db.run("ENTITY CREATE 'user:alice' { role: 'pilot' }");
    expect((await db.run("ENTITY GET 'user:alice'")).items[0].fields).toEqual({
      role: 'pilot',
      _embedding: '[1, 2]',
    });
    expect(await db.run("ENTITY DELETE 'user:alice'")).toEqual({ value: "Entity 'user:alice' deleted" });
    for (const text of ['GET', 'DELETE', 'UPDATE']) {
      const error = await db.failure(`ENTITY ${text} 'user:alice'`);
      expect(error).toMatchObject({ code: 'ENTITY_NOT_FOUND', message: 'Entity not found: user:alice' });
    }
    expect(await db.cypher('MATCH (n:user) RETURN n')).toEqual([]);
  });

  test('has the columns of its row', async () => {
    await db.sql('CREATE TABLE ship (id int PRIMARY KEY, name text, crew int)');
    await db.sql("INSERT INTO ship VALUES (7, 'Io', 30), (8, NULL, NULL)");
    const fields = async (key: string) => (await db.run(`ENTITY GET '${key}'`)).items[0].fields;
    expect(await fields('ship:7')).toEqual({ id: '7', name: 'Io', crew: '30' });
    await db.run("ENTITY UPDATE 'ship:7' { crew: 31, port: 'Rome' } EMBEDDING [3, 4]");
    expect(await fields('ship:7')).toEqual({
      id: '7',
      name: 'Io',
      crew: '31',
      port: 'Rome',
      _embedding: '[3, 4]',
    });
    expect(await fields('ship:8')).toEqual({ id: '8' });
    for (const key of ['ship:9', 'ship:07', 'ship:x', 'ship:', 'boat:7']) {
      expect(await db.failure(`ENTITY GET '${key}'`)).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    }
    await db.run("ENTITY DELETE 'ship:7'");
    expect(await fields('ship:7')).toEqual({ id: '7', name: 'Io', crew: '30' });
    expect(await db.failure("ENTITY DELETE 'ship:7'")).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
  });

  test('is connected, with nodes that were not there', async () => {
    const text = (await db.run("ENTITY CONNECT 'r2' -> 'luke' : helps { since: 1977 }")).value;
    const [[from, id, since, to] = []] = await db.cypher(
      'MATCH (a:entity)-[r:helps]->(b:entity) RETURN a.entity_key, id(r), r.since, b.entity_key',
    );
    expect([from, since, to]).toEqual(['r2', 1977n, 'luke']);
    expect(text).toBe(`Connected 'r2' -> 'luke' with edge 'edge:helps:${id}'`);
    await db.run("ENTITY CONNECT 'r2' -> 'r2' : is");
    expect(await db.cypher("MATCH (n:entity) WHERE n.entity_key IN ['r2', 'luke'] RETURN count(n)")).toEqual([
      [2n],
    ]);
    await db.run("ENTITY DELETE 'r2'");
    expect(await db.cypher('MATCH (:entity)-[r]-() RETURN r')).toEqual([]);
  });

  test('is made in batches, all or none', async () => {
    const batch =
      "ENTITY BATCH CREATE [{ key: 'crew:a', age: 30, embedding: [1, 0] }, { key: 'crew:b', embedding: [0, 1] }, { key: 'port:a' }]";
    const value = { operation: 'ENTITY CREATE', affectedCount: 3n, createdIds: [] };
    expect(await db.run(batch)).toEqual(value);
    expect(await db.run(batch)).toEqual(value);
    expect(await db.cypher('MATCH (n:crew) RETURN n.entity_key, n.age ORDER BY n.entity_key')).toEqual([
      ['crew:a', 30n],
      ['crew:b', null],
    ]);
    const wrong = "ENTITY BATCH CREATE [{ key: 'crew:c', age: 1 }, { key: 'crew:d', embedding: [1, 2, 3] }]";
    expect(await db.failure(wrong)).toMatchObject({ code: 'VECTOR_DIMENSION_MISMATCH' });
    expect(await db.cypher('MATCH (n:crew) RETURN count(n)')).toEqual([[2n]]);
    const twice = "ENTITY BATCH CREATE [{ key: 'crew:e', age: 1 }, { key: 'crew:e', age: 2 }]";
    expect((await db.run(twice)).affectedCount).toBe(2n);
    expect(await db.cypher("MATCH (n:crew {entity_key: 'crew:e'}) RETURN n.age")).toEqual([[2n]]);
  });

  test.each([
    'персона:Ünï 🚀',
    'a:b::c:',
    ':nothing before',
    'nothing behind:',
    'no colon',
    'it\'s:"quoted"',
    'back`tick:`1`',
    'back\\slash:\\1',
    'select:from',
    ' spaces : 1 ',
    'new\nline:\t1',
    '$name:{x}',
    '%_:*?',
    'e\u0301:é',
  ])('has any key: %j', async (key) => {
    const quoted = `'${key.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    await db.run(`ENTITY CREATE ${quoted} { name: 'odd' } EMBEDDING [7, 1]`);
    await db.run(`ENTITY CONNECT ${quoted} -> 'odd:end' : to`);
    expect(await db.run(`ENTITY GET ${quoted}`)).toEqual({
      description: `Entity: ${key}`,
      items: [{ entityType: 'unified', key, fields: { name: 'odd', _embedding: '[7, 1]' } }],
    });
    const colon = key.indexOf(':');
    expect(await db.cypher('MATCH (n) WHERE n.entity_key = $key RETURN labels(n)', { key })).toEqual([
      [[colon > 0 ? key.slice(0, colon) : 'entity']],
    ]);
    expect((await db.run(`EMBED GET ${quoted}`)).value).toBe('[7, 1]');
    const similar = `SIMILAR ${quoted} LIMIT 1 CONNECTED TO 'odd:end'`;
    expect((await db.run(similar)).items.map((one: { key: string }) => one.key)).toEqual([key]);
    const found = await db.run(`FIND NODE WHERE name = 'odd' SIMILAR TO ${quoted} CONNECTED TO 'odd:end'`);
    expect(found.items.map(({ fields }: { fields: { entity_key: string } }) => fields.entity_key)).toEqual([
      key,
    ]);
    expect((await db.run(`FIND NODE odd CONNECTED TO ${quoted}`)).items).toHaveLength(1);
    await db.run(`ENTITY DELETE ${quoted}`);
    expect(await db.failure(`ENTITY GET ${quoted}`)).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    expect(await db.cypher('MATCH (n) WHERE n.entity_key = $key RETURN n', { key })).toEqual([]);
  });

  test('has the row of any table, however it is spelled, and of no other', async () => {
    for (const [table, id] of [
      ['Place', 'eu:de:1'],
      ['place', 'eu:de:1'],
      ['odd "table"', "it's"],
      ['select', ''],
      ['пункт', 'Ü'],
      ['public.place', '1'],
    ] as const) {
      const name = `"${table.replaceAll('"', '""')}"`;
      await db.sql(`CREATE TABLE ${name} (id text PRIMARY KEY, "from" text)`);
      await db.sql(`INSERT INTO ${name} VALUES ($1, $2)`, [id, `row of ${table}`]);
      const key = `${table}:${id}`;
      const quoted = `'${key.replaceAll("'", "''")}'`;
      if (id === '') {
        // Nothing behind the colon is no id: a key that ends with its label is of no row.
        expect(await db.failure(`ENTITY GET ${quoted}`)).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
        continue;
      }
      expect((await db.run(`ENTITY GET ${quoted}`)).items[0].fields).toEqual({ id, from: `row of ${table}` });
      await db.run(`EMBED STORE ${quoted} [1, 9]`);
      // Names in double quotes are texts here; a table of such a name is named in backticks.
      const rows = await db.run(`FIND ROWS FROM \`${table}\` SIMILAR TO ${quoted} LIMIT 5`);
      expect(rows.items.map((one: { key: string }) => one.key)).toEqual([id]);
      await db.run(`ENTITY DELETE ${quoted}`);
      expect((await db.run(`ENTITY GET ${quoted}`)).items[0].fields).toEqual({ id, from: `row of ${table}` });
    }
  });

  test('has no row of a table whose name begins like its own, but is shorter', async () => {
    const name = 'n'.repeat(63);
    await db.sql(`CREATE TABLE ${name} (id int PRIMARY KEY)`);
    await db.sql(`INSERT INTO ${name} VALUES (1)`);
    expect((await db.run(`ENTITY GET '${name}:1'`)).items[0].fields).toEqual({ id: '1' });
    expect(await db.failure(`ENTITY GET '${name}n:1'`)).toMatchObject({ code: 'ENTITY_NOT_FOUND' });
  });

  test('gets one node when many make it at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, at) => db.run(`ENTITY CREATE 'race:1' { at: ${at} }`)));
    await Promise.all(
      ['race:2', 'race:3', 'race:2'].map((key) => db.run(`ENTITY CONNECT 'race:1' -> '${key}' : to`)),
    );
    expect(await db.cypher('MATCH (n:race) RETURN n.entity_key AS key, count(n) ORDER BY key')).toEqual([
      ['race:1', 1n],
      ['race:2', 1n],
      ['race:3', 1n],
    ]);
  });

  test('is found by an index', async () => {
    const [[plan] = []] = await db.cypher("EXPLAIN MATCH (n:race) WHERE n.entity_key = 'race:1' RETURN n");
    expect(plan).toBeDefined();
    const details = (await db.cypher("EXPLAIN MATCH (n:race) WHERE n.entity_key = 'race:1' RETURN n"))
      .flat()
      .join('\n');
    expect(details).toContain('indexes: ');
  });

  test('makes no more indexes than so many, whatever keys begin with', async () => {
    const keys = Array.from({ length: LIMITS.nqlEntityIndexesMax + 20 }, (_, at) => `{ key: 'kind${at}:1' }`);
    await db.run(`ENTITY BATCH CREATE [${keys.join(', ')}]`);
    expect(await db.cypher('SHOW INDEXES')).toHaveLength(LIMITS.nqlEntityIndexesMax);
    expect((await db.run("ENTITY GET 'kind119:1'")).items).toHaveLength(1);
  });

  test('refuses keys that nothing can have', async () => {
    for (const key of ['', 'x'.repeat(1_025)]) {
      expect(await db.failure(`ENTITY CREATE '${key}'`)).toMatchObject({ code: 'INVALID_PARAMETER' });
    }
    expect(await db.failure("ENTITY CREATE 'a' { entity_key: 'b' }")).toMatchObject({
      code: 'INVALID_PARAMETER',
    });
  });
});
