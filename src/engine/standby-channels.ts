/**
 * Channels of a standby, which takes no LISTEN: whoever listens is told to look for himself every now and then, as after
 * a session that was lost.
 */
import { FacetError, LIMITS, type Observe } from '../base/index.ts';
import type { ChannelListener, Subscription } from './contract.ts';

export class StandbyChannels {
  readonly #observe: Observe;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(observe: Observe) {
    this.#observe = observe;
  }

  /** @throws UNAVAILABLE once stopped */
  listen(name: string, listener: ChannelListener): Subscription {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    const tell = (): void => {
      if (!this.#timers.has(timer)) return;
      try {
        listener.gap();
      } catch (detail) {
        this.#observe({ type: 'warning', message: `A listener to ${name} failed`, detail });
      }
    };
    const timer = setInterval(tell, LIMITS.standbyLookMs).unref();
    this.#timers.add(timer);
    queueMicrotask(tell);
    return { close: () => this.#end(timer) };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [...this.#timers]) this.#end(timer);
  }

  #end(timer: NodeJS.Timeout): void {
    clearInterval(timer);
    this.#timers.delete(timer);
  }
}
