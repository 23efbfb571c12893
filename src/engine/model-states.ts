/**
 * What models keep in memory for one database, by key, and how many hold it open. Made by first use, stopped with the
 * namespace while its connections still work.
 */
import { asFacetError, FacetError, LIMITS, type Observe } from '../base/index.ts';
import type { ModelState, Subscription } from './contract.ts';

export class ModelStates {
  readonly #observe: Observe;
  readonly #states = new Map<symbol, ModelState>();
  #holds = 0;
  #stopping: Promise<void> | undefined = undefined;

  constructor(observe: Observe) {
    this.#observe = observe;
  }

  /** Holds that have not been closed. */
  get held(): number {
    return this.#holds;
  }

  /** @throws UNAVAILABLE for a new key, once stopping */
  get<T extends ModelState>(key: symbol, create: () => T): T {
    const known = this.#states.get(key);
    // The key is a constant of the model whose `create` made the value.
    if (known !== undefined) return known as T;
    if (this.#stopping !== undefined) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    // A state that `create` asks for is entered first, and so stopped after the one that uses it.
    const made = create();
    this.#states.set(key, made);
    return made;
  }

  hold(): Subscription {
    this.#holds++;
    let open = true;
    return {
      close: () => {
        if (!open) return;
        open = false;
        this.#holds--;
      },
    };
  }

  /** Stops all, the last made first. Never rejects; one that fails or does not end in time is told of. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const [key, state] of [...this.#states].reverse()) {
      try {
        await withinTime(state);
      } catch (error) {
        const detail = asFacetError(error).cause ?? error;
        this.#observe({ type: 'warning', message: `${String(key)} did not stop`, detail });
      }
    }
  }
}

async function withinTime(state: ModelState): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new FacetError('UNAVAILABLE', `It took longer than ${LIMITS.stateStopMsMax} ms (stateStopMsMax)`),
      );
    }, LIMITS.stateStopMsMax);
  });
  try {
    await Promise.race([state.stop(), late]);
  } finally {
    clearTimeout(timer);
  }
}
