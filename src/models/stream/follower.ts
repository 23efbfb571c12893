/**
 * One live subscriber of a room. It is either catching up, which means that it reads from the table what the tail
 * has already handed out, or live, which means that the tail hands it what comes. It changes from the one to the other
 * at a moment when both are at the same offset, so nothing is missed and nothing comes twice.
 *
 * While it catches up it reads no faster than its client takes. Once it is live nobody waits for it: when its buffer is
 * full it is dropped, and told from where to resume.
 */
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import { type FeedBounds, FeedBuffer } from '../feed.ts';
import { noRoom } from './append.ts';
import type { StreamEvent } from './event.ts';
import { follow, outOfRange } from './read.ts';

/** What hands out the events of a room, see tail.ts. */
export interface Source {
  readonly room: { readonly generation: string; readonly name: string };
  /** Of the first event that was not handed out. */
  readonly next: number;
  /** The follower has everything before `next`. */
  goLive(follower: Follower): void;
  leave(follower: Follower): void;
}

/** Events of one page while catching up. */
const PAGE_EVENTS = 500;

export class Follower {
  readonly feed: FeedBuffer<StreamEvent>;
  readonly #database: Database;
  readonly #tail: Source;
  /** Of the next event that it wants. */
  #position: number;
  #reading = false;
  #live = false;
  /** Its place among those that are live. */
  index = -1;

  constructor(database: Database, tail: Source, position: number, bounds?: FeedBounds) {
    this.#database = database;
    this.#tail = tail;
    this.#position = position;
    this.feed = new FeedBuffer<StreamEvent>(() => this.#tail.leave(this), {
      taken: () => this.#resume(),
      ...(bounds === undefined ? {} : { bounds }),
    });
  }

  /** Begins; the tail knows it already. */
  start(): void {
    this.#resume();
  }

  /** Hands it an event, when it is live. */
  offer(event: StreamEvent): void {
    const { offset } = event;
    if (offset < this.#position) return;
    if (this.feed.push(event)) {
      this.#position = offset + 1;
      return;
    }
    const resumeOffset = this.feed.oldest?.offset ?? offset;
    const reason = new FacetError(
      'SUBSCRIBER_TOO_SLOW',
      `More than ${LIMITS.feedItemsMax} events or ${LIMITS.feedBytesMax} bytes waited for the subscriber`,
      { detail: `Resume from offset ${resumeOffset}` },
    );
    this.feed.end({ reason, resumeOffset }, true);
  }

  /** There will be no more. What waits can still be taken. */
  end(reason: FacetError): void {
    this.feed.end({ reason, resumeOffset: this.#position });
  }

  /** Events before `oldestOffset` are gone, and it may not have had them. */
  missed(oldestOffset: number): void {
    if (this.#position < oldestOffset) this.end(outOfRange(this.#position, oldestOffset));
  }

  #resume(): void {
    if (this.#live || this.#reading || !this.feed.open) return;
    this.#reading = true;
    this.#catchUp().then(
      () => {
        this.#reading = false;
      },
      (thrown: unknown) => {
        this.#reading = false;
        this.end(asFacetError(thrown));
      },
    );
  }

  async #catchUp(): Promise<void> {
    while (this.feed.open && !this.feed.halfFull) {
      if (this.#position >= this.#tail.next) {
        this.#live = true;
        this.#tail.goLive(this);
        return;
      }
      const page = await follow(
        this.#database,
        this.#tail.room,
        this.#position,
        this.#tail.next - 1,
        PAGE_EVENTS,
      );
      if (page === undefined) return this.end(noRoom(this.#tail.room.name));
      this.missed(page.oldestOffset);
      for (const event of page.events) {
        if (!this.feed.open || !this.feed.push(event)) return;
        this.#position = event.offset + 1;
      }
    }
  }
}
