/**
 * Whether PostgreSQL can be asked at all. While it is down, or this process stops, work is refused at once instead
 * of waiting for connections that cannot be made.
 */
import { FacetError } from '../base/index.ts';

export class Gate {
  #refusal: string | undefined = undefined;

  /** @throws UNAVAILABLE while closed. */
  check(): void {
    if (this.#refusal !== undefined) throw this.refusal();
  }

  /** What callers get while the gate is closed. */
  refusal(): FacetError {
    return new FacetError('UNAVAILABLE', this.#refusal ?? 'PostgreSQL is not available', {
      retryAfterSeconds: 1,
    });
  }

  get isOpen(): boolean {
    return this.#refusal === undefined;
  }

  close(reason: string): void {
    this.#refusal = reason;
  }

  open(): void {
    this.#refusal = undefined;
  }
}
