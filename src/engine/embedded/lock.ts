/**
 * One Facet per data directory. PostgreSQL has a lock of its own (postmaster.pid), but it cannot tell a living
 * server from a stale file in every case, and it knows nothing of the process that owns it.
 *
 * The folder `owner` holds numbered files. Who creates the next number owns the directory, provided that no higher
 * number exists afterwards; the highest file is never deleted, only marked as released. So a process that
 * slept between looking and taking cannot overtake another: the number it wants is taken, or it is not the highest.
 * Each file names its process by pid and start time. Where pids mean nothing (another container on the same volume,
 * another boot) the file's modification time decides, which its owner renews every few seconds.
 */
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError, nowMs, randomHex } from '../../base/index.ts';
import { makeFolder } from './make-folder.ts';
import { describeSelf, judgeOwner, type OwnerRecord, parseOwnerRecord } from './owner-record.ts';
import { giveToOwnerOf } from './ownership.ts';
import { errorCode } from './run-program.ts';

export interface Lock {
  release(): Promise<void>;
}

const FILE = /^owner-(\d{8})\.json$/;
const fileOf = (turn: number): string => `owner-${String(turn).padStart(8, '0')}.json`;
/** Rivals that may come between before we give up. */
const ATTEMPTS_MAX = 50;

/** Often enough that a start which has to watch need not wait long, rarely enough to cost nothing. */
const RENEW_MS = 3_000;
/** An owner elsewhere that has not renewed for so long while we watched is gone: four missed renewals. */
const WATCH_MS = 12_000;
const WATCH_STEP_MS = 250;
/** Older than this on our own clock, nobody needs to watch: clocks of machines are closer than that. */
const SURELY_STALE_MS = 300_000;

/**
 * Takes the lock in `home`, which must exist. `onWatch` hears of an owner whose life can only be told by watching
 * it for some seconds.
 * @throws FacetError STORE_LOCKED, naming the process that has it.
 */
export async function takeLock(
  home: string,
  onWatch: (owner: OwnerRecord) => void = () => {},
): Promise<Lock> {
  const folder = join(home, 'owner');
  await makeFolder(folder, 0o755);
  await giveToOwnerOf(home, folder);
  const self = await describeSelf();
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const current = await highestOwner(folder);
    if (current !== undefined && !current.released) await refuseWhileOwned(home, current, onWatch);
    const turn = (current?.turn ?? 0) + 1;
    const path = join(folder, fileOf(turn));
    if (!(await createWhole(home, path, JSON.stringify(self)))) continue;
    if ((await highestTurn(folder)) !== turn) {
      await rm(path, { force: true });
      continue;
    }
    await removeOthers(folder, turn);
    return holdLock(home, path, self);
  }
  throw new FacetError('STORE_LOCKED', `Too many processes want the data directory ${home} at once`);
}

/** Who has the lock of `home`, as far as can be told without waiting; undefined when nobody has. */
export async function lockHolder(
  home: string,
): Promise<{ readonly record: OwnerRecord; readonly state: 'alive' | 'dead' | 'elsewhere' } | undefined> {
  const current = await highestOwner(join(home, 'owner'));
  if (current?.record === undefined || current.released) return undefined;
  return { record: current.record, state: await judgeOwner(current.record) };
}

function holdLock(home: string, path: string, self: OwnerRecord): Lock {
  const timer = setInterval(() => {
    const now = new Date(nowMs());
    // A renewal that fails once is made up for by the next; a directory that is gone has no rivals.
    utimes(path, now, now).catch(() => {});
  }, RENEW_MS);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      const replacement = `${path}.${randomHex(4)}`;
      try {
        await writeFile(replacement, JSON.stringify({ ...self, released: true }), { flag: 'wx' });
        await giveToOwnerOf(home, replacement);
        await rename(replacement, path);
      } catch (error) {
        // Without the folder there is nothing to release (a temporary directory that is already deleted).
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    },
  };
}

interface CurrentOwner {
  readonly turn: number;
  readonly path: string;
  readonly released: boolean;
  /** Undefined when the file does not say: it is written whole, so only a power loss can do that. */
  readonly record: OwnerRecord | undefined;
}

async function highestOwner(folder: string): Promise<CurrentOwner | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const turn = await highestTurn(folder);
    if (turn === undefined) return undefined;
    const path = join(folder, fileOf(turn));
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    // Gone since it was listed: a higher one exists by now.
    if (text === undefined) continue;
    return { turn, path, released: text.includes('"released":true'), record: parseOwnerRecord(text) };
  }
  return undefined;
}

async function highestTurn(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const turns = names.flatMap((name) => Number(FILE.exec(name)?.[1] ?? Number.NaN)).filter(Number.isInteger);
  return turns.length === 0 ? undefined : Math.max(...turns);
}

async function refuseWhileOwned(
  home: string,
  { path, record }: CurrentOwner,
  onWatch: (owner: OwnerRecord) => void,
): Promise<void> {
  if (record === undefined) return;
  const state = await judgeOwner(record);
  if (state === 'dead' || (state === 'elsewhere' && !(await isRenewed(path, () => onWatch(record))))) return;
  const who = record.pid === process.pid && state === 'alive' ? 'this process' : `process ${record.pid}`;
  const where = state === 'alive' ? '' : ` on ${record.host}`;
  throw new FacetError('STORE_LOCKED', `The data directory ${home} is in use by ${who}${where}`, {
    detail: `Owner: pid ${record.pid}, host ${record.host}.`,
    hint: 'Stop that Facet first, or start this one on another --store.',
  });
}

/** Watches the file until its owner renews it, up to WATCH_MS. */
async function isRenewed(path: string, onWatch: () => void): Promise<boolean> {
  const modifiedMs = async (): Promise<number | undefined> =>
    (await stat(path).catch(() => undefined))?.mtimeMs;
  const before = await modifiedMs();
  if (before === undefined || Math.abs(nowMs() - before) > SURELY_STALE_MS) return false;
  onWatch();
  for (let watchedMs = 0; watchedMs < WATCH_MS; watchedMs += WATCH_STEP_MS) {
    await sleep(WATCH_STEP_MS);
    const now = await modifiedMs();
    // Replaced means released, or taken by another: the caller's next look tells which.
    if (now !== before) return now !== undefined && !(await readFile(path, 'utf8')).includes('"released"');
  }
  return false;
}

/** Creates `path` with all of its content at once. False when it exists. */
async function createWhole(home: string, path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomHex(4)}`;
  await writeFile(draft, content, { mode: 0o644, flag: 'wx' });
  try {
    await giveToOwnerOf(home, draft);
    await link(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeOthers(folder: string, turn: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const other = Number(FILE.exec(name)?.[1] ?? Number.NaN);
    if (other < turn) await rm(join(folder, name), { force: true });
  }
}
