/** Consumer groups: members that share the partitions of a topic, and the offsets that they have come to. */
import { FacetError, LIMITS, randomHex } from '../../../base/index.ts';
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkName } from '../names.ts';
import { read } from '../read.ts';
import { write } from '../write.ts';
import type { Assigned } from './assignment.ts';
import { type HeldGroup, lookAtGroup, noGroup, rebalance, withGroup } from './group.ts';
import { knownTopicsOf } from './known-topics.ts';
import type {
  AssignmentResult,
  CommitInput,
  CommitResult,
  DeleteResult,
  GroupInput,
  GroupName,
  GroupResult,
  GroupStatsResult,
  GroupsResult,
  HeartbeatResult,
  JoinInput,
  LeaveResult,
  MemberInput,
  OffsetInput,
  OffsetResult,
} from './schemas.ts';
import { noTopic } from './topics.ts';

const CREATE = statement(
  'consumer_group.create',
  `INSERT INTO stream.consumer_group (name, topic, partitions, strategy, session_ms)
   VALUES ($1, $2, $3::int, $4, $5::bigint) ON CONFLICT (name) DO NOTHING`,
);
const DELETE = statement('consumer_group.delete', 'DELETE FROM stream.consumer_group WHERE name = $1');
const LIST = statement(
  'consumer_group.list',
  `SELECT name FROM stream.consumer_group ORDER BY name LIMIT ${LIMITS.topicListMax}`,
);
const JOIN = statement(
  'consumer_group.join',
  'INSERT INTO stream.member (group_id, id) VALUES ($1::bigint, $2)',
);
const SEEN = statement(
  'consumer_group.seen',
  'UPDATE stream.member SET seen_at = statement_timestamp() WHERE group_id = $1::bigint AND id = $2',
);
const ALIVE = statement(
  'consumer_group.heartbeat',
  `UPDATE stream.member AS m SET seen_at = statement_timestamp() FROM stream.consumer_group AS g
   WHERE g.name = $1 AND m.group_id = g.id AND m.id = $2
     AND m.seen_at >= statement_timestamp() - g.session_ms * interval '1 millisecond'`,
);
const LEAVE = statement(
  'consumer_group.leave',
  'DELETE FROM stream.member WHERE group_id = $1::bigint AND id = $2',
);
const COMMIT = statement(
  'consumer_group.commit',
  `INSERT INTO stream.group_offset (group_id, partition, "offset")
   SELECT id, $2::int, $3::bigint FROM stream.consumer_group WHERE name = $1 AND $2::int < partitions
   ON CONFLICT (group_id, partition) DO UPDATE SET "offset" = excluded."offset",
     committed_at = excluded.committed_at`,
);
const OFFSET = statement(
  'consumer_group.offset',
  `SELECT o."offset" FROM stream.consumer_group AS g
   LEFT JOIN stream.group_offset AS o ON o.group_id = g.id AND o.partition = $2::int WHERE g.name = $1`,
);
const COMMITTED = statement(
  'consumer_group.committed',
  'SELECT count(*) FROM stream.group_offset WHERE group_id = $1::bigint',
);

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_EXISTS, TOPIC_NOT_FOUND */
export async function create(context: OperationContext, input: GroupInput): Promise<GroupResult> {
  const { database } = context;
  const { group, topic } = input;
  checkName('consumer group', group);
  checkName('topic', topic);
  const found = await knownTopicsOf(database).find(context, topic, true);
  const partitions = input.partitions ?? found?.partitions;
  if (partitions === undefined) throw noTopic(topic);
  const strategy = input.strategy ?? 'round_robin';
  const sessionMs = input.sessionMs ?? LIMITS.groupSessionMsDefault;
  const { affected } = await write(context, CREATE, [
    group,
    topic,
    String(partitions),
    strategy,
    String(sessionMs),
  ]);
  if (affected === 0) {
    throw new FacetError('CONSUMER_GROUP_EXISTS', `There is a consumer group '${group}' already`);
  }
  return { group, topic, partitions, strategy, sessionMs };
}

/** @throws INVALID_PARAMETER */
export async function remove(context: OperationContext, { group }: GroupName): Promise<DeleteResult> {
  checkName('consumer group', group);
  const { affected } = await write(context, DELETE, [group]);
  return { deleted: affected > 0 };
}

export async function list(context: OperationContext): Promise<GroupsResult> {
  const { rows } = await read(context.database, LIST, [], context);
  return { groups: rows.map(([name]) => name ?? '') };
}

/**
 * A member that is there already is as one that sends a heartbeat.
 * @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND, LIMIT_EXCEEDED
 */
export async function join(context: OperationContext, input: JoinInput): Promise<AssignmentResult> {
  const { database } = context;
  checkName('consumer group', input.group);
  const memberId = input.memberId ?? `member_${randomHex(8)}`;
  checkName('member', memberId);
  return withGroup(context, input.group, async (group, transaction) => {
    const parameters = [group.id, memberId];
    if (group.members.some(({ id }) => id === memberId)) {
      await database.run(SEEN, parameters, { transaction });
      return assignmentOf(group, memberId);
    }
    if (group.members.length >= LIMITS.groupMembersMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A consumer group has at most ${LIMITS.groupMembersMax} members (groupMembersMax)`,
      );
    }
    await database.run(JOIN, parameters, { transaction });
    await rebalance(database, group, transaction);
    return assignmentOf(group, memberId);
  });
}

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND, MEMBER_NOT_FOUND */
export async function leave(context: OperationContext, input: MemberInput): Promise<LeaveResult> {
  const { database } = context;
  checkMember(input);
  return withGroup(context, input.group, async (group, transaction) => {
    memberOf(group, input.memberId);
    await database.run(LEAVE, [group.id, input.memberId], { transaction });
    await rebalance(database, group, transaction);
    return { left: true, generation: group.generation };
  });
}

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND, MEMBER_NOT_FOUND */
export async function heartbeat(context: OperationContext, input: MemberInput): Promise<HeartbeatResult> {
  checkMember(input);
  // Without holding the group: members do not wait for each other. Who is late has to join again.
  const { affected } = await write(context, ALIVE, [input.group, input.memberId]);
  const group = await lookAtGroup(context, input.group);
  if (affected === 0) memberOf(group, input.memberId);
  return { generation: group.generation };
}

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND, MEMBER_NOT_FOUND */
export async function assignment(context: OperationContext, input: MemberInput): Promise<AssignmentResult> {
  checkMember(input);
  return assignmentOf(await lookAtGroup(context, input.group), input.memberId);
}

/**
 * Records where the group is in a partition; the last one to say so wins, unless it says which member it is.
 * @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND, MEMBER_NOT_FOUND
 */
export async function commit(context: OperationContext, input: CommitInput): Promise<CommitResult> {
  const { database } = context;
  const { group: name, partition, offset, memberId } = input;
  checkName('consumer group', name);
  const parameters = [name, String(partition), String(offset)];
  if (memberId === undefined) {
    const { affected } = await write(context, COMMIT, parameters);
    if (affected === 0) noPartition(await lookAtGroup(context, name), partition);
    return { committed: true };
  }
  checkName('member', memberId);
  return withGroup(context, name, async (group, inner) => {
    if (partition >= group.partitions) noPartition(group, partition);
    if (!memberOf(group, memberId).partitions.includes(partition)) {
      throw new FacetError(
        'INVALID_PARAMETER',
        `Partition ${partition} belongs to another member since generation ${group.generation}`,
      );
    }
    await database.run(COMMIT, parameters, { transaction: inner });
    return { committed: true };
  });
}

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND */
export async function offset(context: OperationContext, input: OffsetInput): Promise<OffsetResult> {
  checkName('consumer group', input.group);
  const { rows } = await read(context.database, OFFSET, [input.group, String(input.partition)], context);
  const [row] = rows;
  if (row === undefined) throw noGroup(input.group);
  const [found = null] = row;
  return { offset: found === null ? null : Number(found) };
}

/** @throws INVALID_PARAMETER, CONSUMER_GROUP_NOT_FOUND */
export async function stats(context: OperationContext, input: GroupName): Promise<GroupStatsResult> {
  checkName('consumer group', input.group);
  const group = await lookAtGroup(context, input.group);
  const { rows } = await read(context.database, COMMITTED, [group.id], context);
  return {
    group: group.name,
    topic: group.topic,
    state: group.members.length === 0 ? 'empty' : 'stable',
    strategy: group.strategy,
    sessionMs: group.sessionMs,
    partitions: group.partitions,
    generation: group.generation,
    memberCount: group.members.length,
    members: group.members.map(({ id, partitions }) => ({ memberId: id, partitions: [...partitions] })),
    committedPartitions: Number(rows[0]?.[0] ?? 0),
    lastRebalanceAtMs: group.rebalancedAtMs,
  };
}

function checkMember({ group, memberId }: MemberInput): void {
  checkName('consumer group', group);
  checkName('member', memberId);
}

/** @throws MEMBER_NOT_FOUND */
function memberOf(group: HeldGroup, memberId: string): Assigned {
  const member = group.members.find(({ id }) => id === memberId);
  if (member !== undefined) return member;
  throw new FacetError('MEMBER_NOT_FOUND', `Consumer group '${group.name}' has no member '${memberId}'`, {
    hint: 'Join again.',
  });
}

function assignmentOf(group: HeldGroup, memberId: string): AssignmentResult {
  const { partitions } = memberOf(group, memberId);
  return { group: group.name, memberId, generation: group.generation, partitions: [...partitions] };
}

function noPartition(group: HeldGroup, partition: number): never {
  throw new FacetError(
    'INVALID_PARAMETER',
    `Consumer group '${group.name}' has no partition ${partition}: they are 0 to ${group.partitions - 1}`,
  );
}
