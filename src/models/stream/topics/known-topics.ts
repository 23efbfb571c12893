/**
 * Topics as this process knows them, so that publishing is one round trip. What it knows may be old, which does no harm:
 * a topic that was deleted and made again has rooms of other names, so that publishing to the old ones fails, and who
 * fails looks again.
 */
import { LIMITS, randomFraction } from '../../../base/index.ts';
import { type Database, type ModelState, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { read } from '../read.ts';

export interface KnownTopic {
  readonly id: string;
  readonly partitions: number;
  /** Of the next event without a key. */
  turn: number;
}

const FIND = statement('topic.find', 'SELECT id, partitions FROM stream.topic WHERE name = $1');

const KNOWN = Symbol('stream.known_topics');

export const knownTopicsOf = (database: Database): KnownTopics =>
  database.state(KNOWN, () => new KnownTopics());

export class KnownTopics implements ModelState {
  readonly #topics = new Map<string, KnownTopic>();

  /** Undefined when there is none. In a transaction, which may have made it, nothing is remembered. */
  async find(context: OperationContext, name: string, fresh = false): Promise<KnownTopic | undefined> {
    const shared = context.transaction === undefined;
    const known = shared && !fresh ? this.#topics.get(name) : undefined;
    if (known !== undefined) return known;
    const { rows } = await read(context.database, FIND, [name], context);
    const [row] = rows;
    if (row === undefined) {
      if (shared) this.#topics.delete(name);
      return undefined;
    }
    const partitions = Number(row[1]);
    // Others may have looked at the same time.
    const same = shared ? this.#topics.get(name) : undefined;
    if (same?.id === row[0]) return same;
    // Processes do not all begin with the same partition.
    const topic = { id: row[0] ?? '', partitions, turn: Math.floor(randomFraction() * partitions) };
    if (!shared) return topic;
    if (this.#topics.size >= LIMITS.pubsubTopicsMax) this.#topics.clear();
    this.#topics.set(name, topic);
    return topic;
  }

  stop(): void {
    this.#topics.clear();
  }
}
