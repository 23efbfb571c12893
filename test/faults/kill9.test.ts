/**
 * kill -9 during a write load, again and again: of Facet, of the postmaster, and of both by turns. What was
 * acknowledged is there afterwards, what was never sent is not, and the next start (or the same server, when only
 * the postmaster died) serves. `FACET_FAULT_ROUNDS=20` is the long form.
 */
import { afterAll, expect, it } from 'vitest';
import { type Answer, Caller } from './http-caller.ts';
import { eventually, isRunning, type Life, Place, pause } from './server-under-fire.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 3);
const VICTIMS = ['facet', 'postmaster', 'both'] as const;
const WRITERS = 8;
/** Every round acknowledges at least this much before the blow. */
const ACKNOWLEDGED_MIN = 100;
const RECOVERY_MS = 60_000;
const ROUND_MS_MAX = 120_000;

const place = new Place();
const asker = new Caller();
const writers: Writer[] = [];
let stopped = false;

/** Inserts ids of its own, one after the other, at whatever server is there, and remembers what was acknowledged. */
class Writer {
  readonly #number: number;
  readonly #caller = new Caller();
  #next = 0;
  readonly acknowledged = new Set<number>();
  /** Statuses of answers that were neither an acknowledgement nor a cut connection. */
  readonly refusals = new Map<string, number>();

  constructor(number: number) {
    this.#number = number;
  }

  get attempted(): number {
    return this.#next;
  }

  async run(port: () => number): Promise<void> {
    while (!stopped) {
      const id = this.#next++ * WRITERS + this.#number;
      const { status, text } = await this.#write(port(), id);
      if (status === 200) this.acknowledged.add(id);
      else {
        if (status !== 0) {
          const code = /"code":\s*"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 100);
          this.refusals.set(`${status} ${code}`, (this.refusals.get(`${status} ${code}`) ?? 0) + 1);
        }
        await pause(20);
      }
    }
    this.#caller.close();
  }

  /** Every other writer writes to the graph: two nodes and a relationship, which must come through together. */
  #write(port: number, id: number): Promise<Answer> {
    const note = `writer ${this.#number}`;
    if (isGraphWriter(this.#number)) {
      const query = 'CREATE (:Survivor {id: $id})-[:SAYS]->(:Note {id: $id, text: $note})';
      return this.#caller.call(port, '/v0/cypher', { query, params: { id, note } });
    }
    return this.#caller.query(port, 'insert into survivors (id, note) values ($1, $2)', [id, note]);
  }
}

const isGraphWriter = (number: number): boolean => number % 2 === 1;

const acknowledgedCount = (): number => writers.reduce((sum, writer) => sum + writer.acknowledged.size, 0);

afterAll(async () => {
  stopped = true;
  asker.close();
  await place.clear();
}, 60_000);

async function strike(victim: (typeof VICTIMS)[number], life: Life): Promise<Life> {
  const postmaster = place.postmasterPid();
  if (victim !== 'facet') process.kill(postmaster, 'SIGKILL');
  if (victim !== 'postmaster') await life.kill();
  if (victim === 'postmaster') {
    // It must not need a new start: the server brings its PostgreSQL back itself. Processes of the dead postmaster
    // may answer for a moment longer, so an answer alone does not mean that a new one is there.
    await eventually(
      'a new postmaster',
      RECOVERY_MS,
      async () => place.postmasterPid(),
      (pid) => pid !== postmaster,
    );
    await eventually('an answer', RECOVERY_MS, () => asker.rows(life.port, 'select 1'));
    expect(life.alive(), life.output()).toBe(true);
    return life;
  }
  const next = await place.start(['--rate-limit-enabled', 'false']);
  expect(isRunning(postmaster)).toBe(false);
  return next;
}

async function checkSurvivors(port: number): Promise<void> {
  // Taken before the question, so that a write that is acknowledged meanwhile does not count as lost.
  const acknowledged = writers.flatMap((writer) => [...writer.acknowledged]);
  const rows = await asker.rows(
    port,
    `select id from survivors
     union all select (properties ->> 'id')::bigint from graph.nodes where labels = '{Survivor}'`,
  );
  const found = new Set(rows.map((row) => Number(row[0])));
  expect(found.size).toBe(rows.length);
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  const [counts] = await asker.rows(
    port,
    `select count(*) filter (where labels = '{Survivor}'), count(*) filter (where labels = '{Note}'),
       (select count(*) from graph.relationships),
       (select count(*) from graph.nodes s join graph.relationships r on r.start_id = s.id
        join graph.nodes n on n.id = r.end_id and n.properties -> 'id' = s.properties -> 'id')
     from graph.nodes`,
  );
  expect(new Set(counts).size, `nodes, notes, relationships, and what hangs together: ${counts}`).toBe(1);
  const invented = [...found].filter(
    (id) => Math.floor(id / WRITERS) >= (writers[id % WRITERS]?.attempted ?? 0),
  );
  expect(invented).toEqual([]);
}

it(
  `loses nothing acknowledged in ${ROUNDS} rounds of kill -9`,
  async () => {
    let life = await place.start(['--rate-limit-enabled', 'false']);
    await asker.rows(life.port, 'create table survivors (id bigint primary key, note text not null)');
    let port = life.port;
    for (let number = 0; number < WRITERS; number++) writers.push(new Writer(number));
    const work = writers.map((writer) => writer.run(() => port));

    for (let round = 0; round < ROUNDS; round++) {
      const victim = VICTIMS[round % VICTIMS.length] ?? 'both';
      const before = acknowledgedCount();
      await eventually(
        `round ${round}: writes after the last blow`,
        RECOVERY_MS,
        async () => acknowledgedCount() - before,
        (count) => count >= ACKNOWLEDGED_MIN,
      );
      // Not always at the same moment of the load.
      await pause(Math.random() * 300);
      life = await strike(victim, life);
      port = life.port;
      await checkSurvivors(port);
    }
    stopped = true;
    await Promise.all(work);
    await checkSurvivors(port);
    const refusals = [...new Set(writers.flatMap((writer) => [...writer.refusals.keys()]))];
    // While PostgreSQL is away, and for the statements it took down: nothing that blames the client, nothing internal.
    expect(refusals.filter((refusal) => !refusal.startsWith('503 '))).toEqual([]);
    console.info(
      `${acknowledgedCount()} writes acknowledged over ${ROUNDS} rounds, none lost; ${refusals.join(', ')}`,
    );
    expect(await life.stop()).toBe(0);
  },
  ROUNDS * ROUND_MS_MAX,
);
