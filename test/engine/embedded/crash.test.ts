/** What is killed, in every order: Facet, the supervising shell, the postmaster, all of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  connect,
  details,
  folder,
  later,
  orphan,
  run,
  runs,
  start,
  startOwner,
  supervisorOf,
  until,
} from './fixture.ts';

const LINUX = process.platform === 'linux';
if (!LINUX) process.stderr.write('crash tests that look into /proc run on Linux only\n');

/** A backend that computes and does not notice that its postmaster is gone. */
async function busyBackend(server: Parameters<typeof connect>[0]): Promise<number> {
  const client = await connect(server);
  const { rows } = await client.query('select pg_backend_pid() as pid');
  client
    .query("select count(*) from generate_series(1, 1e12::bigint) a where sha256(a::text::bytea) = ''")
    .catch(() => {});
  later(() => client.end().catch(() => {}));
  await sleep(300);
  return rows[0].pid;
}

describe('when Facet is killed', () => {
  it('PostgreSQL ends, and nothing acknowledged is lost', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    await run(owner.server, 'create table t (a int)', 'insert into t values (1)');
    owner.child.kill('SIGKILL');
    await until(() => !runs(owner.server.pid) && !existsSync(owner.server.socketDirectory));
    const next = await start({ dataDirectory, durable: true });
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  it('a temporary server leaves nothing', async () => {
    const { child, server } = await startOwner();
    expect(existsSync(server.dataDirectory)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !existsSync(server.dataDirectory) && !existsSync(server.socketDirectory));
    expect(runs(server.pid)).toBe(false);
  });

  it('a start right after it waits for the old server', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    await run(owner.server, 'create table t (a int)', 'insert into t values (1)');
    owner.child.kill('SIGKILL');
    await until(() => !runs(owner.pid));
    const next = await start({ dataDirectory, durable: true });
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  // Finding the shell and its watcher needs /proc.
  it.runIf(LINUX)('and its shell too, the next start stops the orphan', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    await run(owner.server, 'create table t (a int)', 'insert into t values (1)');
    await orphan(owner);

    const next = await start({ dataDirectory, durable: true });
    expect(details(next)).toContain(`stopped PostgreSQL ${owner.server.pid}`);
    expect(runs(owner.server.pid)).toBe(false);
    expect(await run(next, 'select a from t')).toEqual([[1]]);
    // The dead one's socket folder goes with the first start that finds it.
    expect(existsSync(owner.server.socketDirectory)).toBe(false);
  });

  // Finding the shell and its watcher needs /proc.
  it.runIf(LINUX)('and its shell too, an abandoned temporary store is swept', async () => {
    const owner = await startOwner();
    await orphan(owner);
    await start();
    expect(runs(owner.server.pid)).toBe(false);
    expect(existsSync(owner.server.dataDirectory)).toBe(false);
  });
});

describe('when PostgreSQL dies under Facet', () => {
  it('`exited` tells, and a start on the same directory recovers', async () => {
    const server = await start({ dataDirectory: folder(), durable: true });
    await run(server, 'create table t (a int)', 'insert into t values (1)');
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(details(server)).toContain('exited: ended by SIGKILL');
    const next = await start({ dataDirectory: server.dataDirectory, durable: true });
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  it('a busy backend that survives does not hinder the next start', async () => {
    const server = await start({ dataDirectory: folder(), durable: true });
    await run(server, 'create table t (a int)', 'insert into t values (1)');
    const backend = await busyBackend(server);
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const next = await start({ dataDirectory: server.dataDirectory, durable: true });
    expect(runs(backend)).toBe(false);
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  it('and Facet with it, the next Facet ends the busy backend', async () => {
    const dataDirectory = folder();
    const owner = await startOwner({ dataDirectory });
    await run(owner.server, 'create table t (a int)', 'insert into t values (1)');
    const backend = await busyBackend(owner.server);
    owner.child.kill('SIGSTOP');
    process.kill(owner.server.pid, 'SIGKILL');
    owner.child.kill('SIGKILL');
    await until(() => !runs(owner.pid) && !runs(owner.server.pid));
    expect(runs(backend)).toBe(true);
    const next = await start({ dataDirectory, durable: true });
    expect(details(next)).toContain('outlived');
    expect(runs(backend)).toBe(false);
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  it('a temporary store is recovered too, and deleted at last', async () => {
    const server = await start();
    await run(server, 'create table t (a int)', 'insert into t values (1)');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const next = await start({ dataDirectory: server.dataDirectory });
    expect(await run(next, 'select a from t')).toEqual([[1]]);
    await server.stop();
    expect(await run(next, 'select a from t')).toEqual([[1]]);
    await next.stop();
    expect(existsSync(server.dataDirectory)).toBe(false);
  });

  // Finding the shell needs /proc.
  it.runIf(LINUX)('its shell alone: the server does not go on unsupervised', async () => {
    const server = await start({ dataDirectory: folder() });
    process.kill(supervisorOf(server.pid), 'SIGKILL');
    await server.exited;
    expect(runs(server.pid)).toBe(false);
    await start({ dataDirectory: server.dataDirectory });
  });
});

describe('Ctrl-C', () => {
  it('reaches Facet only, and PostgreSQL serves until Facet stops it', async () => {
    const { child, pid, server } = await startOwner({ dataDirectory: folder() });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    // To the whole group, as the terminal does.
    process.kill(-pid, 'SIGINT');
    await sleep(300);
    expect(await run(server, 'select 1')).toEqual([[1]]);
    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe(0);
    expect(runs(server.pid)).toBe(false);
  });

  // Sessions are read from /proc.
  it.runIf(LINUX)('cannot reach it through the terminal: it has a session of its own', async () => {
    const server = await start();
    const session = (pid: number): string | undefined => {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return text.slice(text.lastIndexOf(')')).split(' ')[4];
    };
    expect(session(server.pid)).not.toBe(session(process.pid));
  });
});

describe('a postmaster.pid that is stale', () => {
  const stranger = (): ChildProcess => {
    const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
    later(() => void child.kill('SIGKILL'));
    return child;
  };

  it.each([
    ['a stranger', () => stranger().pid],
    ['us', () => process.pid],
    ['our parent', () => process.ppid],
    ['nobody', () => 4_194_300],
    ['no number', () => 'rubbish'],
  ])('and names %s is removed', async (_name, pid) => {
    const server = await start({ dataDirectory: folder(), durable: true });
    await server.stop();
    const cluster = join(server.dataDirectory, 'postgres');
    const path = join(cluster, 'postmaster.pid');
    const named = pid();
    writeFileSync(path, `${named}\n${cluster}\n1700000000\n5432\n/tmp\n\n 12345 1\nready   \n`, {
      mode: 0o600,
    });
    const { uid, gid } = statSync(cluster);
    chownSync(path, uid, gid);
    const next = await start({ dataDirectory: server.dataDirectory, durable: true });
    expect(details(next)).toContain('removed a stale postmaster.pid');
    expect(await run(next, 'select 1')).toEqual([[1]]);
    if (typeof named === 'number' && named !== 4_194_300) expect(runs(named)).toBe(true);
  });
});
