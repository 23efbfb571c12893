/** Stores from their URI to their stop: embedded and external servers, namespaces, restarts, refusals. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type FacetError, ignoreObservations, type Observation } from '../../src/base/index.ts';
import { inspectStore, openStore, type Store, statement } from '../../src/engine/index.ts';
import { query } from '../../src/engine/query.ts';
import { failure } from '../support/failure.ts';
import { asSuperuser, createDatabase, dropDatabase, openTestStore, uriOf } from '../support/test-store.ts';

describe('an embedded store', () => {
  let store: Store;
  const observed: Observation[] = [];
  beforeAll(async () => {
    store = await openStore('memory://test', { observe: (o) => observed.push(o) });
  });
  afterAll(() => store.stop());

  it('runs users as a role that is not a superuser, on its own server', async () => {
    expect(store.facts).toMatchObject({
      embedded: true,
      uri: 'memory://test',
      serverVersion: expect.stringMatching(/^18/),
    });
    const database = await store.namespace('default');
    const who = await database.runUser(
      'SELECT current_user, current_database(), rolsuper, rolreplication FROM pg_roles WHERE rolname = current_user',
    );
    expect(who.rows).toEqual([['facet', 'facet', 'f', 'f']]);
  });

  it('has namespaces that know nothing of each other', async () => {
    const [a, b] = await Promise.all([store.namespace('alpha'), store.namespace('beta')]);
    expect((await a.runUser('SELECT current_database()')).rows).toEqual([['ns_alpha']]);
    await a.runUser('CREATE TABLE only_here (id int)');
    expect((await failure(b.runUser('SELECT * FROM only_here'))).code).toBe('TABLE_NOT_FOUND');
    expect(store.opened.map((database) => database.namespace).sort()).toEqual(['alpha', 'beta', 'default']);
    expect(await store.namespace('alpha')).toBe(a);
    const transaction = await a.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 5_000,
    });
    expect((await failure(b.runUser('SELECT 1', [], { transaction }))).code).toBe('TRANSACTION_NOT_FOUND');
    expect(() => b.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND' }),
    );
    await a.rollback(transaction);
  });

  it('opens a namespace once, however many ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => store.namespace('gamma')));
    expect(new Set(all).size).toBe(1);
  });

  it.each([
    '',
    'Alpha',
    '1a',
    'a-b',
    'a'.repeat(49),
    'a"b',
    '../x',
  ])('refuses the namespace name "%s"', async (name) => {
    expect((await failure(store.namespace(name))).code).toBe('NAMESPACE_INVALID');
  });

  it('notes when tables are created, altered and dropped', async () => {
    const database = await store.namespace('default');
    await database.runUser('CREATE TABLE noted (id int)');
    const info = (): Promise<unknown> =>
      database
        .runUser(
          `SELECT engine, created_at IS NOT NULL, modified_at > created_at FROM facet.table_info
           WHERE relation_oid = to_regclass('noted')`,
        )
        .then((result) => result.rows);
    expect(await info()).toEqual([['row', 't', 'f']]);
    await database.runUser('ALTER TABLE noted ADD COLUMN name text');
    expect(await info()).toEqual([['row', 't', 't']]);
    await database.runUser('DROP TABLE noted');
    expect((await database.runUser('SELECT count(*) FROM facet.table_info')).rows).toEqual([['0']]);
  });

  it('does not let users replace what runs as the superuser', async () => {
    const database = await store.namespace('default');
    for (const sql of [
      `CREATE OR REPLACE FUNCTION facet_system.note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$`,
      'DROP EVENT TRIGGER facet_ddl',
      'DROP SCHEMA facet_system CASCADE',
      'ALTER FUNCTION facet_system.note_ddl() OWNER TO facet',
      `CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION facet_system.note_ddl()`,
    ]) {
      expect((await failure(database.runUser(sql))).code).toBe('PERMISSION_DENIED');
    }
  });

  it('keeps users DDL working when they have dropped our table', async () => {
    const database = await store.namespace('delta');
    await database.runUser('DROP TABLE facet.table_info');
    await database.runUser('CREATE TABLE still_works (id int)');
  });

  it('starts PostgreSQL again when it dies, refuses quickly meanwhile, and serves the old data', async () => {
    const database = await store.namespace('default');
    await database.runUser('CREATE TABLE survives (id int)');
    await database.runUser('INSERT INTO survives VALUES (1)');
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 30_000,
    });
    await database.runUser('INSERT INTO survives VALUES (2)', [], { transaction });
    const sleeping = failure(database.runUser('SELECT pg_sleep(60)'));
    await sleep(50);
    process.kill(store.facts.postmasterPid ?? 0, 'SIGKILL');
    expect((await sleeping).code).toBe('UNAVAILABLE');
    const one = statement('test.one', 'SELECT count(*) FROM survives');
    const codes = new Set<string>();
    let rows: unknown;
    for (let n = 0; n < 500 && rows === undefined; n++) {
      const startedMs = performance.now();
      rows = await Promise.all([database.run(one), database.runUser('SELECT count(*) FROM survives')]).then(
        ([own, user]) => [own.rows, user.rows],
        (error) => void codes.add(error.code),
      );
      expect(performance.now() - startedMs).toBeLessThan(8_000);
      await sleep(20);
    }
    expect(rows).toEqual([[['1']], [['1']]]);
    expect([...codes]).toEqual(['UNAVAILABLE']);
    expect(() => database.transaction(transaction.id, 'ann')).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_NOT_FOUND', detail: 'rolled back: connection lost' }),
    );
    expect(database.counts).toMatchObject({ transactionsOpen: 0, poolInUse: 0, poolWaiting: 0 });
    expect(observed.some((o) => o.type === 'postgres' && o.event === 'exited')).toBe(true);
  });
});

describe('stopping', () => {
  it('ends what runs and what is open, refuses what comes, and may be asked twice', async () => {
    const store = await openStore('memory://stop', { observe: ignoreObservations });
    const database = await store.namespace('default');
    const transaction = await database.begin({
      owner: 'ann',
      isolationLevel: 'read_committed',
      readOnly: false,
      timeoutMs: 30_000,
    });
    const running = failure(database.runUser('SELECT pg_sleep(60)'));
    const inside = failure(database.runUser('SELECT pg_sleep(60)', [], { transaction }));
    await sleep(50);
    await Promise.all([store.stop(), store.stop()]);
    expect((await running).code).toBe('UNAVAILABLE');
    expect(['QUERY_TIMEOUT', 'UNAVAILABLE']).toContain((await inside).code);
    expect((await failure(database.runUser('SELECT 1'))).code).toBe('UNAVAILABLE');
    expect((await failure(database.run(statement('x', 'SELECT 1')))).code).toBe('UNAVAILABLE');
    expect((await failure(store.namespace('other'))).code).toBe('UNAVAILABLE');
    expect(() => process.kill(store.facts.postmasterPid ?? 0, 0)).toThrow();
  });
});

describe('a file store', () => {
  it('keeps its data and its namespaces', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'facet-store-'));
    const uri = `file://${directory}/data?ns=shop`;
    try {
      const first = await openStore(uri, { observe: ignoreObservations });
      expect(first.defaultNamespace).toBe('shop');
      await (await first.namespace('shop')).runUser('CREATE TABLE kept AS SELECT 42 AS answer');
      const locked = await failure(openStore(uri, { observe: ignoreObservations }));
      expect(locked.code).toBe('STORE_LOCKED');
      await first.stop();
      const again = await openStore(uri, { observe: ignoreObservations });
      expect((await (await again.namespace('shop')).runUser('SELECT answer FROM kept')).rows).toEqual([
        ['42'],
      ]);
      await again.stop();
      const findings = await inspectStore(uri);
      expect(findings.filter((finding) => finding.level === 'error')).toEqual([]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('an external store', () => {
  it('uses the database of its URI, and others for namespaces where the role may create them', async () => {
    const name = await createDatabase();
    try {
      await asSuperuser('postgres', (session) => query(session, `CREATE ROLE ${name}_maker LOGIN CREATEDB`));
      await asSuperuser(name, (session) => query(session, `ALTER DATABASE ${name} OWNER TO ${name}_maker`));
      await asSuperuser(name, (session) => query(session, `GRANT facet TO ${name}_maker`));
      const store = await openStore(uriOf(name, `${name}_maker`), { observe: ignoreObservations });
      expect(store.facts.embedded).toBe(false);
      expect((await (await store.namespace('default')).runUser('SELECT current_database()')).rows).toEqual([
        [name],
      ]);
      const shop = await store.namespace('shop');
      expect((await shop.runUser('SELECT current_database()')).rows).toEqual([[`${name}_shop`]]);
      await store.stop();
    } finally {
      await dropDatabase(`${name}_shop`);
      await dropDatabase(name);
      await asSuperuser('postgres', (session) => query(session, `DROP ROLE ${name}_maker`));
    }
  });

  it('says what it lacks when the role may not create databases', async () => {
    const test = await openTestStore();
    const error = await failure(test.store.namespace('shop'));
    expect(error.code).toBe('PERMISSION_DENIED');
    expect(error.hint).toMatch(/CREATEDB/);
    await test.close();
  });

  it('that is not there is UNAVAILABLE, a missing database and role are named', async () => {
    const nowhere = await failure(
      openStore('postgres://ann@127.0.0.1:1/db', { observe: ignoreObservations }),
    );
    expect(nowhere.code).toBe('UNAVAILABLE');
    expect(nowhere.message).toMatch(/127\.0\.0\.1:1 cannot be reached/);
    const role = await failure(openStore(uriOf('postgres', 'nobody_here'), { observe: ignoreObservations }));
    expect(role.code).toBe('UNAUTHORIZED');
  });

  it('that turns our login away later is UNAVAILABLE to clients, without a word of where it is', async () => {
    const name = await createDatabase();
    const role = `${name}_login`;
    await asSuperuser(name, (session) => query(session, `CREATE ROLE ${role} LOGIN SUPERUSER`));
    const observed: string[] = [];
    const store = await openStore(uriOf(name, role), {
      observe: (seen) => void (seen.type === 'postgres' && observed.push(seen.detail ?? '')),
    });
    try {
      const database = await store.namespace('default');
      await asSuperuser(name, (session) => query(session, `ALTER ROLE ${role} NOLOGIN`));
      await asSuperuser(name, (session) =>
        query(session, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`),
      );
      const error = await eventuallyFails(
        () => database.runUser('SELECT 1'),
        'PostgreSQL takes no connections now',
      );
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(observed.join('\n')).toContain('is not permitted to log in');
    } finally {
      await store.stop();
      await dropDatabase(name);
      await asSuperuser('postgres', (session) => query(session, `DROP ROLE ${role}`));
    }
  });

  it('is looked for on all hosts of the URI', async () => {
    const name = await createDatabase();
    const { socketDirectory, port } = inject('postgres');
    const hosts = `${encodeURIComponent('/nowhere')},${encodeURIComponent(socketDirectory)}`;
    const store = await openStore(`postgres://facet@/${name}?host=${hosts}&port=${port}`, {
      observe: ignoreObservations,
    });
    expect((await (await store.namespace('default')).runUser('SELECT 1')).rows).toEqual([['1']]);
    await store.stop();
    await dropDatabase(name);
  });

  it('older than PostgreSQL 15 is refused', async () => {
    const { socketDirectory, port } = inject('postgres');
    const proxy = await oldServer(socketDirectory, port);
    try {
      const error = await failure(
        openStore(`postgres://facet@127.0.0.1:${proxy.port}/postgres?sslmode=disable`, {
          observe: ignoreObservations,
        }),
      );
      expect(error.code).toBe('STORE_UNSUPPORTED');
      expect(error.message).toMatch(/PostgreSQL 14.*needs 15/);
    } finally {
      proxy.close();
    }
  });

  it('is looked at by inspectStore', async () => {
    const test = await openTestStore();
    const findings = await inspectStore(test.uri);
    expect(findings.find((finding) => finding.subject === 'server version')?.level).toBe('ok');
    expect(findings.find((finding) => finding.subject === 'table times')?.level).toBe('info');
    expect((await inspectStore('postgres://x@127.0.0.1:1/x')).at(-1)).toMatchObject({
      level: 'error',
      subject: 'connection',
    });
    expect(await inspectStore('nonsense')).toMatchObject([{ level: 'error', subject: 'store URI' }]);
    await test.close();
  });
});

/** A real server that claims to be version 14: what it reports is changed on the way, byte for byte. */
async function oldServer(socketDirectory: string, port: number): Promise<{ port: number; close(): void }> {
  const { connect } = await import('node:net');
  const server = createServer((client) => {
    const upstream = connect(`${socketDirectory}/.s.PGSQL.${port}`);
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      const text = chunk.toString('latin1').replace(/server_version\0(\d\d)/, 'server_version\x0014');
      client.write(Buffer.from(text, 'latin1'));
    });
    upstream.on('close', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => void server.close(),
  };
}

/** The error with that message, once it comes: right after a broken connection others may come first. */
async function eventuallyFails(work: () => Promise<unknown>, message: string): Promise<FacetError> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const error = await work().then(
      () => undefined,
      (thrown: FacetError) => thrown,
    );
    if (error?.message === message) return error;
    await sleep(20);
  }
  throw new Error(`never failed with: ${message}`);
}
