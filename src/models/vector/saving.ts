/**
 * Keeps the files of one index near what it is in memory, so that the next start needs to read little. What changed after
 * the files is kept for it by the change feed: its durable consumer stands where the files do, and is moved only when
 * newer ones are on the disk. Where nothing of the table changes the manifest alone is written anew, with the new position.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Database, Lsn } from '../../engine/index.ts';
import type { SavedFiles } from './saved-files.ts';
import type { SavedManifest } from './saved-manifest.ts';
import { writeKeys, writeVectors } from './saved-shelf.ts';
import type { ShelfSnapshot } from './shelf.ts';

/** An index at one moment. The graph has been written to its file by then. */
export interface Frozen {
  readonly snapshot: ShelfSnapshot;
  readonly entries: number;
  readonly graphDigest: string;
  readonly position: Lsn;
  readonly version: number;
}

/** What there is to save. Vectors that are not in the graph yet are saved beside it: under steady writes there always are some. */
export interface Savable {
  /** It has a graph, and has been ready. */
  readonly savable: boolean;
  /** Vectors in the graph. */
  readonly inGraph: number;
  readonly rows: number;
  /** Grows with each change. */
  readonly version: number;
  readonly position: Lsn | undefined;
  /** Writes the graph to that file, and knows everything before `from`. Undefined when it cannot be saved now. */
  freeze(graphFile: string, from: Lsn): Promise<Frozen | undefined>;
}

export const consumerOf = (index: number): string => `vector:${index}`;

/** A save is worth it when such a part of the rows has changed. */
const CHANGED_SHARE = 0.1;
/** Pauses are so many times as long as the save before took: saving takes no more than a twentieth of the time. */
const REST_SHARE = 20;
/** Pause after a save that failed; each further failure makes it four times as long. */
const RETRY_MS = 1_000;

export class Saving {
  readonly #database: Database;
  readonly #files: SavedFiles;
  readonly #of: Savable;
  #saved: { readonly manifest: SavedManifest; readonly version: number } | undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #working: Promise<void> | undefined = undefined;
  #notBeforeMs = 0;
  #failures = 0;
  #closed = false;

  /** `manifest`: of the files that the index came from, if it did. */
  constructor(database: Database, files: SavedFiles, of: Savable, manifest: SavedManifest | undefined) {
    this.#database = database;
    this.#files = files;
    this.#of = of;
    // Changes since the files were made come through the feed, and are counted from 0 on.
    this.#saved = manifest === undefined ? undefined : { manifest, version: 0 };
    this.#plan();
  }

  /** Saves once more if that is quick; what is not finished then is left, and cleared away at the next start. */
  async stop(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LIMITS.vectorSaveStopMsMax);
    });
    await Promise.race([this.#lastSave(), late]);
    clearTimeout(timer);
  }

  /** Nothing more is saved. Resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #lastSave(): Promise<void> {
    await this.#working;
    const { savable, rows, version } = this.#of;
    if (savable && rows > 0 && (this.#saved?.version !== version || this.#grown())) await this.#attempt();
  }

  #plan(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#look().finally(() => {
        this.#working = undefined;
        this.#plan();
      });
    }, LIMITS.vectorSaveLookMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { savable, rows, version, position } = this.#of;
    if (!savable || position === undefined || monotonicMs() < this.#notBeforeMs) return;
    const saved = this.#saved;
    if (saved === undefined) {
      if (rows > 0) await this.#attempt();
      return;
    }
    const lag = Number(position - saved.manifest.lsn);
    if (version === saved.version && !this.#grown()) {
      if (lag >= LIMITS.consumerIdleLagBytes) await this.#guarded(() => this.#move(saved.manifest, position));
      return;
    }
    const much = version - saved.version >= Math.max(1, rows * CHANGED_SHARE);
    if (much || this.#grown() || lag >= LIMITS.vectorSaveLagBytes) await this.#attempt();
  }

  /** The graph has much that its file has not: what is not in there is put into it anew at each start. */
  #grown(): boolean {
    const { inGraph, rows } = this.#of;
    return inGraph - (this.#saved?.manifest.entries ?? 0) >= Math.max(1, rows * CHANGED_SHARE);
  }

  async #attempt(): Promise<void> {
    await this.#guarded(() => this.#save());
  }

  /** Never rejects: an index that is not saved works as well, and is made anew at the next start. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    const startedMs = monotonicMs();
    try {
      await work();
      this.#failures = 0;
      const restMs = (monotonicMs() - startedMs) * REST_SHARE;
      this.#notBeforeMs = monotonicMs() + restMs;
    } catch (thrown) {
      if (this.#closed) return;
      this.#failures++;
      this.#notBeforeMs = monotonicMs() + Math.min(LIMITS.vectorRetryMsMax, RETRY_MS * 4 ** this.#failures);
      if (this.#failures > 1) return;
      const detail = thrown instanceof FacetError ? thrown.message : asFacetError(thrown).cause;
      const message = `Vector index ${this.#files.of.index} cannot be saved, and is made anew at the next start`;
      this.#database.observe({ type: 'warning', message, detail });
    }
  }

  async #save(): Promise<void> {
    const { changes } = this.#database;
    const files = this.#files;
    const name = consumerOf(files.of.index);
    let consumer = await changes.consumer(name);
    if (!consumer.available) consumer = await changes.reset(name);
    const { name: generation, graph, keys, vectors } = files.generation();
    const frozen = await this.#of.freeze(graph, consumer.position);
    if (frozen === undefined) {
      await files.removeAllBut(this.#saved?.manifest.generation);
      return;
    }
    const { snapshot, position, version, entries, graphDigest } = frozen;
    const manifest: SavedManifest = {
      of: files.of,
      generation,
      lsn: position,
      slots: snapshot.keys.length,
      entries,
      digests: {
        graph: graphDigest,
        keys: await writeKeys(keys, snapshot),
        vectors: await writeVectors(vectors, snapshot),
      },
    };
    await files.publish(manifest);
    this.#saved = { manifest, version };
    await changes.advance(name, position);
    await files.removeAllBut(generation);
  }

  /** The files are right for a later position, too. */
  async #move(manifest: SavedManifest, position: Lsn): Promise<void> {
    const moved = { ...manifest, lsn: position };
    const { version } = this.#of;
    await this.#files.publish(moved);
    this.#saved = { manifest: moved, version: this.#saved?.version ?? version };
    await this.#database.changes.advance(consumerOf(this.#files.of.index), position);
  }
}
