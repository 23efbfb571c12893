/** Remembers how interactive transactions ended, for a bounded time and number, to explain a late request. */
import { FacetError, LIMITS, nowMs } from '../base/index.ts';

/** How a transaction ended. `unknown`: the connection broke while it was being committed. */
export type Ending =
  | 'committed'
  | 'rolled back'
  | 'timed out'
  | 'connection lost'
  | 'paused for a restore point'
  | 'namespace rolled back'
  | 'unknown';

export interface Tombstone {
  readonly owner: string;
  readonly namespace: string;
  readonly ending: Ending;
  readonly endedAtMs: number;
}

/** Taking the oldest out one by one would walk over the holes of those taken out before. */
const SWEEP_EVERY = 256;

export class Tombstones {
  /** In the order in which the transactions ended. */
  readonly #byId = new Map<string, Tombstone>();
  #added = 0;

  add(id: string, tombstone: Tombstone): void {
    this.#byId.set(id, tombstone);
    if (++this.#added % SWEEP_EVERY === 0) this.#sweep();
  }

  get(id: string): Tombstone | undefined {
    return this.#byId.get(id);
  }

  get size(): number {
    return this.#byId.size;
  }

  #sweep(): void {
    const oldestMs = nowMs() - LIMITS.transactionTombstoneMs;
    for (const [id, tombstone] of this.#byId) {
      if (tombstone.endedAtMs >= oldestMs && this.#byId.size <= LIMITS.transactionTombstonesMax) break;
      this.#byId.delete(id);
    }
  }
}

/** What a request gets that names a transaction which has ended that way. */
export function endedError(id: string, ending: Ending): FacetError {
  switch (ending) {
    case 'committed':
    case 'rolled back':
      return new FacetError('TRANSACTION_NOT_ACTIVE', `Transaction ${id} was ${ending} before`, {
        detail: ending,
      });
    case 'timed out':
    case 'connection lost':
    case 'paused for a restore point':
    case 'namespace rolled back':
      return new FacetError('TRANSACTION_NOT_FOUND', `Transaction ${id} is not open`, {
        detail: `rolled back: ${ending}`,
      });
    case 'unknown':
      return new FacetError('TRANSACTION_NOT_FOUND', `Transaction ${id} is not open`, {
        detail:
          'The connection was lost while it was being committed; whether it was committed is not known.',
      });
  }
}
