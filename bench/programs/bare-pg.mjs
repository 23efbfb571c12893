// The peers of the engine and stream scenarios: `pg` and `pg-cursor` as they come.
import pg from 'pg';
import Cursor from 'pg-cursor';
import { answer, inFlight } from './answer.mjs';

let client;
let pool;

answer({
  async open({ connection, poolSize }) {
    client = new pg.Client({ ...connection, pipeline: true });
    await client.connect();
    pool = new pg.Pool({ ...connection, max: poolSize });
  },

  async points({ sql, idMax, callers, ms }) {
    return await inFlight(callers, ms, async () => {
      const id = 1 + Math.floor(Math.random() * idMax);
      const { rows } = await client.query({ name: 'point', text: sql, values: [id], rowMode: 'array' });
      if (Number(rows[0][0]) !== id) throw new Error(`asked for ${id}, got ${rows[0][0]}`);
    });
  },

  async transactions({ sqls, idMax, callers, ms }) {
    return await inFlight(callers, ms, async () => {
      const id = 1 + Math.floor(Math.random() * idMax);
      const one = await pool.connect();
      await one.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
      for (const [index, text] of sqls.entries()) {
        await one.query({ name: `step${index}`, text, values: [id], rowMode: 'array' });
      }
      await one.query('COMMIT');
      one.release();
    });
  },

  /** Reads all rows in steps and drops them. */
  async rows({ sql, rowsPerFetch }) {
    const one = await pool.connect();
    const startedAt = performance.now();
    const cursor = one.query(new Cursor(sql, [], { rowMode: 'array' }));
    let count = 0;
    for (;;) {
      const rows = await cursor.read(rowsPerFetch);
      if (rows.length === 0) break;
      count += rows.length;
    }
    await cursor.close();
    one.release();
    return { count, ms: performance.now() - startedAt };
  },
});
