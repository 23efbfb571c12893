/** Commands on topics of pub/sub. Messages are delivered over sockets: see sockets/. */
import { FacetError, LIMITS, randomHex } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, composed, fieldsOf, json } from '../command.ts';
import { metadataOf, seconds } from './streams.ts';

const publish = command(models.pubsubPublish, {
  gathers: true,
  read: (fields) => ({
    topic: fields.string('topic'),
    payloadJson: fields.json('payload', 'message', 'data'),
    ...metadataOf(fields),
  }),
  write: ({ messageId, topic, subscribersMatched }) =>
    json({
      message_id: messageId,
      topic,
      subscribers_notified: subscribersMatched,
      subscribers_matched: subscribersMatched,
    }),
});

/** @throws INVALID_PARAMETER for none */
export function topicsOf(topics: readonly string[]): readonly string[] {
  if (topics.length === 0) throw new FacetError('INVALID_PARAMETER', 'At least one topic required');
  if (topics.length > LIMITS.socketSubscriptionsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `A client subscribes to at most ${LIMITS.socketSubscriptionsMax} topics (socketSubscriptionsMax)`,
    );
  }
  return topics;
}

/**
 * Over HTTP there is nothing to deliver to: clients that expect an id get one, and `delivery` says that none will
 * come. Nobody is registered, so that publishers count those only that get the message.
 */
const subscribe = composed(['pubsub.subscribe'], 'read', async (call) => {
  const topics = topicsOf(fieldsOf(call).strings('topics'));
  return json({
    subscriber_id: `sub_${randomHex(8)}`,
    topics,
    subscription_count: topics.length,
    delivery: 'none',
    hint: 'Messages are delivered over GET /api/v1/ws and GET /pubsub/ws.',
  });
});

const unsubscribe = composed(['pubsub.unsubscribe'], 'read', async (call) => {
  const topics = fieldsOf(call).optionalStrings('topics') ?? [];
  return json({ success: true, unsubscribed: topics.length });
});

const topics = command(models.pubsubTopics, {
  read: (fields) => {
    const pattern = fields.optionalString('pattern');
    return pattern === undefined ? {} : { pattern };
  },
  write: (output) => json({ topics: output.topics, count: output.topics.length }),
});

const info = command(models.pubsubInfo, {
  read: (fields) => ({ topic: fields.string('topic') }),
  write: (output) =>
    json({
      topic: output.topic,
      subscriber_count: output.subscriberCount,
      message_count: output.messageCount,
      created_at: seconds(output.createdAtMs),
    }),
});

const stats = command(models.pubsubStats, {
  read: () => ({}),
  write: (output) =>
    json({
      total_topics: output.totalTopics,
      total_subscribers: output.totalSubscribers,
      total_subscriptions: output.totalSubscriptions,
      total_wildcard_subscriptions: output.totalWildcardSubscriptions,
      messages_published: output.messagesPublished,
      messages_delivered: output.messagesDelivered,
      delivery_failures: output.slowConsumersDropped,
      slow_consumers_dropped: output.slowConsumersDropped,
      top_topics: output.topTopics,
    }),
});

export const PUBSUB_COMMANDS: readonly Command[] = [publish, subscribe, unsubscribe, topics, info, stats];
