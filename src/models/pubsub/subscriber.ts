/** One subscriber: its patterns and its feed. */
import { randomHex } from '../../base/index.ts';
import { type FeedBounds, FeedBuffer } from '../feed.ts';
import type { PubsubMessage } from './message.ts';

export class Subscriber {
  readonly id = `sub_${randomHex(8)}`;
  /** With their levels. */
  readonly patterns = new Map<string, readonly string[]>();
  readonly feed: FeedBuffer<PubsubMessage>;

  constructor(left: (subscriber: Subscriber) => void, bounds?: FeedBounds) {
    this.feed = new FeedBuffer<PubsubMessage>(() => left(this), bounds === undefined ? {} : { bounds });
  }

  get sortedPatterns(): readonly string[] {
    return [...this.patterns.keys()].sort();
  }
}
