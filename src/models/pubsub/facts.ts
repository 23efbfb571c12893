/** What this process knows of topics, subscribers and messages. */
import { FacetError } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { exchangeOf } from './exchange.ts';
import type { InfoInput, InfoResult, StatsResult, TopicsInput, TopicsResult } from './schemas.ts';
import { checkTopic, isExact, patternLevels } from './topic.ts';
import { Trie } from './trie.ts';

const TOP_TOPICS = 10;

/** @throws INVALID_PARAMETER */
export async function topics(context: OperationContext, input: TopicsInput): Promise<TopicsResult> {
  const filter = new Trie<true>();
  filter.add(patternLevels(input.pattern ?? '#'), true);
  const names = exchangeOf(context.database)
    .topics.entries()
    .map(([topic]) => topic)
    .filter((topic) => filter.match(topic).length > 0);
  return { topics: names.sort() };
}

/** @throws INVALID_PARAMETER, TOPIC_NOT_FOUND */
export async function info(context: OperationContext, { topic }: InfoInput): Promise<InfoResult> {
  checkTopic(topic);
  const exchange = exchangeOf(context.database);
  const count = exchange.topics.get(topic);
  if (count === undefined) {
    throw new FacetError('TOPIC_NOT_FOUND', `Nobody has subscribed to '${topic}' or published on it here`);
  }
  const { createdAtMs, messages } = count;
  return { topic, subscriberCount: exchange.trie.match(topic).length, messageCount: messages, createdAtMs };
}

export async function stats(context: OperationContext): Promise<StatsResult> {
  const { subscribers, trie, counts, topics: known } = exchangeOf(context.database);
  let subscriptions = 0;
  let wildcards = 0;
  for (const { patterns } of subscribers.values()) {
    subscriptions += patterns.size;
    for (const levels of patterns.values()) if (!isExact(levels)) wildcards++;
  }
  const entries = known.entries();
  const top = [...entries].sort((a, b) => b[1].messages - a[1].messages).slice(0, TOP_TOPICS);
  return {
    totalTopics: entries.length,
    totalSubscribers: subscribers.size,
    totalSubscriptions: subscriptions,
    totalWildcardSubscriptions: wildcards,
    messagesPublished: counts.published,
    messagesDelivered: counts.delivered,
    slowConsumersDropped: counts.dropped,
    topTopics: top.map(([topic, { messages }]) => ({
      topic,
      subscribers: trie.match(topic).length,
      messages,
    })),
  };
}
