/** Keeps a shelf in step with its table: takes the changes of the table from the change feed, and says how far it is. */
import { FacetError, monotonicMs } from '../../base/index.ts';
import type { Change, ChangeCursor, Database, Lsn } from '../../engine/index.ts';
import type { Shelf } from './shelf.ts';
import type { Target } from './target.ts';
import { keyText, vectorOfCell } from './vector-text.ts';

/** Changes that are applied before others get a turn: parsing a vector of 128 numbers takes 10 µs. */
const TAKE = 256;

/** Between two questions: what PostgreSQL said may have been too early, or the log not on the disk yet. */
const ASK_AGAIN_MS = 5;

/** Where columns are in the rows of a table as the feed knows it. */
interface Places {
  readonly key: readonly number[];
  readonly vector: number;
}

export class Follower {
  readonly #target: Target;
  readonly #dimensions: number;
  readonly #shelf: () => Shelf;
  readonly #changed: () => void;
  readonly #lost: (reason: string) => void;
  #cursor: ChangeCursor | undefined = undefined;
  #places: { readonly of: object; readonly places: Places | undefined } | undefined = undefined;
  #version = 0;
  #closed = false;

  constructor(parts: {
    readonly target: Target;
    readonly dimensions: number;
    /** Another one after it was compacted. */
    readonly shelf: () => Shelf;
    readonly changed: () => void;
    /** Called once: the shelf cannot be kept in step any longer. */
    readonly lost: (reason: string) => void;
  }) {
    this.#target = parts.target;
    this.#dimensions = parts.dimensions;
    this.#shelf = parts.shelf;
    this.#changed = parts.changed;
    this.#lost = parts.lost;
  }

  /** Grows with each change of the shelf. */
  get version(): number {
    return this.#version;
  }

  /** Everything that committed before it is on the shelf. */
  get position(): Lsn | undefined {
    return this.#cursor?.position;
  }

  /** @throws LSN_NOT_AVAILABLE, CHANGES_UNAVAILABLE, LIMIT_EXCEEDED */
  async start(database: Database, from: Lsn): Promise<void> {
    const cursor = await database.changes.open({ from, whenSlow: 'wait' });
    if (this.#closed) {
      cursor.close();
      return;
    }
    this.#cursor = cursor;
    this.#await(cursor);
  }

  /** Waits until everything before `lsn` is on the shelf; false when that takes longer than `patienceMs`. */
  async reaches(lsn: Lsn, patienceMs: number, signal: AbortSignal): Promise<boolean> {
    const untilMs = monotonicMs() + patienceMs;
    let askMs = 0;
    let asked = 0;
    for (;;) {
      const cursor = this.#cursor;
      if (cursor === undefined || cursor.ended !== undefined || this.#closed) return false;
      this.#apply(cursor, Number.MAX_SAFE_INTEGER);
      if (cursor.position >= lsn) return true;
      if (signal.aborted) throw new FacetError('QUERY_CANCELLED', 'The search was cancelled');
      const leftMs = untilMs - monotonicMs();
      if (leftMs <= 0) return false;
      if (monotonicMs() >= askMs) {
        cursor.hasten({ flush: asked > 0 });
        asked++;
        askMs = monotonicMs() + ASK_AGAIN_MS;
      }
      await moved(cursor, Math.min(leftMs, ASK_AGAIN_MS));
    }
  }

  close(): void {
    this.#closed = true;
    this.#cursor?.close();
  }

  #await(cursor: ChangeCursor): void {
    cursor.onReady(() => {
      if (this.#closed) return;
      const more = this.#apply(cursor, TAKE);
      if (cursor.ended !== undefined && !more) {
        this.#closed = true;
        this.#lost(cursor.ended.reason.message);
        return;
      }
      // Not within the call of the feed, which serves others too.
      setImmediate(() => this.#await(cursor));
    });
  }

  /** True when it took as many as it may. */
  #apply(cursor: ChangeCursor, countMax: number): boolean {
    let taken = 0;
    const before = this.#version;
    while (taken < countMax) {
      const items = cursor.take(Math.min(TAKE, countMax - taken));
      for (const item of items) {
        if (item.kind !== 'commit' && item.table.oid === this.#target.relationOid) this.#change(item);
      }
      taken += items.length;
      if (items.length === 0) break;
    }
    if (this.#version !== before) this.#changed();
    return taken >= countMax;
  }

  #change(change: Change): void {
    this.#version++;
    if (change.kind === 'truncate') {
      this.#shelf().removeAll();
      return;
    }
    const places = this.#placesOf(change);
    if (places === undefined) {
      this.#closed = true;
      this.#lost('a column of it was renamed or dropped');
      return;
    }
    const key = (row: readonly (string | null)[] | undefined): string | undefined =>
      row === undefined ? undefined : keyText(places.key.map((at) => row[at]));
    const oldKey = key(change.oldRow);
    const newKey = key(change.newRow);
    if (oldKey !== undefined && (change.kind === 'delete' || oldKey !== newKey)) this.#shelf().remove(oldKey);
    if (newKey === undefined) return;
    const cell = change.newRow?.[places.vector];
    // Most updates leave the vector as it was, and its place in the graph with it.
    if (change.kind === 'update' && oldKey === newKey && cell === change.oldRow?.[places.vector]) return;
    const vector = typeof cell === 'string' ? vectorOfCell(cell, this.#dimensions) : undefined;
    if (vector === undefined) this.#shelf().remove(newKey);
    else this.#shelf().put(newKey, vector);
  }

  #placesOf({ table }: Change): Places | undefined {
    if (this.#places?.of === table) return this.#places.places;
    const placeOf = (name: string): number => table.columns.findIndex((column) => column.name === name);
    const key = this.#target.key.map(({ name }) => placeOf(name));
    const vector = placeOf(this.#target.column);
    const places = vector < 0 || key.some((at) => at < 0) ? undefined : { key, vector };
    this.#places = { of: table, places };
    return places;
  }
}

/** Until the position of the cursor may have moved, or the time is over. */
async function moved(cursor: ChangeCursor, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
    cursor.onMoved(resolve);
  });
  clearTimeout(timer);
}
