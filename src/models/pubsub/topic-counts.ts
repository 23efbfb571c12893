/** Topics that were subscribed to by name or published on in this process, a bounded number of them. For statistics. */
import { LIMITS, nowMs } from '../../base/index.ts';

export interface TopicCount {
  readonly createdAtMs: number;
  messages: number;
}

export class TopicCounts {
  readonly #topics = new Map<string, TopicCount>();

  /** Subscribed to by its name. */
  known(topic: string): TopicCount {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    if (this.#topics.size >= LIMITS.pubsubTopicsMax) {
      const [oldest] = this.#topics.keys();
      if (oldest !== undefined) this.#topics.delete(oldest);
    }
    const count = { createdAtMs: nowMs(), messages: 0 };
    this.#topics.set(topic, count);
    return count;
  }

  published(topic: string): void {
    this.known(topic).messages++;
  }

  get(topic: string): TopicCount | undefined {
    return this.#topics.get(topic);
  }

  entries(): readonly (readonly [string, TopicCount])[] {
    return [...this.#topics];
  }
}
