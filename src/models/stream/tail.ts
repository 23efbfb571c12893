/**
 * The end of one room as this process hands it to live subscribers: every event once, in the order of offsets, without
 * a gap. What this process appended is handed on from memory; whatever does not follow on what was handed on last is
 * read from the table, which has all that was committed. Made when a room gets its first subscriber here.
 */
import { asFacetError, type FacetError, LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import { noRoom } from './append.ts';
import type { StreamEvent } from './event.ts';
import type { Follower, Source } from './follower.ts';
import { follow, OFFSET_MAX } from './read.ts';

export class Tail implements Source {
  readonly room: { readonly generation: string; readonly name: string };
  readonly #database: Database;
  readonly #left: () => void;
  readonly #followers = new Set<Follower>();
  readonly #live: Follower[] = [];
  #next: number;
  /** Offsets below this one are known to be committed. */
  #known = 0;
  #looking = false;
  #lookAgain = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** `next`: of the first event that is not in the table yet. `left` is called when a subscriber has left. */
  constructor(
    database: Database,
    room: { readonly generation: string; readonly name: string },
    next: number,
    left: () => void,
  ) {
    this.#database = database;
    this.room = room;
    this.#next = next;
    this.#left = left;
  }

  /** Of the first event that was not handed on. */
  get next(): number {
    return this.#next;
  }

  get subscribers(): number {
    return this.#followers.size;
  }

  join(follower: Follower): void {
    this.#followers.add(follower);
    follower.start();
  }

  /** The follower has everything before `next`. */
  goLive(follower: Follower): void {
    follower.index = this.#live.length;
    this.#live.push(follower);
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    const last = this.#live.length - 1;
    if (follower.index >= 0) {
      const moved = this.#live[last];
      if (moved !== undefined && moved !== follower) {
        this.#live[follower.index] = moved;
        moved.index = follower.index;
      }
      this.#live.pop();
      follower.index = -1;
    }
    if (this.#followers.size === 0) clearTimeout(this.#timer);
    this.#left();
  }

  /** Events that this process has committed, one behind the other. */
  appended(events: readonly StreamEvent[]): void {
    const first = events[0]?.offset ?? 0;
    if (first > this.#next) this.look(first + events.length);
    else this.#handOn(events);
  }

  /** Another process has committed everything below `known`; or ask what there is. */
  look(known = 0): void {
    this.#known = Math.max(this.#known, known);
    if (known > 0 && known <= this.#next) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    this.#lookAll().then(
      () => {
        this.#looking = false;
      },
      (thrown: unknown) => {
        this.#looking = false;
        // PostgreSQL is away, or the store is being stopped, which ends all subscriptions.
        if (asFacetError(thrown).kind === 'internal') this.end(asFacetError(thrown));
        else this.#laterIfMissing(true);
      },
    );
  }

  /** This process has committed everything below `known`, and will most likely hand it on itself. */
  expect(known: number): void {
    this.#known = Math.max(this.#known, known);
    this.#laterIfMissing(false);
  }

  /** No more events: the room is gone, or the store stops. */
  end(reason: FacetError): void {
    for (const follower of [...this.#followers]) follower.end(reason);
  }

  #laterIfMissing(anyway: boolean): void {
    if (this.#timer !== undefined || this.#followers.size === 0) return;
    if (!anyway && this.#known <= this.#next) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (anyway || this.#known > this.#next) this.look();
    }, LIMITS.streamLookAgainMs);
    this.#timer.unref();
  }

  async #lookAll(): Promise<void> {
    do {
      this.#lookAgain = false;
      const from = this.#next;
      const page = await follow(this.#database, this.room, from, OFFSET_MAX, LIMITS.streamLookEventsMax);
      if (page === undefined) return this.end(noRoom(this.room.name));
      if (page.oldestOffset > this.#next) this.#skip(page.oldestOffset);
      if (page.events.length > 0) this.#handOn(page.events);
      if (page.nextOffset > this.#next) this.#lookAgain = true;
    } while (this.#lookAgain && this.#followers.size > 0);
  }

  #handOn(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (event.offset < this.#next) continue;
      this.#next = event.offset + 1;
      // From the end: one that is dropped meanwhile is replaced by the last one, which has had the event.
      for (let n = this.#live.length - 1; n >= 0; n--) this.#live[n]?.offer(event);
    }
  }

  /** Retention was faster than we were. */
  #skip(oldestOffset: number): void {
    this.#next = oldestOffset;
    for (const follower of [...this.#live]) follower.missed(oldestOffset);
  }
}
