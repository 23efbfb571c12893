/**
 * The one reader that follows PostgreSQL for all cursors and fills the log. When its connection is lost it comes back,
 * at once and then after pauses that grow to LIMITS.listenRetryMsMax, and goes on right behind the last item in the log:
 * what was delivered is not delivered again, and nothing is left out. When PostgreSQL no longer has what comes next, the
 * log begins anew, and whoever stood before that learns it.
 */
import { asFacetError, FacetError, type Observe } from '../../base/index.ts';
import type { ChangeItem, Lsn } from '../change-contract.ts';
import type { Gate } from '../gate.ts';
import type { ChangeLog } from './change-log.ts';
import type { ChangeSource } from './change-source.ts';
import type { Reading } from './logical-reader.ts';
import { retryPauseMs } from './retry-pause.ts';

export interface LiveReaderParts {
  readonly source: ChangeSource;
  readonly log: ChangeLog;
  readonly gate: Gate;
  readonly observe: Observe;
  /** Items were appended or the end of the log has moved: called once after each batch. */
  readonly moved: () => void;
  /** The log begins anew behind a gap. */
  readonly gap: () => void;
}

/** A log without history begins so many bytes back: what was just committed may not be visible to its consumer yet. */
const LOOK_BACK_BYTES = 256n * 1_024n;

export class LiveReader {
  readonly #parts: LiveReaderParts;
  #reading: Reading | undefined = undefined;
  #connecting: Promise<void> | undefined = undefined;
  #retry: NodeJS.Timeout | undefined = undefined;
  #attempts = 0;
  #warned = false;
  #wanted = false;
  #stopped = false;
  /** Nobody stands in the log: it may begin anywhere. */
  #fresh = true;
  #movePlanned = false;
  /** Changes read since the process began. */
  changes = 0;

  constructor(parts: LiveReaderParts) {
    this.#parts = parts;
  }

  get following(): boolean {
    return this.#reading !== undefined;
  }

  /** The slot itself is read from, so that `confirm` moves what PostgreSQL keeps. */
  get holdsSlot(): boolean {
    return this.#reading?.holdsSlot === true;
  }

  /** PostgreSQL need not keep what lies before `lsn`. */
  confirm(lsn: Lsn): void {
    this.#reading?.confirm(lsn);
  }

  /** The end of the log is to move to where PostgreSQL is. */
  hasten(): void {
    this.#reading?.ask();
  }

  /** Resolves when it follows. @throws what keeps it from doing so, at the first attempt */
  async want(): Promise<void> {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    this.#wanted = true;
    if (this.#reading !== undefined) return;
    if (this.#connecting === undefined) this.#connect();
    await this.#connecting;
  }

  /** Nobody needs it now. */
  async rest(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#retry);
    const connecting = this.#connecting;
    const reading = this.#reading;
    this.#reading = undefined;
    this.#fresh = true;
    await reading?.close();
    await connecting?.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.rest();
  }

  #connect(): void {
    this.#attempts++;
    clearTimeout(this.#retry);
    const connecting = this.#connectOnce().finally(() => {
      if (this.#connecting === connecting) this.#connecting = undefined;
    });
    this.#connecting = connecting;
    connecting.catch((error: unknown) => {
      this.#warn(error);
      this.#retryLater();
    });
  }

  async #connectOnce(again = false): Promise<void> {
    const { source, log, gate } = this.#parts;
    gate.check();
    const { first, now } = await source.range();
    if (this.#fresh) {
      log.restart(now - LOOK_BACK_BYTES > first ? now - LOOK_BACK_BYTES : first);
    } else if (log.end.lsn < first) {
      this.#beginAnew(first);
    }
    let reading: Reading;
    try {
      reading = await source.read({
        from: log.end,
        wantsSlot: true,
        sink: { item: this.#item, reached: this.#reached, ended: this.#lost },
      });
    } catch (error) {
      // Another process that had no use for the slot has dropped it at this moment.
      if (asFacetError(error).code === 'LSN_NOT_AVAILABLE' && this.#fresh && !again) {
        return this.#connectOnce(true);
      }
      // It was there a moment ago, so what is there now is not what the log goes on with.
      if (asFacetError(error).code === 'LSN_NOT_AVAILABLE' && this.#attempts > 1) this.#beginAnew(now);
      throw error;
    }
    if (!this.#wanted) {
      await reading.close();
      return;
    }
    this.#fresh = false;
    this.#reading = reading;
    this.#attempts = 0;
    this.#warned = false;
  }

  #beginAnew(at: Lsn): void {
    this.#parts.log.restart(at);
    this.#parts.gap();
  }

  readonly #item = (item: ChangeItem): void => {
    if (item.kind !== 'commit') this.changes++;
    this.#parts.log.append(item);
    this.#planMove();
  };

  readonly #reached = (lsn: Lsn): void => {
    this.#parts.log.moveTo(lsn);
    this.#planMove();
  };

  /** All messages of one chunk are read in one go: whoever waits is woken behind them. */
  #planMove(): void {
    if (this.#movePlanned) return;
    this.#movePlanned = true;
    queueMicrotask(() => {
      this.#movePlanned = false;
      this.#parts.moved();
    });
  }

  readonly #lost = (reason: FacetError, behind?: Lsn): void => {
    this.#reading = undefined;
    if (!this.#wanted) return;
    this.#warn(reason);
    // Nobody ever gets past it: without a gap it would be tried again and again, and nothing else be delivered.
    if (behind !== undefined) this.#beginAnew(behind);
    this.#connect();
  };

  #retryLater(): void {
    if (!this.#wanted || this.#stopped) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), retryPauseMs(this.#attempts)).unref();
  }

  #warn(detail: unknown): void {
    if (this.#warned || !this.#wanted || this.#stopped) return;
    this.#warned = true;
    this.#parts.observe({ type: 'warning', message: 'Changes cannot be followed at the moment', detail });
  }
}
