/** Publishing a message on a topic. */
import type { OperationContext } from '../operation.ts';
import { exchangeOf } from './exchange.ts';
import { newMessage } from './message.ts';
import type { PublishInput, PublishResult } from './schemas.ts';
import { checkTopic } from './topic.ts';

/**
 * Hands the message to all who have a matching pattern now, in all processes; nobody gets it later.
 * @throws INVALID_PARAMETER, VALUE_TOO_LARGE, LIMIT_EXCEEDED
 */
export async function publish(context: OperationContext, input: PublishInput): Promise<PublishResult> {
  const { topic, payloadJson } = input;
  checkTopic(topic);
  const message = newMessage(topic, payloadJson, input.metadata ?? null);
  const subscribersMatched = await exchangeOf(context.database).publish(context, message);
  return { messageId: message.messageId, topic, subscribersMatched };
}
