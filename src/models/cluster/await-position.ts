/**
 * Waiting until this server has what was committed elsewhere: a replica replays the log of the primary a little later. A
 * primary has everything. While somebody waits, one look a while serves all who do.
 */
import { FacetError, LIMITS, offAbort, onAbort } from '../../base/index.ts';
import { type Database, type Lsn, lsnText, type ModelState, parseLsn } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';
import type { OperationContext } from '../operation.ts';
import type { AwaitPositionInput, AwaitPositionResult } from './schemas.ts';
import { REPLAYED } from './statements.ts';

/** @throws INVALID_PARAMETER, POSITION_NOT_REACHED in time */
export async function awaitPosition(
  context: OperationContext,
  input: AwaitPositionInput,
): Promise<AwaitPositionResult> {
  const { database, store, signal } = context;
  const lsn = parseLsn(input.position, 'position');
  if (store.facts.standby === true) {
    const waits = database.state(WAITS, () => new PositionWaits(database));
    await waits.until(lsn, input.timeoutMs ?? LIMITS.positionWaitMsDefault, signal);
  }
  return { position: lsnText(lsn) };
}

const WAITS = Symbol('cluster.position-waits');

interface Waiter {
  readonly lsn: Lsn;
  settle(error?: FacetError): void;
}

class PositionWaits implements ModelState {
  readonly #database: Database;
  readonly #waiters = new Set<Waiter>();
  readonly #looking: DueWork;
  /** It only grows. */
  #reached: Lsn = 0n;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
    this.#looking = new DueWork(() => this.#look(), LIMITS.positionLookMs);
  }

  async until(lsn: Lsn, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (lsn <= this.#reached) return;
    if (signal.aborted) throw goneAway();
    if (this.#stopped) throw stopping();
    const held = this.#database.hold();
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = {
          lsn,
          settle: (error) => {
            this.#waiters.delete(waiter);
            clearTimeout(timer);
            offAbort(signal, aborted);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        const aborted = (): void => waiter.settle(goneAway());
        const timer = setTimeout(() => {
          // Whoever allows no time gets one look all the same.
          void this.#lookFor(waiter, timeoutMs);
        }, timeoutMs);
        onAbort(signal, aborted);
        this.#waiters.add(waiter);
        this.#looking.within(0);
      });
    } finally {
      held.close();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking.stop();
    for (const waiter of [...this.#waiters]) waiter.settle(stopping());
  }

  async #lookFor(waiter: Waiter, timeoutMs: number): Promise<void> {
    await this.#look().catch(() => undefined);
    if (this.#waiters.has(waiter)) waiter.settle(notReached(waiter.lsn, this.#reached, timeoutMs));
  }

  async #look(): Promise<void> {
    const { rows } = await this.#database.run(REPLAYED, [], { reads: true });
    const [inRecovery, replayed] = rows[0] ?? [];
    // One that was promoted has everything there is.
    const all = inRecovery === 'f';
    if (replayed !== null && replayed !== undefined) this.#reached = parseLsn(replayed, 'replayed');
    for (const waiter of [...this.#waiters]) if (all || waiter.lsn <= this.#reached) waiter.settle();
    if (this.#waiters.size > 0) this.#looking.within(LIMITS.positionLookMs);
  }
}

const notReached = (lsn: Lsn, reached: Lsn, timeoutMs: number): FacetError =>
  new FacetError(
    'POSITION_NOT_REACHED',
    `This replica has not replayed up to ${lsnText(lsn)} in ${timeoutMs} ms: it is at ${lsnText(reached)}`,
    { retryAfterSeconds: 1 },
  );

const goneAway = (): FacetError =>
  new FacetError('QUERY_CANCELLED', 'The client went away while it waited for a position');

const stopping = (): FacetError => new FacetError('UNAVAILABLE', 'The store is stopping');
