/**
 * The vector indexes that this process holds of one namespace. An index is taken in when it is made, or when a search
 * first wants it, and let go when nobody has searched it for long; the catalog says which there are.
 */
import { LIMITS, monotonicMs } from '../../base/index.ts';
import type { Database, ModelState } from '../../engine/index.ts';
import { vectorCatalogChanged, vectorCatalogVersion } from '../vector-catalog.ts';
import { graphShape } from './build-order.ts';
import { GraphThread } from './graph/index.ts';
import { IndexCopy } from './index-copy.ts';
import type { Metric } from './metric.ts';
import { type ListedIndex, SavedPlace } from './saved-place.ts';
import { NOTE_INDEX } from './statements.ts';
import { findTarget, type IndexRow, type Target } from './target.ts';

interface Held {
  readonly copy: IndexCopy;
  usedMs: number;
  readonly startedMs: number;
  /** When the catalog says that it is built, or what has become of it. */
  readonly noted: Promise<void>;
}

/** Between two notes of how far a build is. */
const NOTE_MS = 500;
/** An index that was lost is not taken in again at once. */
const RETRY_MS = 5_000;
/** Between two looks for indexes that nobody searches any more, or that were dropped. */
const LOOK_MS = 1_000;
/** Between two looks into the catalog when this process has changed nothing of it. */
const TIDY_MS = 60_000;

const KEY = Symbol('vector.indexes');

/** `memoryBytesMax`: of all indexes of the process; the same wherever it is asked for. */
export const keeperOf = (database: Database, memoryBytesMax: number): IndexKeeper =>
  database.state(KEY, (opened) => new IndexKeeper(opened, memoryBytesMax));

export class IndexKeeper implements ModelState {
  readonly #database: Database;
  readonly #memoryBytesMax: number;
  readonly #thread: GraphThread;
  readonly #held = new Map<number, Held>();
  readonly #timer: NodeJS.Timeout;
  readonly #place: SavedPlace;
  /** Of the indexes that this process has held: what is in their files is not what it had. */
  readonly #taken = new Set<number>();
  /** Those that are let go of, until nothing of them is written any more. */
  readonly #closing = new Map<number, Promise<void>>();
  /** The last note about each: they are written one after the other, so that what an earlier one says does not come last. */
  readonly #notes = new WeakMap<IndexCopy, Promise<void>>();
  #tidying: Promise<void>;
  #tidiedAt: { readonly version: number; readonly ms: number } = { version: 0, ms: 0 };
  #stopped = false;

  constructor(database: Database, memoryBytesMax: number) {
    this.#database = database;
    this.#memoryBytesMax = memoryBytesMax;
    this.#place = new SavedPlace(database);
    this.#thread = new GraphThread((reason) => {
      for (const { copy } of this.#held.values()) copy.graphLost(reason);
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    this.#tidying = this.#tidy(true);
  }

  /**
   * The index of the column that answers best for `metric`, if it can answer now. One that is not here, or does not
   * fit the table any more, is taken in meanwhile.
   */
  copyFor(target: Target, dimensions: number, metric: Metric): IndexCopy | undefined {
    this.#dropOthers(target);
    const row = target.indexes.find((index) => index.metric === metric) ?? target.indexes[0];
    if (row === undefined) return undefined;
    const held = this.#held.get(row.id);
    if (held !== undefined && fits(held.copy, target, dimensions)) {
      held.usedMs = monotonicMs();
      if (held.copy.state === 'current') return held.copy;
      if (held.copy.state === 'loading' || monotonicMs() - held.startedMs < RETRY_MS) return undefined;
    }
    this.#take(row, target, dimensions);
    return undefined;
  }

  /**
   * Takes the index in, and resolves when its graph is complete and the catalog says so.
   * @throws LIMIT_EXCEEDED, UNAVAILABLE, CHANGES_UNAVAILABLE
   */
  async build(row: IndexRow, target: Target, dimensions: number): Promise<void> {
    await complete(this.#take(row, target, dimensions));
  }

  /** As `build`, without beginning anew when it is here or on its way. */
  async built(row: IndexRow, target: Target, dimensions: number): Promise<void> {
    const held = this.#held.get(row.id);
    const isHere = held !== undefined && held.copy.state !== 'lost' && fits(held.copy, target, dimensions);
    await complete(isHere ? held : this.#take(row, target, dimensions));
  }

  /** It is not in the catalog any more. */
  drop(id: number): void {
    void this.#discard(id);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#held.values()].map(({ copy }) => copy.stop()));
    await this.#tidying;
    await Promise.all(this.#closing.values());
    this.#held.clear();
    await this.#thread.stop();
  }

  #take(row: IndexRow, target: Target, dimensions: number): Held {
    this.#close(row.id);
    const { relationOid, file: relationFile, attribute, column, key, keyIndex } = target;
    const shape = graphShape(
      row.type,
      row.metric,
      row.options as Record<string, string | number>,
      dimensions,
    );
    const of = { relationOid, relationFile, attribute, column, key, keyIndex, dimensions, shape };
    const copy: IndexCopy = new IndexCopy({
      database: this.#database,
      thread: this.#thread,
      row,
      target,
      dimensions,
      memoryBytesMax: this.#memoryBytesMax,
      files: () => this.#place.files({ index: row.id, ...of }),
      usesFiles: !this.#taken.has(row.id),
      after: this.#closing.get(row.id) ?? Promise.resolve(),
      told: () => {
        if (this.#held.get(row.id)?.copy === copy) void this.#note(copy);
      },
    });
    this.#taken.add(row.id);
    const nowMs = monotonicMs();
    const held: Held = { copy, usedMs: nowMs, startedMs: nowMs, noted: this.#noteUntilBuilt(copy) };
    this.#held.set(row.id, held);
    return held;
  }

  /** Tells the catalog how far it is, so that every process can list it. What cannot be told is not worth an error. */
  #note(copy: IndexCopy): Promise<void> {
    const noted = (this.#notes.get(copy) ?? Promise.resolve()).then(() => this.#write(copy));
    this.#notes.set(copy, noted);
    return noted;
  }

  async #write(copy: IndexCopy): Promise<void> {
    if (this.#stopped) return;
    const { row, status, progress, bytes, detail } = copy;
    const parameters = [
      String(row.id),
      status,
      String(progress),
      String(bytes),
      status === 'building' ? null : detail,
    ];
    const noted = await this.#database.run(NOTE_INDEX, parameters).catch(() => undefined);
    // Dropped meanwhile, by whatever process.
    if (noted?.rows.length === 0 && !this.#stopped && this.#held.get(row.id)?.copy === copy) {
      void this.#discard(row.id);
      vectorCatalogChanged(this.#database);
    }
  }

  async #noteUntilBuilt(copy: IndexCopy): Promise<void> {
    // What it was in an earlier process is no longer so.
    void this.#note(copy);
    const timer = setInterval(() => void this.#note(copy), NOTE_MS);
    timer.unref();
    await copy.built.catch(() => undefined);
    clearInterval(timer);
    if (this.#held.get(copy.row.id)?.copy === copy) await this.#note(copy);
  }

  /** Indexes of the column that the catalog does not have any more. */
  #dropOthers(target: Target): void {
    for (const [id, { copy }] of this.#held) {
      const same =
        copy.target.relationOid === target.relationOid && copy.target.attribute === target.attribute;
      if (same && !target.indexes.some((index) => index.id === id)) this.#close(id);
    }
  }

  #look(): void {
    for (const [id, { copy, usedMs }] of this.#held) {
      // Nor is the log kept for it any longer.
      if (copy.state !== 'loading' && monotonicMs() - usedMs > LIMITS.vectorIdleMs) void this.#discard(id);
    }
    const changed = this.#tidiedAt.version !== this.#version();
    if (changed || monotonicMs() - this.#tidiedAt.ms > TIDY_MS) {
      this.#tidying = this.#tidying.then(() => this.#tidy(false));
    }
  }

  #version(): number {
    return this.#database.schemaVersion + vectorCatalogVersion(this.#database);
  }

  /** What is gone from the catalog is gone here. At the beginning what was saved is taken in. Never rejects. */
  async #tidy(first: boolean): Promise<void> {
    if (this.#stopped) return;
    this.#tidiedAt = { version: this.#version(), ms: monotonicMs() };
    const held = [...this.#held.keys()];
    try {
      const indexes = await this.#place.tidied();
      const known = new Set(indexes.map(({ id }) => id));
      for (const id of held) if (!known.has(id)) void this.#discard(id);
      for (const index of first ? indexes.filter(({ saved }) => saved) : []) await this.#takeSaved(index);
    } catch {
      // PostgreSQL is away, or the disk: the next look finds what there is.
    }
  }

  async #takeSaved({ id, schema, table, column }: ListedIndex): Promise<void> {
    const target = await findTarget(this.#database, { schema, name: table }, column, {});
    const row = target.indexes.find((index) => index.id === id);
    if (row === undefined || target.dimensions === undefined || this.#stopped || this.#held.has(id)) return;
    await this.#take(row, target, target.dimensions).copy.built.catch(() => undefined);
  }

  #close(id: number): void {
    const copy = this.#held.get(id)?.copy;
    this.#held.delete(id);
    if (copy === undefined) return;
    const closed = copy.close().catch(() => undefined);
    const closing = closed.finally(() => {
      if (this.#closing.get(id) === closing) this.#closing.delete(id);
    });
    this.#closing.set(id, closing);
  }

  /** Nothing is kept of it. */
  async #discard(id: number): Promise<void> {
    this.#close(id);
    await this.#closing.get(id);
    if (!this.#held.has(id)) await this.#place.remove(id).catch(() => undefined);
  }
}

async function complete({ copy, noted }: Held): Promise<void> {
  await copy.built;
  await noted;
}

/** Renamed columns, another key, a table that was written anew: what was read then is not what is there now. */
function fits(copy: IndexCopy, target: Target, dimensions: number): boolean {
  const of = copy.target;
  return (
    copy.dimensions === dimensions &&
    of.file === target.file &&
    of.keyIndex === target.keyIndex &&
    of.column === target.column &&
    of.table.name === target.table.name &&
    of.table.schema === target.table.schema &&
    JSON.stringify(of.key) === JSON.stringify(target.key)
  );
}
