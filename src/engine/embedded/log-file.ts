/**
 * The file that PostgreSQL's messages go to: `<home>/log/postgres.log`, and one previous file. PostgreSQL writes to
 * the open file itself, so that its messages outlive us; we only keep it from growing without bound.
 */
import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../base/index.ts';
import { makeFolder } from './make-folder.ts';
import { giveToOwnerOf } from './ownership.ts';

export interface LogFile {
  readonly path: string;
  readonly fd: number;
  /** The last lines written since this file was opened. */
  tail(lines: number): Promise<string>;
  close(): Promise<void>;
}

/** Not through a link: root may be writing in a folder of someone else. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
/** Between looks at the size. The log is quiet, so it cannot grow far meanwhile. */
const CHECK_MS = 60_000;
/** Of the log's end, to find its last lines in. */
const TAIL_BYTES_MAX = 16 * 1024;

export async function openLog(home: string): Promise<LogFile> {
  const folder = join(home, 'log');
  await makeFolder(folder, 0o700);
  await giveToOwnerOf(home, folder);
  const path = join(folder, 'postgres.log');
  const previous = `${path}.1`;
  const sizeNow = async (): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;
  if ((await sizeNow()) > LIMITS.embeddedLogBytesMax) await rename(path, previous);
  const handle = await open(path, FLAGS, 0o600);
  await giveToOwnerOf(home, path);
  let openedAt = await sizeNow();

  const shorten = async (): Promise<void> => {
    if ((await sizeNow()) <= LIMITS.embeddedLogBytesMax) return;
    // PostgreSQL has the file open for appending, so it goes on at the new end. Lines in between may be lost.
    await rm(previous, { force: true });
    await copyFile(path, previous, constants.COPYFILE_EXCL);
    await handle.truncate(0);
    openedAt = 0;
  };
  const timer = setInterval(() => {
    shorten().catch(() => {});
  }, CHECK_MS);
  timer.unref();

  return {
    path,
    fd: handle.fd,
    tail: async (lines) => await readTail(handle, openedAt, lines),
    close: async () => {
      clearInterval(timer);
      await handle.close();
    },
  };
}

async function readTail(handle: FileHandle, from: number, lines: number): Promise<string> {
  const { size } = await handle.stat();
  const start = Math.max(from, size - TAIL_BYTES_MAX);
  const buffer = Buffer.alloc(Math.max(0, size - start));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
  return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
}
