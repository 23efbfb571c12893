// One commit after the other at a pace, and two that follow them at the same time: a client of /ws/events, and a bare reader
// of pgoutput that decodes what it needs to know the commit by. Times begin when a commit is sent.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import WebSocket from 'ws';
import { answer, timesOf } from './answer.mjs';

const TABLE = 'bench_delivered';
const PUBLICATION = 'bench_delivery';
const SLOT = 'bench_delivery';
/** What may still be under way when the last commit of a round was answered. */
const LATE_MS = 5_000;

let writer;
let reader;
let socket;
let lastId = 0;
/** What a round has so far: when each commit was sent and answered, when each reader had it, by id. */
let sent = new Map();
let answered = new Map();
let seen = { ours: new Map(), bare: new Map() };

/** The first column of an insert, as a number. */
function idOfInsert(bytes) {
  const length = bytes.readUInt32BE(9);
  return Number(bytes.latin1Slice(13, 13 + length));
}

async function followBare(connection) {
  await writer.query(`CREATE PUBLICATION ${PUBLICATION} FOR TABLE ${TABLE}`);
  reader = new pg.Client({ ...connection, replication: 'database' });
  reader.on('error', () => {});
  await reader.connect();
  await reader.query(`CREATE_REPLICATION_SLOT ${SLOT} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
  const wire = reader.connection;
  // The client's own listener makes an error of each message that no query of its asked for.
  wire.removeAllListeners('copyData');
  let ids = [];
  wire.on('copyData', ({ chunk }) => {
    if (chunk[0] !== 0x77) return;
    if (chunk[25] === 0x49) ids.push(idOfInsert(chunk.subarray(25)));
    if (chunk[25] !== 0x43) return;
    const nowMs = performance.now();
    for (const id of ids) seen.bare.set(id, nowMs);
    ids = [];
  });
  wire.query(
    `START_REPLICATION SLOT ${SLOT} LOGICAL 0/0 (proto_version '1', publication_names '"${PUBLICATION}"')`,
  );
}

function followOurs(port) {
  socket = new WebSocket(`ws://127.0.0.1:${port}/ws/events`);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the WebSocket was closed')));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', id: 'bench', table: TABLE, events: ['insert'] })),
    );
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (message.type === 'event') seen.ours.set(message.row.id, performance.now());
      else if (message.type === 'subscribed') resolve();
      else reject(new Error(String(data)));
    });
  });
}

function timesOfReader(times) {
  const afterSending = [];
  const afterAnswer = [];
  for (const [id, sentMs] of sent) {
    afterSending.push(times.get(id) - sentMs);
    afterAnswer.push(times.get(id) - answered.get(id));
  }
  return { ...timesOf(afterSending), afterAckP50Ms: timesOf(afterAnswer).p50Ms };
}

answer({
  async begin({ connection, port }) {
    writer = new pg.Client(connection);
    await writer.connect();
    await writer.query(`CREATE TABLE ${TABLE} (id int PRIMARY KEY, note text)`);
    await followBare(connection);
    await followOurs(port);
  },

  /** Commits for `ms` milliseconds, one at a time; both readers' times of the same commits. */
  async pace({ ms, perSecond }) {
    sent = new Map();
    answered = new Map();
    seen = { ours: new Map(), bare: new Map() };
    const startedMs = performance.now();
    for (let count = 0; performance.now() - startedMs < ms; count++) {
      const earlyMs = startedMs + (count * 1_000) / perSecond - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const id = ++lastId;
      sent.set(id, performance.now());
      await writer.query({
        name: 'write',
        text: `INSERT INTO ${TABLE} VALUES ($1, $2)`,
        values: [id, 'note'],
      });
      answered.set(id, performance.now());
    }
    const untilMs = performance.now() + LATE_MS;
    while (seen.ours.size < sent.size || seen.bare.size < sent.size) {
      if (performance.now() > untilMs) {
        throw new Error(
          `of ${sent.size} changes ${seen.ours.size} came to us, ${seen.bare.size} to the bare reader`,
        );
      }
      await sleep(5);
    }
    return { ours: timesOfReader(seen.ours), bare: timesOfReader(seen.bare) };
  },

  async end() {
    socket.removeAllListeners('close');
    socket.terminate();
    reader.connection.stream.destroy();
    await writer.end();
  },
});
