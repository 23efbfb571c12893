/**
 * Eight workers, each a process of its own, drain a queue over HTTP: some messages are nacked, some can only fail,
 * workers are killed and replaced, and the server itself is killed once. In the end every message is accounted for.
 * `FACET_POOL_MESSAGES=100000` is the long form.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { eventually, type Life, Place } from './server-under-fire.ts';
import { mustAnswer, SynapCaller } from './synap-load.ts';

const MESSAGES = Number(process.env.FACET_POOL_MESSAGES ?? 2_000);
const WORKERS = 8;
/** Workers that are killed on the way, evenly over the messages. */
const CRASHES = 12;
const QUEUE = 'pool';
const LEASE_SECONDS = 5;
const PUBLISHED_PER_REQUEST = 500;
const DEAD_PER_PAGE = 1_000;
const DRAIN_MS = 600_000;
const SCRIPT = fileURLToPath(new URL('pool-worker.mjs', import.meta.url));

const place = new Place();
const asker = new SynapCaller();
const pool: Worker[] = [];

/** What all workers said, by number of the message. */
const said = { got: new Set<number>(), acking: new Set<number>(), acked: new Set<number>() };
const refused: string[] = [];
let deliveries = 0;

class Worker {
  readonly process: ChildProcess;
  /** When everything it said has been read. */
  readonly #heard: Promise<unknown>;

  constructor(port: number, name: string) {
    this.process = spawn(process.execPath, [SCRIPT, `http://127.0.0.1:${port}`, QUEUE, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { stdout } = this.process;
    if (stdout === null) throw new Error('a worker without an output');
    const lines = createInterface({ input: stdout });
    lines.on('line', (line) => hear(line));
    this.#heard = once(lines, 'close');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.#heard;
  }
}

function hear(line: string): void {
  const [what, about] = line.split(' ', 2);
  if (what === 'refused') refused.push(line);
  if (what === 'got') deliveries++;
  if (what === 'got' || what === 'acking' || what === 'acked') said[what].add(Number(about));
}

/** Some must die at once, some after all their retries, the rest may be done or die of bad luck. */
const fateOf = (number: number): 'reject' | 'fail' | 'work' =>
  number % 100 === 0 ? 'reject' : number % 50 === 1 ? 'fail' : 'work';

afterAll(async () => {
  for (const worker of pool) await worker.end('SIGKILL');
  asker.close();
  await place.clear();
}, 60_000);

async function publishAll(port: number): Promise<void> {
  for (let first = 0; first < MESSAGES; first += PUBLISHED_PER_REQUEST) {
    const length = Math.min(PUBLISHED_PER_REQUEST, MESSAGES - first);
    const commands = Array.from({ length }, (_, at) => {
      const number = first + at;
      return {
        command: 'queue.publish',
        payload: { queue: QUEUE, message: { number, fate: fateOf(number) } },
      };
    });
    const results = await asker.batch(port, commands);
    expect(results.filter(({ status }) => status !== 'success')).toEqual([]);
  }
}

/** Numbers of the dead messages. */
async function deadNumbers(port: number): Promise<number[]> {
  const numbers: number[] = [];
  let cursor: string | null = null;
  do {
    const payload = { queue: QUEUE, limit: DEAD_PER_PAGE, ...(cursor === null ? {} : { cursor }) };
    const page = await mustAnswer(asker, port, 'queue.dead_letters', payload);
    for (const { message } of page.messages) numbers.push(message.number);
    cursor = page.cursor;
  } while (cursor !== null);
  return numbers;
}

const serve = (port: number): Promise<Life> =>
  place.start(['--rate-limit-enabled', 'false', '--listen', `127.0.0.1:${port}`]);

it(
  `a pool of ${WORKERS} processes drains ${MESSAGES} messages, all accounted for`,
  async () => {
    let life = await serve(0);
    const { port } = life;
    const config = { ack_deadline_secs: LEASE_SECONDS, default_max_retries: 3 };
    await mustAnswer(asker, port, 'queue.create', { queue: QUEUE, config });
    await publishAll(port);

    const startedMs = performance.now();
    let named = 0;
    const hire = (): Worker => new Worker(port, `worker-${named++}`);
    for (let n = 0; n < WORKERS; n++) pool.push(hire());
    for (let crash = 1; crash <= CRASHES; crash++) {
      const due = Math.floor((crash * MESSAGES * 0.8) / CRASHES);
      await eventually(
        `${due} messages acked`,
        DRAIN_MS,
        async () => said.acked.size,
        (count) => count >= due,
      );
      const [victim] = pool.splice(Math.floor(Math.random() * pool.length), 1);
      await victim?.end('SIGKILL');
      pool.push(hire());
      if (crash === CRASHES / 2) {
        await life.kill();
        life = await serve(port);
      }
    }
    const stats = await eventually(
      'an empty queue',
      DRAIN_MS,
      () => mustAnswer(asker, port, 'queue.stats', { queue: QUEUE }),
      ({ depth, in_flight }) => depth === 0 && in_flight === 0,
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    await Promise.all(pool.splice(0).map((worker) => worker.end('SIGTERM')));

    expect(refused).toEqual([]);
    const dead = await deadNumbers(port);
    const isDead = new Set(dead);
    const all = Array.from({ length: MESSAGES }, (_, number) => number);
    expect(isDead.size, 'a message died twice').toBe(dead.length);
    expect(stats).toMatchObject({
      published_total: MESSAGES,
      dead_letters: dead.length,
      acked_total: MESSAGES - dead.length,
    });
    expect(
      all.filter((number) => !said.got.has(number)),
      'handed to nobody',
    ).toEqual([]);
    expect(
      [...said.acked].filter((number) => isDead.has(number)),
      'acked, and dead',
    ).toEqual([]);
    const lost = all.filter((number) => !isDead.has(number) && !said.acking.has(number));
    expect(lost, 'neither dead nor acked by anybody').toEqual([]);
    const spared = all.filter((number) => fateOf(number) !== 'work' && !isDead.has(number));
    expect(spared, 'those that can only fail').toEqual([]);
    console.info(
      `${MESSAGES} messages in ${seconds.toFixed(1)} s (${Math.round(MESSAGES / seconds)}/s), ${deliveries} deliveries, ` +
        `${dead.length} dead, ${CRASHES} workers and the server killed`,
    );
    expect(await life.stop()).toBe(0);
  },
  DRAIN_MS + 120_000,
);
