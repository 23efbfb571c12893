/** Restore points of a namespace: contents, transactions, waiters, names, leftovers, two at once. */
import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FacetError, type Observation } from '../../src/base/index.ts';
import { type Database, openStore, type Store } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { openSession, type Session } from '../../src/engine/session.ts';
import { SUPERUSER_SETTINGS } from '../../src/engine/session-settings.ts';
import { createDatabase, dropDatabase, asSuperuser as onShared, uriOf } from '../support/test-store.ts';
import { openTriggerStore } from '../support/trigger-store.ts';

let store: Store;
const observations: Observation[] = [];

const now = (namespace = 'default'): Promise<Database> => store.namespace(namespace);

async function rowsOf(sql: string, namespace?: string): Promise<readonly (readonly (string | null)[])[]> {
  return (await (await now(namespace)).runUser(sql)).rows;
}

async function faultOf(work: Promise<unknown>): Promise<FacetError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof FacetError) return error;
  throw error;
}

/** The superuser in a database of the store's own server. */
async function asSuperuser<T>(database: string, work: (session: Session) => Promise<T>): Promise<T> {
  const [, , , port, directory] = (
    await readFile(join(store.facts.dataDirectory ?? '', 'postgres/postmaster.pid'), 'utf8')
  ).split('\n');
  const session = await openSession({
    target: {
      hosts: [{ host: directory ?? '', port: Number(port) }],
      user: 'postgres',
      tls: { first: false },
    },
    database,
    settings: SUPERUSER_SETTINGS,
    schema: { schemaVersion: 0 },
    connectMsMax: 5_000,
  });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

const databases = async (): Promise<string[]> =>
  (await rowsOf("SELECT datname FROM pg_database WHERE datname LIKE '%-rp%' ORDER BY 1")).map(
    ([name]) => name ?? '',
  );

async function dropAll(): Promise<void> {
  for (const namespace of ['default', 'other']) {
    for (const { id } of await store.restorePoints.list(namespace))
      await store.restorePoints.drop(namespace, id);
  }
}

beforeAll(async () => {
  store = await openStore('memory://restore', { observe: (seen) => void observations.push(seen) });
  await rowsOf('CREATE TABLE item (id int PRIMARY KEY, word text)');
  await rowsOf("INSERT INTO item SELECT n, 'old' FROM generate_series(1, 100) n");
});
afterEach(async () => {
  await dropAll();
  await rowsOf("UPDATE item SET word = 'old'");
});
afterAll(() => store.stop());

describe('a restore point', () => {
  it('gives back what was there, and stays for the next time', async () => {
    const made = await store.restorePoints.create('default', 'before');
    expect(made).toMatchObject({ name: 'before', namespace: 'default' });
    expect(made.id).toMatch(/^rp_[0-9a-f]{12}$/);
    expect(made.bytes).toBeGreaterThan(1_000_000);
    for (let round = 0; round < 2; round++) {
      await rowsOf("UPDATE item SET word = 'new'");
      await rowsOf('CREATE TABLE later ()');
      const closed = await now();
      const back = await store.restorePoints.rollBack('default', round === 0 ? 'before' : made.id);
      expect(back.point.id).toBe(made.id);
      expect(await rowsOf('SELECT word, count(*) FROM item GROUP BY 1')).toEqual([['old', '100']]);
      expect(await rowsOf("SELECT to_regclass('later')")).toEqual([[null]]);
      expect((await now()).history).toBe(round + 1);
      expect(await now()).not.toBe(closed);
      const late = await faultOf(closed.runUser('SELECT 1'));
      expect([late.code, late.message]).toEqual([
        'UNAVAILABLE',
        'Namespace default was rolled back to a restore point',
      ]);
    }
    expect(await databases()).toEqual([`facet-rp-${made.id.slice(3)}`]);
    await dropAll();
    expect(await databases()).toEqual([]);
  });

  it('is of one namespace, and is found by its id and its name only there', async () => {
    await rowsOf('CREATE TABLE mine (n int)', 'other');
    const own = await store.restorePoints.create('other', 'same');
    const next = await store.restorePoints.create('default', 'same');
    expect((await store.restorePoints.list('other')).map(({ id }) => id)).toEqual([own.id]);
    expect((await faultOf(store.restorePoints.rollBack('other', next.id))).code).toBe(
      'RESTORE_POINT_NOT_FOUND',
    );
    expect((await faultOf(store.restorePoints.create('other', 'same'))).code).toBe('RESTORE_POINT_EXISTS');
    await rowsOf('DROP TABLE mine', 'other');
    await store.restorePoints.rollBack('other', 'same');
    expect(await rowsOf('SELECT count(*) FROM mine', 'other')).toEqual([['0']]);
    await rowsOf('INSERT INTO mine VALUES (1)', 'other');
    expect(
      await rowsOf(
        "SELECT rolname, has_database_privilege(rolname, current_database(), 'CREATE') FROM pg_roles WHERE rolname = current_user",
        'other',
      ),
    ).toEqual([['ns_other', 't']]);
  });

  it('that cannot be copied changes nothing, and leaves nothing behind', async () => {
    const { id } = await store.restorePoints.create('default', 'p');
    await rowsOf("UPDATE item SET word = 'kept'");
    // A file that PostgreSQL cannot read, so that the copy fails when a part of it was made.
    const [[oid] = []] = await rowsOf(
      `SELECT oid FROM pg_database WHERE datname = 'facet-rp-${id.slice(3)}'`,
    );
    const folder = join(store.facts.dataDirectory ?? '', 'postgres/base', oid ?? '');
    const hidden = join(folder, (await readdir(folder)).filter((name) => /^\d+$/.test(name)).at(-1) ?? '');
    await chmod(hidden, 0);
    const fault = await faultOf(store.restorePoints.rollBack('default', 'p'));
    await chmod(hidden, 0o600);
    expect(fault.message).toContain(`could not open file`);
    expect(await rowsOf('SELECT word, count(*) FROM item GROUP BY 1')).toEqual([['kept', '100']]);
    expect(await databases()).toEqual([`facet-rp-${id.slice(3)}`]);
    await store.restorePoints.rollBack('default', 'p');
    expect(await rowsOf('SELECT word, count(*) FROM item GROUP BY 1')).toEqual([['old', '100']]);
  });

  it('is for nobody to connect to', async () => {
    const { id } = await store.restorePoints.create('default');
    const refused = await faultOf(asSuperuser(`facet-rp-${id.slice(3)}`, async () => undefined));
    expect(refused.code).not.toBe('INTERNAL_ERROR');
    expect(
      await rowsOf(`SELECT has_database_privilege('ns_other', 'facet-rp-${id.slice(3)}', 'CONNECT')`),
    ).toEqual([['f']]);
  });

  it('is one of a bounded number', async () => {
    for (let n = 0; n < 16; n++) await store.restorePoints.create('default', `n${n}`);
    const fault = await faultOf(store.restorePoints.create('default', 'one more'));
    expect([fault.code, fault.message]).toEqual([
      'LIMIT_EXCEEDED',
      expect.stringContaining('restorePointsMax'),
    ]);
    expect((await store.restorePoints.list('default')).map(({ name }) => name)[0]).toBe('n15');
  });
});

describe('transactions', () => {
  const begin = async () =>
    (await now()).begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 60_000,
    });

  it('that are open at a rollback end and say why', async () => {
    await store.restorePoints.create('default', 'p');
    const transaction = await begin();
    await (await now()).runUser("UPDATE item SET word = 'lost' WHERE id = 1", [], { transaction });
    const running = faultOf((await now()).runUser('SELECT pg_sleep(30)', [], { transaction }));
    await sleep(50);
    await store.restorePoints.rollBack('default', 'p');
    expect((await running).detail).toContain('rolled back');
    const database = await now();
    const after = await faultOf((async () => database.transaction(transaction.id, 'ann'))());
    expect([after.code, after.detail]).toEqual([
      'TRANSACTION_NOT_FOUND',
      'rolled back: namespace rolled back',
    ]);
    expect(
      (await faultOf((async () => database.transaction(transaction.id, 'eve'))())).detail,
    ).toBeUndefined();
    expect(await rowsOf('SELECT word FROM item WHERE id = 1')).toEqual([['old']]);
  });

  it('that end in time are in the restore point, those that do not are broken off', async () => {
    const quick = await begin();
    const database = await now();
    await database.runUser("UPDATE item SET word = 'quick' WHERE id = 2", [], { transaction: quick });
    const slow = await begin();
    await database.runUser("UPDATE item SET word = 'slow' WHERE id = 3", [], { transaction: slow });
    const making = store.restorePoints.create('default', 'p');
    await sleep(200);
    await database.commit(quick);
    const made = await making;
    expect(made.pausedMs).toBeGreaterThan(4_000);
    const after = await faultOf((async () => (await now()).transaction(slow.id, 'ann'))());
    expect(after.detail).toBe('rolled back: paused for a restore point');
    await rowsOf("UPDATE item SET word = 'x'");
    await store.restorePoints.rollBack('default', 'p');
    expect(await rowsOf('SELECT word FROM item WHERE id IN (2, 3) ORDER BY id')).toEqual([
      ['quick'],
      ['old'],
    ]);
  });
});

describe('callers', () => {
  it('that come during the pause wait, and none of their writes is lost or torn', async () => {
    await rowsOf('CREATE TABLE counted (n int)');
    let acknowledged = 0;
    let refused = 0;
    let going = true;
    const writing = Array.from({ length: 4 }, async () => {
      while (going) {
        try {
          await rowsOf('INSERT INTO counted VALUES (1)');
          acknowledged++;
        } catch (error) {
          if (!(error instanceof FacetError) || error.code !== 'UNAVAILABLE') throw error;
          refused++;
        }
        await sleep(1);
      }
    });
    await sleep(50);
    const made = await store.restorePoints.create('default', 'p');
    await sleep(50);
    going = false;
    await Promise.all(writing);
    expect(Number((await rowsOf('SELECT count(*) FROM counted'))[0]?.[0])).toBe(acknowledged);
    expect(refused, 'they are between two statements only').toBeLessThan(10);
    expect(made.pausedMs).toBeGreaterThan(0);
  });

  it('at once have their turns, on one namespace and on two', async () => {
    const made = await Promise.all([
      store.restorePoints.create('default', 'a'),
      store.restorePoints.create('default', 'b'),
      store.restorePoints.create('other', 'a'),
    ]);
    await rowsOf("UPDATE item SET word = 'x'");
    await Promise.all([
      store.restorePoints.rollBack('default', 'a'),
      store.restorePoints.rollBack('default', 'b'),
      store.restorePoints.rollBack('other', made[2].id),
    ]);
    expect(await rowsOf('SELECT DISTINCT word FROM item')).toEqual([['old']]);
    const twice = await Promise.allSettled([
      store.restorePoints.create('default', 'c'),
      store.restorePoints.create('default', 'c'),
    ]);
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('of a namespace that is not there make none', async () => {
    expect((await faultOf(store.restorePoints.create('nowhere'))).code).toBe('DATABASE_NOT_FOUND');
  });
});

describe('somebody else', () => {
  it('who is connected is in the way, is named, and nothing has happened', async () => {
    await store.restorePoints.create('default', 'p');
    await asSuperuser('facet', async () => {
      const fault = await faultOf(store.restorePoints.create('default', 'q'));
      expect(fault.code).toBe('RESTORE_POINT_BUSY');
      await rowsOf("UPDATE item SET word = 'kept' WHERE id = 5");
      expect((await faultOf(store.restorePoints.rollBack('default', 'p'))).code).toBe('RESTORE_POINT_BUSY');
      expect(await rowsOf('SELECT word FROM item WHERE id = 5')).toEqual([['kept']]);
      expect((await databases()).filter((name) => !name.startsWith('facet-rp-'))).toEqual([]);
    });
    await store.restorePoints.rollBack('default', 'p');
    expect(await rowsOf('SELECT word FROM item WHERE id = 5')).toEqual([['old']]);
  });

  it('who broke off leaves nothing behind for long', async () => {
    await asSuperuser('postgres', async (session) => {
      await query(session, 'CREATE DATABASE "facet-rpnew-0123456789ab"');
      await query(session, 'CREATE DATABASE "facet-rpold-0123456789ab"');
    });
    await store.restorePoints.create('default', 'p');
    expect(await databases()).toHaveLength(1);
  });
});

describe('followers of changes', () => {
  it('are told that their position is of another history', async () => {
    const { changes } = await now();
    await changes.watch({ schema: 'public', name: 'item' });
    const cursor = await changes.open({ whenSlow: 'wait' });
    const position = await changes.now();
    await store.restorePoints.create('default', 'p');
    expect(await rowsOf('SELECT count(*) FROM pg_replication_slots')).toEqual([['1']]);
    const resumed = await (await now()).changes.open({ from: position, whenSlow: 'wait' });
    resumed.close();
    expect(cursor.ended?.reason.code, 'whoever follows live resumes').toBe('UNAVAILABLE');
    await store.restorePoints.rollBack('default', 'p');
    expect(await rowsOf('SELECT count(*) FROM pg_replication_slots')).toEqual([['0']]);
    const feed = (await now()).changes;
    await feed.watch({ schema: 'public', name: 'item' });
    expect((await faultOf(feed.open({ from: position, whenSlow: 'wait' }))).code).toBe('LSN_NOT_AVAILABLE');
    const anew = await feed.open({ whenSlow: 'wait' });
    await rowsOf("UPDATE item SET word = 'seen' WHERE id = 7");
    await expect.poll(() => anew.take(10).length, { timeout: 10_000 }).toBeGreaterThan(0);
    anew.close();
  });
});

describe('a PostgreSQL of others', () => {
  it('names what the role lacks, and works when it lacks nothing', async () => {
    const name = await createDatabase();
    const role = `test_role_${randomBytes(6).toString('hex')}`;
    const admin = (sql: string) => onShared('postgres', (session) => query(session, sql));
    await admin(`CREATE ROLE ${role} LOGIN REPLICATION NOCREATEDB IN ROLE facet`);
    const outer = await openStore(uriOf(name, role), { observe: () => {} });
    const points = outer.restorePoints;
    const words = async (sql: string) => (await (await outer.namespace('default')).runUser(sql)).rows;
    try {
      const fault = await faultOf(points.create('default', 'p'));
      expect([fault.code, fault.hint]).toEqual(['RESTORE_POINT_UNSUPPORTED', `ALTER ROLE ${role} CREATEDB`]);
      await admin(`ALTER ROLE ${role} CREATEDB`);
      await words('CREATE TABLE item (word text)');
      await words("INSERT INTO item VALUES ('old')");
      const { id } = await points.create('default', 'p');
      await words("UPDATE item SET word = 'new'");
      await points.rollBack('default', id);
      expect(await words('SELECT word FROM item')).toEqual([['old']]);
      const owner = `SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '${name}'`;
      expect(await words(owner)).toEqual([['facet']]);
      expect(await points.list('default')).toHaveLength(1);
      await points.drop('default', 'p');
    } finally {
      await outer.stop();
      await dropDatabase(name);
      await admin(`DROP ROLE ${role}`);
    }
  });

  it('where triggers note the changes has none', async () => {
    const test = await openTriggerStore();
    try {
      const fault = await faultOf(test.store.restorePoints.create('default', 'p'));
      expect(fault.code).toBe('RESTORE_POINT_UNSUPPORTED');
      expect(fault.hint).toContain('REPLICATION');
    } finally {
      await test.close();
    }
  });
});
