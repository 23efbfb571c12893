/**
 * One index in this process: the vectors of its column in memory (the shelf), kept in step with the table by the change
 * feed, and a graph over all but the newest of them.
 *
 * It is `loading` while the table is read, then `current`: from then on it answers, exactly for what is not in the graph
 * yet and approximately for the rest. It ends by being `lost`, when it can no longer be kept in step; whoever holds it
 * makes another one. A graph that is lost, or mostly made of dead entries, is built anew while searches are exact.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Database, Lsn } from '../../engine/index.ts';
import { graphBytes, graphShape } from './build-order.ts';
import { Follower } from './follower.ts';
import { type Found, measureAll, measureNamed, outsideOf, rowsOf } from './found.ts';
import type { GraphShape, GraphThread } from './graph/index.ts';
import { graphQuery, rowFactor } from './graph-vectors.ts';
import { type Loaded, readSaved, readTable } from './loading.ts';
import { holdBytes, releaseBytes } from './memory.ts';
import { type Metric, measureFrom } from './metric.ts';
import type { SavedFiles } from './saved-files.ts';
import type { SavedManifest } from './saved-manifest.ts';
import { type Frozen, Saving } from './saving.ts';
import { Shelf } from './shelf.ts';
import type { IndexRow, Target } from './target.ts';

/** Vectors of one message to the thread. */
const ADD_VECTORS = 1_024;
/** Changes gather for so long before they go into the graph; they are found at once all the same. */
const GATHER_MS = 100;
/** Dead entries that are not worth a new graph. */
const DEAD_IGNORED = 2_000;
/** Pause before a graph that was lost is built anew; each further loss makes it four times as long. */
const RETRY_MS = 1_000;

export class IndexCopy {
  readonly row: IndexRow;
  readonly target: Target;
  readonly dimensions: number;
  /** Resolves when the graph holds everything that was in the table; rejects when it cannot be built. */
  readonly built: Promise<void>;
  readonly #database: Database;
  readonly #thread: GraphThread;
  readonly #shape: GraphShape;
  readonly #follower: Follower;
  readonly #stop = new AbortController();
  readonly #memoryBytesMax: number;
  readonly #files: () => Promise<SavedFiles | undefined>;
  readonly #usesFiles: boolean;
  readonly #told: () => void;
  #shelf: Shelf;
  #state: 'loading' | 'current' | 'lost' = 'loading';
  #lostBecause: string | undefined = undefined;
  #graph: number | undefined = undefined;
  /** Slots before it are in the graph. */
  #inGraph = 0;
  /** Of them, those that the graph cannot order: they are measured one by one. */
  #outside: number[] = [];
  #growing: Promise<void> | undefined = undefined;
  #losses = 0;
  #retryAtMs = 0;
  #exactBecause: string | undefined = undefined;
  #hasNoLibrary = false;
  #wasComplete = false;
  #origin: 'table' | 'files' = 'table';
  #saving: Saving | undefined = undefined;
  #gathering: NodeJS.Timeout | undefined = undefined;

  constructor(parts: {
    readonly database: Database;
    readonly thread: GraphThread;
    readonly row: IndexRow;
    readonly target: Target;
    readonly dimensions: number;
    /** Of all indexes of the process. */
    readonly memoryBytesMax: number;
    /** Where it is saved; undefined where it is not. */
    readonly files: () => Promise<SavedFiles | undefined>;
    /** False: whatever is in the files, it is read from the table. */
    readonly usesFiles: boolean;
    /** When it may begin. */
    readonly after: Promise<void>;
    /** Called when `status` may be another one. */
    readonly told: () => void;
  }) {
    this.row = parts.row;
    this.target = parts.target;
    this.dimensions = parts.dimensions;
    this.#database = parts.database;
    this.#thread = parts.thread;
    this.#shape = graphShape(
      this.row.type,
      this.row.metric,
      this.row.options as Record<string, string | number>,
      this.dimensions,
    );
    this.#shelf = new Shelf(this.dimensions);
    this.#follower = new Follower({
      target: this.target,
      dimensions: this.dimensions,
      shelf: () => this.#shelf,
      changed: () => this.#grown(),
      lost: (reason) => this.lose(reason),
    });
    this.#memoryBytesMax = parts.memoryBytesMax;
    this.#files = parts.files;
    this.#usesFiles = parts.usesFiles;
    this.#told = parts.told;
    this.built = this.#build(parts.after);
    // Whoever asked for the build hears of it; for the others the state tells.
    this.#unwatched(
      this.built.catch((error: unknown) => {
        if (this.#state === 'loading') this.lose(asFacetError(error).message);
      }),
    );
  }

  get state(): 'loading' | 'current' | 'lost' {
    return this.#state;
  }

  /** From 0 to 1: how much of what is known is in the graph. While the table is read nobody knows how much there is. */
  get progress(): number {
    if (this.#state === 'loading') return 0;
    return this.#shelf.slots === 0 ? 1 : this.#inGraph / this.#shelf.slots;
  }

  get status(): IndexRow['status'] {
    if (this.#state === 'lost') return 'failed';
    if (this.#state === 'current' && this.#exactBecause !== undefined) return 'exact';
    return this.#state === 'current' && this.#wasComplete ? 'ready' : 'building';
  }

  /** Where it was read from; why it is lost or exact, if it is. */
  get detail(): string {
    if (this.#state === 'lost') return this.#lostBecause ?? 'closed';
    return this.#exactBecause ?? (this.#origin === 'files' ? 'read from its files' : 'read from its table');
  }

  /** See Savable. */
  get savable(): boolean {
    return this.#state === 'current' && this.#graph !== undefined && this.#wasComplete;
  }

  /** See Savable. */
  get inGraph(): number {
    return this.#inGraph;
  }

  /** See Savable. */
  async freeze(graphFile: string, from: Lsn): Promise<Frozen | undefined> {
    const graph = this.#graph;
    const shelf = this.#shelf;
    if (graph === undefined || !(await this.reaches(from, this.#stop.signal))) return undefined;
    const { entries, digest } = await this.#thread.save(graph, graphFile);
    const { position, version } = this;
    // What is in the graph's file must be slots of this shelf, at this moment.
    if (this.#state !== 'current' || this.#graph !== graph || this.#shelf !== shelf) return undefined;
    if (position === undefined || position < from) return undefined;
    return { snapshot: shelf.snapshot(), entries, graphDigest: digest, position, version };
  }

  get bytes(): number {
    return this.#shelf.bytes + graphBytes(this.#shape, this.#inGraph);
  }

  get rows(): number {
    return this.#shelf.rows;
  }

  get version(): number {
    return this.#follower.version;
  }

  get position(): Lsn | undefined {
    return this.#follower.position;
  }

  /** Everything that committed before `lsn` is known; false when that takes too long. */
  async reaches(lsn: Lsn, signal: AbortSignal): Promise<boolean> {
    return await this.#follower.reaches(lsn, LIMITS.vectorFreshMsMax, signal);
  }

  /**
   * The rows that are nearest. The graph is asked for `breadth` entries, and looks the wider the more that are.
   * With another metric than the graph's every vector is measured.
   */
  async nearest(query: Float32Array, metric: Metric, count: number, breadth: number): Promise<Found> {
    const measure = measureFrom(metric, query);
    const shelf = this.#shelf;
    const graph = metric === this.row.metric ? this.#graph : undefined;
    const inGraph = this.#inGraph;
    const outside = this.#outside;
    const asGraph = graph === undefined ? undefined : graphQuery(metric, query);
    // Where most are outside the graph has little to say.
    if (graph === undefined || asGraph === undefined || outside.length * 2 >= inGraph)
      return await measureAll(shelf, measure, count);
    const slots = await this.#thread.search(graph, asGraph, Math.max(count, breadth)).catch(() => undefined);
    // The graph is lost: it is being built anew, and this search measures everything.
    if (slots === undefined) return await measureAll(shelf, measure, count);
    return await measureNamed({ shelf, slots, inGraph, outside, shape: this.#shape, metric }, measure, count);
  }

  /** Of the rows of `keys`, those that are nearest. */
  nearestOf(keys: readonly string[], query: Float32Array, metric: Metric, count: number): Found {
    const shelf = this.#shelf;
    const nearest = shelf.nearestOf(keys, measureFrom(metric, query), count);
    return { ...rowsOf(shelf, nearest), candidates: keys.length, pending: 0, approximate: false };
  }

  /** The thread of the graphs has ended: the graph is built anew, from the vectors that are here. */
  graphLost(reason: string): void {
    this.#graph = undefined;
    if (this.#state === 'current') this.#withoutGraph(reason);
  }

  lose(reason: string): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#lostBecause = reason;
    this.#unwatched(this.close());
    this.#told();
  }

  /** Work that nobody waits for: what it throws is told, and ends nothing but itself. */
  #unwatched(work: Promise<unknown>): void {
    work.catch((thrown: unknown) => {
      const message = `Vector index '${this.row.name}' met what it did not expect`;
      this.#database.observe({ type: 'warning', message, detail: thrown });
    });
  }

  /** Resolves when nothing of it is being written any more. */
  async close(): Promise<void> {
    this.#state = 'lost';
    this.#stop.abort();
    clearTimeout(this.#gathering);
    this.#follower.close();
    releaseBytes(this);
    this.#dropGraph();
    await this.#saving?.close();
  }

  /** As `close`, and what has changed is saved first if that is quick. */
  async stop(): Promise<void> {
    if (this.#state === 'current') await this.#saving?.stop();
    await this.close();
  }

  async #build(after: Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    await after;
    await this.#database.changes.watch(this.target.table, { signal });
    const files = await this.#files();
    const manifest = files === undefined ? undefined : await this.#fromFiles(files, signal);
    if (manifest === undefined) {
      const room = (shelf: Shelf): void =>
        holdBytes(this, shelf.bytes + graphBytes(this.#shape, shelf.slots), this.#memoryBytesMax);
      await this.#begin(await readTable(this.#database, this.target, this.dimensions, room, signal));
    }
    if (this.#state === 'lost')
      throw new FacetError('UNAVAILABLE', this.#lostBecause ?? 'The index was closed');
    this.#origin = manifest === undefined ? 'table' : 'files';
    this.#state = 'current';
    if (files !== undefined) this.#saving = new Saving(this.#database, files, this, manifest);
    await this.#grow().catch((error: unknown) => this.#graphFailed(error));
  }

  /** What the files are, if the index could be had from them. */
  async #fromFiles(files: SavedFiles, signal: AbortSignal): Promise<SavedManifest | undefined> {
    if (!this.#usesFiles) return undefined;
    try {
      const loaded = await readSaved(this.#database, files, this.#thread, signal);
      if (loaded === undefined) return undefined;
      await this.#begin(loaded);
      holdBytes(this, this.bytes, this.#memoryBytesMax);
      await files.removeAllBut(loaded.manifest?.generation);
      return loaded.manifest;
    } catch (thrown) {
      if (this.#state === 'lost') throw thrown;
      this.#dropGraph();
      const detail = thrown instanceof FacetError ? thrown.message : asFacetError(thrown).cause;
      const message = `The files of vector index '${this.row.name}' cannot be used; it is made anew from its table`;
      this.#database.observe({ type: 'warning', message, detail });
      return undefined;
    }
  }

  /** @throws LSN_NOT_AVAILABLE when the changes since are not kept */
  async #begin({ shelf, from, graph, entries }: Loaded): Promise<void> {
    this.#shelf = shelf;
    this.#graph = graph;
    this.#inGraph = entries;
    this.#outside = outsideOf(shelf, this.row.metric, 0, entries);
    await this.#follower.start(this.#database, from);
  }

  /** Searches are exact until there is a graph again, and as long as there is none. @throws LIMIT_EXCEEDED */
  #graphFailed(error: unknown): void {
    const { code, message } = asFacetError(error);
    // Without a graph every vector is measured; without the room for them nothing is.
    if (code === 'LIMIT_EXCEEDED') this.lose(message);
    if (this.#state !== 'current') throw error;
    this.#hasNoLibrary ||= code === 'FEATURE_NOT_SUPPORTED';
    // The end of the thread has been told of before.
    if (this.#graph !== undefined || this.#retryAtMs <= monotonicMs()) this.#withoutGraph(message);
  }

  /** As `#graphFailed`, where nobody waits: of an index that is lost there is nothing to tell. */
  #growthFailed(error: unknown): void {
    if (this.#state === 'lost') return;
    try {
      this.#graphFailed(error);
    } catch (thrown) {
      if (this.state === 'current') throw thrown;
    }
  }

  #withoutGraph(reason: string): void {
    this.#dropGraph();
    this.#losses++;
    this.#exactBecause = reason;
    const pauseMs = RETRY_MS * 4 ** Math.min(10, this.#losses - 1);
    this.#retryAtMs = monotonicMs() + Math.min(LIMITS.vectorRetryMsMax, pauseMs);
    this.#told();
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#grown();
  }

  #dropGraph(): void {
    const graph = this.#graph;
    this.#graph = undefined;
    this.#inGraph = 0;
    this.#outside = [];
    // When the thread has ended, so has the graph.
    if (graph !== undefined) this.#thread.do({ op: 'close', graph }).catch(() => undefined);
  }

  /** There is something that is not in the graph: it goes there soon. */
  #grown(): void {
    if (this.#state !== 'current' || this.#gathering !== undefined || this.#hasNoLibrary) return;
    const waitMs = Math.max(GATHER_MS, this.#retryAtMs - monotonicMs());
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      this.#unwatched(this.#grow().catch((error: unknown) => this.#growthFailed(error)));
    }, waitMs);
    this.#gathering.unref();
  }

  #grow(): Promise<void> {
    this.#growing ??= this.#growOnce().finally(() => {
      this.#growing = undefined;
    });
    return this.#growing;
  }

  /** Until all is in the graph that is there when it begins: what others write meanwhile is for the next time. */
  async #growOnce(): Promise<void> {
    if (this.#shelf.dead > DEAD_IGNORED && this.#shelf.dead > this.#shelf.rows / 2) this.#compact();
    holdBytes(this, this.bytes, this.#memoryBytesMax);
    this.#graph ??= await this.#openGraph();
    const goal = this.#shelf.slots;
    while (this.#state === 'current' && this.#inGraph < goal) {
      const graph: number | undefined = this.#graph;
      if (graph === undefined) return;
      const from = this.#inGraph;
      const count = Math.min(ADD_VECTORS, goal - from);
      const { metric } = this.row;
      const outside = outsideOf(this.#shelf, metric, from, count);
      const vectors = this.#shelf.copyOf(from, count, (length) => rowFactor(metric, length));
      await this.#thread.do({ op: 'add', graph, from, vectors });
      if (this.#graph !== graph) continue;
      this.#inGraph = from + count;
      if (outside.length > 0) this.#outside = [...this.#outside, ...outside];
    }
    if (this.#state !== 'current' || this.#graph === undefined) return;
    if (this.#exactBecause !== undefined || !this.#wasComplete) {
      this.#wasComplete = true;
      this.#exactBecause = undefined;
      this.#told();
    }
    // One that has lasted is as good as the first.
    if (monotonicMs() - this.#retryAtMs > LIMITS.vectorRetryMsMax) this.#losses = 0;
    if (this.#inGraph < this.#shelf.slots) this.#grown();
  }

  async #openGraph(): Promise<number> {
    const graph = this.#thread.nextGraph();
    await this.#thread.do({ op: 'open', graph, shape: this.#shape });
    return graph;
  }

  /** The living move together, and get a graph of their own. */
  #compact(): void {
    this.#dropGraph();
    this.#shelf = this.#shelf.compacted();
  }
}
