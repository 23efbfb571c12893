/**
 * Watching the cluster: roles, replicas that come and go, and whether PostgreSQL answers. While somebody watches, one
 * look a while for all of them; what differs from the look before is an event. Nothing is remembered between watches.
 */
import { FacetError, LIMITS, nowMs, timestamp } from '../../base/index.ts';
import type { Database, ModelState } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';
import { FeedBuffer } from '../feed.ts';
import type { OperationContext, ServerFacts } from '../operation.ts';
import { changesBetween, type Sight } from './changes-between.ts';
import { look } from './look.ts';
import { CLUSTER_EVENTS, type ClusterEvent, type WatchInput, type WatchResult } from './schemas.ts';

/** @throws INVALID_EVENT naming the type, LIMIT_EXCEEDED */
export async function watch(context: OperationContext, input: WatchInput): Promise<WatchResult> {
  const { database, server, signal } = context;
  const types = new Set(input.eventTypes ?? []);
  for (const type of types) {
    if ((CLUSTER_EVENTS as readonly string[]).includes(type)) continue;
    throw new FacetError(
      'INVALID_EVENT',
      `'${type}' is no event of the cluster: there are ${CLUSTER_EVENTS.join(', ')}`,
    );
  }
  const watchers = database.state(WATCHERS, () => new ClusterWatchers(database, server));
  return { feed: await watchers.add(types, signal) };
}

const WATCHERS = Symbol('cluster.watchers');

interface Watcher {
  /** Empty: all. */
  readonly types: ReadonlySet<string>;
  readonly feed: FeedBuffer<ClusterEvent>;
}

class ClusterWatchers implements ModelState {
  readonly #database: Database;
  readonly #server: ServerFacts;
  readonly #watchers = new Set<Watcher>();
  readonly #looking: DueWork;
  #last: Sight | undefined = undefined;

  constructor(database: Database, server: ServerFacts) {
    this.#database = database;
    this.#server = server;
    this.#looking = new DueWork(() => this.#look(), LIMITS.clusterLookMs);
  }

  /** Resolves when everything that happens from now on will be told. */
  async add(types: ReadonlySet<string>, signal: AbortSignal): Promise<FeedBuffer<ClusterEvent>> {
    if (this.#watchers.size >= LIMITS.clusterWatchersMax) {
      const message = `More than ${LIMITS.clusterWatchersMax} clients watch the cluster (clusterWatchersMax)`;
      throw new FacetError('LIMIT_EXCEEDED', message, { retryAfterSeconds: 1 });
    }
    const held = this.#database.hold();
    const watcher: Watcher = {
      types,
      feed: new FeedBuffer<ClusterEvent>(() => {
        this.#watchers.delete(watcher);
        held.close();
        if (this.#watchers.size === 0) this.#last = undefined;
      }),
    };
    this.#watchers.add(watcher);
    watcher.feed.closeWith(signal);
    this.#last ??= await look(this.#database, this.#server);
    this.#looking.within(LIMITS.clusterLookMs);
    return watcher.feed;
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    const reason = new FacetError('UNAVAILABLE', 'The server is stopping', { retryAfterSeconds: 1 });
    for (const { feed } of [...this.#watchers]) feed.end({ reason, resumeOffset: null });
  }

  async #look(): Promise<void> {
    if (this.#watchers.size === 0) return;
    this.#looking.within(LIMITS.clusterLookMs);
    const sight = await look(this.#database, this.#server);
    const before = this.#last;
    this.#last = sight;
    if (before === undefined) return;
    const at = timestamp(nowMs());
    for (const { eventType, metadata } of changesBetween(before, sight)) {
      this.#tell({ eventType, metadata, timestamp: at, bytes: EVENT_BYTES });
    }
  }

  #tell(event: ClusterEvent): void {
    for (const { types, feed } of [...this.#watchers]) {
      if (types.size > 0 && !types.has(event.eventType)) continue;
      if (feed.push(event)) continue;
      const reason = new FacetError('SUBSCRIBER_TOO_SLOW', 'The watcher did not take the events that came');
      feed.end({ reason, resumeOffset: null }, true);
    }
  }
}

/** Roughly, in memory: a handful of short texts. */
const EVENT_BYTES = 1_024;
