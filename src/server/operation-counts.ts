/**
 * How often each operation ended how. Counted here, and handed to the metrics at a scrape: a counter with labels puts
 * them together to a text each time, and this is asked once per request.
 */
import type { Observation } from '../base/index.ts';

export interface OperationCount {
  readonly operation: string;
  readonly outcome: string;
  readonly dialect: string;
  count: number;
  /** What clients asked for by it, and how often: see Observation. */
  readonly asked: string;
  askedCount: number;
}

type Seen = Pick<
  Extract<Observation, { type: 'operation' }>,
  'operation' | 'outcome' | 'dialect' | 'asked' | 'askedCount'
>;

export class OperationCounts {
  readonly #counts = new Map<string, OperationCount[]>();

  add({ operation, outcome, dialect, asked, askedCount }: Seen): void {
    let counts = this.#counts.get(operation);
    if (counts === undefined) {
      counts = [];
      this.#counts.set(operation, counts);
    }
    // Nearly all end well, so the first is the one.
    for (const one of counts) {
      if (one.outcome !== outcome || one.dialect !== dialect) continue;
      one.count++;
      one.askedCount += askedCount;
      return;
    }
    counts.push({ operation, outcome, dialect, count: 1, asked, askedCount });
  }

  all(): OperationCount[] {
    return [...this.#counts.values()].flat();
  }
}
