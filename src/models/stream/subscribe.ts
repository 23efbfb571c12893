/** Following a room: what it keeps from an offset on, and then what comes. */
import { FacetError, roleAllows } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { noRoom } from './append.ts';
import { checkName } from './names.ts';
import { outOfRange } from './read.ts';
import { type FoundRoom, find, getOrCreate } from './rooms.ts';
import type { SubscribeInput, SubscribeResult } from './schemas.ts';
import { streamsOf } from './streams.ts';

/**
 * Returns at once with a feed that gets every event from there on, in order, without a gap and without a duplicate.
 * It ends with the session, with ROOM_NOT_FOUND when the room is deleted, with SUBSCRIBER_TOO_SLOW, and with
 * OFFSET_OUT_OF_RANGE when retention removes what it has not had yet.
 * @throws INVALID_PARAMETER, ROOM_NOT_FOUND, OFFSET_OUT_OF_RANGE, LIMIT_EXCEEDED
 */
export async function subscribe(context: OperationContext, input: SubscribeInput): Promise<SubscribeResult> {
  const { database, signal } = context;
  checkName('room', input.room);
  if (context.transaction !== undefined) {
    throw new FacetError('INVALID_PARAMETER', 'A subscription cannot be part of a transaction', {
      hint: 'Subscribe without a transaction: only what is committed is delivered.',
    });
  }
  let found = await find(context, input.room);
  // Following needs role read; making a room does not.
  if (found === undefined && input.createRoom === true && roleAllows(context.principal.role, 'write')) {
    await getOrCreate(context, { room: input.room });
    found = await find(context, input.room);
  }
  if (found === undefined) throw noRoom(input.room);
  const fromOffset = startOf(found, input);
  const { generation, nextOffset } = found;
  const { tails } = streamsOf(database);
  const { feed } = tails.follow({ generation, name: input.room }, nextOffset, fromOffset);
  feed.closeWith(signal);
  return { feed, room: input.room, generation, fromOffset };
}

function startOf(room: FoundRoom, { fromOffset = null, replay }: SubscribeInput): number {
  if (fromOffset === null) return replay === true ? room.oldestOffset : room.nextOffset;
  if (fromOffset < 0) return Math.max(room.oldestOffset, room.nextOffset + fromOffset);
  if (fromOffset === 0) return room.oldestOffset;
  if (fromOffset < room.oldestOffset) throw outOfRange(fromOffset, room.oldestOffset);
  return fromOffset;
}
