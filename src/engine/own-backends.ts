/**
 * Which backends of PostgreSQL are sessions of this process, by their process id. A session counts only while it is
 * open: its number may be given to another process's backend afterwards. So `has` may say no for a notification of a
 * session that has just ended, which costs a needless look, and hardly ever yes for one of somebody else, which would
 * cost a wake: only while a connection is dead and its end has not been noticed.
 */
import type { Session } from './session.ts';

/** Ended sessions are forgotten in bulk. */
const ENDED_MAX = 64;

export class OwnBackends {
  readonly #sessions = new Map<number, Session>();
  #sweepAt = ENDED_MAX;

  add(session: Session): void {
    this.#sessions.set(session.processId, session);
    if (this.#sessions.size < this.#sweepAt) return;
    for (const [id, { closed }] of this.#sessions) if (closed) this.#sessions.delete(id);
    this.#sweepAt = this.#sessions.size + ENDED_MAX;
  }

  has(processId: number): boolean {
    return this.#sessions.get(processId)?.closed === false;
  }
}
