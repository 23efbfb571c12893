/** Two servers on one database: the second claims the graph, the first is fenced and goes on reading. */
import { expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../support/server.ts';
import { createDatabase, dropDatabase, uriOf } from '../../support/test-store.ts';

const cypher = (server: TestServer, query: string): Promise<Answer> => server.post('/v0/cypher', { query });

it('the first is fenced, says so, and reads what the second writes', async () => {
  const name = await createDatabase();
  const flags = { store: uriOf(name) };
  const [first, second] = await Promise.all([startTestServer({ flags }), startTestServer({ flags })]);
  try {
    expect((await cypher(first, 'CREATE (:A)')).status).toBe(200);
    expect((await second.get('/v0/health')).json).toMatchObject({ epoch: 1, manifest_version: 2 });
    expect((await cypher(second, 'CREATE (:B)')).status).toBe(200);

    const fenced = await cypher(first, 'CREATE (:C)');
    expect([fenced.status, fenced.json.code, fenced.json.error]).toEqual([
      503,
      'WRITER_FENCED',
      'write execution failed: storage: writer fenced: local epoch 1, current epoch 2',
    ]);
    const read = await cypher(first, 'MATCH (n) RETURN labels(n) AS l ORDER BY l');
    expect(read.json.rows).toEqual([{ l: ['A'] }, { l: ['B'] }]);
    for (const server of [first, second]) {
      expect((await server.get('/v0/health')).json).toMatchObject({ epoch: 2, manifest_version: 4 });
    }
  } finally {
    await first.stop();
    await second.stop();
    await dropDatabase(name);
  }
});
