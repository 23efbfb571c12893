/** Steps that must be undone when a start fails or a server ends: backwards, each once, none skipped. */
import type { Observe } from '../../base/index.ts';

export class Cleanup {
  readonly #observe: Observe;
  readonly #steps: (() => Promise<void>)[] = [];

  constructor(observe: Observe) {
    this.#observe = observe;
  }

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Never rejects: what fails is observed, and the steps before it still run. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        this.#observe({
          type: 'warning',
          message: 'A step of cleaning up after PostgreSQL failed',
          detail: error,
        });
      }
    }
  }
}
