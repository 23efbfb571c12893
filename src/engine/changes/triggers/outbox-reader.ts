/**
 * Reads items from the outbox, from a frontier on, page after page up to the horizon: the position before which every
 * transaction has ended. States: *reading* while there are changes; *dozing*, looking again after short pauses, when there
 * are none or a transaction is about to commit; *asleep* after LULL_MS without changes, until a commit notifies it.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import type { Lsn } from '../../change-contract.ts';
import type { Session } from '../../session.ts';
import type { ReadRequest } from '../change-source.ts';
import { type Reading, tooLarge } from '../logical-reader.ts';
import { lsnText } from '../lsn.ts';
import type { NotedTables } from './noted-tables.ts';
import { OutboxSession, TOO_LARGE } from './outbox-session.ts';
import { PageAssembler } from './page-assembler.ts';

/** So long a reader dozes before it sleeps: while changes come faster than that, no commit has to notify. */
const LULL_MS = 200;
/** Between two looks of one that dozes. */
const DOZE_MS = 5;
/** As it is when no notification can be relied on, and nothing has come for a while. */
const LIGHT_SLEEP_MS = 25;

export class OutboxReader implements Reading {
  /** What is kept is moved by the keeper alone. */
  readonly holdsSlot = false;
  readonly #request: ReadRequest;
  readonly #rowBytesMax: number;
  readonly #assembler: PageAssembler;
  #session: OutboxSession | undefined = undefined;
  #running: Promise<void> = Promise.resolve();
  #paused = false;
  #closed = false;
  /** Behind a transaction that can never be read. */
  #behind: Lsn | undefined = undefined;
  #asleep = false;
  /** A notification has come since the last look. */
  #notified = false;
  #wake: (() => void) | undefined = undefined;

  /** @param rowBytesMax of one change */
  constructor(request: ReadRequest, tables: NotedTables, rowBytesMax: number) {
    this.#request = request;
    this.#rowBytesMax = rowBytesMax;
    this.#assembler = new PageAssembler(tables, request.from, (item) => request.sink.item(item));
  }

  /** Takes the session over. @throws LSN_NOT_AVAILABLE, UNAVAILABLE */
  async start(session: Session): Promise<void> {
    this.#session = await OutboxSession.open(session, this.#rowBytesMax, () => this.#notify());
    try {
      await this.#check();
    } catch (error) {
      await this.#session.close();
      throw error;
    }
    this.#running = this.#run();
  }

  confirm(): void {}

  /** Looks now. */
  ask(): void {
    this.#notify();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#notify();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#notify();
    await this.#session?.close();
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    let busyMs = monotonicMs();
    try {
      while (!this.#closed) {
        if (this.#paused) {
          await this.#pause(undefined);
          continue;
        }
        this.#notified = false;
        const { found, full, committing } = await this.#step();
        if (found) busyMs = monotonicMs();
        if (!full) await this.#rest(committing, monotonicMs() - busyMs);
      }
    } catch (error) {
      if (this.#closed) return;
      this.#closed = true;
      await this.#session?.close();
      this.#request.sink.ended(asFacetError(error), this.#behind);
    }
  }

  async #step(): Promise<{ readonly found: boolean; readonly full: boolean; readonly committing: boolean }> {
    const session = this.#open();
    const { horizon, committing } = await session.horizon();
    const { first, lost, rows } = await session.page(this.#assembler.next, horizon);
    if (this.#closed) return { found: false, full: false, committing };
    if (lost) throw gone('some could not be noted, as there was no room');
    if (first > this.#assembler.next.commit) throw gone(`they are kept from ${lsnText(first)} on`);
    if (rows.length > 0 && this.#asleep) {
      this.#asleep = false;
      await session.awake();
    }
    let bytes = 0;
    for (const row of rows) {
      if (row[5] === TOO_LARGE) {
        this.#behind = BigInt(row[0] ?? 0) + 1n;
        throw tooLarge(this.#rowBytesMax);
      }
      this.#assembler.row(row);
      bytes += Buffer.byteLength(row[6] ?? '') + Buffer.byteLength(row[7] ?? '');
    }
    const full = rows.length >= LIMITS.changePageRowsMax || bytes >= LIMITS.changePageBytesMax;
    if (!full) {
      this.#assembler.reached(horizon + 1n);
      this.#request.sink.reached(this.#assembler.next.commit);
    }
    return { found: rows.length > 0, full, committing };
  }

  async #rest(committing: boolean, lullMs: number): Promise<void> {
    const session = this.#open();
    if (lullMs < LULL_MS || (this.#asleep && committing)) await this.#pause(DOZE_MS);
    else if (session.neverSleeps) await this.#pause(LIGHT_SLEEP_MS);
    else if (this.#asleep) await this.#pause(LIMITS.changeLookMs);
    else if (await session.sleep()) {
      // One more look: whoever has committed meanwhile has not notified.
      this.#asleep = true;
    } else await this.#pause(DOZE_MS);
  }

  /** Until it is notified, or `timeoutMs` are over. */
  async #pause(timeoutMs: number | undefined): Promise<void> {
    if (this.#closed || (this.#notified && timeoutMs !== undefined)) return;
    await new Promise<void>((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #notify(): void {
    this.#notified = true;
    this.#wake?.();
  }

  async #check(): Promise<void> {
    const { commit } = this.#assembler.next;
    const { first, lost } = await this.#open().page({ commit, change: 0n }, 0n);
    if (lost || first > commit) throw gone(`they are kept from ${lsnText(first)} on`);
  }

  #open(): OutboxSession {
    if (this.#session === undefined) throw new FacetError('UNAVAILABLE', 'The reader has not begun');
    return this.#session;
  }
}

const gone = (why: string): FacetError =>
  new FacetError('LSN_NOT_AVAILABLE', `The changes are no longer kept: ${why}`);
