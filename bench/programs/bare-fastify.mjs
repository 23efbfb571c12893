// The peer of the HTTP scenario: one Fastify route that runs one named statement on one pipelined `pg` client.
import Fastify from 'fastify';
import pg from 'pg';
import { answer } from './answer.mjs';

let client;
const app = Fastify({ logger: false });

answer({
  async start({ connection, sql }) {
    client = new pg.Client({ ...connection, pipeline: true });
    await client.connect();
    app.post('/point', async (request) => {
      const result = await client.query({
        name: 'point',
        text: sql,
        values: request.body.params,
        rowMode: 'array',
      });
      return {
        columns: result.fields.map((field) => field.name),
        rows: result.rows,
        row_count: result.rows.length,
      };
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return app.server.address().port;
  },
});
