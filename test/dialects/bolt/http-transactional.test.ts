/** Neo4j's transactional endpoint over real HTTP: at once, step by step, what goes wrong, and what rows look like. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  await atOnce('MATCH (n) DETACH DELETE n');
});

const TX = '/db/neo4j/tx';
const statements = (...queries: (string | object)[]) => ({
  statements: queries.map((query) => (typeof query === 'string' ? { statement: query } : query)),
});
const atOnce = (...queries: (string | object)[]): Promise<Answer> =>
  server.post(`${TX}/commit`, statements(...queries));
const pathOf = ({ headers }: Answer): string => new URL(headers.get('location') ?? '').pathname;
const count = async (): Promise<unknown> =>
  (await atOnce('MATCH (n) RETURN count(n)')).json.results[0].data[0].row[0];

describe('at once', () => {
  it('answers rows with what they are', async () => {
    const answer = await atOnce({
      statement: 'CREATE (n:Bike {weight: $w}) RETURN n, $w AS w, id(n) AS id',
      parameters: { w: 10 },
    });
    expect(answer.status).toBe(200);
    const [{ columns, data }] = answer.json.results;
    const id = data[0].row[2];
    expect(columns).toEqual(['n', 'w', 'id']);
    expect(data).toEqual([
      {
        row: [{ weight: 10 }, 10, id],
        meta: [{ id, elementId: String(id), type: 'node', deleted: false }, null, null],
      },
    ]);
    expect(answer.json.errors).toEqual([]);
    expect(answer.json.lastBookmarks).toEqual([expect.stringMatching(/^facet:\w+:[0-9A-F]+\/[0-9A-F]+$/)]);
    expect(answer.json).not.toHaveProperty('commit');
    expect(answer.json).not.toHaveProperty('transaction');
  });

  it('runs several statements as one transaction', async () => {
    const answer = await atOnce('CREATE (:A)', 'MATCH (a:A) RETURN count(a) AS n');
    expect(answer.json.results.map((result: { columns: unknown }) => result.columns)).toEqual([[], ['n']]);
    expect(answer.json.results[1].data).toEqual([{ row: [1], meta: [null] }]);

    const failed = await atOnce('CREATE (:B)', 'RETURN 1/0 AS x', 'CREATE (:C)');
    expect(failed.status).toBe(200);
    expect(failed.json.results).toHaveLength(2);
    expect(failed.json.errors).toEqual([
      { code: 'Neo.ClientError.Statement.ArithmeticError', message: expect.stringContaining('zero') },
    ]);
    expect(failed.json).not.toHaveProperty('lastBookmarks');
    expect(await count()).toBe(1);
  });

  it('takes no statements', async () => {
    const expected = { results: [], errors: [], lastBookmarks: [] };
    expect((await server.post(`${TX}/commit`, {})).json).toEqual(expected);
    expect((await server.post(`${TX}/commit`)).json).toEqual(expected);
  });

  it('counts, explains and profiles', async () => {
    const answer = await atOnce(
      { statement: 'CREATE (a:A {x: 1})-[:T]->(:B)', includeStats: true },
      { statement: 'MATCH (a:A)-[r]->() DELETE r', includeStats: true },
      { statement: 'EXPLAIN MATCH (a:A) RETURN a' },
      { statement: 'PROFILE MATCH (a:A) RETURN a.x AS x' },
    );
    const [created, deleted, explained, profiled] = answer.json.results;
    expect(created.stats).toEqual({
      contains_updates: true,
      nodes_created: 2,
      nodes_deleted: 0,
      properties_set: 1,
      relationships_created: 1,
      relationship_deleted: 0,
      labels_added: 2,
      labels_removed: 0,
      indexes_added: 0,
      indexes_removed: 0,
      constraints_added: 0,
      constraints_removed: 0,
      contains_system_updates: false,
      system_updates: 0,
    });
    expect(deleted.stats.relationship_deleted).toBe(1);
    expect(explained).toMatchObject({ data: [], plan: { root: { operatorType: expect.any(String) } } });
    expect(explained.plan.root.children).toEqual(expect.any(Array));
    expect(profiled.data).toEqual([{ row: [1], meta: [null] }]);
    expect(profiled.plan.root).toMatchObject({ rows: 1, dbHits: 0 });
  });

  it('gives graphs for programs that draw', async () => {
    await atOnce('CREATE (:Bike {w: 1})-[:HAS {pos: 1}]->(:Wheel {s: 3})');
    const answer = await atOnce({
      statement: 'MATCH p = (b:Bike)-[h:HAS]->(w:Wheel) RETURN p, {also: b} AS m, 1 AS one',
      resultDataContents: ['row', 'graph'],
    });
    const [{ row, meta, graph }] = answer.json.results[0].data;
    expect(row).toEqual([[{ w: 1 }, { pos: 1 }, { s: 3 }], { also: { w: 1 } }, 1]);
    // A path has a list of its own, a map has what is in it.
    expect(meta.map((each: unknown) => (Array.isArray(each) ? each.length : each))).toEqual([
      3,
      { id: expect.any(Number), elementId: expect.any(String), type: 'node', deleted: false },
      null,
    ]);
    expect(graph.nodes.map((node: { labels: unknown }) => node.labels)).toEqual([['Bike'], ['Wheel']]);
    const [bike, wheel] = graph.nodes;
    expect(graph.relationships).toEqual([
      {
        id: expect.any(String),
        elementId: expect.any(String),
        type: 'HAS',
        startNode: bike.id,
        startNodeElementId: bike.elementId,
        endNode: wheel.id,
        endNodeElementId: wheel.elementId,
        properties: { pos: 1 },
      },
    ]);
    const alone = await atOnce({ statement: 'RETURN 1 AS x', resultDataContents: ['GRAPH'] });
    expect(alone.json.results[0].data).toEqual([{ graph: { nodes: [], relationships: [] } }]);
  });

  it('gives the ends of relationships that come without them', async () => {
    await atOnce('UNWIND range(1, 2500) AS i CREATE (:A {i: i})-[:T {i: i}]->(:B {i: i})');
    const query = { statement: 'MATCH ()-[r:T]->() RETURN r ORDER BY r.i', resultDataContents: ['graph'] };
    const begun = await server.post(TX, statements('CREATE (:A {i: 0})-[:T {i: 0}]->(:B {i: 0})', query));
    const alone = await atOnce(query);
    for (const [{ data }, count] of [
      [alone.json.results[0], 2_500],
      // In a transaction they are its own.
      [begun.json.results[1], 2_501],
    ] as const) {
      expect(data).toHaveLength(count);
      for (const { graph } of data) {
        const [{ startNode, endNode, properties }] = graph.relationships;
        expect(graph.nodes).toEqual([
          { id: startNode, elementId: startNode, labels: ['A'], properties },
          { id: endNode, elementId: endNode, labels: ['B'], properties },
        ]);
      }
    }
    expect((await server.delete(pathOf(begun))).status).toBe(200);
  });

  it('writes every type of value', async () => {
    const answer = await atOnce(
      `RETURN 9007199254740993 AS big, 1.0 AS f, 0.0/0.0 AS nan, true AS b, null AS n, 'é"' AS s, [1, [2.5]] AS l,
       date('2020-02-03') AS d, time('10:00+01:00') AS t, localtime('10:00') AS lt,
       datetime('2020-02-03T04:05:06.007[Europe/Stockholm]') AS dt, localdatetime('2020-02-03T04:05') AS ldt,
       duration('P1M2DT3S') AS du, point({x: 1, y: 2}) AS p`,
    );
    const [{ columns, data }] = answer.json.results;
    expect(columns).toHaveLength(14);
    expect(data[0].row.slice(2)).toEqual([
      'NaN',
      true,
      null,
      'é"',
      [1, [2.5]],
      '2020-02-03',
      '10:00+01:00',
      '10:00',
      '2020-02-03T04:05:06.007+01:00[Europe/Stockholm]',
      '2020-02-03T04:05',
      'P1M2DT3S',
      {
        type: 'Point',
        coordinates: [1, 2],
        crs: {
          srid: 7203,
          name: 'cartesian',
          type: 'link',
          properties: { href: 'http://spatialreference.org/ref/sr-org/7203/ogcwkt/', type: 'ogcwkt' },
        },
      },
    ]);
    expect(answer.text).toContain('"row":[9007199254740993,1.0,"NaN",');
    const types = data[0].meta.map((meta: { type: string } | null) => meta?.type);
    // A list has no place of its own: what it holds has.
    expect(types.slice(6)).toEqual([
      undefined,
      undefined,
      'date',
      'time',
      'localtime',
      'datetime',
      'localdatetime',
      'duration',
      'point',
    ]);
  });

  it('writes results of any size as they come', async () => {
    const answer = await atOnce('UNWIND range(1, 50000) AS i RETURN i, "row " + i AS text', 'RETURN 1 AS x');
    const [rows, last] = answer.json.results;
    expect(rows.data).toHaveLength(50_000);
    expect(rows.data.at(-1).row).toEqual([50_000, 'row 50000']);
    expect(last.data[0].row).toEqual([1]);
    const failed = await atOnce('UNWIND range(1, 50000) AS i RETURN 100000 / (40000 - i) AS x');
    expect(failed.status).toBe(200);
    expect(failed.json.results[0].data.length).toBeLessThan(40_000);
    expect(failed.json.errors[0].code).toBe('Neo.ClientError.Statement.ArithmeticError');
  });
});

describe('step by step', () => {
  it('begins, goes on, commits', async () => {
    const begun = await server.post(TX, statements('CREATE (a:A) RETURN 1 AS x'));
    expect(begun.status).toBe(201);
    const path = pathOf(begun);
    expect(begun.headers.get('location')).toBe(`${server.url}${path}`);
    expect(begun.json).toMatchObject({
      results: [{ columns: ['x'], data: [{ row: [1] }] }],
      errors: [],
      commit: `${server.url}${path}/commit`,
    });
    const expires = Date.parse(begun.json.transaction.expires);
    expect(expires - Date.now()).toBeGreaterThan(20_000);
    expect(await count()).toBe(0);

    const next = await server.post(
      path,
      statements('MATCH (a:A) CREATE (a)-[:T]->(:B) RETURN count(a) AS n'),
    );
    expect([next.status, next.json.results[0].data[0].row]).toEqual([200, [1]]);
    // Nothing to run keeps it alive.
    expect((await server.post(path, { statements: [] })).json.transaction.expires).toEqual(
      expect.any(String),
    );

    const done = await server.post(`${path}/commit`, statements('CREATE (:C)'));
    expect([done.status, done.json.errors]).toEqual([200, []]);
    expect(done.json.lastBookmarks).toHaveLength(1);
    expect(done.json).not.toHaveProperty('transaction');
    expect(await count()).toBe(3);
    expect((await server.post(`${path}/commit`)).status).toBe(404);
  });

  it('rolls back when it is told to, and when a statement fails', async () => {
    const told = pathOf(await server.post(TX, statements('CREATE (:A)')));
    const answer = await server.delete(told);
    expect([answer.status, answer.json]).toEqual([200, { results: [], errors: [] }]);

    const failing = pathOf(await server.post(TX, statements('CREATE (:A)')));
    const failed = await server.post(failing, statements('CREATE (:B)', 'This is no query'));
    expect(failed.status).toBe(200);
    expect(failed.json.errors).toEqual([
      { code: 'Neo.ClientError.Statement.SyntaxError', message: expect.stringContaining('line 1, column 1') },
    ]);
    expect(failed.json).not.toHaveProperty('transaction');
    for (const gone of [told, failing, `${TX}/none`]) {
      const refused = await server.post(gone, statements('RETURN 1'));
      expect([refused.status, refused.json.errors[0].code]).toEqual([
        404,
        'Neo.ClientError.Transaction.TransactionNotFound',
      ]);
      expect((await server.delete(gone)).status).toBe(404);
    }
    expect(await count()).toBe(0);
  });

  it('rolls back a commit whose last statement fails', async () => {
    const path = pathOf(await server.post(TX, statements('CREATE (:A)')));
    const failed = await server.post(`${path}/commit`, statements('RETURN $missing'));
    expect([failed.status, failed.json.errors[0].code]).toEqual([
      200,
      'Neo.ClientError.Statement.ParameterMissing',
    ]);
    expect(failed.json).not.toHaveProperty('lastBookmarks');
    expect(await count()).toBe(0);
  });

  it('refuses writes where the client wanted to read', async () => {
    const headers = { 'access-mode': 'READ' };
    const path = pathOf(await server.post(TX, statements('RETURN 1'), { headers }));
    const refused = await server.post(path, statements('CREATE (:A)'));
    expect(refused.json.errors[0].code).toBe('Neo.ClientError.Statement.AccessMode');
    const alone = await server.post(`${TX}/commit`, statements('CREATE (:A)'), { headers });
    expect(alone.json.errors[0].code).toBe('Neo.ClientError.Statement.AccessMode');
    expect(await count()).toBe(0);
  });

  it('lets one request at a time into a transaction', async () => {
    const path = pathOf(await server.post(TX));
    const slow = server.post(
      path,
      statements('UNWIND range(1, 300000) AS i RETURN sum(i) AS s, max(i) AS m'),
    );
    // The other one has begun when this request meets it.
    let refused: Answer;
    do refused = await server.post(path, {});
    while (refused.status === 200 && !(await settled(slow)));
    expect((await slow).json.errors).toEqual([]);
    if (refused.status !== 200) {
      expect([refused.status, refused.json.errors[0].code]).toEqual([
        400,
        'Neo.ClientError.Transaction.TransactionAccessedConcurrently',
      ]);
    }
    expect((await server.delete(path)).status).toBe(200);
  });

  it('keeps databases apart, and knows one by both of its names', async () => {
    const path = pathOf(await server.post(TX, statements('CREATE (:A)')));
    const elsewhere = await server.post(path.replace('neo4j', 'other'));
    expect([elsewhere.status, elsewhere.json.errors[0].code]).toEqual([
      404,
      'Neo.ClientError.Transaction.TransactionNotFound',
    ]);
    expect((await server.post(`${path.replace('neo4j', 'default')}/commit`)).status).toBe(200);
    expect(await count()).toBe(1);
  });
});

const settled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

describe('bookmarks', () => {
  it('are those of commits, and are waited for', async () => {
    const [bookmark] = (await atOnce('CREATE (:A)')).json.lastBookmarks;
    const headers = { bookmarks: JSON.stringify([bookmark]) };
    const read = await server.post(`${TX}/commit`, statements('MATCH (a) RETURN count(a)'), { headers });
    expect(read.json.lastBookmarks).toEqual([bookmark]);
    const wrong = { headers: { bookmarks: '["FB:kcwQ"]' } };
    const refused = await server.post(`${TX}/commit`, statements('RETURN 1'), wrong);
    expect([refused.status, refused.json.errors[0].code]).toEqual([
      400,
      'Neo.ClientError.Transaction.InvalidBookmark',
    ]);
  });
});
