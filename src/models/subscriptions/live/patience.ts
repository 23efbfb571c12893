/** Waiting for PostgreSQL while it is away for a moment: what is to be evaluated is here and waits for it. */
import { asFacetError, LIMITS } from '../../../base/index.ts';

/** Why there is nothing to do about a failure but to wait. */
const WAITS = new Set(['UNAVAILABLE', 'TOO_MANY_CONNECTIONS', 'QUERY_CANCELLED', 'RESOURCE_EXHAUSTED']);

export class Patience {
  readonly #waits = new Set<() => void>();
  #over = false;

  /** The result of `work`, which is tried until it has one. Rejects with what no waiting helps against. */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        if (this.#over || !WAITS.has(asFacetError(thrown).code)) throw thrown;
        await this.#pause();
      }
    }
  }

  /** Nothing is tried again. */
  end(): void {
    this.#over = true;
    for (const go of this.#waits) go();
  }

  async #pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let go: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      go = resolve;
      this.#waits.add(resolve);
      timer = setTimeout(resolve, LIMITS.followRetryMs);
    });
    clearTimeout(timer);
    if (go !== undefined) this.#waits.delete(go);
  }
}
