/**
 * How the services fare: one that has failed so many times in a row says that it is not well, until it succeeds once. Every
 * failing call counts, also one whose client is to blame: that is the rule of the reference. What the gate refused did not
 * reach the service, and a client that left has not been failed.
 */
import { asFacetError, LIMITS } from '../../base/index.ts';

export const MARKED = ['query', 'vector'] as const;
export type Marked = (typeof MARKED)[number];

/** The client left, or was told to come later: the rates of a batch are asked for query by query. */
const UNCOUNTED: ReadonlySet<string> = new Set(['QUERY_CANCELLED', 'RATE_LIMITED']);

export class Marks {
  readonly #failures: Record<Marked, number> = { query: 0, vector: 0 };

  isWell(service: Marked): boolean {
    return this.#failures[service] < LIMITS.neumannFailuresMax;
  }

  succeeded(service: Marked): void {
    this.#failures[service] = 0;
  }

  failed(service: Marked, thrown: unknown): void {
    if (!UNCOUNTED.has(asFacetError(thrown).code)) this.#failures[service]++;
  }

  /** Marks what comes of `work`. */
  async watch<T>(service: Marked, work: () => Promise<T>): Promise<T> {
    const done = await this.watchFailure(service, work);
    this.succeeded(service);
    return done;
  }

  /** For work that only begins something, whose success is not known yet. */
  async watchFailure<T>(service: Marked, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      this.failed(service, thrown);
      throw thrown;
    }
  }
}
