/** A result whose records a client takes at its own pace: as many as it asks for, from a stream of the graph. */
import type { GraphStream } from '../../models/index.ts';
import type { NotificationFilter, ReplyWriter } from './codec.ts';

type Rows = GraphStream['batches'] extends AsyncIterable<infer Batch> ? Batch : never;

/** The way to the client, seen from what writes records. */
export interface Outflow {
  readonly writer: ReplyWriter;
  /**
   * To be called between records: sends what has gathered. Undefined when more may be written at once.
   * @throws by rejecting: QUERY_CANCELLED when the client has left, or wants no more
   */
  written(): Promise<void> | undefined;
}

export interface ResultFacts {
  readonly namespace: string | undefined;
  readonly query: string;
  /** Which notifications the client wants with it. */
  readonly filter: NotificationFilter | undefined;
}

const NONE: Rows = [];

export class OpenResult {
  readonly id: number;
  readonly stream: GraphStream;
  /** Undefined: that of the client. */
  readonly namespace: string | undefined;
  readonly filter: NotificationFilter | undefined;
  /** A summary needs the end of a PROFILE, and of what writes. */
  readonly #isWanted: boolean;
  readonly #batches: AsyncIterator<Rows>;
  #rows = NONE;
  #at = 0;
  #ended = false;
  #isEmpty = true;

  constructor(id: number, stream: GraphStream, { namespace, query, filter }: ResultFacts) {
    this.id = id;
    this.stream = stream;
    this.namespace = namespace;
    this.filter = filter;
    this.#batches = stream.batches[Symbol.asyncIterator]();
    this.#isWanted = stream.kind !== 'read' || /\bPROFILE\b/i.test(query);
  }

  /** True at the end of a result that had no records. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /**
   * Writes up to `count` records, all that are left for -1.
   * @returns whether there are more: the one after the last was looked for
   */
  async pull(count: number, { writer, written }: Outflow): Promise<boolean> {
    let left = count === -1 ? Number.POSITIVE_INFINITY : count;
    do {
      while (this.#at < this.#rows.length) {
        if (left === 0) return true;
        const row = this.#rows[this.#at++];
        if (row !== undefined) writer.record(row);
        left -= 1;
        const waiting = written();
        if (waiting !== undefined) await waiting;
      }
    } while (await this.#next());
    return false;
  }

  /** Passes over records as `pull` takes them. */
  async discard(count: number): Promise<boolean> {
    if (count === -1 && !this.#isWanted) {
      // Nobody has looked.
      this.#isEmpty = false;
      await this.close();
      return false;
    }
    let left = count === -1 ? Number.POSITIVE_INFINITY : count;
    do {
      const passed = Math.min(left, this.#rows.length - this.#at);
      this.#at += passed;
      left -= passed;
      if (this.#at < this.#rows.length) return true;
    } while (await this.#next());
    return false;
  }

  /** Lets go of the cursor. Idempotent. */
  async close(): Promise<void> {
    this.#rows = NONE;
    this.#at = 0;
    if (this.#ended) return;
    this.#ended = true;
    await this.#batches.return?.();
  }

  /** False at the end. */
  async #next(): Promise<boolean> {
    if (this.#ended) return false;
    this.#rows = NONE;
    this.#at = 0;
    try {
      const next = await this.#batches.next();
      if (next.done === true) this.#ended = true;
      else this.#rows = next.value;
      if (this.#rows.length > 0) this.#isEmpty = false;
    } catch (thrown) {
      this.#ended = true;
      throw thrown;
    }
    return !this.#ended;
  }
}
