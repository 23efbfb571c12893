/** Migrations: once, in order, whole or not at all, from one process or several, and never from a future nobody knows. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ignoreObservations, type Observation } from '../../src/base/index.ts';
import { command } from '../../src/engine/command.ts';
import { openStore } from '../../src/engine/index.ts';
import { type MigrationFile, readMigrations } from '../../src/engine/migration-files.ts';
import { migrate } from '../../src/engine/migrations.ts';
import { query } from '../../src/engine/query.ts';
import { failure } from '../support/failure.ts';
import { asSuperuser, createDatabase, dropDatabase, uriOf } from '../support/test-store.ts';

let name: string;
beforeEach(async () => {
  name = await createDatabase('template0');
});
afterEach(() => dropDatabase(name));

const file = (model: string, number: number, sql: string): MigrationFile => ({
  model,
  number,
  name: `${model}/${String(number).padStart(4, '0')}-test`,
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});

const first = file('a', 1, 'CREATE TABLE facet.one (id int); INSERT INTO facet.one VALUES (1);');
const second = file('a', 2, 'ALTER TABLE facet.one ADD COLUMN more int;');

const run = (shipped: readonly MigrationFile[], lockMsMax = 60_000): Promise<readonly Observation[]> =>
  asSuperuser(name, async (session) => {
    const observed: Observation[] = [];
    await migrate(session, shipped, { namespace: 'default', observe: (o) => observed.push(o), lockMsMax });
    return observed;
  });

const rows = (sql: string) => asSuperuser(name, async (session) => (await query(session, sql)).rows);

describe('migrations', () => {
  it('are applied once, in order, and recorded with their hash', async () => {
    expect(await run([first])).toHaveLength(1);
    expect(await run([first, second])).toMatchObject([{ type: 'migration', name: 'a/0002-test' }]);
    expect(await run([first, second])).toHaveLength(0);
    expect(await rows('SELECT id, more FROM facet.one')).toEqual([['1', null]]);
    expect(await rows('SELECT name, sha256 FROM facet.migration ORDER BY number')).toEqual([
      [first.name, first.sha256],
      [second.name, second.sha256],
    ]);
  });

  it('that fail leave nothing behind and can be run again', async () => {
    const broken = file('a', 2, 'CREATE TABLE facet.two (id int); SELECT 1/0;');
    expect((await failure(run([first, broken]))).code).toBe('DIVISION_BY_ZERO');
    expect(await rows(`SELECT to_regclass('facet.two')`)).toEqual([[null]]);
    expect(await run([first, second])).toHaveLength(1);
  });

  it('that were changed after they were applied are refused', async () => {
    await run([first]);
    const error = await failure(run([file('a', 1, `${first.sql} -- changed`), second]));
    expect(error.code).toBe('MIGRATION_CHANGED');
    expect(error.message).toMatch(/a\/0001-test/);
    expect(await rows('SELECT count(*) FROM facet.migration')).toEqual([['1']]);
  });

  it('from the future are refused, by number and by model', async () => {
    await run([first, second]);
    expect((await failure(run([first]))).code).toBe('SCHEMA_FROM_FUTURE');
    const other = file('b', 1, 'SELECT 1');
    expect((await failure(run([other]))).code).toBe('SCHEMA_FROM_FUTURE');
  });

  it('are run by one of several sessions', async () => {
    const slow = file('a', 1, `${first.sql} SELECT pg_sleep(0.2);`);
    const observed = await Promise.all([run([slow]), run([slow]), run([slow])]);
    expect(observed.flat()).toHaveLength(1);
    expect(await rows('SELECT count(*) FROM facet.one')).toEqual([['1']]);
  });

  it('wait for another process only so long', async () => {
    await asSuperuser(name, async (holder) => {
      await command(holder, 'SELECT pg_advisory_lock(439788430708)');
      const error = await failure(run([first], 100));
      expect(error.code).toBe('UNAVAILABLE');
      expect(error.message).toMatch(/Another process has been migrating/);
    });
    expect(await run([first])).toHaveLength(1);
  });
});

describe('opening a store', () => {
  it('migrates, twice the same, and makes the schema and its table', async () => {
    for (let n = 0; n < 2; n++) {
      const store = await openStore(uriOf(name), { observe: ignoreObservations });
      await store.stop();
    }
    const tables = await rows(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'facet' ORDER BY 1`,
    );
    expect(tables).toEqual([['connection_count'], ['migration'], ['operation_count'], ['table_info']]);
    expect(await rows('SELECT count(*) FROM facet.migration')).toEqual([[String(readMigrations().length)]]);
  });

  it('is safe for several processes at once', async () => {
    const program = `
      import { openStore } from ${JSON.stringify(fileURLToPath(new URL('../../src/engine/index.ts', import.meta.url)))};
      const store = await openStore(process.argv[2], { observe: (o) => { if (o.type === 'migration') console.log(o.name); } });
      await store.stop();`;
    const directory = await mkdtemp(join(tmpdir(), 'facet-migrate-'));
    try {
      const script = join(directory, 'open.mts');
      await writeFile(script, program);
      const outputs = await Promise.all([1, 2, 3].map(() => runScript(script, uriOf(name))));
      expect(outputs.join('').trim().split('\n').filter(Boolean)).toEqual(
        readMigrations().map((m) => m.name),
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('refuses a schema from the future and leaves no connection', async () => {
    await (await openStore(uriOf(name), { observe: ignoreObservations })).stop();
    await rows(
      `INSERT INTO facet.migration (model, number, name, sha256) VALUES ('sql', 99, 'sql/0099-later', '')`,
    );
    const error = await failure(openStore(uriOf(name), { observe: ignoreObservations }));
    expect(error.code).toBe('SCHEMA_FROM_FUTURE');
    expect(
      await rows(
        `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'facet' AND pid <> pg_backend_pid()`,
      ),
    ).toEqual([['0']]);
  });
});

describe('migration files', () => {
  it('are numbered from 1 without gaps', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'facet-files-'));
    try {
      await mkdir(join(directory, 'm'));
      await writeFile(join(directory, 'm', '0001-a.sql'), 'SELECT 1');
      expect(readMigrations(directory)).toHaveLength(1);
      await writeFile(join(directory, 'm', '0003-b.sql'), 'SELECT 1');
      expect(() => readMigrations(directory)).toThrow(/not number 2/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

function runScript(script: string, uri: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url));
    const child = spawn(process.execPath, [tsx, script, uri], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`exit code ${code}`))));
  });
}
