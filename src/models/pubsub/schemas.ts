/** Shapes of the operations on topics of pub/sub. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { feedSchema } from '../feed.ts';
import type { PubsubMessage } from './message.ts';

const count = z.int().min(0);
const topic = z
  .string()
  .describe(`Levels between dots, ${LIMITS.pubsubTopicBytesMax} bytes of UTF-8 at most`);
const patterns = z
  .array(z.string())
  .max(LIMITS.pubsubPatternsMax)
  .describe('Names or patterns: `*` one level or a part of it, `#` at the end any number of levels');

export const publishInput = z.strictObject({
  topic,
  payloadJson: z.string().describe('JSON text; handed on as it is'),
  metadata: z.record(z.string(), z.string()).nullable().optional().describe('Texts by name'),
});
export type PublishInput = z.infer<typeof publishInput>;
export const publishResult = z.object({
  messageId: z.string(),
  topic: z.string(),
  subscribersMatched: count.describe('Subscribers with a matching pattern, in all processes'),
});
export type PublishResult = z.infer<typeof publishResult>;

export const subscribeInput = z.strictObject({
  topics: patterns,
  subscriberId: z
    .string()
    .optional()
    .describe('Adds to the patterns of this one, if it is there; else a new one is made'),
});
export type SubscribeInput = z.infer<typeof subscribeInput>;
export const subscribeResult = z.object({
  feed: feedSchema<PubsubMessage>(),
  subscriberId: z.string(),
  topics: z.array(z.string()).describe('All that it has'),
});
export type SubscribeResult = z.infer<typeof subscribeResult>;

export const unsubscribeInput = z.strictObject({
  subscriberId: z.string(),
  topics: patterns.optional().describe('As they were given; absent: all'),
});
export type UnsubscribeInput = z.infer<typeof unsubscribeInput>;
export const unsubscribeResult = z.object({ unsubscribed: count, remaining: count });
export type UnsubscribeResult = z.infer<typeof unsubscribeResult>;

export const topicsInput = z.strictObject({ pattern: z.string().optional() });
export type TopicsInput = z.infer<typeof topicsInput>;
export const topicsResult = z.object({ topics: z.array(z.string()) });
export type TopicsResult = z.infer<typeof topicsResult>;

export const infoInput = z.strictObject({ topic });
export type InfoInput = z.infer<typeof infoInput>;
export const infoResult = z.object({
  topic: z.string(),
  subscriberCount: count.describe('Of this process, by name or pattern'),
  messageCount: count.describe('Published by this process'),
  createdAtMs: z.int(),
});
export type InfoResult = z.infer<typeof infoResult>;

export const statsInput = z.strictObject({});
export const statsResult = z.object({
  totalTopics: count,
  totalSubscribers: count,
  totalSubscriptions: count,
  totalWildcardSubscriptions: count,
  messagesPublished: count,
  messagesDelivered: count,
  slowConsumersDropped: count,
  topTopics: z.array(z.object({ topic: z.string(), subscribers: count, messages: count })),
});
export type StatsResult = z.infer<typeof statsResult>;
