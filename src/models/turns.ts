/** So many at once, the others in the order in which they came. */
import { FacetError } from '../base/index.ts';

interface Waiter {
  readonly go: () => void;
}

export class Turns {
  readonly #most: number;
  readonly #waiters = new Set<Waiter>();
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when it is the caller's turn, with what ends it. @throws the reason of `signal` */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken < this.#most) this.#taken++;
    else await this.#wait(signal);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      const [next] = this.#waiters;
      if (next === undefined) this.#taken--;
      else {
        this.#waiters.delete(next);
        next.go();
      }
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiters.delete(waiter);
        reject(new FacetError('QUERY_CANCELLED', 'The wait for a turn was ended'));
      };
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
