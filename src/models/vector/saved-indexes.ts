/** Takes in the indexes that were saved, of each namespace that is opened: nobody has to search first. Made and stopped by the server. */
import { LIMITS } from '../../base/index.ts';
import type { Database, Store } from '../../engine/index.ts';
import { keeperOf } from './keeper.ts';

export class SavedVectorIndexes {
  readonly #store: Store;
  readonly #memoryBytesMax: number;
  #seen = new WeakSet<Database>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #stopped = false;

  /** `memoryBytesMax`: of all indexes of the process. */
  constructor(store: Store, memoryBytesMax: number = LIMITS.vectorMemoryBytesMax) {
    this.#store = store;
    this.#memoryBytesMax = memoryBytesMax;
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Namespaces come and go. */
  #look(): void {
    if (this.#stopped) return;
    for (const database of this.#store.facts.embedded ? this.#store.opened : []) {
      if (this.#seen.has(database)) continue;
      this.#seen.add(database);
      try {
        keeperOf(database, this.#memoryBytesMax);
      } catch {
        // It is being closed.
      }
    }
    this.#timer = setTimeout(() => this.#look(), LIMITS.namespaceLookMs).unref();
  }
}
