/**
 * What `facet doctor` says about the embedded server of one data directory. The data are looked at
 * and not changed; the binaries are made ready as a start would, since that alone shows whether they run.
 */
import { readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FacetError } from '../../base/index.ts';
import { type Binaries, prepareBinaries } from './binaries.ts';
import { assertOurs, clusterDirectory, clusterNameOf, clusterOwner } from './cluster.ts';
import { type Identity, resolveIdentity } from './identity.ts';
import { readPostmasterPid } from './leftovers.ts';
import { lockHolder } from './lock.ts';
import { placeCluster } from './placement.ts';
import { postgresIn } from './process-table.ts';
import { errorCode } from './run-program.ts';

export interface Finding {
  readonly level: 'ok' | 'info' | 'warning' | 'error';
  /** What was looked at, two or three words. */
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** Bytes of a mebibyte. */
const MIB = 1024 * 1024;
/** PostgreSQL stops when its log cannot be written; `max_wal_size` alone is 1 GB. */
const FREE_BYTES_LOW = 2048 * MIB;
const FREE_BYTES_TOO_LOW = 128 * MIB;

/** Never rejects: what cannot be looked at is a finding too. */
export async function inspectEmbedded(dataDirectory: string): Promise<Finding[]> {
  const wanted = resolve(dataDirectory);
  const home = await realpath(wanted).catch(() => wanted);
  const findings: Finding[] = [];
  const look = async <T>(subject: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      findings.push(asFinding(subject, error));
      return undefined;
    }
  };
  const identity = await look('user', async () => await resolveIdentity(await clusterOwner(home)));
  if (identity !== undefined) findings.push(describeIdentity(identity));
  const binaries =
    identity === undefined ? undefined : await look('binaries', async () => await prepareBinaries(identity));
  if (binaries !== undefined) {
    await binaries.dispose();
    const message = `PostgreSQL ${binaries.version} in ${binaries.directory}, ${binaries.note}`;
    findings.push({ level: 'ok', subject: 'binaries', message });
  }
  const data = await look('data directory', async () => await inspectData(home, binaries, identity));
  if (data === undefined) return findings;
  findings.push(...data);
  await look('owner', async () => findings.push(...(await inspectOwner(home))));
  await look('disk space', async () => findings.push(await inspectSpace(home)));
  await look('settings', async () => findings.push(await inspectSettings(home)));
  return findings;
}

function asFinding(subject: string, error: unknown): Finding {
  if (!(error instanceof FacetError)) return { level: 'error', subject, message: String(error) };
  const message = error.detail === undefined ? error.message : `${error.message}: ${error.detail}`;
  return { level: 'error', subject, message, remedy: error.hint };
}

function describeIdentity({ user, serverPrefix, initdbPrefix }: Identity): Finding {
  const how =
    serverPrefix.length + initdbPrefix.length > 0 ? ', in a user namespace where PostgreSQL needs it' : '';
  return { level: 'ok', subject: 'user', message: `PostgreSQL runs as ${user.name} (uid ${user.uid})${how}` };
}

async function inspectData(
  home: string,
  binaries: Binaries | undefined,
  identity: Identity | undefined,
): Promise<Finding[]> {
  const subject = 'data directory';
  const names = await readdir(home).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new FacetError('STORE_UNUSABLE', `${home} cannot be read: ${errorCode(error)}`, {
      hint: 'Choose a directory that you may read and write, or one that does not exist yet.',
    });
  });
  if (names === undefined) {
    return [{ level: 'info', subject, message: `${home} does not exist; the first start makes it` }];
  }
  assertOurs(home, names);
  if (!names.includes('postgres')) {
    return [{ level: 'info', subject, message: `${home} has no cluster yet; the first start makes it` }];
  }
  const directory = clusterDirectory(home);
  const found: Finding[] = [];
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => 'unknown')).trim();
  const fits = binaries === undefined || version === String(binaries.majorVersion);
  found.push({
    level: fits ? 'ok' : 'error',
    subject,
    message: `${directory}, made by PostgreSQL ${version}; log in ${join(home, 'log', 'postgres.log')}`,
    remedy: fits ? undefined : `Use a Facet release with PostgreSQL ${version}, and move the data by a dump.`,
  });
  const place = identity === undefined ? undefined : await placeCluster(directory, identity.user);
  if (place?.blockedBy !== undefined) {
    const message = `${place.blockedBy} is private; PostgreSQL is started inside the data directory instead`;
    found.push({ level: 'info', subject, message });
  }
  return found;
}

async function inspectOwner(home: string): Promise<Finding[]> {
  const holder = await lockHolder(home);
  const directory = clusterDirectory(home);
  const servers = await postgresIn(directory, clusterNameOf(home));
  const found: Finding[] = [];
  const subject = 'owner';
  if (holder === undefined) {
    found.push({ level: 'ok', subject, message: 'No Facet uses the data directory' });
  } else if (holder.state === 'alive') {
    found.push({ level: 'ok', subject, message: `In use by process ${holder.record.pid}` });
  } else if (holder.state === 'dead') {
    const message = `Process ${holder.record.pid}, the last owner, ended without stopping PostgreSQL`;
    found.push({ level: 'info', subject, message, remedy: 'Nothing to do: the next start recovers.' });
  } else {
    found.push({
      level: 'warning',
      subject,
      message: `Taken by process ${holder.record.pid} on ${holder.record.host}, which cannot be seen from here`,
      remedy:
        'If it still runs, stop it before starting here. If not, the next start waits a few seconds and goes on.',
    });
  }
  if (servers.length > 0 && holder?.state !== 'alive') {
    const pids = servers.map(({ pid }) => pid).join(', ');
    const message = `PostgreSQL processes run without a Facet: ${pids}`;
    found.push({
      level: 'warning',
      subject,
      message,
      remedy: 'The next start stops them and starts afresh.',
    });
  }
  const pid = await readPostmasterPid(directory);
  if (pid !== undefined && !servers.some((server) => server.pid === pid)) {
    const message = `postmaster.pid names process ${pid}, which is not a PostgreSQL of this directory`;
    found.push({
      level: 'info',
      subject,
      message,
      remedy: 'Nothing to do: the next start removes the file.',
    });
  }
  return found;
}

async function inspectSpace(home: string): Promise<Finding> {
  let folder = home;
  while ((await stat(folder).catch(() => undefined)) === undefined) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const message = `${Math.floor(freeBytes / MIB)} MiB free for ${home}`;
  const subject = 'disk space';
  if (freeBytes >= FREE_BYTES_LOW) return { level: 'ok', subject, message };
  const level = freeBytes < FREE_BYTES_TOO_LOW ? 'error' : 'warning';
  return { level, subject, message, remedy: 'Make room: PostgreSQL stops when its log cannot be written.' };
}

/** Settings that an operator's custom.conf may take away although Facet needs them. */
async function inspectSettings(home: string): Promise<Finding> {
  const path = join(clusterDirectory(home), 'custom.conf');
  const text = await readFile(path, 'utf8').catch(() => '');
  const level = [...text.matchAll(/^\s*wal_level\s*=?\s*'?(\w+)/gim)].at(-1)?.[1] ?? 'logical';
  if (level === 'logical') return { level: 'ok', subject: 'settings', message: 'wal_level is logical' };
  return {
    level: 'warning',
    subject: 'settings',
    message: `${path} sets wal_level to ${level}: changes are followed by triggers, which costs every write`,
    remedy: 'Remove that line.',
  };
}
