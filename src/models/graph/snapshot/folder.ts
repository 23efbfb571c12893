/**
 * The folder that snapshots of one namespace are kept in. A snapshot is one file, named by its place in the journal and
 * its time: `0000000000000042-20261122T113000123Z.snapshot`. It appears under its name when it is whole and on the disk.
 */
import { createReadStream } from 'node:fs';
import { writeFile as fillFile, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FacetError, LIMITS, nowMs, randomHex } from '../../../base/index.ts';

export interface SnapshotFile {
  readonly name: string;
  readonly path: string;
  readonly sequence: number;
  readonly timestampMs: number;
  readonly bytes: number;
}

const NAME = /^(\d{16})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.snapshot$/;
const DRAFT = /\.snapshot\.[0-9a-f]{8}\.part$/;
/** A draft that nobody has written to for so long was left behind by a process that was killed. */
const DRAFT_MS_MAX = 3_600_000;

export function snapshotName(sequence: number, timestampMs: number): string {
  const time = new Date(timestampMs).toISOString().replace(/[-:.]/g, '');
  return `${String(sequence).padStart(16, '0')}-${time}.snapshot`;
}

/** Undefined for the name of something else. */
export function parseSnapshotName(
  name: string,
): { readonly sequence: number; readonly timestampMs: number } | undefined {
  const found = NAME.exec(name);
  if (found === null) return undefined;
  const [sequence = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = found
    .slice(1)
    .map(Number);
  return { sequence, timestampMs: Date.UTC(year, month - 1, day, hour, minute, second, ms) };
}

export class SnapshotFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The newest first. @throws STORE_UNUSABLE */
  async list(): Promise<readonly SnapshotFile[]> {
    const found: SnapshotFile[] = [];
    for (const name of await this.#names()) {
      const parts = parseSnapshotName(name);
      if (parts === undefined) continue;
      if (found.length >= LIMITS.snapshotsMax) break;
      const path = join(this.#path, name);
      // It may be removed while we look.
      const facts = await stat(path).catch(() => undefined);
      if (facts?.isFile() === true) found.push({ name, path, ...parts, bytes: facts.size });
    }
    return found.sort((one, other) => other.timestampMs - one.timestampMs || other.sequence - one.sequence);
  }

  /** Writes `pieces` to a file of that name, wholly or not at all. @throws RESOURCE_EXHAUSTED, STORE_UNUSABLE */
  async write(name: string, pieces: AsyncIterable<Uint8Array>): Promise<SnapshotFile> {
    const path = join(this.#path, name);
    const parts = parseSnapshotName(name);
    if (parts === undefined) throw new FacetError('INVALID_PARAMETER', `'${name}' is no name of a snapshot`);
    await this.#make();
    await this.#removeDrafts();
    const draft = `${path}.${randomHex(4)}.part`;
    try {
      const bytes = await writeWhole(draft, pieces);
      await this.#inFolder(async () => {
        await rename(draft, path);
        await syncFolder(this.#path);
      });
      return { name, path, ...parts, bytes };
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw fileError(error, this.#path);
    }
  }

  async remove({ path }: SnapshotFile): Promise<void> {
    await this.#inFolder(() => rm(path, { force: true }));
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw fileError(error, this.#path);
    }
  }

  async #make(): Promise<void> {
    await this.#inFolder(async () => {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      if (!(await lstat(this.#path)).isDirectory()) {
        throw new FacetError('STORE_UNUSABLE', `${this.#path} is no folder`);
      }
    });
  }

  async #removeDrafts(): Promise<void> {
    for (const name of await this.#names()) {
      if (!DRAFT.test(name)) continue;
      const path = join(this.#path, name);
      const facts = await stat(path).catch(() => undefined);
      if (facts !== undefined && nowMs() - facts.mtimeMs > DRAFT_MS_MAX) await rm(path, { force: true });
    }
  }

  async #inFolder(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileError(error, this.#path);
    }
  }
}

/** The bytes of a snapshot's file, or of any other. @throws as `fileError` words it, while it is read */
export async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Uint8Array;
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Writes a new file and sees to it that it is on the disk.
 * @returns how many bytes it has
 */
export async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await fillFile(handle, pieces);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** That a name is in the folder is on the disk, too. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** What the system says about a file, in our words; everything else as it is. */
export function fileError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof FacetError || !/^E[A-Z0-9]+$/.test(code)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new FacetError('RESOURCE_EXHAUSTED', `There is no room for ${path} (${code})`, { cause: error });
  }
  return new FacetError('STORE_UNUSABLE', `${path} cannot be used (${code})`, { cause: error });
}
