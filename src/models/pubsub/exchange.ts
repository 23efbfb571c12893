/**
 * The topics of one database as this process has them: subscribers by pattern, messages to them from this process and
 * from others. Nothing is kept: a message goes to whoever is there, and is forgotten.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import {
  arrayLiteral,
  Batcher,
  type Database,
  type ModelState,
  type Subscription,
  statement,
} from '../../engine/index.ts';
import type { FeedBounds } from '../feed.ts';
import type { OperationContext } from '../operation.ts';
import { Inbox } from './inbox.ts';
import { framesOf, type PubsubMessage } from './message.ts';
import { Peers } from './peers.ts';
import type { Run } from './run.ts';
import { Spool } from './spool.ts';
import { Subscriber } from './subscriber.ts';
import { isExact } from './topic.ts';
import { TopicCounts } from './topic-counts.ts';
import { Trie } from './trie.ts';

const CHANNEL = 'facet_pubsub';
const SEND = statement('pubsub.send', 'SELECT pubsub.send($1::text[], $2::text[], $3)');

const EXCHANGE = Symbol('pubsub.exchange');

/** The topics of a database. */
export const exchangeOf = (database: Database): Exchange =>
  database.state(EXCHANGE, () => new Exchange(database));

export class Exchange implements ModelState {
  readonly subscribers = new Map<string, Subscriber>();
  readonly trie = new Trie<Subscriber>();
  readonly counts = { published: 0, delivered: 0, dropped: 0 };
  readonly topics = new TopicCounts();
  readonly #database: Database;
  readonly #peers: Peers;
  readonly #spool: Spool;
  readonly #inbox: Inbox;
  readonly #sends: Batcher<PubsubMessage, number>;
  #subscriptions: readonly Subscription[] = [];
  #listening: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
    this.#peers = new Peers(database);
    this.#spool = new Spool(database);
    this.#inbox = new Inbox(this.#peers.id, this.#spool, {
      wanted: (topic) => this.trie.match(topic).length > 0,
      deliver: (message) => this.#deliver(message),
    });
    const read: Run = (statement, parameters) => database.run(statement, parameters, { reads: true });
    const write: Run = (statement, parameters) => database.run(statement, parameters);
    this.#sends = new Batcher<PubsubMessage, number>({
      name: 'pubsub.publish',
      itemsMax: LIMITS.pubsubBatchItemsMax,
      bytesMax: LIMITS.pubsubBatchBytesMax,
      waitingMax: LIMITS.pubsubBatchWaitingMax,
      keyOf: () => '',
      bytesOf: ({ bytes }) => bytes,
      mergeable: () => true,
      sorted: false,
      run: async (messages) => {
        const others = await this.#send(read, write, messages);
        return messages.map((message, n) => this.#deliver(message) + (others[n] ?? 0));
      },
    });
  }

  /**
   * Sends one message; returns how many subscribers it has, in all processes. In a transaction it goes when that commits.
   * @throws LIMIT_EXCEEDED, and errors of the engine
   */
  async publish(context: OperationContext, message: PubsubMessage): Promise<number> {
    const { transaction, signal } = context;
    this.counts.published++;
    this.topics.published(message.topic);
    if (transaction === undefined) return this.#sends.submit(message);
    const run: Run = (statement, parameters) =>
      this.#database.run(statement, parameters, { transaction, signal });
    const [others = 0] = await this.#send(run, run, [message]);
    transaction.afterCommit(() => this.#deliver(message));
    return this.trie.match(message.topic).length + others;
  }

  /** A new subscriber without patterns. @throws LIMIT_EXCEEDED, UNAVAILABLE */
  open(bounds?: FeedBounds): Subscriber {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    if (this.subscribers.size >= LIMITS.subscribersMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `More than ${LIMITS.subscribersMax} subscribers (subscribersMax)`,
      );
    }
    this.#listen();
    const subscriber = new Subscriber((left) => this.#left(left), bounds);
    this.subscribers.set(subscriber.id, subscriber);
    return subscriber;
  }

  /** Changes the patterns of a subscriber; resolves when every process can know. */
  async change(subscriber: Subscriber, change: () => void): Promise<void> {
    this.#peers.changed(subscriber.sortedPatterns, -1);
    change();
    this.#peers.changed(subscriber.sortedPatterns, 1);
    await this.#listening;
    await this.#peers.announce();
  }

  /** For `change`. */
  add(subscriber: Subscriber, pattern: string, levels: readonly string[]): void {
    if (subscriber.patterns.has(pattern)) return;
    subscriber.patterns.set(pattern, levels);
    this.trie.add(levels, subscriber);
    if (isExact(levels)) this.topics.known(pattern);
  }

  /** For `change`. False: it did not have it. */
  drop(subscriber: Subscriber, pattern: string): boolean {
    const levels = subscriber.patterns.get(pattern);
    if (levels === undefined) return false;
    subscriber.patterns.delete(pattern);
    this.trie.remove(levels, subscriber);
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const reason = new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    for (const { feed } of [...this.subscribers.values()]) feed.end({ reason, resumeOffset: null });
    this.#inbox.stop();
    await Promise.all([this.#sends.stop(), this.#peers.stop(), this.#spool.stop()]);
  }

  /** Sends to other processes what they have subscribers for; returns how many, per message. */
  async #send(read: Run, write: Run, messages: readonly PubsubMessage[]): Promise<readonly number[]> {
    const othersOf = await this.#peers.look(read);
    const others = messages.map(({ topic }) => othersOf(topic));
    const wanted = messages.filter((_, n) => (others[n] ?? 0) > 0);
    if (wanted.length === 0) return others;
    const { id } = this.#peers;
    const { frames, spooledTopics } = framesOf(id, wanted);
    await write(SEND, [arrayLiteral(frames), arrayLiteral(spooledTopics), id]);
    if (spooledTopics.some((topic) => topic !== null)) this.#spool.written();
    return others;
  }

  /** To the subscribers of this process; returns how many they are. */
  #deliver(message: PubsubMessage): number {
    const subscribers = this.trie.match(message.topic);
    for (const subscriber of subscribers) {
      if (!subscriber.feed.push(message)) this.#tooSlow(subscriber);
    }
    this.counts.delivered += subscribers.length;
    return subscribers.length;
  }

  #tooSlow({ feed }: Subscriber): void {
    this.counts.dropped++;
    const reason = new FacetError(
      'SUBSCRIBER_TOO_SLOW',
      `More than ${LIMITS.feedItemsMax} messages or ${LIMITS.feedBytesMax} bytes waited for the subscriber`,
      { hint: 'Subscribe again. Messages are not kept; use a stream for what must not be missed.' },
    );
    feed.end({ reason, resumeOffset: null }, true);
  }

  #left(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber.id);
    this.#peers.changed(subscriber.sortedPatterns, -1);
    for (const pattern of [...subscriber.patterns.keys()]) this.drop(subscriber, pattern);
    // A row that says too much costs others a notification, until the lease ends.
    if (!this.#stopped) this.#peers.announce().catch(() => {});
    if (this.subscribers.size > 0) return;
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
  }

  #listen(): void {
    if (this.#subscriptions.length > 0) return;
    let begun = (): void => {};
    this.#listening = new Promise((resolve) => {
      const timer = setTimeout(resolve, LIMITS.pubsubListenMsMax).unref();
      begun = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    const listening = this.#database.listen(CHANNEL, {
      notified: (payload) => this.#inbox.received(payload),
      gap: () => {
        begun();
        this.#peers.again();
      },
    });
    this.#subscriptions = [listening, this.#database.hold()];
  }
}
