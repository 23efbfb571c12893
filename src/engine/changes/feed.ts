/** The change feed of one namespace, put together: the log with its reader, cursors, consumers, and what is watched. */
import { FacetError, LIMITS, offAbort, onAbort } from '../../base/index.ts';
import type {
  ChangeConsumer,
  ChangeCursor,
  ChangeFeed,
  ChangeFeedFacts,
  ChangePositions,
  CursorOptions,
  Lsn,
  TableName,
  WatchOptions,
} from '../change-contract.ts';
import type { Database, Statement, Subscription } from '../contract.ts';
import { cancelled } from '../pg-errors.ts';
import { backingOf } from './backing.ts';
import { ChangeLog } from './change-log.ts';
import type { ChangeParts } from './change-parts.ts';
import type { Retention, TableWatcher } from './change-source.ts';
import { Consumers } from './consumers.ts';
import { Control } from './control.ts';
import { type CursorHost, FeedCursor } from './cursor.ts';
import { type Frontier, frontierAt } from './frontier.ts';
import { Keeper } from './keeper.ts';
import { LiveReader } from './live-reader.ts';
import { LogFlush } from './log-flush.ts';
import { lsnText, parseLsn } from './lsn.ts';
import { ReaderPlaces } from './reader-places.ts';
import { StartFilter } from './start-filter.ts';

export class NamespaceChanges implements ChangeFeed {
  readonly source: ChangeFeed['source'];
  readonly positions: ChangePositions;
  readonly #database: Database;
  readonly #control: Control;
  readonly #slot: Retention;
  /** In this order: the position is read after the snapshot was taken. */
  readonly #now: Statement;
  readonly #log: ChangeLog;
  readonly #live: LiveReader;
  readonly #watcher: TableWatcher;
  readonly #consumers: Consumers;
  readonly #keeper: Keeper;
  readonly #host: CursorHost;
  readonly #cursors = new Map<FeedCursor, Subscription>();
  #linger: NodeJS.Timeout | undefined = undefined;
  #stopping: Promise<void> | undefined = undefined;

  constructor(parts: ChangeParts) {
    const { database, observe } = parts;
    this.#database = database;
    this.#control = new Control(parts);
    const { source, retention, watcher, nowSql, positions } = backingOf(parts, this.#control);
    this.source = source.kind;
    this.positions = positions;
    this.#slot = retention;
    this.#now = { name: 'changes.now', text: `SELECT pg_catalog.pg_current_snapshot(), ${nowSql}` };
    this.#log = new ChangeLog(0n, LIMITS.changeLogBytesMax);
    this.#live = new LiveReader({
      source,
      log: this.#log,
      gate: parts.gate,
      observe,
      moved: () => this.#logMoved(),
      gap: () => this.#logRestarted(),
    });
    this.#watcher = watcher;
    this.#consumers = new Consumers(database, positions.settled);
    this.#keeper = new Keeper({
      slot: this.#slot,
      consumers: this.#consumers,
      watcher: this.#watcher,
      live: this.#live,
      log: this.#log,
      observe,
      cursors: () => this.#cursors.keys(),
      pace: parts.pace,
      hold: () => database.hold(),
    });
    const logFlush = new LogFlush(database);
    this.#host = {
      log: this.#log,
      source,
      places: new ReaderPlaces(LIMITS.changeReadersMax),
      turnMsMax: parts.pace.changeTurnMsMax,
      hasten: ({ flush = false } = {}) => {
        if (flush && source.kind === 'logical') logFlush.begin();
        this.#live.hasten();
      },
      left: (cursor) => this.#left(cursor),
    };
  }

  get facts(): ChangeFeedFacts {
    let catchingUp = 0;
    for (const cursor of this.#cursors.keys()) if (cursor.catchingUp) catchingUp++;
    return {
      following: this.#live.following,
      cursors: this.#cursors.size,
      catchingUp,
      lagBytes: this.#keeper.lagBytes,
      retainedBytes: this.#keeper.retainedBytes,
      changes: this.#live.changes,
      logItems: this.#log.next - this.#log.first,
      logBytes: this.#log.bytes,
    };
  }

  async watch(table: TableName, options: WatchOptions = {}): Promise<void> {
    this.#check();
    this.#keeper.begin();
    await abortable(options.signal, async () => {
      await this.#slot.ensure();
      await this.#watcher.watch(table);
    });
  }

  async watchAll(options: WatchOptions = {}): Promise<void> {
    this.#check();
    this.#keeper.begin();
    await abortable(options.signal, async () => {
      await this.#slot.ensure();
      await this.#watcher.watchAll();
    });
  }

  async open(options: CursorOptions): Promise<ChangeCursor> {
    this.#check();
    if (this.#cursors.size >= LIMITS.changeCursorsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `${LIMITS.changeCursorsMax} cursors are open, which is the most (changeCursorsMax)`,
      );
    }
    // From before the first wait on, so that the namespace is not closed under it.
    const hold = this.#database.hold();
    try {
      clearTimeout(this.#linger);
      this.#keeper.begin();
      await abortable(options.signal, () => this.#live.want());
      const { from, filter } =
        options.from === undefined
          ? await this.#startNow(options.signal)
          : { from: await this.#startAt(options.from), filter: undefined };
      this.#check();
      if (options.signal?.aborted) throw cancelled('abort');
      const cursor = new FeedCursor(this.#host, from, options.whenSlow === 'drop', filter);
      this.#cursors.set(cursor, hold);
      closeWith(cursor, options.signal);
      return cursor;
    } catch (error) {
      hold.close();
      this.#lingerUnused();
      throw error;
    }
  }

  async now(signal?: AbortSignal): Promise<Lsn> {
    const { rows } = await this.#database.run(this.#now, [], { reads: true, signal });
    return parseLsn(rows[0]?.[1] ?? '', 'lsn');
  }

  async consumer(name: string): Promise<ChangeConsumer> {
    this.#check();
    this.#keeper.begin();
    const { confirmed } = await this.#slot.ensure();
    return (await this.#consumers.find(name, confirmed)) ?? (await this.#consumers.make(name, confirmed));
  }

  async consumers(prefix = ''): Promise<readonly ChangeConsumer[]> {
    const { slot } = await this.#slot.look();
    return this.#consumers.list(prefix, slot === undefined || slot.lost ? undefined : slot.confirmed);
  }

  advance(name: string, position: Lsn, sequence = 0): Promise<boolean> {
    return this.#consumers.advance(name, position, sequence);
  }

  async reset(name: string): Promise<ChangeConsumer> {
    this.#check();
    this.#keeper.begin();
    const { confirmed } = await this.#slot.ensure();
    return (await this.#consumers.reset(name, confirmed)) ?? (await this.#consumers.make(name, confirmed));
  }

  forget(name: string): Promise<boolean> {
    return this.#consumers.forget(name);
  }

  /** Changes were followed before this process began: what is kept for it is looked after. Never rejects. */
  async resume(): Promise<void> {
    try {
      if ((await this.#slot.look()).slot !== undefined && this.#stopping === undefined) this.#keeper.begin();
    } catch {
      // It finds out by itself as soon as PostgreSQL answers.
      if (this.#stopping === undefined) this.#keeper.begin();
    }
  }

  /** Ends all cursors and closes all connections to PostgreSQL, which would wait for them when it is stopped. */
  stop(reason: FacetError): Promise<void> {
    this.#stopping ??= this.#stopOnce(reason);
    return this.#stopping;
  }

  async #stopOnce(reason: FacetError): Promise<void> {
    clearTimeout(this.#linger);
    for (const cursor of [...this.#cursors.keys()]) cursor.end(reason);
    await Promise.all([this.#live.stop(), this.#keeper.stop(), this.#host.places.settled()]);
    await this.#control.settled();
  }

  /** Not from the start of the log: that may be old, and gone with the next change. */
  async #startNow(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly from: Frontier; readonly filter: StartFilter }> {
    const { rows } = await this.#database.run(this.#now, [], { reads: true, signal });
    const [snapshot, now] = rows[0] ?? [];
    const filter = new StartFilter(parseLsn(now ?? '', 'lsn'), snapshot ?? '');
    return { from: this.#log.before((transaction) => filter.lets(transaction)), filter };
  }

  /** @throws LSN_NOT_AVAILABLE when PostgreSQL has removed what comes next */
  async #startAt(lsn: Lsn): Promise<Frontier> {
    const from = frontierAt(lsn);
    if (this.#log.covers(from)) return from;
    const { slot } = await this.#slot.look();
    if (slot !== undefined && !slot.lost && slot.confirmed <= lsn) return from;
    const first = this.#log.start.lsn;
    throw new FacetError(
      'LSN_NOT_AVAILABLE',
      `Changes from ${lsnText(lsn)} on are no longer kept; the oldest are those from ${lsnText(slot?.confirmed ?? first)} on`,
    );
  }

  #check(): void {
    if (this.#stopping !== undefined) throw new FacetError('UNAVAILABLE', 'The store is stopping');
  }

  #logMoved(): void {
    for (const cursor of [...this.#cursors.keys()]) cursor.logMoved();
  }

  #logRestarted(): void {
    for (const cursor of [...this.#cursors.keys()]) cursor.logRestarted();
  }

  #left(cursor: FeedCursor): void {
    const hold = this.#cursors.get(cursor);
    if (!this.#cursors.delete(cursor)) return;
    hold?.close();
    this.#lingerUnused();
  }

  #lingerUnused(): void {
    if (this.#cursors.size > 0 || this.#stopping !== undefined) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => {
      if (this.#cursors.size === 0) void this.#live.rest();
    }, LIMITS.changeLingerMs).unref();
  }
}

function closeWith(cursor: FeedCursor, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const close = (): void => cursor.close();
  onAbort(signal, close);
  cursor.onLeft = () => offAbort(signal, close);
}

/** Work that others share goes on; who asked no longer waits for it. */
async function abortable(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  if (signal === undefined) return work();
  if (signal.aborted) throw cancelled('abort');
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled('abort'));
    onAbort(signal, abort);
  });
  try {
    await Promise.race([work(), aborted]);
  } finally {
    if (abort !== undefined) offAbort(signal, abort);
  }
}
