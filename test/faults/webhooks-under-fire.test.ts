/**
 * Webhooks across kill -9 of Facet, to a receiver that fails at random: every change comes at least once and in order, the
 * place that was stored survives, and the count is that of the changes. `FACET_FAULT_ROUNDS=20` is the long form.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { Caller } from './http-caller.ts';
import { eventually, type Life, Place, pause } from './server-under-fire.ts';

const KILLS = Number(process.env.FACET_FAULT_ROUNDS ?? 2);
const CHANGES_PER_LIFE = KILLS > 5 ? 2_000 : 150;
/** What is written ahead of the deliveries, in changes. */
const BACKLOG_MAX = 2 * CHANGES_PER_LIFE;
const BATCH = 5;
const ROWS_AT_ONCE_MAX = 4;
const WAIT_MS = 60_000;
const OPTIONS = ['--rate-limit-enabled', 'false', '--webhook-allow-private', 'true'];

const place = new Place();
const asker = new Caller();
const writer = new Caller();
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  asker.close();
  writer.close();
  await place.clear();
  await receiver.close();
}, 60_000);

interface Event {
  readonly lsn: string;
  readonly sequence: number;
  readonly row: { readonly id: number };
}

const eventsOf = (requests: Receiver['requests']): readonly Event[] =>
  requests.flatMap(({ json }) => json.events as unknown as Event[]);

const placeOf = ({ lsn, sequence }: Event): bigint => {
  const [high = '', low = ''] = lsn.split('/');
  return (((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) << 32n) | BigInt(sequence);
};

/** Four of ten answers are none, or bad. */
function failAtRandom(): void {
  receiver.behave((_, response) => {
    const fate = Math.random();
    if (fate < 0.2) response.writeHead(503).end();
    else if (fate < 0.3) response.socket?.destroy();
    else if (fate < 0.4) setTimeout(() => response.writeHead(500).end(), 20);
    else response.writeHead(200).end();
  });
}

it(
  `every change comes in order across ${KILLS} deaths of the server`,
  async () => {
    let life: Life = await place.start(OPTIONS);
    await asker.rows(life.port, 'create table job (id bigint primary key)');
    failAtRandom();
    const { status, text } = await asker.call(life.port, '/api/v1/subscriptions', {
      ...{ name: 'jobs', table: 'job', events: ['insert'], delivery: 'webhook', endpoint: receiver.url },
      ...{ batch_size: BATCH, batch_timeout_ms: 10 },
      retry_policy: { max_retries: 100, backoff_ms: 2, backoff_multiplier: 1 },
    });
    expect(status, text).toBe(201);
    const path = `/api/v1/subscriptions/${(JSON.parse(text) as { id: string }).id}`;

    let written = 0;
    let ended = false;
    const delivered = (): number => eventsOf(receiver.accepted.slice(-1)).at(-1)?.row.id ?? 0;
    const writing = (async (): Promise<void> => {
      while (!ended) {
        // A backlog of any size would be waited for after each death.
        if (written - delivered() > BACKLOG_MAX) {
          await pause(5);
          continue;
        }
        const rows = 1 + Math.floor(Math.random() * ROWS_AT_ONCE_MAX);
        const sql = `insert into job select generate_series($1::bigint, $2::bigint) on conflict do nothing`;
        const answer = await writer.query(life.port, sql, [written + 1, written + rows]);
        // What was committed without an answer is left out the next time, and the rest of it is new.
        if (answer.status === 200) written += rows;
        else await pause(20);
      }
    })();

    for (let kill = 0; kill < KILLS; kill++) {
      const goal = written + CHANGES_PER_LIFE;
      const seen = (): Promise<number> => Promise.resolve(delivered());
      await eventually(
        'deliveries',
        WAIT_MS,
        seen,
        (id) => id >= goal - CHANGES_PER_LIFE / 2 && written >= goal,
      );
      await life.kill();
      life = await place.start(OPTIONS);
    }
    ended = true;
    await writing;

    const ids = (await asker.rows(life.port, 'select id from job order by id')).map(([id]) => Number(id));
    const counted = async () =>
      (JSON.parse((await asker.call(life.port, path)).text) as { delivered_count: number }).delivered_count;
    await eventually('the last delivery', WAIT_MS, counted, (count) => count >= ids.length);
    expect(await counted()).toBe(ids.length);

    const events = eventsOf(receiver.requests);
    const first = new Map<bigint, number>();
    for (const event of events) {
      const known = first.get(placeOf(event));
      if (known === undefined) first.set(placeOf(event), event.row.id);
      else expect(known).toBe(event.row.id);
    }
    expect([...first.values()]).toEqual(ids);
    const places = [...first.keys()];
    expect(places.every((at, index) => index === 0 || at > (places[index - 1] ?? 0n))).toBe(true);

    // Only what was accepted at the moment of a death, before the place was stored, was accepted twice.
    const accepted = eventsOf(receiver.accepted).length;
    expect(accepted - ids.length).toBeLessThanOrEqual(KILLS * BATCH);
    expect(await life.stop()).toBe(0);
    console.info(`${ids.length} changes, ${events.length} sent, ${accepted} accepted, ${KILLS} deaths`);
  },
  WAIT_MS * (KILLS + 3),
);
