/** Shapes of the operations on partitioned topics and consumer groups. */
import { z } from 'zod';
import { LIMITS } from '../../../base/index.ts';
import { nameInput } from '../names.ts';
import { eventResult, metadata, retention, statsResult as roomStats } from '../schemas.ts';

const count = z.int().min(0);
const partition = z
  .int()
  .min(0)
  .max(LIMITS.topicPartitionsMax - 1);

export const noInput = z.strictObject({});
export const topicInput = z.strictObject({ topic: nameInput });
export type TopicInput = z.infer<typeof topicInput>;

export const createInput = z.strictObject({
  topic: nameInput,
  partitions: z.int().min(1).max(LIMITS.topicPartitionsMax).optional().describe('3 when absent'),
  replicationFactor: z
    .int()
    .min(1)
    .optional()
    .describe('Recorded and shown; how many copies there are is a matter of PostgreSQL'),
  segmentBytes: z.int().min(1).optional().describe('Recorded and shown; storage has no segments'),
  retention: retention.optional().describe('Of each partition'),
});
export type CreateInput = z.infer<typeof createInput>;
export const createResult = z.object({
  topic: z.string(),
  partitions: z.int(),
  replicationFactor: z.int(),
});
export type CreateResult = z.infer<typeof createResult>;
export const deleteResult = z.object({ deleted: z.boolean() });
export type DeleteResult = z.infer<typeof deleteResult>;
export const listResult = z.object({ topics: z.array(z.string()) });
export type ListResult = z.infer<typeof listResult>;

export const statsResult = z.object({
  topic: z.string(),
  partitions: z.int(),
  replicationFactor: z.int(),
  segmentBytes: z.int(),
  createdAtMs: z.int(),
  messageCount: count,
  bytes: count,
  perPartition: z.array(
    z.object({
      partition,
      messageCount: count,
      bytes: count,
      oldestOffset: count.nullable(),
      newestOffset: count.nullable(),
      nextOffset: count,
    }),
  ),
  retention: roomStats.shape.retention,
});
export type StatsResult = z.infer<typeof statsResult>;

export const publishInput = z.strictObject({
  topic: nameInput,
  eventType: z.string(),
  key: z
    .string()
    .nullable()
    .optional()
    .describe('Events of one key go to one partition; without it they go round'),
  dataJson: z.string().describe('JSON text; stored as it is'),
  metadata,
});
export type PublishInput = z.infer<typeof publishInput>;
export const publishResult = z.object({
  topic: z.string(),
  partition,
  offset: count,
  eventId: z.string(),
});
export type PublishResult = z.infer<typeof publishResult>;

export const consumeInput = z.strictObject({
  topic: nameInput,
  partition,
  fromOffset: z.int().nullable().optional().describe('As in stream.history'),
  limit: z.int().min(1).max(LIMITS.streamPageEventsMax).optional(),
});
export type ConsumeInput = z.infer<typeof consumeInput>;
export const consumeResult = z.object({
  topic: z.string(),
  partition,
  events: z.array(eventResult),
  nextOffset: count.describe('From where to go on'),
});
export type ConsumeResult = z.infer<typeof consumeResult>;

export const STRATEGIES = ['round_robin', 'range', 'sticky'] as const;
const strategy = z.enum(STRATEGIES);

export const groupName = z.strictObject({ group: nameInput });
export type GroupName = z.infer<typeof groupName>;
export const groupInput = z.strictObject({
  group: nameInput,
  topic: nameInput,
  partitions: z
    .int()
    .min(1)
    .max(LIMITS.topicPartitionsMax)
    .optional()
    .describe('Those of the topic when absent; then the topic must exist'),
  strategy: strategy.optional().describe('round_robin when absent'),
  sessionMs: z
    .int()
    .min(LIMITS.groupSessionMsMin)
    .max(LIMITS.groupSessionMsMax)
    .optional()
    .describe('A member that has not been heard of for so long has left'),
});
export type GroupInput = z.infer<typeof groupInput>;
export const groupResult = z.object({
  group: z.string(),
  topic: z.string(),
  partitions: z.int(),
  strategy,
  sessionMs: z.int(),
});
export type GroupResult = z.infer<typeof groupResult>;
export const groupsResult = z.object({ groups: z.array(z.string()) });
export type GroupsResult = z.infer<typeof groupsResult>;

export const joinInput = z.strictObject({
  group: nameInput,
  memberId: nameInput.optional().describe('Of a member that comes back; absent: a new one'),
});
export type JoinInput = z.infer<typeof joinInput>;
export const assignmentResult = z.object({
  group: z.string(),
  memberId: z.string(),
  generation: count.describe('Grows with every division of the partitions'),
  partitions: z.array(partition),
});
export type AssignmentResult = z.infer<typeof assignmentResult>;
export const joinResult = assignmentResult;

export const memberInput = z.strictObject({ group: nameInput, memberId: nameInput });
export type MemberInput = z.infer<typeof memberInput>;
export const leaveResult = z.object({ left: z.boolean(), generation: count });
export type LeaveResult = z.infer<typeof leaveResult>;
export const heartbeatResult = z.object({ generation: count });
export type HeartbeatResult = z.infer<typeof heartbeatResult>;

export const commitInput = z.strictObject({
  group: nameInput,
  partition,
  offset: count.describe('Of the next event that the group wants'),
  memberId: nameInput.optional().describe('Given: refused unless this member has the partition'),
});
export type CommitInput = z.infer<typeof commitInput>;
export const commitResult = z.object({ committed: z.boolean() });
export type CommitResult = z.infer<typeof commitResult>;

export const offsetInput = z.strictObject({ group: nameInput, partition });
export type OffsetInput = z.infer<typeof offsetInput>;
export const offsetResult = z.object({ offset: count.nullable().describe('null: none was committed') });
export type OffsetResult = z.infer<typeof offsetResult>;

export const groupStatsResult = z.object({
  group: z.string(),
  topic: z.string(),
  state: z.enum(['empty', 'stable']),
  strategy,
  sessionMs: z.int(),
  partitions: z.int(),
  generation: count,
  memberCount: count,
  members: z.array(z.object({ memberId: z.string(), partitions: z.array(partition) })),
  committedPartitions: count,
  lastRebalanceAtMs: z.int().nullable(),
});
export type GroupStatsResult = z.infer<typeof groupStatsResult>;
