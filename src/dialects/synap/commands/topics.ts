/** Commands on partitioned topics and consumer groups. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import { Fields } from '../fields.ts';
import { eventText, fromOffset, metadataOf, seconds } from './streams.ts';

const topic = (fields: Fields) => ({ topic: fields.string('topic') });

const POLICIES = ['Time', 'Size', 'Messages', 'Combined', 'Infinite'] as const;

/** `retention_policy`: a word, an object with `type`, or an object with the word as its only member. */
function retentionOf(fields: Fields) {
  const given = fields.optional('retention_policy', 'retention');
  if (given === undefined) return {};
  const policy =
    typeof given === 'string' ? new Fields({ type: given }) : Fields.of(given, "'retention_policy'");
  const word = policy.optionalWord(POLICIES, 'type');
  const inside = POLICIES.find((each) => policy.has(each));
  const bounds = inside === undefined ? policy : policy.object(inside);
  const infinite = word === 'Infinite' || inside === 'Infinite';
  const ageMsMax = bounds.optionalSecondsAsMs(['retention_secs'], 'positive');
  const bytesMax = bounds.optionalInteger('max_bytes');
  const eventsMax = bounds.optionalInteger('max_messages');
  if (!infinite && ageMsMax === undefined && bytesMax === undefined && eventsMax === undefined) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `'retention_policy' must be one of ${POLICIES.join(', ')} with its bounds`,
    );
  }
  return {
    retention: {
      ageMsMax: infinite ? null : (ageMsMax ?? null),
      bytesMax: infinite ? null : (bytesMax ?? null),
      eventsMax: infinite ? null : (eventsMax ?? null),
    },
  };
}

const create = command(models.topicCreate, {
  read: (fields) => {
    const partitions = fields.optionalInteger('num_partitions', 'partitions');
    const replicationFactor = fields.optionalInteger('replication_factor');
    const segmentBytes = fields.optionalInteger('segment_bytes');
    return {
      ...topic(fields),
      ...(partitions === undefined ? {} : { partitions }),
      ...(replicationFactor === undefined ? {} : { replicationFactor }),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      ...retentionOf(fields),
    };
  },
  write: (output) =>
    json({
      success: true,
      topic: output.topic,
      num_partitions: output.partitions,
      replication_factor: output.replicationFactor,
    }),
});

const remove = command(models.topicDelete, {
  read: topic,
  write: ({ deleted }, fields) => {
    if (!deleted) throw new FacetError('TOPIC_NOT_FOUND', `Topic '${fields.string('topic')}' not found`);
    return json({ success: true, ...topic(fields) });
  },
});

const list = command(models.topicList, {
  read: () => ({}),
  write: ({ topics }) => json({ topics, count: topics.length }),
});

const stats = command(models.topicStats, {
  read: topic,
  write: (output) =>
    json({
      topic: output.topic,
      num_partitions: output.partitions,
      replication_factor: output.replicationFactor,
      segment_bytes: output.segmentBytes,
      created_at: output.createdAtMs,
      message_count: output.messageCount,
      bytes: output.bytes,
      partitions: output.perPartition.map((each) => ({
        partition_id: each.partition,
        message_count: each.messageCount,
        bytes: each.bytes,
        min_offset: each.oldestOffset,
        max_offset: each.newestOffset,
        next_offset: each.nextOffset,
      })),
    }),
});

const publish = command(models.topicPublish, {
  gathers: true,
  read: (fields) => {
    const key = fields.optionalString('key');
    return {
      ...topic(fields),
      eventType: fields.string('event_type', 'event'),
      dataJson: fields.optionalJson('data') ?? 'null',
      ...(key === undefined ? {} : { key }),
      ...metadataOf(fields),
    };
  },
  write: (output) =>
    json({
      partition_id: output.partition,
      offset: output.offset,
      topic: output.topic,
      event_id: output.eventId,
    }),
});

const consume = command(models.topicConsume, {
  read: (fields) => {
    const limit = fields.optionalInteger('limit');
    return {
      ...topic(fields),
      partition: fields.integer('partition_id', 'partition'),
      ...fromOffset(fields),
      ...(limit === undefined ? {} : { limit }),
    };
  },
  write: (output) =>
    `{"topic":${json(output.topic)},"partition_id":${output.partition},"events":[${output.events.map(eventText).join(',')}],` +
    `"next_offset":${output.nextOffset},"count":${output.events.length}}`,
});

const group = (fields: Fields) => ({ group: fields.string('group_id', 'group') });
const member = (fields: Fields) => ({ ...group(fields), memberId: fields.string('member_id') });

const createGroup = command(models.consumerGroupCreate, {
  read: (fields) => {
    const partitions = fields.optionalInteger('partition_count', 'partitions');
    const strategy = fields.optionalWord(['round_robin', 'range', 'sticky'], 'strategy');
    const sessionMs = fields.optionalSecondsAsMs(['session_timeout_secs'], 'positive');
    return {
      ...group(fields),
      ...topic(fields),
      ...(partitions === undefined ? {} : { partitions }),
      ...(strategy === undefined ? {} : { strategy }),
      ...(sessionMs === undefined ? {} : { sessionMs }),
    };
  },
  write: (output) =>
    json({
      success: true,
      group_id: output.group,
      topic: output.topic,
      partition_count: output.partitions,
      strategy: output.strategy,
      session_timeout_secs: seconds(output.sessionMs),
    }),
});

const removeGroup = command(models.consumerGroupDelete, {
  read: group,
  write: ({ deleted }, fields) => {
    const { group: name } = group(fields);
    if (!deleted) throw new FacetError('CONSUMER_GROUP_NOT_FOUND', `Consumer group '${name}' not found`);
    return json({ success: true, group_id: name });
  },
});

const groups = command(models.consumerGroupList, {
  read: () => ({}),
  write: (output) => json({ groups: output.groups, count: output.groups.length }),
});

const assigned = (output: Awaited<ReturnType<typeof models.consumerGroupJoin.run>>): string =>
  json({
    member_id: output.memberId,
    group_id: output.group,
    generation: output.generation,
    partitions: output.partitions,
  });

const join = command(models.consumerGroupJoin, {
  read: (fields) => {
    const memberId = fields.optionalString('member_id');
    return { ...group(fields), ...(memberId === undefined ? {} : { memberId }) };
  },
  write: assigned,
});

const assignment = command(models.consumerGroupAssignment, { read: member, write: assigned });

const leave = command(models.consumerGroupLeave, {
  read: member,
  write: ({ left, generation }) => json({ success: left, generation }),
});

const heartbeat = command(models.consumerGroupHeartbeat, {
  read: member,
  write: ({ generation }) => json({ success: true, generation }),
});

const place = (fields: Fields) => ({
  ...group(fields),
  partition: fields.integer('partition_id', 'partition'),
});

const commit = command(models.consumerGroupCommit, {
  read: (fields) => {
    const memberId = fields.optionalString('member_id');
    return {
      ...place(fields),
      offset: fields.integer('offset'),
      ...(memberId === undefined ? {} : { memberId }),
    };
  },
  write: ({ committed }, fields) =>
    json({
      success: committed,
      group_id: group(fields).group,
      partition_id: place(fields).partition,
      offset: fields.integer('offset'),
    }),
});

const offset = command(models.consumerGroupOffset, {
  read: place,
  write: (output, fields) =>
    json({ group_id: group(fields).group, partition_id: place(fields).partition, offset: output.offset }),
});

const groupStats = command(models.consumerGroupStats, {
  read: group,
  write: (output) =>
    json({
      group_id: output.group,
      topic: output.topic,
      state: output.state,
      strategy: output.strategy,
      member_count: output.memberCount,
      members: output.members.map(({ memberId, partitions }) => ({ member_id: memberId, partitions })),
      generation: output.generation,
      partition_count: output.partitions,
      committed_partitions: output.committedPartitions,
      last_rebalance_secs: output.lastRebalanceAtMs === null ? null : seconds(output.lastRebalanceAtMs),
    }),
});

export const TOPIC_COMMANDS: readonly Command[] = [
  create,
  remove,
  list,
  stats,
  publish,
  consume,
  createGroup,
  removeGroup,
  groups,
  join,
  assignment,
  leave,
  heartbeat,
  commit,
  offset,
  groupStats,
];
