/** CONSTRAINT, GRAPH INDEX, AGGREGATE and COUNT. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cypher, emptied, made, madeNodes } from './graph-support.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());
beforeEach(async () => {
  await emptied(neumann);
  for (const { name } of (await run('CONSTRAINT LIST')).constraints.items ?? []) {
    await run(`CONSTRAINT DROP \`${name}\``);
  }
});

const run = (text: string) => neumann.run(text);

describe('CONSTRAINT', () => {
  it('is listed as it was made', async () => {
    await run('CONSTRAINT CREATE uq_serial ON NODE robot PROPERTY serial UNIQUE');
    await run('CONSTRAINT CREATE has_since ON EDGE repairs PROPERTY since EXISTS');
    await run('GRAPH CONSTRAINT CREATE year_int ON NODE (robot) year TYPE INT');
    await run('CONSTRAINT CREATE any_name ON NODE PROPERTY name TYPE STRING');
    await run('CONSTRAINT CREATE any_code ON EDGE PROPERTY code UNIQUE');
    const item = (name: string, target: string, property: string, constraint_type: string) => ({
      name,
      target,
      property,
      constraint_type,
    });
    expect((await run('CONSTRAINT LIST')).constraints.items).toEqual([
      item('any_code', 'AllEdges', 'code', 'UNIQUE'),
      item('any_name', 'AllNodes', 'name', 'TYPE(String)'),
      item('has_since', 'Edge(repairs)', 'since', 'EXISTS'),
      item('uq_serial', 'Node(robot)', 'serial', 'UNIQUE'),
      item('year_int', 'Node(robot)', 'year', 'TYPE(Int)'),
    ]);
    expect((await run('CONSTRAINT GET uq_serial')).constraints.items).toHaveLength(1);
    expect(await run('CONSTRAINT GET nothing')).toEqual({ constraints: {} });
    expect(await cypher(neumann, 'SHOW CONSTRAINTS')).toHaveLength(5);
    expect(await run('CONSTRAINT DROP uq_serial')).toEqual({ empty: {} });
    expect(await run('CONSTRAINT GET uq_serial')).toEqual({ constraints: {} });
  });

  it('UNIQUE is kept by the language and by Cypher', async () => {
    await run('CONSTRAINT CREATE uq_serial ON NODE robot PROPERTY serial UNIQUE');
    await made(neumann, 'NODE CREATE robot { serial: 1 }');
    const error = await neumann.fault('NODE CREATE robot { serial: 1 }');
    expect(error.code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect(error.message).toContain('uq_serial');
    await expect(cypher(neumann, 'CREATE (:robot {serial: 1})')).rejects.toMatchObject({
      code: 'GRAPH_CONSTRAINT_VIOLATION',
    });
    await made(neumann, 'NODE CREATE tool { serial: 1 }');
    const other = await made(neumann, 'NODE CREATE robot { serial: 2 }');
    expect((await neumann.fault(`NODE UPDATE ${other} { serial: 1 }`)).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
  });

  it('about all nodes is about nodes of any label and of none', async () => {
    await run('CONSTRAINT CREATE uq ON NODE PROPERTY serial UNIQUE');
    await made(neumann, 'NODE CREATE robot { serial: 1 }');
    const error = await neumann.fault('NODE CREATE tool { serial: 1 }');
    expect(error.code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect(error.message).toContain("two nodes have the same value of the property 'serial'");
    await expect(cypher(neumann, 'CREATE ({serial: 1})')).rejects.toThrow('uq');
    await made(neumann, 'NODE CREATE tool');
    await made(neumann, 'NODE CREATE tool');
    expect(await cypher(neumann, 'MATCH (n {serial: 1}) RETURN labels(n)')).toEqual([[['robot']]]);
  });

  it('EXISTS and TYPE of all edges', async () => {
    await run('CONSTRAINT CREATE has ON EDGE PROPERTY since EXISTS');
    await run('CONSTRAINT CREATE float ON EDGE PROPERTY km TYPE FLOAT');
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    const missing = await neumann.fault(`EDGE CREATE ${a} -> ${b} : t`);
    expect([missing.code, missing.message]).toEqual([
      'GRAPH_CONSTRAINT_VIOLATION',
      expect.stringContaining("a relationship lacks the property 'since'"),
    ]);
    expect((await neumann.fault(`EDGE CREATE ${a} -> ${b} : t { since: 1, km: 3 }`)).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    const id = await made(neumann, `EDGE CREATE ${a} -> ${b} : t { since: 1, km: 3.0 }`);
    expect((await neumann.fault(`EDGE UPDATE ${id} { since: NULL }`)).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    expect(await run('EDGE LIST')).toMatchObject({
      edges: { edges: [{ properties: { since: '1', km: '3' } }] },
    });
  });

  it('is not made when the graph is not so', async () => {
    await madeNodes(neumann, 'robot { serial: 1 }', 'robot { serial: 1 }');
    const unique = await neumann.fault('CONSTRAINT CREATE uq ON NODE robot PROPERTY serial UNIQUE');
    expect(unique.code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect((await neumann.fault('CONSTRAINT CREATE ex ON NODE PROPERTY name EXISTS')).code).toBe(
      'GRAPH_CONSTRAINT_VIOLATION',
    );
    expect(await run('CONSTRAINT LIST')).toEqual({ constraints: {} });
  });

  it('has a name of its own, and is dropped once', async () => {
    await run('CONSTRAINT CREATE c ON NODE robot PROPERTY serial UNIQUE');
    const twice = await neumann.fault('CONSTRAINT CREATE c ON NODE tool PROPERTY serial UNIQUE');
    expect([twice.code, twice.hint]).toEqual(['OBJECT_ALREADY_EXISTS', undefined]);
    await run('CONSTRAINT DROP c');
    const error = await neumann.fault('CONSTRAINT DROP c');
    expect([error.code, error.message]).toEqual(['OBJECT_NOT_FOUND', 'Constraint not found: c']);
  });
});

describe('GRAPH INDEX', () => {
  it('is made, shown, used and dropped', async () => {
    expect(await run('GRAPH INDEX CREATE ON NODE PROPERTY model')).toEqual({ empty: {} });
    await run('GRAPH INDEX CREATE EDGE PROPERTY since');
    expect(await run('GRAPH INDEX SHOW ON NODE')).toEqual({ graph_indexes: { indexes: ['model'] } });
    expect(await run('GRAPH INDEX SHOW EDGE')).toEqual({ graph_indexes: { indexes: ['since'] } });
    await cypher(
      neumann,
      "UNWIND range(1, 200) AS n CREATE (:robot {model: 'm' + n}), ({model: 'other' + n})",
    );
    expect(await cypher(neumann, "MATCH (n {model: 'm7'}) RETURN labels(n)")).toEqual([[['robot']]]);
    expect(await cypher(neumann, "MATCH (n:robot) WHERE n.model STARTS WITH 'm19' RETURN count(n)")).toEqual([
      [11n],
    ]);
    const plan = JSON.stringify(
      await cypher(neumann, "EXPLAIN MATCH (n {model: 'm7'}) RETURN n"),
      (_, value) => (typeof value === 'bigint' ? String(value) : value),
    );
    expect(plan).toMatch(/index/i);
    const twice = await neumann.fault('GRAPH INDEX CREATE ON NODE PROPERTY model');
    expect([twice.code, twice.message, twice.hint]).toEqual([
      'INDEX_ALREADY_EXISTS',
      'Index already exists: node property model',
      undefined,
    ]);
    await run('GRAPH INDEX DROP NODE model');
    await run('GRAPH INDEX DROP ON EDGE PROPERTY since');
    expect(await run('GRAPH INDEX SHOW NODE')).toEqual({ graph_indexes: {} });
    expect((await neumann.fault('GRAPH INDEX DROP NODE model')).code).toBe('INDEX_NOT_FOUND');
  });

  it('of labels and types is there already', async () => {
    expect(await run('GRAPH INDEX CREATE ON LABEL')).toEqual({ empty: {} });
    expect(await run('GRAPH INDEX CREATE ON EDGE TYPE')).toEqual({ empty: {} });
    expect((await neumann.fault('GRAPH INDEX DROP ON LABEL')).code).toBe('FEATURE_NOT_SUPPORTED');
  });

  it('of a constraint is shown, and not dropped without it', async () => {
    await run('CONSTRAINT CREATE uq ON NODE PROPERTY serial UNIQUE');
    expect(await run('GRAPH INDEX SHOW NODE')).toEqual({ graph_indexes: { indexes: ['serial'] } });
    expect((await neumann.fault('GRAPH INDEX DROP NODE serial')).code).toBe('INDEX_NOT_FOUND');
  });

  it('of one label stands beside that of all', async () => {
    await cypher(neumann, 'CREATE INDEX of_robots FOR (n:robot) ON (n.model)');
    await run('GRAPH INDEX CREATE NODE model');
    await made(neumann, "NODE CREATE robot { model: 'R2' }");
    expect(await cypher(neumann, "MATCH (n:robot {model: 'R2'}) RETURN count(*)")).toEqual([[1n]]);
    await run('GRAPH INDEX DROP NODE model');
    expect(await run('GRAPH INDEX SHOW NODE')).toEqual({ graph_indexes: { indexes: ['model'] } });
    await cypher(neumann, 'DROP INDEX of_robots');
  });
});

describe('AGGREGATE', () => {
  it('adds up what no integer of 64 bits holds', async () => {
    await madeNodes(neumann, ...Array(2).fill('vast { n: 9223372036854775807 }'));
    expect(await run('AGGREGATE NODE PROPERTY n SUM')).toEqual({ aggregate: { sum: 2 ** 64 } });
    expect(await run('AGGREGATE NODE PROPERTY n AVG')).toEqual({ aggregate: { avg: 2 ** 63 } });
  });

  beforeEach(async () => {
    const [a, b, c] = await madeNodes(
      neumann,
      "robot { year: 1977, name: 'R2' }",
      "robot { year: 1980.5, name: 'C3' }",
      "pilot { year: 'unknown', rank: 3 }",
    );
    await neumann.run(
      `BATCH CREATE EDGES [(${a} -> ${c} : repairs { hours: 2 }), (${b} -> ${c} : repairs { hours: 5 }), (${a} -> ${b} : knows)]`,
    );
  });

  it.each([
    ['AGGREGATE NODE PROPERTY year SUM', { sum: 3957.5 }],
    ['AGGREGATE NODE PROPERTY year AVG BY LABEL robot', { avg: 1978.75 }],
    ['AGGREGATE NODE PROPERTY year MIN', { min: 1977 }],
    ['GRAPH AGGREGATE MAX NODE year robot', { max: 1980.5 }],
    ['AGGREGATE NODE PROPERTY year COUNT', { count: '3' }],
    ['AGGREGATE NODE PROPERTY rank COUNT', { count: '1' }],
    ['AGGREGATE NODE PROPERTY nothing COUNT', { count: '0' }],
    ['AGGREGATE NODE PROPERTY nothing SUM', { sum: 0 }],
    ['AGGREGATE NODE PROPERTY name AVG', { avg: 0 }],
    ['AGGREGATE NODE PROPERTY year MIN BY LABEL pilot', { min: 0 }],
    ['AGGREGATE EDGE PROPERTY hours SUM BY TYPE repairs', { sum: 7 }],
    ['GRAPH AGGREGATE SUM EDGE hours repairs WHERE hours > 2', { sum: 5 }],
    ['AGGREGATE EDGE PROPERTY hours MAX BY TYPE knows', { max: 0 }],
    ['COUNT NODES', { count: '3' }],
    ['COUNT NODES robot', { count: '2' }],
    ['COUNT EDGES', { count: '3' }],
    ['GRAPH AGGREGATE COUNT EDGES knows', { count: '1' }],
    ['COUNT NODES nothing', { count: '0' }],
    // Conditions have two values: what is missing passes <> and IS NULL only.
    ["COUNT NODES WHERE name = 'R2'", { count: '1' }],
    ["COUNT NODES WHERE name <> 'R2'", { count: '2' }],
    ["COUNT NODES WHERE NOT name = 'R2'", { count: '2' }],
    ["COUNT NODES WHERE NOT (name = 'R2' OR rank > 2)", { count: '1' }],
    ['COUNT NODES WHERE name IS NULL', { count: '1' }],
    ['COUNT NODES WHERE year > 1978', { count: '1' }],
    ['COUNT NODES WHERE NOT year > 1978', { count: '2' }],
    ['COUNT NODES WHERE year BETWEEN 1977 AND 1980', { count: '1' }],
    ["COUNT NODES WHERE name IN ('R2', 'C3')", { count: '2' }],
    ["COUNT NODES WHERE name NOT IN ('R2')", { count: '2' }],
    ["COUNT NODES WHERE name LIKE 'R_'", { count: '1' }],
    ["COUNT NODES WHERE name NOT LIKE '%3'", { count: '2' }],
    ["COUNT NODES WHERE name STARTS WITH 'C' AND year > 1000", { count: '1' }],
  ])('%s', async (text, expected) => {
    const { aggregate } = await run(text);
    const [[kind, value] = []] = Object.entries(expected);
    expect(aggregate).toEqual({ [kind ?? '']: value });
  });
});
