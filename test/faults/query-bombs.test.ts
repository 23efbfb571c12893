/**
 * Queries of one client that would take all memory or all time of the process, on a server with a small heap: each is
 * ended, other clients are served meanwhile, and the process lives on.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from './http-caller.ts';
import { type Life, Place, pause } from './server-under-fire.ts';

const HEAP_MIB = 400;
/** An expression may keep everybody waiting for a second; a loaded machine takes its time. */
const ANSWER_MS_MAX = 10_000;

const HUGE = 'WITH range(1, 1000000) AS l ';
const BOMBS: readonly string[] = [
  `${HUGE}RETURN size([a IN range(1, 1000) | l + a]) AS c`,
  'UNWIND range(1, 20000) AS x UNWIND range(1, 20000) AS y RETURN sum(x * y)',
  'RETURN size(reduce(s = [], x IN range(1, 200000) | s + x)) AS c',
  `${HUGE}WITH [x IN range(1, 300) | l] AS m WITH DISTINCT m RETURN count(*) AS r`,
  `${HUGE}RETURN [x IN range(1, 1000) | l] AS c`,
  `${HUGE}RETURN size([x IN range(1, 2000000) WHERE l = l]) AS c`,
  'RETURN reduce(s = [1], x IN range(1, 100000) | [s]) AS c',
  "WITH reduce(s = 'ab', y IN range(1, 22) | s + s) AS s RETURN [x IN range(1, 1000) | s] AS c",
  "WITH reduce(s = 'ab', y IN range(1, 22) | s + s) AS s UNWIND range(1, 1000) AS x RETURN s + x AS c",
  'FOREACH (x IN range(1, 1000) | FOREACH (y IN range(1, 1000) | FOREACH (z IN range(1, 1000) | CREATE (:G))))',
  'UNWIND range(1, 1000) AS x WITH [y IN range(1, 100000) | y + x] AS l, x ORDER BY x RETURN count(*)',
  `${'MATCH (n) '.repeat(3_000)}RETURN 1`,
];

const place = new Place();
const callers: Caller[] = [];
let life: Life;

const caller = (): Caller => {
  const one = new Caller();
  callers.push(one);
  return one;
};

beforeAll(async () => {
  const options = ['--insecure', 'true', '--rate-limit-enabled', 'false'];
  life = await place.start(options, undefined, [`--max-old-space-size=${HEAP_MIB}`]);
}, 90_000);
afterAll(async () => {
  for (const one of callers) one.close();
  await place.clear();
}, 60_000);

const ask = (one: Caller, query: string, timeoutMs: number, path = '/v0/cypher') =>
  one.call(life.port, path, { query, timeoutMs });

/** Asks for a sign of life again and again; the longest that it took. */
async function watched(work: Promise<unknown>): Promise<number> {
  const watcher = caller();
  let running = true;
  void work.finally(() => {
    running = false;
  });
  let longestMs = 0;
  while (running) {
    const fromMs = performance.now();
    const { status } = await watcher.call(life.port, '/v0/livez');
    expect(status).toBe(200);
    longestMs = Math.max(longestMs, performance.now() - fromMs);
    await pause(20);
  }
  return longestMs;
}

it.each(BOMBS.map((query) => [query.slice(0, 90), query]))(
  'ends %s',
  async (_, query) => {
    const bomber = caller();
    const answer = ask(bomber, query, 3_000);
    expect(await watched(answer)).toBeLessThan(ANSWER_MS_MAX);
    const { status, text } = await answer;
    expect(text).toMatch(/LIMIT_EXCEEDED|RESULT_TOO_LARGE|TIMEOUT/);
    expect(status).not.toBe(500);
    expect(life.alive()).toBe(true);
  },
  60_000,
);

it('survives all of them at once, as streams too', async () => {
  const answers = BOMBS.flatMap((query) => [
    ask(caller(), query, 5_000),
    ask(caller(), query, 5_000, '/v0/cypher/stream'),
  ]);
  await watched(Promise.all(answers));
  for (const { status } of await Promise.all(answers)) expect([0, 500]).not.toContain(status);
  expect(life.alive()).toBe(true);
  expect(await ask(caller(), 'RETURN 1 AS one', 5_000)).toMatchObject({ status: 200 });
}, 120_000);

it('ends a computation whose client has left', async () => {
  const fromMs = performance.now();
  const query = 'UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN sum(x * y)';
  await caller().call(life.port, '/v0/cypher', { query, timeoutMs: 600_000 }, { hangUpMs: 300 });
  // Stopping waits for what is under way, and then it is cancelled.
  expect(await life.stop()).toBe(0);
  expect(performance.now() - fromMs).toBeLessThan(60_000);
}, 90_000);
