/**
 * A consumer group as it is held in a transaction: whoever changes its members or their partitions holds its row, so
 * that all see one division after the other, each with a generation of its own. Members whose session has timed out are
 * removed by whoever comes next; nobody has to wait for them in the background.
 */
import { FacetError, LIMITS, roleAllows } from '../../../base/index.ts';
import {
  arrayLiteral,
  type Database,
  statement,
  type Transaction,
  withPatience,
} from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { type Assigned, assign, type Strategy } from './assignment.ts';

export interface HeldGroup {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly partitions: number;
  readonly strategy: Strategy;
  readonly sessionMs: number;
  generation: number;
  rebalancedAtMs: number | null;
  /** By age. */
  members: Assigned[];
}

const HOLD = statement(
  'consumer_group.hold',
  `SELECT id, topic, partitions, strategy, session_ms, generation, stream.ms(rebalanced_at)
   FROM stream.consumer_group WHERE name = $1 FOR UPDATE`,
);
const LOOK = statement('consumer_group.look', HOLD.text.replace(' FOR UPDATE', ''));
const EXPIRED = `seen_at < statement_timestamp() - $2::bigint * interval '1 millisecond'`;
const EXPIRE = statement(
  'consumer_group.expire',
  `DELETE FROM stream.member WHERE group_id = $1::bigint AND ${EXPIRED}`,
);
const MEMBERS = statement(
  'consumer_group.members',
  `SELECT id, array_to_string(partitions, ','), ${EXPIRED} FROM stream.member
   WHERE group_id = $1::bigint ORDER BY number`,
);
const ASSIGN = statement(
  'consumer_group.assign',
  `UPDATE stream.member AS m SET partitions = given.partitions::int[]
   FROM unnest($2::text[], $3::text[]) AS given (id, partitions)
   WHERE m.group_id = $1::bigint AND m.id = given.id`,
);
const REBALANCED = statement(
  'consumer_group.rebalanced',
  `UPDATE stream.consumer_group SET generation = generation + 1, rebalanced_at = statement_timestamp()
   WHERE id = $1::bigint RETURNING generation, stream.ms(rebalanced_at)`,
);

/**
 * Holds the group, without the members whose session has timed out, and runs `work` on it.
 * @throws CONSUMER_GROUP_NOT_FOUND, LOCK_TIMEOUT
 */
export async function withGroup<T>(
  context: OperationContext,
  name: string,
  work: (group: HeldGroup, transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { database, transaction, signal } = context;
  const held = async (inner: Transaction): Promise<T> => {
    const group = await groupOf(database, name, HOLD, inner);
    const { affected } = await database.run(EXPIRE, [group.id, String(group.sessionMs)], {
      transaction: inner,
    });
    await readMembers(database, group, inner);
    if (affected > 0) await rebalance(database, group, inner);
    return work(group, inner);
  };
  return transaction === undefined
    ? withPatience(database, LIMITS.streamLockMsMax, signal, held)
    : database.inTransaction(held, { transaction, signal });
}

/**
 * The group as it is, unless somebody's session has timed out: then it is put in order first. Whoever may only read is
 * shown it without those members, and changes nothing.
 */
export async function lookAtGroup(context: OperationContext, name: string): Promise<HeldGroup> {
  const { database, transaction, principal } = context;
  const seen = await groupOf(database, name, LOOK, transaction);
  const expired = await readMembers(database, seen, transaction);
  if (expired.size === 0) return seen;
  if (roleAllows(principal.role, 'write')) return withGroup(context, name, async (group) => group);
  return { ...seen, members: seen.members.filter(({ id }) => !expired.has(id)) };
}

/** Divides the partitions anew among the members in the table. */
export async function rebalance(
  database: Database,
  group: HeldGroup,
  transaction: Transaction,
): Promise<void> {
  await readMembers(database, group, transaction);
  group.members = assign(group.strategy, group.partitions, group.members);
  await database.run(
    ASSIGN,
    [
      group.id,
      arrayLiteral(group.members.map(({ id }) => id)),
      arrayLiteral(group.members.map(({ partitions }) => `{${partitions.join(',')}}`)),
    ],
    { transaction },
  );
  const { rows } = await database.run(REBALANCED, [group.id], { transaction });
  group.generation = Number(rows[0]?.[0]);
  group.rebalancedAtMs = Number(rows[0]?.[1]);
}

async function groupOf(
  database: Database,
  name: string,
  how: typeof HOLD,
  transaction: Transaction | undefined,
): Promise<HeldGroup> {
  const { rows } = await database.run(how, [name], { transaction });
  const [row] = rows;
  if (row === undefined) throw noGroup(name);
  const [id, topic, partitions, strategy, sessionMs, generation, rebalancedAtMs = null] = row;
  return {
    id: id ?? '',
    name,
    topic: topic ?? '',
    partitions: Number(partitions),
    strategy: strategy as Strategy,
    sessionMs: Number(sessionMs),
    generation: Number(generation),
    rebalancedAtMs: rebalancedAtMs === null ? null : Number(rebalancedAtMs),
    members: [],
  };
}

/** The ids of those whose session has timed out. */
async function readMembers(
  database: Database,
  group: HeldGroup,
  transaction: Transaction | undefined,
): Promise<ReadonlySet<string>> {
  const { rows } = await database.run(MEMBERS, [group.id, String(group.sessionMs)], { transaction });
  group.members = rows.map(([id, partitions]) => ({
    id: id ?? '',
    partitions: (partitions ?? '') === '' ? [] : (partitions ?? '').split(',').map(Number),
  }));
  return new Set(rows.flatMap(([id, , expired]) => (expired === 't' && typeof id === 'string' ? [id] : [])));
}

export const noGroup = (group: string): FacetError =>
  new FacetError('CONSUMER_GROUP_NOT_FOUND', `No consumer group '${group}'`);
