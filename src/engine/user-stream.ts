/** A client's statement as a stream of rows: takes a session, walks its portal as the consumer pulls, gives it back. */
import { FacetError, LIMITS, monotonicMs, offAbort, onAbort } from '../base/index.ts';
import type { Cell, Column, Parameter, RowStream } from './contract.ts';
import { type Cancellable, Interrupt } from './interrupt.ts';
import { type CancelReason, cancelled } from './pg-errors.ts';
import type { Session } from './session.ts';
import { StreamPortal } from './stream-portal.ts';

type Batch = readonly (readonly Cell[])[];

/** A session for the length of a stream. */
export interface StreamLease {
  readonly session: Session;
  /** Hears of the statement while it runs, so that others can cancel it. */
  readonly track: (running: Cancellable | undefined) => void;
  /** Runs before and after the statement; errors of `after` are the stream's. */
  readonly before: () => void;
  readonly after: (portal: StreamPortal) => Promise<void>;
}

export interface UserStreamOptions {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly signal: AbortSignal | undefined;
  /** Bounds PostgreSQL's own time in all, and each pause of the consumer unless LIMITS.streamPauseMsMax is shorter. */
  readonly timeoutMs: number;
  readonly inTransaction: boolean;
  readonly undoWhenLeft: boolean;
}

export class UserStream implements RowStream {
  readonly columns: Promise<readonly Column[]>;
  completed: RowStream['completed'] = undefined;
  readonly #options: UserStreamOptions;
  readonly #portal: Promise<StreamPortal>;
  #started: (portal: StreamPortal) => void = () => {};
  #failed: (error: FacetError) => void = () => {};
  #haveColumns: (columns: readonly Column[]) => void = () => {};
  #noColumns: (error: FacetError) => void = () => {};
  #interrupt: Interrupt | undefined = undefined;
  #left = false;
  #taken = false;
  #workLeftMs: number;
  #stepFromMs = 0;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(options: UserStreamOptions) {
    this.#options = options;
    this.#workLeftMs = options.timeoutMs;
    this.columns = new Promise((resolve, reject) => {
      this.#haveColumns = resolve;
      this.#noColumns = reject;
    });
    this.#portal = new Promise((resolve, reject) => {
      this.#started = resolve;
      this.#failed = reject;
    });
    // Whoever only iterates learns of a failure there; nobody has to look at both.
    this.columns.catch(() => {});
    this.#portal.catch(() => {});
  }

  /** Runs the statement on `lease` until it ended; the holder of the session calls it. Rejects with its error. */
  async run(lease: StreamLease): Promise<void> {
    const { session } = lease;
    const { sql, parameters, signal, inTransaction, undoWhenLeft } = this.#options;
    if (signal?.aborted || this.#left) throw cancelled('abort');
    lease.before();
    const portal = new StreamPortal(
      {
        text: sql,
        parameters,
        // In a transaction leaving early must not cancel, so nothing may be under way between two pulls.
        readAhead: !inTransaction,
        undoWhenLeft,
        onColumns: (columns) => this.#haveColumns(columns),
        onStep: (working) => this.#step(portal, working),
      },
      session,
    );
    session.start(portal);
    const interrupt = new Interrupt(session, portal, {});
    this.#interrupt = interrupt;
    lease.track({ fire: (reason) => this.#stop(portal, reason) });
    const aborted = (): void => void this.#stop(portal, 'abort');
    onAbort(signal, aborted);
    this.#step(portal, true);
    this.#started(portal);
    const error = await portal.ended;
    clearTimeout(this.#timer);
    offAbort(signal, aborted);
    lease.track(undefined);
    const cancelRequest = interrupt.finish();
    if (cancelRequest !== undefined) {
      await cancelRequest;
      if (error?.sqlState !== '57014' && !inTransaction) session.abandon(cancelled('abort'));
    }
    await lease.after(portal);
    if (error !== undefined) {
      this.#noColumns(error);
      throw error;
    }
  }

  /** The statement could not be run, or ended with an error. */
  fail(error: FacetError): void {
    this.#failed(error);
    this.#noColumns(error);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    if (this.#taken) throw new FacetError('INTERNAL_ERROR', 'A row stream is read once');
    this.#taken = true;
    try {
      const portal = await this.#portal;
      for (;;) {
        const batch = await portal.pull();
        if (batch === undefined) {
          this.completed = { command: portal.command, affected: portal.affected };
          return;
        }
        yield batch;
      }
    } finally {
      await this.#leave();
    }
  }

  /** The consumer stops: what is left of the statement is cancelled or closed, and its session is free again. */
  async #leave(): Promise<void> {
    this.#left = true;
    const portal = await this.#portal.catch(() => undefined);
    if (portal === undefined) return;
    if (portal.fetching) this.#interrupt?.fire('abort');
    else portal.leave(undefined);
    await portal.ended;
  }

  #stop(portal: StreamPortal, reason: CancelReason): Promise<void> | undefined {
    if (portal.fetching) return this.#interrupt?.fire(reason);
    portal.leave(cancelled(reason));
    return undefined;
  }

  /** PostgreSQL's working time is one budget; each pause of the consumer has a bound of its own. */
  #step(portal: StreamPortal, working: boolean): void {
    const atMs = monotonicMs();
    if (!working) this.#workLeftMs -= atMs - this.#stepFromMs;
    this.#stepFromMs = atMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#stop(portal, working ? 'timeout' : 'pause'),
      working ? Math.max(1, this.#workLeftMs) : Math.min(this.#options.timeoutMs, LIMITS.streamPauseMsMax),
    );
  }
}
