/**
 * Transactions that wait for one of the others to end. The store has a cap on open ones, which a driver with a pool of 100
 * connections exceeds at once; refused, each would try again after a second and more.
 */
import { asFacetError, LIMITS, monotonicMs } from '../../base/index.ts';

interface Waiting {
  readonly until: number;
  readonly wake: () => void;
}

export class TransactionTurns {
  /** In the order in which they came. */
  readonly #waiting: Waiting[] = [];
  #look: NodeJS.Timeout | undefined = undefined;

  /** Runs `begin` until it is not refused for the cap, or the time is over. @throws as `begin` */
  async begin<T>(begin: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const until = monotonicMs() + LIMITS.boltTransactionWaitMsMax;
    let hadTurn = this.#waiting.length > 0;
    if (hadTurn) await this.#turn(until, signal, false);
    for (;;) {
      try {
        return await begin();
      } catch (thrown) {
        const isFull = asFacetError(thrown).code === 'TOO_MANY_TRANSACTIONS';
        const mayWait = this.#waiting.length < LIMITS.boltTransactionsWaitingMax && monotonicMs() < until;
        if (!isFull || !mayWait || signal.aborted) throw thrown;
        await this.#turn(until, signal, hadTurn);
        hadTurn = true;
      }
    }
  }

  /** A transaction has ended: the one who waits longest may try. */
  ended(): void {
    this.#waiting.shift()?.wake();
  }

  #turn(until: number, signal: AbortSignal, isNext: boolean): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting: Waiting = { until, wake };
      const leave = (): void => {
        const index = this.#waiting.indexOf(waiting);
        if (index !== -1) this.#waiting.splice(index, 1);
        wake();
      };
      signal.addEventListener('abort', leave);
      // Who has had a turn for nothing keeps the place.
      if (isNext) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      this.#lookLater();
    });
  }

  /** Transactions of other dialects end, too, and nobody tells. */
  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      const now = monotonicMs();
      const [first, ...others] = this.#waiting.splice(0);
      const late = others.filter(({ until }) => until <= now);
      this.#waiting.push(...others.filter(({ until }) => until > now));
      first?.wake();
      for (const { wake } of late) wake();
      if (this.#waiting.length > 0) this.#lookLater();
    }, LIMITS.boltTransactionLookMs);
    this.#look.unref();
  }
}
