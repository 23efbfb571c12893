/**
 * The rooms that are followed in this process, and the notifications by which other processes tell what they have
 * appended: `<generation>:<last offset>`, or -1 when the room was deleted. They carry no events: what this process lacks
 * it reads once, for all its subscribers.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Database, Subscription } from '../../engine/index.ts';
import type { FeedBounds } from '../feed.ts';
import type { Appended } from './append.ts';
import { Follower } from './follower.ts';
import { Tail } from './tail.ts';

const CHANNEL = 'facet_stream';
const PAYLOAD = /^(\d{1,19}):(-1|\d{1,16})$/;

export class Tails {
  readonly #database: Database;
  /** By generation. */
  readonly #tails = new Map<string, Tail>();
  #subscriptions: readonly Subscription[] = [];
  #followers = 0;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Live subscribers of all rooms. */
  get followers(): number {
    return this.#followers;
  }

  /** Live subscribers of that generation of a room. */
  subscribers(generation: string): number {
    return this.#tails.get(generation)?.subscribers ?? 0;
  }

  /**
   * A subscriber from `position` on. `next` is that of the room when it was looked at.
   * @throws LIMIT_EXCEEDED, UNAVAILABLE
   */
  follow(
    room: { readonly generation: string; readonly name: string },
    next: number,
    position: number,
    bounds?: FeedBounds,
  ): Follower {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    if (this.#followers >= LIMITS.subscribersMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `More than ${LIMITS.subscribersMax} live subscribers (subscribersMax)`,
      );
    }
    this.#listen();
    const tail = this.#tails.get(room.generation) ?? this.#add(room, next);
    const follower = new Follower(this.#database, tail, position, bounds);
    this.#followers++;
    tail.join(follower);
    return follower;
  }

  /** What this process has committed. */
  appended({ generation, events }: Appended): void {
    this.#tails.get(generation)?.appended(events);
  }

  stop(): void {
    this.#stopped = true;
    const reason = new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    for (const tail of [...this.#tails.values()]) tail.end(reason);
  }

  #add(room: { readonly generation: string; readonly name: string }, next: number): Tail {
    const tail: Tail = new Tail(this.#database, room, next, () => {
      this.#followers--;
      if (tail.subscribers > 0) return;
      this.#tails.delete(room.generation);
      if (this.#tails.size === 0) this.#unlisten();
    });
    this.#tails.set(room.generation, tail);
    return tail;
  }

  #listen(): void {
    if (this.#subscriptions.length > 0) return;
    const listening = this.#database.listen(CHANNEL, {
      notified: (payload, own) => this.#notified(payload, own),
      gap: () => {
        for (const tail of this.#tails.values()) tail.look();
      },
    });
    this.#subscriptions = [listening, this.#database.hold()];
  }

  #unlisten(): void {
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
  }

  #notified(payload: string, own: boolean): void {
    const [, generation = '', offset = ''] = PAYLOAD.exec(payload) ?? [];
    const tail = this.#tails.get(generation);
    if (tail === undefined) return;
    if (offset === '-1') {
      // Whoever may run SQL can say so: look.
      tail.look();
    } else if (own) tail.expect(Number(offset) + 1);
    else tail.look(Number(offset) + 1);
  }
}
