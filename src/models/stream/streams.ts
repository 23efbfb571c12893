/**
 * The rooms of one database as this process works on them: events that are gathered into batches, rooms that are
 * followed, retention. Everything that must be right is in PostgreSQL; this is only how it is reached.
 */
import { assert, type FacetError, LIMITS } from '../../base/index.ts';
import { Batcher, type Database, type ModelState, withPatienceInAll } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { type Appended, append, noRoom, type Run } from './append.ts';
import type { NewEvent } from './event.ts';
import { Retention } from './retention.ts';
import { Tails } from './tails.ts';

/** What became of one event. */
export interface Published {
  readonly generation: string;
  readonly offset: number;
  readonly eventId: string;
  readonly publishedAtMs: number;
  /** Live subscribers of this process. */
  readonly subscribersNotified: number;
}

const STREAMS = Symbol('stream.streams');

/** The rooms of a database. */
export const streamsOf = (database: Database): Streams =>
  database.state(STREAMS, () => new Streams(database));

export class Streams implements ModelState {
  readonly tails: Tails;
  readonly retention: Retention;
  readonly #database: Database;
  readonly #appends: Batcher<NewEvent, Published>;

  constructor(database: Database) {
    this.#database = database;
    this.tails = new Tails(database);
    this.retention = new Retention(database);
    const lane: Run = (statement, parameters) => database.run(statement, parameters, { giveUpOnLocks: true });
    this.#appends = new Batcher<NewEvent, Published>({
      name: 'stream.publish',
      itemsMax: LIMITS.streamBatchItemsMax,
      bytesMax: LIMITS.streamBatchBytesMax,
      waitingMax: LIMITS.streamBatchWaitingMax,
      keyOf: ({ room }) => room,
      bytesOf: ({ bytes }) => bytes,
      mergeable: () => true,
      run: async (items) => this.#outcomesOf(items, await append(lane, items)),
      lockMsMax: LIMITS.streamLockMsMax,
      runAlone: async (item, lockMs) => {
        // Handed on after the commit.
        const rooms = await withPatienceInAll(database, lockMs, undefined, (transaction, signal) =>
          append(
            (statement, parameters) => database.run(statement, parameters, { transaction, signal }),
            [item],
          ),
        );
        const [published] = this.#outcomesOf([item], rooms);
        assert(published !== undefined, 'a batch answers each of its items');
        return published;
      },
    });
  }

  /**
   * Appends one event: in the caller's transaction when there is one, else together with those of other callers.
   * @throws ROOM_NOT_FOUND, and errors of the engine
   */
  async publish(context: OperationContext, event: NewEvent): Promise<Published> {
    const { transaction, signal } = context;
    if (transaction === undefined) return this.#appends.submit(event);
    const run: Run = (statement, parameters) =>
      this.#database.run(statement, parameters, { transaction, signal });
    const [appended] = await append(run, [event]);
    if (appended === undefined) throw noRoom(event.room);
    transaction.afterCommit(() => this.#committed([appended]));
    return this.#publishedOf(appended, 0);
  }

  async stop(): Promise<void> {
    this.tails.stop();
    await Promise.all([this.retention.stop(), this.#appends.stop()]);
  }

  /** Hands on what was committed to the subscribers of this process; then says what became of each event. */
  #outcomesOf(
    items: readonly NewEvent[],
    rooms: readonly (Appended | undefined)[],
  ): (Published | FacetError)[] {
    this.#committed(rooms);
    const outcomes: (Published | FacetError)[] = [];
    let room = -1;
    let index = 0;
    for (let n = 0; n < items.length; n++) {
      const name = items[n]?.room ?? '';
      if (n === 0 || name !== items[n - 1]?.room) {
        room++;
        index = 0;
      }
      const appended = rooms[room];
      outcomes.push(appended === undefined ? noRoom(name) : this.#publishedOf(appended, index));
      index++;
    }
    return outcomes;
  }

  #committed(rooms: readonly (Appended | undefined)[]): void {
    for (const appended of rooms) {
      if (appended !== undefined) this.tails.appended(appended);
    }
    this.retention.written();
  }

  #publishedOf({ generation, events }: Appended, index: number): Published {
    const event = events[index];
    assert(event !== undefined, 'every appended event has its place');
    const { offset, eventId, publishedAtMs } = event;
    const subscribersNotified = this.tails.subscribers(generation);
    return { generation, offset, eventId, publishedAtMs, subscribersNotified };
  }
}
