/**
 * Copies of a table that are kept by its changes, while the clients that keep them die again and again, and PostgreSQL is
 * killed: at the end each copy is the table, row for row. `FACET_FAULT_ROUNDS` set to anything is the long form: 100,000
 * changes, 50 deaths of each client, 10 of PostgreSQL.
 */
import { afterAll, expect, it } from 'vitest';
import { Caller } from './http-caller.ts';
import { eventually, Place, pause } from './server-under-fire.ts';
import { EventsCopy, ReplicationCopy, type TableCopy } from './table-copy.ts';

const LONG = process.env.FACET_FAULT_ROUNDS !== undefined;
const CHANGES = LONG ? 100_000 : 6_000;
const DEATHS = LONG ? 50 : 6;
const BLOWS = LONG ? 10 : 1;
const WRITERS = 4;
const IDS = 2_000;
const ROWS_AT_ONCE_MAX = 12;
const RECOVERY_MS = 60_000;
/** The embedded server takes more than five deaths of PostgreSQL in a minute for a fault that does not pass. */
const BETWEEN_BLOWS_MS = 15_500;
/** The last row that is written: who has it has everything. */
const LAST_ID = -1;

/** What a client may be told while PostgreSQL is away. */
const PASSING = new Set(['UNAVAILABLE', 'CHANGES_UNAVAILABLE', 'SLOT_IN_USE', 'TOO_MANY_CONNECTIONS']);

const places: Place[] = [];
const callers: Caller[] = [];
afterAll(async () => {
  for (const caller of callers) caller.close();
  for (const place of places) await place.clear();
}, 60_000);

const pick = (max: number): number => 1 + Math.floor(Math.random() * max);

/** One statement of the mix: several rows, some of which are not there, and keys that change. */
function statement(): [string, unknown[]] {
  const [id, rows, value] = [pick(IDS), pick(ROWS_AT_ONCE_MAX), `value ${pick(1_000_000)}`];
  switch (pick(10)) {
    case 1:
    case 2:
    case 3:
    case 4:
      return [
        `insert into mirror select g, $2, 0 from generate_series($1::bigint, $1::bigint + $3::int) g
         on conflict (id) do update set value = excluded.value, n = mirror.n + 1`,
        [id, value, rows],
      ];
    case 5:
    case 6:
    case 7:
      return [
        'update mirror set n = n + 1, value = $2 where id between $1 and $1::bigint + $3::int',
        [id, value, rows],
      ];
    case 8:
    case 9:
      return ['delete from mirror where id between $1 and $1::bigint + $2::int', [id, rows]];
    default:
      return ['update mirror set id = id + 100000 where id = $1', [id]];
  }
}

async function write(port: number, until: () => boolean, changed: (rows: number) => void): Promise<void> {
  const caller = new Caller();
  callers.push(caller);
  while (!until()) {
    const { status, text } = await caller.query(port, ...statement());
    if (status === 200) changed((JSON.parse(text) as { rows_affected: number }).rows_affected);
    else if (status === 0 || status === 503) await pause(20);
  }
}

async function ask(place: Place, port: number, blows: number): Promise<string> {
  const asker = new Caller();
  callers.push(asker);
  await asker.rows(port, 'create table mirror (id bigint primary key, value text, n int)');
  const perLife = CHANGES / DEATHS;
  const copies: readonly (TableCopy & { readonly subscribed: boolean })[] = [
    new EventsCopy(() => port, perLife),
    new ReplicationCopy(() => port, perLife),
  ];
  const running = copies.map((copy) => copy.run());
  await eventually(
    'subscriptions',
    RECOVERY_MS,
    async () => copies.every(({ subscribed }) => subscribed),
    Boolean,
  );

  let changes = 0;
  let struck = 0;
  const writing = Array.from({ length: WRITERS }, () =>
    write(
      port,
      () => changes >= CHANGES && struck === blows,
      (rows) => {
        changes += rows;
      },
    ),
  );
  while (struck < blows) {
    const at = (CHANGES * (struck + 1)) / (blows + 1);
    await eventually(
      `change ${at}`,
      RECOVERY_MS * 5,
      async () => changes,
      (count) => count >= at,
    );
    const postmaster = place.postmasterPid();
    process.kill(postmaster, 'SIGKILL');
    await eventually(
      'a new postmaster',
      RECOVERY_MS,
      async () => place.postmasterPid(),
      (pid) => pid !== postmaster,
    );
    await eventually('an answer', RECOVERY_MS, () => asker.rows(port, 'select 1'));
    struck++;
    if (struck < blows) await pause(BETWEEN_BLOWS_MS);
  }
  await Promise.all(writing);
  await asker.rows(port, 'insert into mirror values ($1, $2, 0)', [LAST_ID, 'last']);
  for (const copy of copies) {
    await eventually(
      `the last change in ${copy.constructor.name}`,
      RECOVERY_MS * 2,
      async () => copy.rows.has(LAST_ID),
      Boolean,
    );
    copy.stop();
  }
  await Promise.all(running);

  const rows = await asker.rows(port, 'select id, value, n from mirror order by id');
  const table = new Map(rows.map((row) => [row[0], JSON.stringify(row)]));
  for (const copy of copies) {
    const wrong = [...copy.errors.keys()].filter((error) => !PASSING.has(error));
    expect(wrong, copy.constructor.name).toEqual([]);
    expect(copy.rows.size, copy.constructor.name).toBe(table.size);
    expect([...table].filter(([id, text]) => copy.rows.get(id) !== text)).toEqual([]);
    expect(copy.deaths).toBeGreaterThan(0);
  }
  return copies
    .map(
      (copy) =>
        `${copy.constructor.name}: ${copy.applied} applied, ${copy.repeated} again, ${copy.deaths} deaths`,
    )
    .join('; ');
}

it(
  `copies of a table are the table after ${CHANGES} changes and ${DEATHS} deaths`,
  async () => {
    const place = new Place();
    places.push(place);
    const life = await place.start(['--rate-limit-enabled', 'false']);
    console.info(await ask(place, life.port, 0));
    expect(await life.stop()).toBe(0);
  },
  RECOVERY_MS * 10,
);

it(
  `also when PostgreSQL is killed ${BLOWS} times meanwhile`,
  async () => {
    const place = new Place();
    places.push(place);
    const life = await place.start(['--rate-limit-enabled', 'false']);
    console.info(await ask(place, life.port, BLOWS));
    expect(life.alive(), life.output()).toBe(true);
    expect(await life.stop()).toBe(0);
  },
  RECOVERY_MS * 10,
);
