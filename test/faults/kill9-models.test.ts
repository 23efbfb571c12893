/**
 * kill -9 during a load on keys, a queue and rooms of events, by turns of Facet and of the postmaster. What was
 * acknowledged is there afterwards, offsets have no gap and no repetition, and no message is lost or handed out again
 * before its lease has ended. `FACET_FAULT_ROUNDS=20` is the long form.
 */
import { afterAll, expect, it } from 'vitest';
import { EventLoad } from './event-load.ts';
import { KeyLoad } from './key-load.ts';
import { MessageLoad } from './message-load.ts';
import { eventually, type Life, Place, pause } from './server-under-fire.ts';
import { type Aim, mustAnswer, SynapCaller } from './synap-load.ts';

const ROUNDS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);
/** Every round acknowledges at least this much of each kind before the blow. */
const ACKNOWLEDGED_MIN = 100;
const RECOVERY_MS = 60_000;
const ROUND_MS_MAX = 120_000;

const place = new Place();
const asker = new SynapCaller();
const aim: Aim = { port: 0, stopped: false };

afterAll(async () => {
  aim.stopped = true;
  asker.close();
  await place.clear();
}, 60_000);

const start = (): Promise<Life> => place.start(['--rate-limit-enabled', 'false']);

const answers = (): Promise<unknown> =>
  eventually('an answer', RECOVERY_MS, () => mustAnswer(asker, aim.port, 'kv.dbsize', {}));

/** Kills Facet or its PostgreSQL, and resolves when commands are answered again. */
async function strike(victim: 'facet' | 'postmaster', life: Life): Promise<Life> {
  if (victim === 'facet') {
    await life.kill();
    const next = await start();
    aim.port = next.port;
    await answers();
    return next;
  }
  const postmaster = place.postmasterPid();
  process.kill(postmaster, 'SIGKILL');
  await eventually(
    'a new postmaster',
    RECOVERY_MS,
    async () => place.postmasterPid(),
    (pid) => pid !== postmaster,
  );
  await answers();
  expect(life.alive(), life.output()).toBe(true);
  return life;
}

it(
  `loses and repeats nothing of keys, messages and events in ${ROUNDS} rounds of kill -9`,
  async () => {
    let life = await start();
    aim.port = life.port;
    const keys = new KeyLoad(aim);
    const messages = new MessageLoad(aim);
    const events = new EventLoad(aim);
    const loads = [keys, messages, events];
    await messages.prepare(asker);
    await events.prepare(asker);
    const work = loads.map((load) => load.run());
    const following = events.follow();

    for (let round = 0; round < ROUNDS; round++) {
      const before = loads.map(({ acknowledged }) => acknowledged);
      await eventually(
        `round ${round}: writes of each kind after the last blow`,
        RECOVERY_MS,
        async () => loads.map(({ acknowledged }, at) => acknowledged - (before[at] ?? 0)),
        (counts) => counts.every((count) => count >= ACKNOWLEDGED_MIN),
      );
      // Not always at the same moment of the load.
      await pause(Math.random() * 1_000);
      life = await strike(round % 2 === 0 ? 'facet' : 'postmaster', life);
      await keys.check(asker);
      messages.check();
      await events.check(asker);
    }

    aim.stopped = true;
    const drained = await messages.checkDrained(asker);
    await Promise.all(work);
    messages.check();
    await keys.check(asker);
    await events.checkFollower(asker, following);
    const refusals = [...new Set([...loads.flatMap((load) => load.refusals), ...asker.refusals])];
    // While PostgreSQL is away, and for the statements it took down: nothing that blames the client, nothing internal.
    expect(refusals.filter((refusal) => !refusal.startsWith('503 '))).toEqual([]);
    console.info(
      `${ROUNDS} rounds: ${keys.acknowledged} writes to keys, ${drained}, ${events.acknowledged} events, ` +
        `nothing lost; ${refusals.join(', ')}`,
    );
    expect(await life.stop()).toBe(0);
  },
  ROUNDS * ROUND_MS_MAX,
);
