/**
 * Many clients that behave badly: they read, write, stream, hang up in the middle, send half a request, leave
 * transactions open. When they are gone, nothing of them may be left: no transaction, no connection, no socket.
 * `FACET_STORM_SECONDS=30` is the long form.
 */
import { connect } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { type Answer, Caller } from './http-caller.ts';
import { eventually, openFiles, Place, pause } from './server-under-fire.ts';

const SECONDS = Number(process.env.FACET_STORM_SECONDS ?? 5);
const CLIENTS = 500;
const ROWS = 1_000;
const TRANSACTION_MS = 2_000;
const CALM_MS = 30_000;
/** Lanes, and what the engine keeps for itself. */
const SESSIONS_BESIDE_POOL = 6;
/** Nobody waits longer than this: whoever stands in the queue for a connection leaves it then. */
const PATIENCE_MS = 4_000;
/** Statuses that a busy server may answer with: done, wrong state, conflict, limit, overload, timeout. */
const EXPECTED = new Set([0, 200, 404, 409, 429, 503, 504]);

const place = new Place();
const asker = new Caller();
const statuses = new Map<string, number>();
const surprises: string[] = [];

afterAll(async () => {
  asker.close();
  await place.clear();
}, 60_000);

function note(action: string, { status, text }: Answer): void {
  const key = `${action} ${status}`;
  statuses.set(key, (statuses.get(key) ?? 0) + 1);
  if (!EXPECTED.has(status) && surprises.length < 20) surprises.push(`${key}: ${text.slice(0, 300)}`);
}

const some = (count: number): number => Math.floor(Math.random() * count);

/** What a client does next; each is as likely as it is often in the list. */
const ACTIONS = {
  read: async (caller: Caller, port: number) => {
    const sql = 'select * from weather where id = $1';
    note('read', await caller.query(port, sql, [some(ROWS)], { hangUpMs: PATIENCE_MS }));
  },
  write: async (caller: Caller, port: number) => {
    const sql = 'update weather set wind = wind + 1 where id = $1';
    note('write', await caller.query(port, sql, [some(ROWS)], { hangUpMs: PATIENCE_MS }));
  },
  cancel: async (caller: Caller, port: number) =>
    note('cancel', await caller.query(port, 'select pg_sleep(20)', [], { hangUpMs: 10 + some(300) })),
  stream: async (caller: Caller, port: number) =>
    note(
      'stream',
      await caller.query(port, 'select n, repeat($1, 100) from generate_series(1, 1000000) n', ['x'], {
        headers: { accept: 'application/x-ndjson' },
        hangUpMs: PATIENCE_MS,
        hangUpAtData: true,
      }),
    ),
  half: async (_caller: Caller, port: number) => {
    await sendHalf(port);
    note('half', { status: 0, text: '' });
  },
  transaction: async (caller: Caller, port: number) => {
    const begun = await caller.call(port, '/api/v1/transactions', { timeout_ms: TRANSACTION_MS });
    note('begin', begun);
    if (begun.status !== 200) return;
    const transactionId = (JSON.parse(begun.text) as { txn_id: string }).txn_id;
    const change = 'update weather set wind = wind - 1 where id = $1';
    note('statement', await caller.query(port, change, [some(ROWS)], { transactionId }));
    const end = some(5);
    if (end === 0)
      note('commit', await caller.call(port, `/api/v1/transactions/${transactionId}/commit`, {}));
    if (end === 1)
      note('rollback', await caller.call(port, `/api/v1/transactions/${transactionId}/rollback`, {}));
    if (end === 2)
      note('cut', await caller.query(port, 'select pg_sleep(20)', [], { transactionId, hangUpMs: 50 }));
    // Otherwise it is left open: its deadline has to end it.
  },
} as const;

const DICE: readonly (keyof typeof ACTIONS)[] = [
  ...Array<'read'>(8).fill('read'),
  ...Array<'write'>(5).fill('write'),
  'cancel',
  'cancel',
  'stream',
  'half',
  'transaction',
  'transaction',
];

/** The head and some of the body, then the end of the connection. */
function sendHalf(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.write(
      'POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"sql":',
    );
    setTimeout(() => socket.destroy(), 10 + some(100));
  });
}

async function client(port: number, until: number): Promise<void> {
  let caller = new Caller();
  while (performance.now() < until) {
    const action = DICE[some(DICE.length)] ?? 'read';
    await ACTIONS[action](caller, port);
    if (some(20) === 0) {
      caller.close();
      caller = new Caller();
    }
  }
  caller.close();
}

/** Sum of a metric over its labels. */
async function metric(port: number, name: string): Promise<number> {
  const { status, text } = await asker.call(port, '/admin/metrics');
  if (status !== 200) throw new Error(`metrics: ${status} ${text}`);
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+-]+)$`, 'gm'))];
  if (values.length === 0) throw new Error(`no metric ${name}`);
  return values.reduce((sum, match) => sum + Number(match[1]), 0);
}

it(
  `is clean and well after ${SECONDS} s of ${CLIENTS} clients that come and go`,
  async () => {
    const life = await place.start(['--rate-limit-enabled', 'false', '--log-level', 'info']);
    const { port } = life;
    await asker.rows(port, 'create table weather (id int primary key, wind int not null)');
    await asker.rows(port, `insert into weather select n, 0 from generate_series(0, ${ROWS - 1}) n`);
    // A server that has seen its everyday statements before: they keep out of the way of the slow ones.
    for (let time = 0; time < 5; time++)
      await asker.rows(port, 'select * from weather where id = $1', [time]);
    const filesBefore = openFiles(life.pid);

    const until = performance.now() + SECONDS * 1_000;
    await Promise.all(Array.from({ length: CLIENTS }, () => client(port, until)));
    console.info([...statuses].map(([key, count]) => `${key}: ${count}`).join(', '));

    expect(surprises).toEqual([]);
    // A storm in which nothing works proves nothing.
    for (const action of [
      'read 200',
      'write 200',
      'begin 200',
      'commit 200',
      'cancel 0',
      'stream 0',
      'half 0',
    ]) {
      expect(statuses.get(action) ?? 0, action).toBeGreaterThan(0);
    }
    expect(life.alive(), life.output()).toBe(true);

    // Left transactions end by their deadline; everything else has no reason to linger.
    for (const name of [
      'facet_transactions_open',
      'facet_pool_in_use',
      'facet_pool_waiting',
      'facet_lane_in_flight',
    ]) {
      await eventually(
        `${name} is 0`,
        CALM_MS,
        () => metric(port, name),
        (value) => value === 0,
      );
    }
    // The scrape that asks is an operation, and a connection, itself.
    await eventually(
      'operations in flight',
      CALM_MS,
      () => metric(port, 'facet_operations_in_flight'),
      (value) => value <= 1,
    );
    await eventually(
      'connections',
      CALM_MS,
      () => metric(port, 'thunderdb_active_connections'),
      (value) => value <= 1,
    );

    const sessions = await asker.rows(
      port,
      `select state, left(query, 60) from pg_stat_activity
       where datname = current_database() and usename = current_user and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    expect(sessions).toEqual([]);
    expect(await asker.rows(port, 'select count(*) from pg_prepared_xacts')).toEqual([[0]]);
    const locks = `select count(*) from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'weather'`;
    expect(await asker.rows(port, locks)).toEqual([[0]]);

    // Connections of the pool are kept for a while; beyond them there is no file and no socket more than before.
    const backends = `select count(*) from pg_stat_activity where usename = current_user and backend_type = 'client backend'`;
    const backendCount = Number((await asker.rows(port, backends))[0]?.[0]);
    const idle = await metric(port, 'facet_pool_idle');
    console.info(`${idle} idle connections in the pool, ${backendCount} sessions in PostgreSQL`);
    expect(backendCount).toBeLessThanOrEqual(idle + SESSIONS_BESIDE_POOL);
    const filesAfter = openFiles(life.pid);
    if (filesBefore !== undefined && filesAfter !== undefined) {
      expect(filesAfter - filesBefore).toBeLessThanOrEqual(idle + SESSIONS_BESIDE_POOL);
    }
    expect(life.output()).not.toMatch(/unhandled|uncaught|internal error/i);
    expect((await asker.query(port, 'select count(*) from weather')).status).toBe(200);
    expect(await life.stop()).toBe(0);
    await pause(100);
    expect(life.output()).not.toMatch(/unhandled|uncaught/i);
  },
  (SECONDS + 120) * 1_000,
);
