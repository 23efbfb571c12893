/**
 * The files of the indexes of one namespace, in a folder beside its data. Those of one index are written under a new
 * name each time, and then its manifest is replaced: at any moment it names files that are whole and on the disk.
 */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { randomHex } from '../../base/index.ts';
import { isOf, manifestText, parseManifest, type SavedManifest, type SavedOf } from './saved-manifest.ts';

export interface Generation {
  readonly name: string;
  readonly graph: string;
  readonly keys: string;
  readonly vectors: string;
}

export class SavedFiles {
  readonly #folder: string;
  readonly #of: SavedOf;

  constructor(folder: string, of: SavedOf) {
    this.#folder = folder;
    this.#of = of;
  }

  get of(): SavedOf {
    return this.#of;
  }

  generation(name = randomHex(8)): Generation {
    const path = (what: string): string => join(this.#folder, `${this.#of.index}.${name}.${what}`);
    return { name, graph: path('graph'), keys: path('keys'), vectors: path('vectors') };
  }

  /** Undefined when nothing was saved. @throws STORE_UNUSABLE when that is of no use, and what reading it says */
  async read(): Promise<SavedManifest | undefined> {
    const text = await readFile(this.#manifest, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const manifest = parseManifest(text);
    return isOf(manifest, this.#of) ? manifest : undefined;
  }

  /** The files that it names are on the disk. From its return on they are the index, whatever happens. */
  async publish(manifest: SavedManifest): Promise<void> {
    const draft = join(this.#folder, `${this.#of.index}.${randomHex(8)}.draft`);
    const handle = await open(draft, 'wx', 0o644);
    try {
      await handle.writeFile(manifestText(manifest));
      await handle.sync();
    } finally {
      await handle.close();
    }
    // The names of the files first: after a crash of the machine no manifest names what is not there.
    await syncFolder(this.#folder);
    await rename(draft, this.#manifest);
    await syncFolder(this.#folder);
  }

  /** Files that an earlier manifest named, or none. */
  async removeAllBut(generation: string | undefined): Promise<void> {
    const keep = generation === undefined ? undefined : `${this.#of.index}.${generation}.`;
    const manifest = `${this.#of.index}.manifest`;
    for (const name of await readdir(this.#folder)) {
      const own = name.startsWith(`${this.#of.index}.`);
      const needed = keep !== undefined && (name === manifest || name.startsWith(keep));
      if (own && !needed) await rm(join(this.#folder, name), { force: true });
    }
  }

  get #manifest(): string {
    return join(this.#folder, `${this.#of.index}.manifest`);
  }
}

/** Indexes that have files in the folder, of whatever kind. */
export async function indexesWithFiles(folder: string): Promise<ReadonlySet<number>> {
  const indexes = new Set<number>();
  for (const name of await readdir(folder)) {
    const id = /^(\d+)\./.exec(name)?.[1];
    if (id !== undefined) indexes.add(Number(id));
  }
  return indexes;
}

export async function removeFilesOf(folder: string, index: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(`${index}.`)) await rm(join(folder, name), { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
