// Our side of the engine scenarios: the engine alone, from dist/, without gate and HTTP.
import { openStore, statement } from '../../dist/engine/index.js';
import { answer, inFlight } from './answer.mjs';

let database;

answer({
  async open({ uri }) {
    const store = await openStore(uri, { observe: () => {} });
    database = await store.namespace(store.defaultNamespace);
    const name = await database.runUser('select current_database()');
    return name.rows[0][0];
  },

  async setUp({ statements }) {
    for (const sql of statements) await database.runUser(sql, [], { timeoutMs: 600_000 });
  },

  async points({ sql, idMax, callers, ms }) {
    const point = statement('bench.point', sql);
    return await inFlight(callers, ms, async () => {
      const id = String(1 + Math.floor(Math.random() * idMax));
      const { rows } = await database.run(point, [id]);
      if (rows[0][0] !== id) throw new Error(`asked for ${id}, got ${rows[0][0]}`);
    });
  },

  async transactions({ sqls, idMax, callers, ms }) {
    const steps = sqls.map((sql, index) => statement(`bench.step.${index}`, sql));
    const options = { owner: 'bench', isolationLevel: 'read_committed', readOnly: false, timeoutMs: 60_000 };
    return await inFlight(callers, ms, async () => {
      const id = String(1 + Math.floor(Math.random() * idMax));
      const transaction = await database.begin(options);
      for (const step of steps) await database.run(step, [id], { transaction });
      await database.commit(transaction);
    });
  },
});
