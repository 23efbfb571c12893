/**
 * Messages of other processes, in the order in which they come. While a large one is fetched, those behind it wait; a
 * bounded number of them.
 */
import { LIMITS } from '../../base/index.ts';
import { messagesIn, type PubsubMessage } from './message.ts';
import type { Spool } from './spool.ts';

/** `<sender>@<id> <topic>` */
const SPOOLED = /^([0-9a-f]{16})@(\d{1,19}) /;
const SENDER_CHARACTERS = 16;

/** Where messages go. */
export interface Receiver {
  readonly wanted: (topic: string) => boolean;
  readonly deliver: (message: PubsubMessage) => void;
}

export class Inbox {
  readonly #own: string;
  readonly #spool: Spool;
  readonly #to: Receiver;
  #waiting: string[] = [];
  #fetching = false;
  #stopped = false;

  /** `own` is the sender's id of this process, whose messages were delivered already. */
  constructor(own: string, spool: Spool, to: Receiver) {
    this.#own = own;
    this.#spool = spool;
    this.#to = to;
  }

  received(payload: string): void {
    if (payload.startsWith(this.#own) || this.#stopped) return;
    if (!this.#fetching) this.#work(payload);
    // At most once: what cannot be held is lost.
    else if (this.#waiting.length < LIMITS.feedItemsMax) this.#waiting.push(payload);
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  #work(payload: string): void {
    const spooled = SPOOLED.exec(payload);
    if (spooled === null) {
      this.#deliver(payload);
      return;
    }
    const [before, , id = ''] = spooled;
    if (!this.#to.wanted(payload.slice(before.length))) return;
    this.#fetching = true;
    this.#spool.fetch(id).then(
      (text) => this.#fetched(text),
      () => this.#fetched(undefined),
    );
  }

  #fetched(text: string | undefined): void {
    this.#fetching = false;
    if (this.#stopped) return;
    if (text !== undefined) this.#deliver(text);
    while (!this.#fetching) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#work(next);
    }
  }

  #deliver(frame: string): void {
    for (const message of messagesIn(frame, SENDER_CHARACTERS)) this.#to.deliver(message);
  }
}
