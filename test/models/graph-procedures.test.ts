/** Procedures called through Cypher on PostgreSQL, and the same on the graph in memory. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS, randomFraction } from '../../src/base/index.ts';
import { Node, type Relationship, type Value } from '../../src/cypher/index.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { type RunOptions, statement } from '../../src/engine/index.ts';
import { EDGE_CHUNK_OF_LABELS } from '../../src/models/graph/catalog-statements.ts';
import { runQuery } from '../../src/models/graph/index.ts';
import { GRAPH_PROCEDURES } from '../../src/models/graph/procedures/index.ts';
import { failure } from '../support/failure.ts';
import { randomNumbers } from '../support/networks.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
afterEach(async () => {
  await store.admin('TRUNCATE graph.node, graph.edge');
});

type Parameters = Readonly<Record<string, Value>>;

const run = async (text: string, parameters: Parameters = {}, options: RunOptions = {}) => {
  const map = new Map(Object.entries(parameters));
  return (await runQuery(store.database, text, { parameters: map, ...options })).rows;
};

/** A node by its name, everything else as it is. */
const named = (value: Value | undefined): unknown => {
  if (value instanceof Node) return value.properties.get('name');
  return Array.isArray(value) ? value.map(named) : value;
};
const table = async (text: string, parameters?: Parameters) =>
  (await run(text, parameters)).map((row) => row.map(named));

const AIRPORTS = `
  CREATE (a:Airport:Hub {name: 'a'}), (b:Airport {name: 'b'}), (c:Airport {name: 'c'}), (d:Airport {name: 'd'}),
    (x:City {name: 'x'}),
    (a)-[:ROUTE {km: 5}]->(b), (b)-[:ROUTE {km: 5.5}]->(c), (a)-[:ROUTE {km: 20}]->(c), (c)-[:ROUTE]->(a),
    (d)-[:FERRY {km: 1}]->(a), (x)-[:HAS]->(a), (x)-[:HAS]->(d)`;

describe('the names that a graph uses', () => {
  beforeEach(() => run(AIRPORTS));

  it('labels, types and keys, sorted', async () => {
    expect(await table('CALL db.labels()')).toEqual([['Airport'], ['City'], ['Hub']]);
    expect(await table('CALL db.relationshipTypes() YIELD relationshipType AS t RETURN t')).toEqual([
      ['FERRY'],
      ['HAS'],
      ['ROUTE'],
    ]);
    await run('CREATE ({`@at`: 1, z: 2, `ä`: 3, `😀`: 4, `\u{fffd}`: 5})');
    expect((await table('CALL db.propertyKeys()')).flat()).toEqual([
      '@at',
      'km',
      'name',
      'z',
      'ä',
      '\u{fffd}',
      '😀',
    ]);
  });

  it('sees what the same query made, and not what it deleted', async () => {
    const text =
      'MATCH (x:City) DETACH DELETE x CREATE (:New) WITH DISTINCT 1 AS one CALL db.labels() YIELD label RETURN label';
    expect((await table(text)).flat()).toEqual(['Airport', 'Hub', 'New']);
  });

  it('a picture: each label once, with the relationships between labels', async () => {
    const [[nodes, relationships] = []] = await run('CALL db.schema.visualization()');
    const labels = new Map((nodes as Node[]).map(({ id, labels: [label] }) => [id, label]));
    expect([...labels.values()]).toEqual(['Airport', 'City', 'Hub']);
    expect(
      (relationships as Relationship[]).map(({ type, startId, endId, properties }) =>
        [labels.get(startId), type, labels.get(endId), properties.get('count')].join(' '),
      ),
    ).toEqual([
      'Airport FERRY Airport 1',
      'Airport FERRY Hub 1',
      'Airport ROUTE Airport 4',
      'Airport ROUTE Hub 1',
      'City HAS Airport 2',
      'City HAS Hub 1',
      'Hub ROUTE Airport 2',
    ]);
  });
});

describe('the server', () => {
  it('says what it is, and lists what can be called', async () => {
    expect((await run('CALL dbms.components() YIELD name, versions RETURN name, size(versions)'))[0]).toEqual(
      ['Facet', 1n],
    );
    const procedures = await run('CALL dbms.procedures() YIELD name, signature RETURN name, signature');
    expect(procedures.map(([name]) => String(name).toLowerCase()).sort()).toEqual(
      [...GRAPH_PROCEDURES.keys()].sort(),
    );
    expect(procedures).toContainEqual([
      'algo.wcc',
      'algo.wcc(projection :: MAP?) :: (node :: NODE, node_id :: STRING, component :: INTEGER)',
    ]);
    const functions = await run(
      "CALL dbms.functions() YIELD name, signature, aggregating WHERE name IN ['substring', 'sum'] RETURN *",
    );
    expect(functions).toEqual([
      [false, 'substring', 'substring(STRING, INTEGER, [INTEGER]) :: STRING'],
      [true, 'sum', 'sum(INTEGER or FLOAT or DURATION) :: INTEGER or FLOAT or DURATION'],
    ]);
  });
});

describe('algorithms', () => {
  beforeEach(() => run(AIRPORTS));

  it('PageRank of a part of the graph', async () => {
    const rows = await run(
      `CALL algo.pageRank({labels: ['Airport'], edge_types: ['ROUTE'], iterations: 200, tolerance: 0})
       YIELD node, node_id, score RETURN node.name, score, node_id = elementId(node) ORDER BY score DESC`,
    );
    expect(rows.map(([name]) => name)).toEqual(['c', 'a', 'b', 'd']);
    expect(rows.every(([, , same]) => same === true)).toBe(true);
    expect(rows.reduce((sum, [, score]) => sum + Number(score), 0)).toBeCloseTo(1, 12);
    // d is reached by nobody: it has what everybody has, and passes it on to everybody alike.
    const alone = Number(rows[3]?.[1]);
    expect(alone).toBeCloseTo((0.15 + 0.85 * alone) / 4, 12);
  });

  it('components, by all relationships or by some', async () => {
    const wcc = 'CALL algo.wcc($p) YIELD node, component RETURN node.name, component';
    expect((await table(wcc, { p: null })).map(([, component]) => component)).toEqual([0n, 0n, 0n, 0n, 0n]);
    const routes = new Map<string, Value>([['edge_types', 'ROUTE']]);
    expect(Object.fromEntries(await table(wcc, { p: routes }))).toEqual({
      a: 0n,
      b: 0n,
      c: 0n,
      d: 1n,
      x: 2n,
    });
    const scc = 'CALL algo.scc({labels: "Airport"}) YIELD node, component RETURN node.name, component';
    expect(Object.fromEntries(await table(scc))).toEqual({ a: 0n, b: 0n, c: 0n, d: 1n });
  });

  it('degrees and triangles', async () => {
    const degree =
      'CALL algo.degree({edge_types: ["ROUTE"], direction: $d}) YIELD node, in_degree, out_degree, degree WHERE degree > 0 RETURN *';
    // RETURN * has its columns by name: degree, in_degree, node, out_degree.
    expect(await table(degree, { d: 'natural' })).toEqual([
      [3n, 1n, 'a', 2n],
      [2n, 1n, 'b', 1n],
      [3n, 2n, 'c', 1n],
    ]);
    expect((await table(degree, { d: 'reverse' }))[0]).toEqual([3n, 2n, 'a', 1n]);
    const triangles =
      'CALL algo.triangleCount() YIELD node, triangles, coefficient RETURN node.name, triangles, coefficient';
    const third = 2 / 6;
    expect(await table(triangles)).toEqual(
      expect.arrayContaining([
        ['a', 2n, third],
        ['b', 1n, 1],
        ['d', 1n, 1],
      ]),
    );
    expect(await table(triangles.replace('triangleCount', 'triangle_count'))).toEqual(await table(triangles));
  });

  it('shortest paths by weight, by steps, to one node and to all', async () => {
    const path = `MATCH (s {name: $from}), (t {name: $to})
      CALL algo.shortestPath({source: s, target: t, edge_types: ['ROUTE', 'FERRY'], weight: $weight, default_weight: 100})
      YIELD node, distance, hops, path RETURN node, distance, hops, path`;
    expect(await table(path, { from: 'd', to: 'c', weight: 'km' })).toEqual([
      ['c', 11.5, 3n, ['d', 'a', 'b', 'c']],
    ]);
    expect(await table(path, { from: 'd', to: 'c', weight: null })).toEqual([['c', 2, 2n, ['d', 'a', 'c']]]);
    expect(await table(path, { from: 'c', to: 'a', weight: 'km' })).toEqual([['a', 100, 1n, ['c', 'a']]]);
    expect(await table(path, { from: 'a', to: 'd', weight: 'km' })).toEqual([]);
    expect(await table(path, { from: 'a', to: 'x', weight: 'km' })).toEqual([]);

    const all = `MATCH (s {name: 'b'}) WITH elementId(s) AS source
      CALL algo.shortest_path({source: source, labels: 'Airport', direction: 'undirected', weight: 'km', default_weight: 0})
      YIELD node, distance, path RETURN node, distance, path`;
    expect(await table(all)).toEqual([
      ['b', 0, null],
      ['a', 5, null],
      ['c', 5, null],
      ['d', 6, null],
    ]);
  });

  it('is run for each row', async () => {
    const text = `UNWIND ['natural', 'reverse'] AS d CALL algo.degree({edge_types: 'ROUTE', direction: d})
      YIELD node, in_degree WHERE node.name = 'a' RETURN d, in_degree`;
    expect(await table(text)).toEqual([
      ['natural', 1n],
      ['reverse', 2n],
    ]);
  });

  it.each([
    ['CALL algo.wcc({label: "A"})', 'takes no label, but labels, edge_types'],
    ['CALL algo.degree({weight: "km"})', 'takes no weight, but labels, edge_types, direction'],
    ['CALL algo.wcc({labels: [1]})', 'labels must be a string or a list of strings'],
    ['CALL algo.scc({direction: "up"})', 'direction must be one of natural, reverse, undirected'],
    ['CALL algo.pageRank({damping: 1})', 'damping must be a number from 0 up to but not including 1'],
    ['CALL algo.pageRank({iterations: 0})', 'iterations must be an integer from 1 to 10000'],
    ['CALL algo.pageRank({iterations: 2.5})', 'iterations must be an integer'],
    ['CALL algo.labelPropagation({seed: 99999999999})', 'seed must be an integer'],
    ['CALL algo.betweenness({normalized: 1})', 'normalized must be true or false'],
    ['CALL algo.shortestPath({})', 'needs a source'],
    ['CALL algo.shortestPath({source: "a"})', 'source must be a node or the identity of one'],
    ['CALL algo.louvain({default_weight: 2})', 'default_weight is for relationships without the property'],
    ['CALL algo.shortestPath({source: "0", default_weight: 2})', 'there is no weight'],
    ['CALL algo.pageRank({weight: "name", default_weight: -1})', 'default_weight must be a number from 0'],
  ])('%s is refused', async (text, message) => {
    const error = await failure(run(text));
    expect(error).toMatchObject({ code: 'CYPHER_ARGUMENT_ERROR' });
    expect(error.message).toContain(message);
  });

  it.each([
    "'far'",
    '-1',
    '-0.5',
    '1.0/0',
    '[1]',
    'true',
  ])('a weight of %s is refused by name', async (weight) => {
    await run(`MATCH ({name: 'b'})-[r]->() SET r.km = ${weight}`);
    const error = await failure(run("CALL algo.pageRank({weight: 'km'})"));
    expect(error).toMatchObject({ code: 'CYPHER_ARGUMENT_ERROR' });
    expect(error.message).toMatch(/^The property km of relationship \d+ is no weight/);
  });

  it('reads a part of the graph once for all rows of a query, and again after a change', async () => {
    const readsOf = async (text: string): Promise<number> => {
      const before = store.observations.length;
      await run(text);
      const seen = store.observations.slice(before);
      return seen.filter((one) => one.type === 'statement' && one.statement.startsWith('graph.edge_chunk'))
        .length;
    };
    const rows = 'UNWIND range(1, 20) AS i CALL algo.wcc({labels: "Airport"}) YIELD node';
    const once = await readsOf('CALL algo.wcc({labels: "Airport"}) YIELD node RETURN node');
    expect(once).toBeGreaterThan(0);
    expect(await readsOf(`${rows} RETURN i, node`)).toBe(once);
    // Other settings of the same part do not matter, another part does.
    const changed = `CALL algo.wcc() YIELD node WITH count(node) AS before CREATE (:Airport {name: 'new'})
      WITH before CALL algo.wcc() YIELD node RETURN before, count(node) AS after`;
    expect(await table(changed)).toEqual([[5n, 6n]]);
    const other = 'UNWIND ["Airport", "City"] AS l CALL algo.wcc({labels: l}) YIELD node RETURN node';
    expect(await readsOf(other)).toBeGreaterThan(once);
  });

  it('takes relationships whose both ends have one of the labels, and asks PostgreSQL for no other', async () => {
    const inside = `CALL algo.degree({labels: ['City', 'Hub']}) YIELD node, in_degree, out_degree
      RETURN node, in_degree, out_degree ORDER BY node.name`;
    expect(await table(inside)).toEqual([
      ['a', 1n, 0n],
      ['x', 0n, 1n],
    ]);
    const { rows } = await store.database.run(EDGE_CHUNK_OF_LABELS, ['-1', null, '1000', '{City,Hub}']);
    // One relationship of 16 bytes, in hexadecimal behind \\x.
    expect(rows[0]?.[1]).toHaveLength(2 + 2 * 16);
  });

  it('ends when nobody waits for it', async () => {
    const controller = new AbortController();
    controller.abort();
    const error = await failure(run('CALL algo.wcc()', {}, { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'QUERY_CANCELLED' });
  });
});

describe('on PostgreSQL as in memory', () => {
  const CALLS = [
    'CALL algo.wcc({labels: $labels, edge_types: $types}) YIELD node, component RETURN node.n AS n, component ORDER BY n',
    'CALL algo.scc({labels: $labels, edge_types: $types}) YIELD node, component RETURN node.n AS n, component ORDER BY n',
    "CALL algo.pageRank({labels: $labels, edge_types: $types, weight: 'w'}) YIELD node, score RETURN node.n AS n, score ORDER BY n",
    'CALL algo.degree({labels: $labels, edge_types: $types}) YIELD node, degree RETURN node.n AS n, degree ORDER BY n',
    'CALL algo.triangleCount({labels: $labels, edge_types: $types}) YIELD node, triangles RETURN node.n AS n, triangles ORDER BY n',
    'CALL algo.labelPropagation({labels: $labels, edge_types: $types, seed: 3}) YIELD node, community RETURN node.n AS n, community ORDER BY n',
    "CALL algo.louvain({labels: $labels, edge_types: $types, weight: 'w', default_weight: 2}) YIELD node, community RETURN node.n AS n, community ORDER BY n",
    'CALL algo.betweenness({labels: $labels, edge_types: $types}) YIELD node, score RETURN node.n AS n, score ORDER BY n',
    "MATCH (s {n: 3}) CALL algo.shortestPath({source: s, labels: $labels, edge_types: $types, weight: 'w'}) YIELD node, distance, hops RETURN node.n AS n, distance, hops",
    'CALL db.labels()',
    'CALL db.relationshipTypes()',
    'CALL db.propertyKeys()',
    'CALL db.schema.visualization() YIELD nodes, relationships RETURN [n IN nodes | [n.name, labels(n)]], [r IN relationships | [type(r), r.count]]',
  ];

  it('a random graph', async () => {
    const random = randomNumbers(11);
    const pick = (count: number): number => Math.floor(random() * count);
    const nodes = Array.from({ length: 40 }, (_, n) => `(n${n}:L${pick(3)}:M${pick(2)} {n: ${n}})`);
    const relationships = Array.from({ length: 120 }, () => {
      const weight = pick(4) === 0 ? '' : ` {w: ${pick(2) === 0 ? pick(9) : random().toFixed(3)}}`;
      return `(n${pick(40)})-[:T${pick(3)}${weight}]->(n${pick(40)})`;
    });
    const create = `CREATE ${[...nodes, ...relationships].join(', ')}`;
    const graph = new MemoryGraph();
    await executeInMemory(graph, create, { random: randomFraction });
    await run(create);
    for (const labels of [null, ['L0'], ['L1', 'M0']]) {
      for (const types of [null, ['T1'], ['T0', 'T2']]) {
        const parameters = { labels, types };
        for (const text of CALLS) {
          const inMemory = await executeInMemory(graph, text, {
            parameters: new Map(Object.entries(parameters)),
            procedures: GRAPH_PROCEDURES,
            random: randomFraction,
          });
          expect({ text, ...parameters, rows: await run(text, parameters) }).toEqual({
            text,
            ...parameters,
            rows: inMemory.rows,
          });
        }
      }
    }
  });
});

const MANY = statement(
  'test.many',
  `INSERT INTO graph.node (id) SELECT g FROM generate_series(1000000000, 1000000000 + $1::integer - 1) AS g`,
);
const CHAIN = statement(
  'test.chain',
  `INSERT INTO graph.edge (id, type, src, dst)
   SELECT 2000000000 + g, 'NEXT', 1000000000 + g, 1000000000 + g + 1 FROM generate_series(0, $1::integer - 2) AS g`,
);

/** Ten relationships from each node to others that look random. */
const TANGLE = statement(
  'test.tangle',
  `INSERT INTO graph.edge (id, type, src, dst)
   SELECT 2000000000 + g, 'NEXT', 1000000000 + g / 10, 1000000000 + (g::bigint * 7919 + g / 7) % $1::integer
   FROM generate_series(0, $1::integer * 10 - 1) AS g`,
);

describe('larger graphs', () => {
  it('are read in chunks', async () => {
    const length = 110_000;
    await store.database.inTransaction(async (transaction) => {
      await store.database.run(MANY, [String(length)], { transaction });
      await store.database.run(CHAIN, [String(length)], { transaction });
    });
    expect(await run('CALL algo.wcc() YIELD component RETURN count(*), count(DISTINCT component)')).toEqual([
      [BigInt(length), 1n],
    ]);
    expect(
      await run(
        'CALL algo.shortestPath({source: 1000000000, target: $t}) YIELD distance, hops, path RETURN distance, hops, size(path)',
        { t: 1_000_000_000n + BigInt(length) - 1n },
      ),
    ).toEqual([[length - 1, BigInt(length - 1), BigInt(length)]]);
  });

  it('a long computation ends when its time is up, or when nobody waits for it', async () => {
    const length = 20_000;
    await store.database.inTransaction(async (transaction) => {
      await store.database.run(MANY, [String(length)], { transaction });
      await store.database.run(TANGLE, [String(length)], { transaction });
    });
    const text = 'CALL algo.betweenness() YIELD score RETURN sum(score)';
    expect(await failure(run(text, {}, { timeoutMs: 3_000 }))).toMatchObject({
      code: 'QUERY_TIMEOUT',
      message: 'The query ran longer than its timeout of 3000 ms',
    });
    const controller = new AbortController();
    const running = failure(run(text, {}, { signal: controller.signal }));
    // The server is not blocked: this timer goes off while the computation is under way.
    setTimeout(() => controller.abort(), 3_000);
    expect(await running).toMatchObject({ code: 'QUERY_CANCELLED', message: 'The query was cancelled' });
  });

  it('too many nodes are refused by the name of the limit', async () => {
    const length = LIMITS.graphProjectionNodesMax + 1;
    await store.database.inTransaction(async (transaction) => {
      await store.database.run(MANY, [String(length)], { transaction });
    });
    const error = await failure(run('CALL algo.degree()'));
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(error.message).toContain('graphProjectionNodesMax');
  });
});
