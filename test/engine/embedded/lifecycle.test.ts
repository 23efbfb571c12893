/** A server's ordinary life: start, stop, start again; and what it refuses. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect, details, folder, later, run, runs, start, startOwner, until } from './fixture.ts';

describe('a durable server', () => {
  it('keeps its data over a stop and a start', async () => {
    const dataDirectory = join(folder(), 'new', 'facet-data');
    const first = await start({ dataDirectory, durable: true });
    expect(first.dataDirectory).toBe(dataDirectory);
    expect(first.serverVersion).toMatch(/^18\./);
    expect(await run(first, 'show server_version')).toEqual([[first.serverVersion]]);
    await run(first, 'create table t (a int)', 'insert into t values (7)');
    await first.stop();
    expect(await first.exited).toEqual({ code: 0, signal: null });
    expect(runs(first.pid)).toBe(false);
    expect(existsSync(first.socketDirectory)).toBe(false);

    const second = await start({ dataDirectory, durable: true });
    expect(await run(second, 'select a from t')).toEqual([[7]]);
    expect(details(second)).not.toContain('recovering');
  });

  it('is set up for durability, the change feed and private access', async () => {
    const server = await start({ dataDirectory: folder(), durable: true });
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'wal_level',
      'listen_addresses',
      'TimeZone',
    ];
    const rows = await run(
      server,
      `select ${names.map((name) => `current_setting('${name}')`).join()}, getdatabaseencoding()`,
    );
    expect(rows).toEqual([['on', 'on', 'on', 'logical', '', 'UTC', 'UTF8']]);
    expect(statSync(server.socketDirectory).mode & 0o777).toBe(0o700);
    expect(statSync(join(server.dataDirectory, 'postgres')).mode & 0o777).toBe(0o700);
    expect(await run(server, 'select count(*) from pg_file_settings where error is not null')).toEqual([
      ['0'],
    ]);
  });

  it('takes the settings of custom.conf over its own', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    writeFileSync(join(dataDirectory, 'postgres', 'custom.conf'), "work_mem = '11MB'\nport = 99\n");
    const again = await start({ dataDirectory });
    expect(await run(again, "select current_setting('work_mem'), current_setting('port')")).toEqual([
      ['11MB', '5432'],
    ]);
  });

  it('keeps the errors and the text of users out of its log', async () => {
    const server = await start({ dataDirectory: folder() });
    await expect(run(server, "select 'very secret' / 0")).rejects.toThrow();
    await expect(run(server, "do $$ begin raise warning 'very secret'; end $$")).resolves.toBeDefined();
    const log = readFileSync(join(server.dataDirectory, 'log', 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('secret');
  });
});

describe('a temporary server', () => {
  it('is deleted at stop', async () => {
    const server = await start();
    expect(await run(server, 'show fsync')).toEqual([['off']]);
    expect(existsSync(server.dataDirectory)).toBe(true);
    await Promise.all([server.stop(), server.stop()]);
    expect(existsSync(server.dataDirectory)).toBe(false);
    expect(existsSync(server.socketDirectory)).toBe(false);
    expect(server.observed.map((o) => (o.type === 'postgres' ? o.event : o.type))).toEqual([
      'starting',
      'ready',
      'stopping',
      'stopped',
    ]);
  });

  it('stops in spite of open connections and running statements', async () => {
    const server = await start();
    const idle = await connect(server);
    const client = await connect(server);
    const busy = client.query('select pg_sleep(100)').catch((error: Error) => error.message);
    await until(async () => {
      const rows = await run(
        server,
        "select count(*) from pg_stat_activity where query = 'select pg_sleep(100)'",
      );
      return rows[0]?.[0] === '1';
    });
    await server.stop();
    expect(await busy).toMatch(/terminat/);
    await Promise.all([idle.end(), client.end()]);
  });
});

describe('a start', () => {
  it('refuses a directory that another process has, and names it', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    await expect(start({ dataDirectory })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`process ${owner.pid}`),
    });
    expect(await run(owner.server, 'select 1')).toEqual([[1]]);
  });

  it('refuses a directory that this process has, also through a link', async () => {
    const parent = folder();
    const dataDirectory = join(parent, 'data');
    const server = await start({ dataDirectory });
    symlinkSync(dataDirectory, join(parent, 'link'));
    for (const path of [dataDirectory, join(parent, 'link')]) {
      await expect(start({ dataDirectory: path })).rejects.toMatchObject({
        code: 'STORE_LOCKED',
        message: expect.stringContaining('this process'),
      });
    }
    expect(await run(server, 'select 1')).toEqual([[1]]);
  });

  it('lets one of several at once have the directory', async () => {
    const dataDirectory = folder();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => start({ dataDirectory })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STORE_LOCKED' });
    }
  });

  it('refuses a directory with other things in it', async () => {
    const dataDirectory = folder();
    writeFileSync(join(dataDirectory, 'thesis.txt'), 'precious');
    await expect(start({ dataDirectory })).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      detail: expect.stringContaining('thesis.txt'),
    });
  });

  it('refuses a data directory of PostgreSQL itself', async () => {
    const dataDirectory = folder();
    writeFileSync(join(dataDirectory, 'PG_VERSION'), '18\n');
    await expect(start({ dataDirectory })).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      hint: expect.stringContaining('postgres://'),
    });
  });

  it('refuses a file', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    await expect(start({ dataDirectory: path })).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  });

  it('refuses a cluster of another major version, and leaves it alone', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    writeFileSync(join(dataDirectory, 'postgres', 'PG_VERSION'), '15\n');
    await expect(start({ dataDirectory })).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('PostgreSQL 15'),
    });
    writeFileSync(join(dataDirectory, 'postgres', 'PG_VERSION'), '18\n');
    await start({ dataDirectory });
  });

  it('tells the last lines of the log when PostgreSQL does not start', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    writeFileSync(join(dataDirectory, 'postgres', 'custom.conf'), 'no_such_setting = 1\n');
    await expect(start({ dataDirectory })).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      detail: expect.stringContaining('no_such_setting'),
    });
    writeFileSync(join(dataDirectory, 'postgres', 'custom.conf'), '');
    await start({ dataDirectory });
  });

  it('clears away what a start that was cut short had half made', async () => {
    const dataDirectory = folder();
    mkdirSync(join(dataDirectory, 'postgres.new-0123abcd', 'base'), { recursive: true });
    await start({ dataDirectory });
    expect(existsSync(join(dataDirectory, 'postgres.new-0123abcd'))).toBe(false);
  });

  it('puts its socket elsewhere when the temporary directory has too long a path', async () => {
    const before = process.env.TMPDIR;
    later(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    const long = join(folder(), 'x'.repeat(100));
    mkdirSync(long, { mode: 0o777 });
    process.env.TMPDIR = long;
    const server = await start({ dataDirectory: join(long, 'y'.repeat(120)) });
    expect(server.socketDirectory.startsWith(long)).toBe(false);
    expect(await run(server, 'select 1')).toEqual([[1]]);
  });
});
