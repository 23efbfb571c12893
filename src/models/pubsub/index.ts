/** Front door of the pub/sub model: messages to whoever listens now. */
export type { PubsubMessage } from './message.ts';
export {
  PUBSUB_OPERATIONS,
  pubsubInfo,
  pubsubPublish,
  pubsubStats,
  pubsubSubscribe,
  pubsubTopics,
  pubsubUnsubscribe,
} from './operations.ts';
