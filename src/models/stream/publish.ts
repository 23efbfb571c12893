/** Publishing an event to a room. */
import type { OperationContext } from '../operation.ts';
import { newEvent } from './event.ts';
import { checkName } from './names.ts';
import type { PublishInput, PublishResult } from './schemas.ts';
import { streamsOf } from './streams.ts';

/**
 * Appends one event; durable, and visible to everybody, when it resolves (in a transaction: when that commits).
 * @throws INVALID_PARAMETER, VALUE_TOO_LARGE, ROOM_NOT_FOUND, LOCK_TIMEOUT
 */
export async function publish(context: OperationContext, input: PublishInput): Promise<PublishResult> {
  checkName('room', input.room);
  const event = newEvent(input, input.createRoom === true);
  const published = await streamsOf(context.database).publish(context, event);
  const { eventId, offset, publishedAtMs, subscribersNotified } = published;
  return { eventId, room: input.room, offset, publishedAtMs, subscribersNotified };
}
