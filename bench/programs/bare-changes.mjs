// A bare reader of pgoutput on pg's copyData: rows as texts, nothing kept, no log, no cursors, no resuming.
import pg from 'pg';
import { answer } from './answer.mjs';

let connection;
let copies = 0;

/** Reads inserts only: the backlog has nothing else. */
function readInsert(bytes, from, rows) {
  let at = from + 6;
  const count = bytes.readUInt16BE(at);
  at += 2;
  const row = [];
  for (let index = 0; index < count; index++) {
    if (bytes[at++] === 0x74) {
      const length = bytes.readUInt32BE(at);
      row.push(bytes.toString('utf8', at + 4, at + 4 + length));
      at += 4 + length;
    } else row.push(null);
  }
  rows.push(row);
}

answer({
  async open(given) {
    connection = given.connection;
  },

  /** Half of the changes in transactions of their own, half in those of a hundred. */
  async fill({ count }) {
    const client = new pg.Client(connection);
    await client.connect();
    const single = Math.floor(count / 2);
    await client.query(`DO $$ BEGIN
      FOR i IN 1..${single} LOOP INSERT INTO followed VALUES (i, 'name ' || i, i * 3); COMMIT; END LOOP;
      FOR i IN 0..${Math.ceil((count - single) / 100) - 1} LOOP
        INSERT INTO followed SELECT n, 'name ' || n, n * 3
        FROM generate_series(${single} + i * 100 + 1, least(${single} + i * 100 + 100, ${count})) n;
        COMMIT;
      END LOOP;
    END $$`);
    await client.end();
  },

  async drain({ slot, from, count }) {
    const startedAt = performance.now();
    const client = new pg.Client({ ...connection, replication: 'database' });
    client.on('error', () => {});
    await client.connect();
    const copy = `bench_copy_${process.pid}_${copies++}`;
    await client.query(`SELECT pg_copy_logical_replication_slot('${slot}', '${copy}', true)`);
    let changes = 0;
    let characters = 0;
    await new Promise((resolve, reject) => {
      const wire = client.connection;
      // The client's own listener makes an error of each message that no query of its asked for.
      wire.removeAllListeners('copyData');
      let rows = [];
      wire.on('copyData', ({ chunk }) => {
        if (chunk[0] !== 0x77) return;
        if (chunk[25] === 0x49) readInsert(chunk, 25, rows);
        if (chunk[25] !== 0x43) return;
        for (const row of rows) for (const cell of row) characters += cell === null ? 0 : cell.length;
        changes += rows.length;
        rows = [];
        if (changes >= count) resolve();
      });
      wire.once('errorMessage', reject);
      wire.query(
        `START_REPLICATION SLOT ${copy} LOGICAL ${from} (proto_version '1', publication_names '"facet_changes"')`,
      );
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    client.connection.stream.destroy();
    return { rate: changes / seconds, details: { charactersPerChange: characters / changes } };
  },
});
