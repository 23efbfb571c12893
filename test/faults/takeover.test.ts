/**
 * Servers that take a graph from each other, under load, on one PostgreSQL: each new one claims it with its first
 * write, and the one before it can commit nothing any more, but still reads. What was acknowledged, by whichever of
 * them, is there in the end. `FACET_TAKEOVERS=20` is the long form.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ignoreObservations } from '../../src/base/index.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/engine/embedded/index.ts';
import { Caller } from './http-caller.ts';
import { eventually, type Life, Place } from './server-under-fire.ts';

const TAKEOVERS = Number(process.env.FACET_TAKEOVERS ?? 4);
const WRITERS = 4;
const WRITES_BETWEEN = 50;
const WAIT_MS = 30_000;

const place = new Place();
const asker = new Caller();
let postgres: EmbeddedServer;
beforeAll(async () => {
  postgres = await startEmbedded({ durable: true, observe: ignoreObservations });
}, 60_000);
afterAll(async () => {
  asker.close();
  await place.clear();
  await postgres.stop();
}, 60_000);

const COUNT = { query: 'MATCH (n:Mark) RETURN count(n) AS n' };
const acknowledged = new Set<number>();
let attempted = 0;
let stopped = false;

/** Writes to whatever server is given for it, until that one is fenced; then to the next. */
async function writeOn(lives: readonly Life[]): Promise<void> {
  const caller = new Caller();
  let at = 0;
  while (!stopped) {
    const id = attempted++;
    const body = { query: 'CREATE (:Mark {id: $id})', params: { id } };
    const { status, text } = await caller.call(lives[at]?.port ?? 0, '/v0/cypher', body);
    if (status === 200) acknowledged.add(id);
    else {
      expect(text).toContain('writer fenced');
      await eventually(
        'the next server',
        WAIT_MS,
        async () => lives[at + 1] !== undefined || stopped,
        Boolean,
      );
      at++;
    }
  }
  caller.close();
}

it(
  `loses nothing acknowledged in ${TAKEOVERS} takeovers`,
  async () => {
    const store = `postgres://postgres@/postgres?host=${encodeURIComponent(postgres.socketDirectory)}&port=${postgres.port}`;
    const start = (): Promise<Life> => place.start(['--rate-limit-enabled', 'false'], store);
    const lives = [await start()];
    const work = Array.from({ length: WRITERS }, () => writeOn(lives));
    for (let turn = 0; turn < TAKEOVERS; turn++) {
      const before = acknowledged.size;
      await eventually(
        'writes',
        WAIT_MS,
        async () => acknowledged.size - before,
        (n) => n >= WRITES_BETWEEN,
      );
      const displaced = lives.at(-1);
      const next = await start();
      // The first write is the claim; the load of the other one goes on meanwhile.
      const id = attempted++;
      const claim = { query: 'CREATE (:Mark {id: $id})', params: { id } };
      expect((await asker.call(next.port, '/v0/cypher', claim)).status).toBe(200);
      acknowledged.add(id);
      const late = { query: 'CREATE (:Late)' };
      const refused = await asker.call(displaced?.port ?? 0, '/v0/cypher', late);
      expect(refused.text).toContain('writer fenced');
      const read = await asker.call(displaced?.port ?? 0, '/v0/cypher', COUNT);
      expect(read.status).toBe(200);
      lives.push(next);
      // Some of the displaced go on reading, the others end.
      if (turn % 2 === 0) expect(await displaced?.stop()).toBe(0);
    }
    stopped = true;
    await Promise.all(work);
    const last = lives.at(-1)?.port ?? 0;
    const rows = await asker.rows(
      last,
      `select (properties ->> 'id')::bigint, count(*) from graph.nodes where labels = '{Mark}' group by 1`,
    );
    const found = new Set(rows.map(([id]) => Number(id)));
    expect(rows.filter(([, count]) => count !== 1)).toEqual([]);
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
    expect(await asker.rows(last, `select count(*) from graph.nodes where labels = '{Late}'`)).toEqual([[0]]);
    console.info(`${acknowledged.size} writes acknowledged over ${TAKEOVERS} takeovers, none lost`);
  },
  60_000 + TAKEOVERS * WAIT_MS,
);
