/**
 * Slows down guessing: an address with too many failed authentications in a window must wait for the window to
 * end, whatever it presents. Even right secrets then wait, or a guesser would learn which one is right.
 */
import { FacetError, LIMITS } from '../base/index.ts';

interface Failures {
  count: number;
  readonly windowEndsAtMs: number;
}

export class AuthThrottle {
  readonly #monotonicMs: () => number;
  /** In order of the window's end, since all windows are equally long. */
  readonly #failures = new Map<string, Failures>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** @throws TOO_MANY_ATTEMPTS with the seconds to wait */
  check(address: string): void {
    const failures = this.#current(address);
    if (!failures || failures.count < LIMITS.authFailuresMax) return;
    const waitMs = failures.windowEndsAtMs - this.#monotonicMs();
    throw new FacetError('TOO_MANY_ATTEMPTS', 'Too many failed authentications from this address', {
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    });
  }

  /** Counts a failure. @returns true if this one closed the door */
  failed(address: string): boolean {
    const failures = this.#current(address);
    if (failures) {
      failures.count++;
      return failures.count === LIMITS.authFailuresMax;
    }
    this.#failures.set(address, {
      count: 1,
      windowEndsAtMs: this.#monotonicMs() + LIMITS.authFailureWindowMs,
    });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > LIMITS.authFailureAddressesMax && !oldest.done) {
      this.#failures.delete(oldest.value);
    }
    return false;
  }

  #current(address: string): Failures | undefined {
    const failures = this.#failures.get(address);
    if (failures && failures.windowEndsAtMs > this.#monotonicMs()) return failures;
    this.#failures.delete(address);
    return undefined;
  }
}
