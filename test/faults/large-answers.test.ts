/**
 * Many large answers at once, on a server with a small heap: those that find no room are refused, other clients are
 * served meanwhile, the process lives on, and when readers are gone there is room again.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from './http-caller.ts';
import { eventually, type Life, Place, pause } from './server-under-fire.ts';

const HEAP_MIB = 700;
const CLIENTS = 40;
const ANSWER_BYTES_MIN = 45_000_000;
/** What LIMITS.answerPauseMsMax says, and what a loaded machine takes beside it. */
const DISCONNECTED_MS_MAX = 120_000;

const CYPHER = "WITH reduce(s = 'ab', y IN range(1, 19) | s + s) AS s UNWIND range(1, 45) AS x RETURN s";
const SQL = "SELECT repeat('x', 1000000) || i AS s FROM generate_series(1, 46) AS i";
const REQUESTS: readonly (readonly [string, unknown])[] = [
  ['/v0/cypher', { query: CYPHER }],
  ['/v0/cypher/arrow', { query: CYPHER }],
  ['/api/v1/query', { sql: SQL }],
];

const place = new Place();
const sockets: Socket[] = [];
const watcher = new Caller();
let life: Life;

beforeAll(async () => {
  const options = ['--insecure', 'true', '--rate-limit-enabled', 'false'];
  life = await place.start(options, undefined, [`--max-old-space-size=${HEAP_MIB}`]);
}, 90_000);
afterAll(async () => {
  watcher.close();
  for (const socket of sockets) socket.destroy();
  await place.clear();
}, 60_000);

function asked(path: string, body: unknown): Socket {
  const text = JSON.stringify(body);
  const socket = connect(life.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: facet\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${text.length}\r\n\r\n${text}`,
  );
  return socket;
}

interface Taken {
  readonly status: number;
  readonly bytes: number;
  /** Of its beginning, with the head. */
  readonly text: string;
}

/** Reads to the end and keeps the beginning. */
function read(path: string, body: unknown): Promise<Taken> {
  return new Promise((resolve) => {
    const socket = asked(path, body);
    let bytes = 0;
    let text = '';
    socket.on('data', (piece) => {
      bytes += piece.length;
      if (text.length < 2_000) text += piece.toString('latin1', 0, 2_000);
    });
    socket.once('close', () => resolve({ status: Number(text.slice(9, 12)), bytes, text }));
  });
}

async function isServed(): Promise<void> {
  expect(await watcher.call(life.port, '/v0/livez')).toMatchObject({ status: 200 });
}

function check({ status, bytes, text }: Taken): void {
  if (status === 200) {
    expect(bytes).toBeGreaterThan(ANSWER_BYTES_MIN);
    return;
  }
  expect(status).toBe(503);
  expect(text).toMatch(/retry-after: 1/i);
  expect(text).toMatch(/answersOfHeapMax|cypherMemoryOfHeapMax/);
}

it.each(REQUESTS)(
  'serves readers of %s that are fast, and refuses what does not fit',
  async (path, body) => {
    const answers = Promise.all(Array.from({ length: CLIENTS }, () => read(path, body)));
    let running = true;
    void answers.finally(() => {
      running = false;
    });
    while (running) {
      await isServed();
      await pause(50);
    }
    for (const answer of await answers) check(answer);
    expect((await answers).some(({ status }) => status === 200)).toBe(true);
    expect(life.alive()).toBe(true);
    check(await read(path, body));
  },
  200_000,
);

it('refuses others while large answers wait for readers that do not read, and disconnects those', async () => {
  const idle: Socket[] = [];
  const closed: Promise<unknown>[] = [];
  for (let index = 0; index < CLIENTS; index++) {
    const [path, body] = REQUESTS[index % REQUESTS.length] ?? ['', {}];
    const socket = asked(path, body);
    idle.push(socket);
    closed.push(new Promise((resolve) => socket.once('close', resolve)));
    await pause(50);
    if (index % 5 === 0) await isServed();
  }
  await eventually(
    'a refusal',
    30_000,
    () => read('/v0/cypher', { query: CYPHER }),
    ({ status, text }) => status === 503 && text.includes('answersOfHeapMax'),
  );
  await isServed();
  // Small answers are for everyone.
  expect(await watcher.call(life.port, '/v0/cypher', { query: 'RETURN 1 AS one' })).toMatchObject({
    status: 200,
  });
  // Nobody hangs up: the server has to.
  await eventually(
    'room again',
    DISCONNECTED_MS_MAX,
    async () => {
      await pause(2_000);
      return await read('/v0/cypher', { query: CYPHER });
    },
    ({ status }) => status === 200,
  );
  for (const socket of idle) socket.resume();
  await Promise.all(closed);
  expect(life.alive()).toBe(true);
}, 240_000);
