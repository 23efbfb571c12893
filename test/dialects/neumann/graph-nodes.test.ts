/** NODE and EDGE: what they make, answer and refuse, and that Cypher and SQL see the same. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { transactionBegin, transactionCommit } from '../../../src/models/index.ts';
import { cypher, emptied, made, madeNodes, sql } from './graph-support.ts';
import { type CallOptions, type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());
beforeEach(() => emptied(neumann));

const run = (text: string, options?: CallOptions) => neumann.run(text, options);

describe('NODE', () => {
  it('is made with labels and properties, which come back as texts', async () => {
    const id = await made(
      neumann,
      "NODE CREATE robot:tool { model: 'R2', year: 1977, height: 1.5, mass: 30.0, ok: true, tags: ['blue', 'white'], none: NULL }",
    );
    expect(await run(`NODE GET ${id}`)).toEqual({
      nodes: {
        nodes: [
          {
            id,
            label: 'robot:tool',
            properties: {
              model: 'R2',
              year: '1977',
              height: '1.5',
              mass: '30',
              ok: 'true',
              tags: '[blue, white]',
            },
          },
        ],
      },
    });
    expect(await cypher(neumann, 'MATCH (n:robot:tool) RETURN n.year, n.mass, n.tags')).toEqual([
      [1977n, 30, ['blue', 'white']],
    ]);
    const [row] = await sql(neumann, "SELECT labels, properties->>'model' FROM graph.nodes");
    expect(row).toEqual(['{robot,tool}', 'R2']);
  });

  it('takes names and values with any characters', async () => {
    const id = await made(neumann, "NODE CREATE `a``b c` { `k ``y`: 'it''s `$x`', \"ключ\": '😀' }");
    const { nodes } = await run(`NODE GET ${id}`);
    expect(nodes.nodes[0].properties).toEqual({ 'k `y': "it's `$x`", ключ: '😀' });
    expect(nodes.nodes[0].label).toBe('a`b c');
    expect((await run('NODE LIST `a``b c`')).nodes.nodes).toHaveLength(1);
  });

  it('made by Cypher is read, with values that only Cypher has', async () => {
    const [[id]] = await cypher(
      neumann,
      `CREATE (n:thing {at: point({latitude: 1.5, longitude: 2}), on: date('2024-02-29'), span: duration('P1DT2S'),
        xy: point({x: 1, y: 2.5}), tiny: 1e-9, huge: 1e21, nan: 0.0 / 0.0}) RETURN id(n)`,
    );
    expect((await run(`NODE GET ${id}`)).nodes.nodes[0].properties).toEqual({
      at: 'POINT(1.5, 2)',
      on: '2024-02-29',
      span: 'P1DT2S',
      xy: 'POINT(1, 2.5)',
      tiny: '0.000000001',
      huge: '1000000000000000000000',
      nan: 'NaN',
    });
  });

  it('is changed by what is given, and NULL removes', async () => {
    const id = await made(neumann, "NODE CREATE pilot name='Ada', rank=3, wing='left'");
    expect(await run(`NODE UPDATE ${id} { rank: 4, wing: NULL, since: 2020 }`)).toEqual({
      count: { count: '1' },
    });
    expect((await run(`NODE GET ${id}`)).nodes.nodes[0].properties).toEqual({
      name: 'Ada',
      rank: '4',
      since: '2020',
    });
  });

  it('is removed with its edges', async () => {
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    await made(neumann, `EDGE CREATE ${a} -> ${b} : t`);
    await made(neumann, `EDGE CREATE ${b} -> ${a} : t`);
    expect(await run(`NODE DELETE ${a}`)).toEqual({ count: { count: '1' } });
    expect(await run('EDGE LIST')).toEqual({ edges: {} });
    expect(await sql(neumann, 'SELECT count(*) FROM graph.relationships')).toEqual([['0']]);
  });

  it.each(['GET', 'DELETE'])('that is not there: %s', async (verb) => {
    const error = await neumann.fault(`NODE ${verb} 999999`);
    expect([error.code, error.message]).toEqual(['ENTITY_NOT_FOUND', 'Node not found: 999999']);
    expect((await neumann.fault(`NODE ${verb} 'user:nobody'`)).message).toBe('Node not found: user:nobody');
  });

  it('that is not there is not changed', async () => {
    expect((await neumann.fault('NODE UPDATE 999999 { a: 1 }')).message).toBe('Node not found: 999999');
  });

  it('refuses what is no property', async () => {
    const error = await neumann.fault("NODE CREATE x { mixed: [1, 'a', [2]] }");
    expect(error.kind).toBe('invalid');
    expect(await run('NODE LIST')).toEqual({ nodes: {} });
  });

  it('is not made by who may only read', async () => {
    expect((await neumann.fault('NODE CREATE x', { role: 'read', name: 'reader' })).code).toBe('FORBIDDEN');
    expect(await neumann.run('NODE LIST', { role: 'read', name: 'reader' })).toEqual({ nodes: {} });
  });

  it('is found by the key of its entity, the older one of two', async () => {
    const id = await made(neumann, "NODE CREATE user { entity_key: 'user:ada', name: 'Ada' }");
    await made(neumann, "NODE CREATE user { entity_key: 'user:ada', name: 'Eve' }");
    expect((await run("NODE GET 'user:ada'")).nodes.nodes[0].id).toBe(id);
    await run("NODE UPDATE 'user:ada' { name: 'Ada L' }");
    expect((await run("NODE GET 'user:ada'")).nodes.nodes[0].properties.name).toBe('Ada L');
    expect(await cypher(neumann, 'MATCH (n) RETURN n.name ORDER BY n.name')).toEqual([['Ada L'], ['Eve']]);
  });

  it('is listed in the order of ids, page by page', async () => {
    const list = Array.from({ length: 25 }, (_, n) => `(${n % 2 === 0 ? 'even' : 'odd'} { n: ${n} })`);
    for (const one of list) await run(`BATCH CREATE NODES [${one}]`);
    const numbers = async (text: string) =>
      ((await run(text)).nodes.nodes ?? []).map(({ properties }: { properties: { n: string } }) =>
        Number(properties.n),
      );
    expect(await numbers('NODE LIST')).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(await numbers('NODE LIST odd LIMIT 3 OFFSET 2')).toEqual([5, 7, 9]);
    expect(await numbers('NODE LIST OFFSET 23')).toEqual([23, 24]);
    expect(await numbers('NODE LIST LIMIT 0')).toEqual([]);
    expect(await numbers('NODE LIST nothing')).toEqual([]);
  });
});

describe('EDGE', () => {
  it('is made between nodes and answered with its ends', async () => {
    const [a, b] = await madeNodes(neumann, 'robot', 'pilot');
    const id = await made(neumann, `EDGE CREATE ${a} -> ${b} : repairs { since: 1980 }`);
    expect(await run(`EDGE GET ${id}`)).toEqual({
      edges: { edges: [{ id, from: a, to: b, label: 'repairs', properties: { since: '1980' } }] },
    });
    expect(await cypher(neumann, 'MATCH (:robot)-[e:repairs]->(:pilot) RETURN e.since')).toEqual([[1980n]]);
    expect(await sql(neumann, 'SELECT type, start_id, end_id FROM graph.relationships')).toEqual([
      ['repairs', a, b],
    ]);
  });

  it('has a type of its own when none is given, and may lead to itself', async () => {
    const [a = ''] = await madeNodes(neumann, 'robot');
    const id = await made(neumann, `EDGE CREATE ${a} TO ${a}`);
    expect((await run(`EDGE GET ${id}`)).edges.edges[0]).toMatchObject({ from: a, to: a, label: 'edge' });
  });

  it('is made between entities by their keys', async () => {
    const ada = await made(neumann, "NODE CREATE user { entity_key: 'user:ada' }");
    const bo = await made(neumann, "NODE CREATE user { entity_key: 'user:bo' }");
    const id = await made(neumann, "EDGE CREATE 'user:ada' -> 'user:bo' : knows");
    expect((await run(`EDGE GET ${id}`)).edges.edges[0]).toMatchObject({ from: ada, to: bo });
    const other = await made(neumann, `EDGE CREATE ${bo} -> 'user:ada' : knows`);
    expect((await run(`EDGE GET ${other}`)).edges.edges[0]).toMatchObject({ from: bo, to: ada });
  });

  it('names the end that is not there, and is not made', async () => {
    const [a] = await madeNodes(neumann, 'x');
    expect((await neumann.fault(`EDGE CREATE ${a} -> 999999 : t`)).message).toBe('Node not found: 999999');
    expect((await neumann.fault(`EDGE CREATE 888888 -> ${a} : t`)).message).toBe('Node not found: 888888');
    const error = await neumann.fault(`EDGE CREATE ${a} -> 'user:x' : t`);
    expect([error.code, error.message]).toEqual(['ENTITY_NOT_FOUND', 'Node not found: user:x']);
    expect(await run('EDGE LIST')).toEqual({ edges: {} });
  });

  it('is changed and removed', async () => {
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    const id = await made(neumann, `EDGE CREATE ${a} -> ${b} : t { w: 1, v: 2 }`);
    expect(await run(`EDGE UPDATE ${id} { w: 5, v: NULL }`)).toEqual({ count: { count: '1' } });
    expect((await run(`EDGE GET ${id}`)).edges.edges[0].properties).toEqual({ w: '5' });
    expect(await run(`EDGE DELETE ${id}`)).toEqual({ count: { count: '1' } });
    for (const text of [`EDGE GET ${id}`, `EDGE DELETE ${id}`, `EDGE UPDATE ${id} { w: 1 }`]) {
      const error = await neumann.fault(text);
      expect([error.code, error.message]).toEqual(['ENTITY_NOT_FOUND', `Edge not found: ${id}`]);
    }
  });

  it('is listed by type', async () => {
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    for (const type of ['t', 'u', 't']) await made(neumann, `EDGE CREATE ${a} -> ${b} : ${type}`);
    expect((await run('EDGE LIST t')).edges.edges).toHaveLength(2);
    expect((await run('EDGE LIST LIMIT 2 OFFSET 1')).edges.edges).toHaveLength(2);
    expect(await run('EDGE LIST v')).toEqual({ edges: {} });
  });
});

describe('nodes of entities', () => {
  const plan = async (label: string) =>
    (await cypher(neumann, `EXPLAIN MATCH (n:${label} {entity_key: 'x'}) RETURN n`)).flat().join('\n');

  it.each([
    ['made', 'made', "NODE CREATE made { entity_key: 'made:1' }"],
    ['made in a batch', 'many', "BATCH CREATE NODES [{labels: [many], entity_key: 'many:1'}]"],
    ['connected', 'ends', "BATCH CREATE EDGES [{from: 'ends:0', to: 'ends:2', type: t}]"],
    ['connected alone', 'alone', "EDGE CREATE 'alone:0' -> 'alone:2' : t"],
  ])('are found by an index once one is %s', async (_what, label, text) => {
    await cypher(neumann, `UNWIND ['0', '2'] AS n CREATE (:${label} {entity_key: '${label}:' + n})`);
    expect(await plan(label)).not.toContain('indexes: ');
    await run(text);
    expect(await plan(label)).toContain('indexes: ');
  });

  it('are made without an index while somebody holds nodes', { timeout: 15_000 }, async () => {
    const { txnId } = await neumann.dispatch.call(transactionBegin, {}, neumann.callOf().session);
    await run('NODE CREATE held', { transactionId: txnId });
    await run("NODE CREATE hasty { entity_key: 'hasty:1' }");
    expect(await plan('hasty')).not.toContain('indexes: ');
    expect((await run("NODE GET 'hasty:1'")).nodes.nodes).toHaveLength(1);
    await neumann.dispatch.call(transactionCommit, { txnId }, neumann.callOf().session);
  });

  it('are those with the label that the key begins with, in batches as well', async () => {
    await made(neumann, "NODE CREATE other { entity_key: 'user:x' }");
    const user = await made(neumann, "NODE CREATE user { entity_key: 'user:x' }");
    await made(neumann, "NODE CREATE entity { entity_key: 'plain' }");
    const batch = await run("BATCH CREATE EDGES [{from: 'user:x', to: 'plain', type: t}]");
    const [edge] = batch.batch_operation.created_ids;
    expect((await run(`EDGE GET ${edge}`)).edges.edges[0].from).toBe(user);
    const keys = Array.from({ length: 150 }, (_, at) => `'kind${at}:1'`);
    expect(await run(`BATCH DELETE NODES [${[...keys, "'user:x'"].join(', ')}]`)).toMatchObject({
      batch_operation: { affected_count: '1' },
    });
    expect(await cypher(neumann, 'MATCH (n:other) RETURN count(n)')).toEqual([[1n]]);
  });
});

describe('faults', () => {
  it('have the place of what the client has written, or none', async () => {
    const refused = await neumann.fault('-- first\n\n  CHAIN HEIGHT');
    expect([refused.code, refused.position]).toEqual(['FEATURE_NOT_SUPPORTED', 13]);
    expect(refused.message).toContain('at line 3, column 3');
    for (const text of ['NODE CREATE a { x: [[1]] }', 'GRAPH PAGERANK ITERATIONS 99999']) {
      const error = await neumann.fault(text);
      expect([error.kind, error.position]).toEqual(['invalid', undefined]);
      expect(error.message).not.toContain('algo.');
    }
  });

  it('leave numbers as they are written', async () => {
    const id = await made(
      neumann,
      'NODE CREATE n { a: 30.0, b: 9007199254740993, c: -9223372036854775808, d: 2.0, e: 1e21 }',
    );
    expect(await cypher(neumann, `MATCH (n) WHERE id(n) = ${id} RETURN n.a, n.b, n.c, n.d, n.e`)).toEqual([
      [30, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n, 2, 1e21],
    ]);
  });
});

describe('streams', () => {
  /** More than one page of ids. */
  const COUNT = 5_100;

  it('give the nodes and edges that the lists have', async () => {
    await cypher(neumann, `UNWIND range(1, ${COUNT}) AS n CREATE (:s {n: n})-[:t]->(:e)`);
    const nodes = await neumann.chunks(`NODE LIST s LIMIT ${COUNT}`);
    expect(nodes).toHaveLength(COUNT);
    expect(nodes.map(({ node }) => Number(node.node.properties.n))).toEqual(
      Array.from({ length: COUNT }, (_, n) => n + 1),
    );
    const edges = await neumann.chunks(`EDGE LIST LIMIT ${COUNT} OFFSET 10`);
    expect(edges).toHaveLength(COUNT - 10);
    expect(edges[0].edge.edge.label).toBe('t');
    const whole = await run(`NODE LIST LIMIT ${2 * COUNT}`);
    const streamed = await neumann.chunks(`NODE LIST LIMIT ${2 * COUNT}`);
    expect(streamed.map(({ node }) => node.node)).toEqual(whole.nodes.nodes);
    const ids = (await run('NODE LIST e LIMIT 3 OFFSET 5')).nodes.nodes.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(
      whole.nodes.nodes
        .filter(({ label }: { label: string }) => label === 'e')
        .slice(5, 8)
        .map(({ id }: { id: string }) => id),
    );
  });
});
