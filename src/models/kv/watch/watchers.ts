/**
 * The followers of keys of one database as this process has them. Changes come as notifications, those of this process
 * too: so each is told once and in the order of the commits, whoever made it. Nothing is kept for who is not there.
 */
import { FacetError, LIMITS, nowMs } from '../../../base/index.ts';
import { type Database, type ModelState, type Subscription, statement } from '../../../engine/index.ts';
import { type FeedBounds, FeedBuffer } from '../../feed.ts';
import { type KeyChange, type Told, toldIn } from './change.ts';
import { Interest } from './interest.ts';
import { type Pattern, Patterns } from './patterns.ts';

const CHANNEL = 'facet_kv';

/** The value of a key, if it is still the one that was told. */
const FETCH = statement(
  'kv.watch_fetch',
  'SELECT value FROM kv.entry WHERE key = $1 AND id = $2::bigint AND version = $3::bigint',
);

const WATCHERS = Symbol('kv.watchers');

/** The followers of keys of a database. */
export const watchersOf = (database: Database): Watchers =>
  database.state(WATCHERS, () => new Watchers(database));

type Feed = FeedBuffer<KeyChange>;

export class Watchers implements ModelState {
  readonly #database: Database;
  readonly #patterns = new Patterns<Feed>();
  readonly #feeds = new Set<Feed>();
  readonly #interest: Interest;
  #subscriptions: readonly Subscription[] = [];
  #listening: Promise<void> = Promise.resolve();
  /** Notifications behind one whose value is fetched. */
  #waiting: Told[] = [];
  #fetching = false;
  #stopped = false;

  constructor(database: Database) {
    this.#database = database;
    this.#interest = new Interest(database, this.#patterns);
  }

  /**
   * A feed of what changes from now on, in all processes.
   * @throws LIMIT_EXCEEDED, UNAVAILABLE, and errors of the engine
   */
  async open(patterns: readonly Pattern[], bounds?: FeedBounds): Promise<Feed> {
    if (this.#stopped) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    if (this.#feeds.size >= LIMITS.subscribersMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `More than ${LIMITS.subscribersMax} followers of keys (subscribersMax)`,
      );
    }
    this.#listen();
    const feed: Feed = new FeedBuffer<KeyChange>(
      () => this.#left(feed, patterns),
      bounds === undefined ? {} : { bounds },
    );
    this.#feeds.add(feed);
    for (const pattern of patterns) this.#patterns.add(pattern, feed);
    try {
      await this.#listening;
      await this.#interest.announce();
    } catch (thrown) {
      feed.close();
      throw thrown;
    }
    return feed;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting = [];
    const reason = new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    for (const feed of [...this.#feeds]) feed.end({ reason, resumeOffset: null });
    await this.#interest.stop();
  }

  #left(feed: Feed, patterns: readonly Pattern[]): void {
    this.#feeds.delete(feed);
    for (const pattern of patterns) this.#patterns.remove(pattern, feed);
    // A row that says too much costs a notification now and then, until the lease ends.
    if (!this.#stopped) this.#interest.announce().catch(() => {});
    if (this.#feeds.size > 0) return;
    this.#waiting = [];
    for (const subscription of this.#subscriptions) subscription.close();
    this.#subscriptions = [];
  }

  #listen(): void {
    if (this.#subscriptions.length > 0) return;
    let begun = (): void => {};
    this.#listening = new Promise((resolve, reject) => {
      const late = (): void => reject(new FacetError('UNAVAILABLE', 'Changes cannot be listened to now'));
      const timer = setTimeout(late, LIMITS.kvWatchListenMsMax).unref();
      begun = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#listening.catch(() => {});
    const listening = this.#database.listen(CHANNEL, {
      notified: (payload) => this.#notified(payload),
      gap: () => {
        begun();
        this.#interest.again();
      },
    });
    this.#subscriptions = [listening, this.#database.hold()];
  }

  #notified(payload: string): void {
    const told = toldIn(payload);
    if (told === undefined || this.#stopped) return;
    if (!this.#fetching) this.#work(told);
    // At most once: what cannot be held is lost.
    else if (this.#waiting.length < LIMITS.feedItemsMax) this.#waiting.push(told);
  }

  #work(told: Told): void {
    if (told.value !== 'to fetch') {
      this.#deliver(told, told.valueJson);
      return;
    }
    if (this.#patterns.match(told.key).size === 0) return;
    this.#fetching = true;
    this.#database.run(FETCH, [told.key, told.entryId, String(told.version)], { reads: true }).then(
      ({ rows }) => this.#fetched(told, rows[0]?.[0] ?? null),
      () => this.#fetched(told, null),
    );
  }

  #fetched(told: Told, valueJson: string | null): void {
    this.#fetching = false;
    if (this.#stopped) return;
    this.#deliver(told, valueJson);
    while (!this.#fetching) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#work(next);
    }
  }

  #deliver({ key, event, version, value }: Told, valueJson: string | null): void {
    const feeds = this.#patterns.match(key);
    if (feeds.size === 0) return;
    const change: KeyChange = {
      key,
      event,
      version,
      valueJson,
      truncated: value !== 'none' && valueJson === null,
      toldAtMs: nowMs(),
      bytes: key.length + (valueJson?.length ?? 0),
    };
    for (const feed of feeds) {
      if (!feed.push(change)) tooSlow(feed);
    }
  }
}

function tooSlow(feed: Feed): void {
  const reason = new FacetError(
    'SUBSCRIBER_TOO_SLOW',
    `More than ${LIMITS.feedItemsMax} changes or ${LIMITS.feedBytesMax} bytes waited for the follower`,
    {
      hint: 'Follow the keys again, and read them. Changes are not kept; use a stream for what must not be missed.',
    },
  );
  feed.end({ reason, resumeOffset: null }, true);
}
