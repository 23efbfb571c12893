// Our side of the change feed, in process, from dist/: a backlog drained through a cursor of one consumer.
import { openStore } from '../../dist/engine/index.js';
import { answer } from './answer.mjs';

/** Items of one take: what the sockets take at a time. */
const TAKE = 256;

let database;
let from;

answer({
  /** A table that is followed, and a consumer for whom everything from now on is kept. */
  async open({ uri, table }) {
    const store = await openStore(uri, { observe: () => {} });
    database = await store.namespace(store.defaultNamespace);
    await database.runUser(table);
    await database.changes.watch({ schema: 'public', name: 'followed' });
    from = (await database.changes.consumer('bench')).position;
    const { rows } = await database.runUser('SELECT current_database()');
    return { database: rows[0][0], from: String(from) };
  },

  /** Changes a second, from opening the cursor to the last change of the backlog. */
  async drain({ count }) {
    const startedAt = performance.now();
    const cursor = await database.changes.open({ from, whenSlow: 'wait' });
    let changes = 0;
    let bytes = 0;
    while (changes < count) {
      const items = cursor.take(TAKE);
      for (const item of items) {
        if (item.kind === 'commit') continue;
        changes++;
        for (const cell of item.newRow) bytes += cell === null ? 0 : cell.length;
      }
      if (items.length === 0) {
        if (cursor.ended !== undefined) throw cursor.ended.reason;
        await new Promise((resolve) => cursor.onReady(resolve));
      }
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    cursor.close();
    return { rate: changes / seconds, details: { charactersPerChange: bytes / changes } };
  },
});
