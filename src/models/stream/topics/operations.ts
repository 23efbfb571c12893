/** What the stream model can do with partitioned topics and consumer groups. */
import { ENGINE_ERRORS } from '../../../engine/index.ts';
import { operation } from '../../operation.ts';
import { NAME_ERRORS } from '../error-lists.ts';
import * as groups from './groups.ts';
import * as schemas from './schemas.ts';
import * as topics from './topics.ts';

const TOPIC_ERRORS = [...NAME_ERRORS, 'TOPIC_NOT_FOUND'] as const;
const GROUP_ERRORS = [...NAME_ERRORS, 'CONSUMER_GROUP_NOT_FOUND'] as const;
const MEMBER_ERRORS = [...GROUP_ERRORS, 'MEMBER_NOT_FOUND'] as const;

export const topicCreate = operation({
  name: 'topic.create',
  summary: 'Makes a topic with partitions.',
  input: schemas.createInput,
  output: schemas.createResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...NAME_ERRORS, 'TOPIC_EXISTS'],
  run: topics.create,
});

export const topicDelete = operation({
  name: 'topic.delete',
  summary: 'Deletes a topic with its events.',
  input: schemas.topicInput,
  output: schemas.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: NAME_ERRORS,
  run: topics.remove,
});

export const topicList = operation({
  name: 'topic.list',
  summary: 'Lists topics by name.',
  input: schemas.noInput,
  output: schemas.listResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: topics.list,
});

export const topicStats = operation({
  name: 'topic.stats',
  summary: 'Returns offsets and sizes of the partitions of a topic.',
  input: schemas.topicInput,
  output: schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: TOPIC_ERRORS,
  run: topics.stats,
});

export const topicPublish = operation({
  name: 'topic.publish',
  summary: 'Appends one event to the partition of its key.',
  input: schemas.publishInput,
  output: schemas.publishResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...TOPIC_ERRORS, 'VALUE_TOO_LARGE', 'LIMIT_EXCEEDED'],
  run: topics.publish,
});

export const topicConsume = operation({
  name: 'topic.consume',
  summary: 'Returns one page of the events of a partition.',
  input: schemas.consumeInput,
  output: schemas.consumeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...TOPIC_ERRORS, 'OFFSET_OUT_OF_RANGE'],
  run: topics.consume,
});

export const consumerGroupCreate = operation({
  name: 'consumer_group.create',
  summary: 'Makes a consumer group for a topic.',
  input: schemas.groupInput,
  output: schemas.groupResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...NAME_ERRORS, 'CONSUMER_GROUP_EXISTS', 'TOPIC_NOT_FOUND'],
  run: groups.create,
});

export const consumerGroupDelete = operation({
  name: 'consumer_group.delete',
  summary: 'Deletes a consumer group with its members and offsets.',
  input: schemas.groupName,
  output: schemas.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: NAME_ERRORS,
  run: groups.remove,
});

export const consumerGroupList = operation({
  name: 'consumer_group.list',
  summary: 'Lists consumer groups by name.',
  input: schemas.noInput,
  output: schemas.groupsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: groups.list,
});

export const consumerGroupJoin = operation({
  name: 'consumer_group.join',
  summary: 'Adds a member to a group and divides the partitions anew.',
  input: schemas.joinInput,
  output: schemas.joinResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...GROUP_ERRORS, 'LIMIT_EXCEEDED'],
  run: groups.join,
});

export const consumerGroupLeave = operation({
  name: 'consumer_group.leave',
  summary: 'Removes a member from a group and divides the partitions anew.',
  input: schemas.memberInput,
  output: schemas.leaveResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: MEMBER_ERRORS,
  run: groups.leave,
});

export const consumerGroupHeartbeat = operation({
  name: 'consumer_group.heartbeat',
  summary: 'Tells that a member is alive.',
  input: schemas.memberInput,
  output: schemas.heartbeatResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: MEMBER_ERRORS,
  run: groups.heartbeat,
});

export const consumerGroupAssignment = operation({
  name: 'consumer_group.assignment',
  summary: 'Returns the partitions of a member.',
  input: schemas.memberInput,
  output: schemas.assignmentResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: MEMBER_ERRORS,
  run: groups.assignment,
});

export const consumerGroupCommit = operation({
  name: 'consumer_group.commit',
  summary: 'Records the offset that a group has come to in a partition.',
  input: schemas.commitInput,
  output: schemas.commitResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...GROUP_ERRORS, 'MEMBER_NOT_FOUND'],
  run: groups.commit,
});

export const consumerGroupOffset = operation({
  name: 'consumer_group.offset',
  summary: 'Returns the offset that a group has committed in a partition.',
  input: schemas.offsetInput,
  output: schemas.offsetResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: GROUP_ERRORS,
  run: groups.offset,
});

export const consumerGroupStats = operation({
  name: 'consumer_group.stats',
  summary: 'Returns state, members and generation of a group.',
  input: schemas.groupName,
  output: schemas.groupStatsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: GROUP_ERRORS,
  run: groups.stats,
});

export const TOPIC_OPERATIONS = [
  topicCreate,
  topicDelete,
  topicList,
  topicStats,
  topicPublish,
  topicConsume,
  consumerGroupCreate,
  consumerGroupDelete,
  consumerGroupList,
  consumerGroupJoin,
  consumerGroupLeave,
  consumerGroupHeartbeat,
  consumerGroupAssignment,
  consumerGroupCommit,
  consumerGroupOffset,
  consumerGroupStats,
] as const;
