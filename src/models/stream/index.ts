/** Front door of the stream model: rooms with gapless offsets, partitioned topics, consumer groups. */
import { ROOM_OPERATIONS } from './operations.ts';
import { TOPIC_OPERATIONS } from './topics/index.ts';

export type { StreamEvent } from './event.ts';
export {
  streamConsume,
  streamCreate,
  streamDelete,
  streamGetOrCreate,
  streamHistory,
  streamPublish,
  streamRooms,
  streamStats,
  streamSubscribe,
  streamTotals,
} from './operations.ts';
export {
  consumerGroupAssignment,
  consumerGroupCommit,
  consumerGroupCreate,
  consumerGroupDelete,
  consumerGroupHeartbeat,
  consumerGroupJoin,
  consumerGroupLeave,
  consumerGroupList,
  consumerGroupOffset,
  consumerGroupStats,
  topicConsume,
  topicCreate,
  topicDelete,
  topicList,
  topicPublish,
  topicStats,
} from './topics/index.ts';

export const STREAM_OPERATIONS = [...ROOM_OPERATIONS, ...TOPIC_OPERATIONS] as const;
