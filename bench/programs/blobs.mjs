// Both sides of the scenario about artifacts, each in a process of its own: the model from dist/, which cuts, hashes,
// finds equal chunks and verifies what it reads, and `pg` alone, which writes and reads rows of 256 KiB.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer } from './answer.mjs';
import { operationsOn } from './operations.mjs';

const CHUNK = 256 * 1024;
/** As the messages of a client that streams. */
const PIECE = 64 * 1024;
const CHUNKS_AT_ONCE = 4;

let store;
let database;
let call;
let client;
let written = 0;
let artifactId;
/** Bytes of which no chunk comes twice, in pieces of that size. */
function* bytesOf(bytes, pieceBytes) {
  const piece = randomBytes(pieceBytes);
  for (let at = 0; at < bytes; at += pieceBytes) {
    piece.writeDoubleLE(written++ + Math.random(), 0);
    yield piece;
  }
}

async function* streamed(bytes) {
  yield* bytesOf(bytes, PIECE);
}

async function timed(bytes, work) {
  const startedAt = performance.now();
  const count = await work();
  if (count !== bytes) throw new Error(`${count} of ${bytes} bytes`);
  return { rate: (bytes * 1000) / 1e6 / (performance.now() - startedAt) };
}

/** Emptied as the peer's table is: otherwise ours alone would share its core with the vacuum of the last round. */
async function forget() {
  const sql = 'TRUNCATE blob.artifact, blob.artifact_chunk, blob.chunk, blob.garbage, blob.suspect';
  await call(models.sqlQuery, { sql });
  artifactId = undefined;
}

answer({
  async openModel({ uri }) {
    store = await openStore(uri, { observe: () => {} });
    database = await store.namespace(store.defaultNamespace);
    call = operationsOn(store, database);
  },

  async upload({ bytes }) {
    await forget();
    return timed(bytes, async () => {
      const { artifact } = await call(models.blobUpload, { filename: 'bench', pieces: streamed(bytes) });
      artifactId = artifact.artifactId;
      return artifact.size;
    });
  },

  async download({ bytes }) {
    if (artifactId === undefined) {
      const { artifact } = await call(models.blobUpload, { filename: 'bench', pieces: streamed(bytes) });
      artifactId = artifact.artifactId;
    }
    return timed(bytes, async () => {
      let count = 0;
      for await (const piece of (await call(models.blobDownload, { artifactId })).pieces)
        count += piece.length;
      return count;
    });
  },

  async openBare({ connection }) {
    client = new pg.Client(connection);
    await client.connect();
    await client.query('CREATE TABLE bench_chunk (n int PRIMARY KEY, data bytea STORAGE EXTERNAL)');
  },

  async write({ bytes }) {
    await client.query('TRUNCATE bench_chunk');
    return timed(bytes, () => fill(bytes));
  },

  async read({ bytes }) {
    const { rows } = await client.query('SELECT count(*)::int AS count FROM bench_chunk');
    if (rows[0].count === 0) await fill(bytes);
    return timed(bytes, async () => {
      let count = 0;
      for (let n = 0; n * CHUNK < bytes; n += CHUNKS_AT_ONCE) {
        const found = await client.query({
          name: 'read',
          text: 'SELECT data FROM bench_chunk WHERE n >= $1 AND n < $2 ORDER BY n',
          values: [n, n + CHUNKS_AT_ONCE],
        });
        for (const { data } of found.rows) count += data.length;
      }
      return count;
    });
  },
});

/** One transaction, as nobody sees a part of it. */
async function fill(bytes) {
  let n = 0;
  await client.query('BEGIN');
  for (const chunk of bytesOf(bytes, CHUNK)) {
    await client.query({
      name: 'write',
      text: 'INSERT INTO bench_chunk VALUES ($1, $2)',
      values: [n++, chunk],
    });
  }
  await client.query('COMMIT');
  return n * CHUNK;
}
