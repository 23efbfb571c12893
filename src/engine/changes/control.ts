/** Short work as the role that may replicate, one after the other: making slots, publishing tables. */
import type { Session } from '../session.ts';
import type { ChangeParts } from './change-parts.ts';

export class Control {
  readonly #parts: ChangeParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ChangeParts) {
    this.#parts = parts;
  }

  /** On a session of its own, which is closed behind it. @throws what connecting and `work` throw */
  do<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#once(work));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #once<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#parts.gate.check();
    const session = await this.#parts.openPrivileged(false);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }
}
