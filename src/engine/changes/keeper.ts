/**
 * Looks regularly at what PostgreSQL keeps for the feed: lets it remove what nobody needs any more, makes the slot anew
 * when PostgreSQL has given it up, drops it when nobody has followed for `changeIdleMs`, and has the watcher repair.
 * It begins with the first use and goes on while there is a slot. As long as anybody needs what is kept it holds the
 * namespace open: nobody would look after the slot of one that was closed.
 */
import { asFacetError, monotonicMs, type Observe } from '../../base/index.ts';
import type { Lsn } from '../change-contract.ts';
import type { Subscription } from '../contract.ts';
import type { ChangeLog } from './change-log.ts';
import type { Retention, RetentionState, TableWatcher } from './change-source.ts';
import type { Consumers } from './consumers.ts';
import type { FeedCursor } from './cursor.ts';
import type { LiveReader } from './live-reader.ts';
import type { ChangePace } from './pace.ts';

export interface KeeperParts {
  readonly slot: Retention;
  readonly consumers: Consumers;
  readonly watcher: TableWatcher;
  readonly live: LiveReader;
  readonly log: ChangeLog;
  readonly observe: Observe;
  readonly cursors: () => Iterable<FeedCursor>;
  readonly pace: ChangePace;
  /** Keeps the namespace open. */
  readonly hold: () => Subscription;
}

/** Moving a slot that nobody reads from means reading the log once more: worth it for this part of the history. */
const ADVANCE_PART = 4;

export class Keeper {
  readonly #parts: KeeperParts;
  #timer: NodeJS.Timeout | undefined = undefined;
  #looking: Promise<void> | undefined = undefined;
  #hold: Subscription | undefined = undefined;
  #usedMs = 0;
  #stopped = false;
  #warned = false;
  lagBytes = 0;
  retainedBytes = 0;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** The feed is used. */
  begin(): void {
    this.#use();
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    this.#rest();
  }

  #use(): void {
    this.#usedMs = monotonicMs();
    if (!this.#stopped) this.#hold ??= this.#parts.hold();
  }

  #rest(): void {
    this.#hold?.close();
    this.#hold = undefined;
  }

  #plan(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, this.#parts.pace.changeLookMs).unref();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    let goesOn = true;
    try {
      goesOn = await this.#lookOnce();
      this.#warned = false;
    } catch (error) {
      this.#warn(error);
    }
    this.#timer = undefined;
    if (goesOn) this.#plan();
    else this.#rest();
  }

  /** @returns false when there is nothing to look after any more. */
  async #lookOnce(): Promise<boolean> {
    const { slot, consumers, watcher, live, log, pace } = this.#parts;
    const { now, slot: state } = await slot.look();
    this.lagBytes = live.following ? bytesBetween(log.end.lsn, now) : 0;
    this.retainedBytes = state === undefined ? 0 : bytesBetween(state.restart, now);
    const slowest = await consumers.slowest(state?.confirmed ?? now);
    const used = slowest.count > 0 || this.#parts.cursors()[Symbol.iterator]().next().done !== true;
    if (used) this.#use();
    if (state === undefined || state.lost) {
      if (!used) return false;
      // Who stood before it cannot go on: their readers fail, and rows of consumers lie before the new beginning.
      await slot.ensure();
      return true;
    }
    if (!used && monotonicMs() - this.#usedMs >= pace.changeIdleMs) {
      await live.rest();
      // Somebody has come meanwhile.
      if (monotonicMs() - this.#usedMs < pace.changeIdleMs) return true;
      const dropped = await slot.drop();
      // Another process reads from it, and looks after it.
      this.#rest();
      if (dropped) this.retainedBytes = 0;
      return !dropped;
    }
    await this.#letGo(state, now, slowest.position);
    await watcher.repair();
    return true;
  }

  async #letGo(state: RetentionState, now: Lsn, slowest: Lsn | undefined): Promise<void> {
    const { slot, live, log, cursors, pace } = this.#parts;
    // The end of what was read, where this process reads: nobody can have had more.
    let needed = (live.following && log.end.lsn < now ? log.end.lsn : now) - BigInt(pace.changeHistoryBytes);
    if (slowest !== undefined && slowest < needed) needed = slowest;
    for (const { keeps } of cursors()) if (keeps !== undefined && keeps < needed) needed = keeps;
    if (needed <= state.confirmed) return;
    if (live.holdsSlot) live.confirm(needed);
    else if (
      !state.active &&
      bytesBetween(state.confirmed, needed) * ADVANCE_PART >= pace.changeHistoryBytes
    ) {
      await slot.advance(needed).catch((error: unknown) => {
        // Somebody has begun to read from it at this moment, and moves it.
        if (asFacetError(error).sqlState !== '55006') throw error;
      });
    }
  }

  #warn(detail: unknown): void {
    if (this.#warned || this.#stopped) return;
    this.#warned = true;
    this.#parts.observe({ type: 'warning', message: 'Kept changes cannot be looked after', detail });
  }
}

const bytesBetween = (from: Lsn, to: Lsn): number => Number(to > from ? to - from : 0n);
