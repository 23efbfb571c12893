/** Looking at subscriptions, deleting, pausing and resuming them. */
import { FacetError } from '../../base/index.ts';
import { arrayLiteral, type Database, type Lsn } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import { checkedCondition } from './filters/index.ts';
import { followedOf } from './followed.ts';
import { findTable } from './followed-table.ts';
import type {
  DeleteSubscriptionResult,
  ListSubscriptionsInput,
  ListSubscriptionsResult,
  ResumeSubscriptionInput,
  SubscriptionIdInput,
  SubscriptionSummary,
} from './schemas.ts';
import {
  DELETE_SUBSCRIPTION,
  GET_SUBSCRIPTION,
  LIST_SUBSCRIPTIONS,
  REVIVE_SUBSCRIPTION,
  SET_STATUS,
  TABLES_THERE,
} from './statements.ts';
import {
  CONSUMERS,
  checkedId,
  consumerName,
  noSubscription,
  type Standing,
  subscriptionOf,
  summaryFrom,
} from './subscription.ts';

export async function listSubscriptions(
  { database, signal }: OperationContext,
  input: ListSubscriptionsInput,
): Promise<ListSubscriptionsResult> {
  const page = pageOf(input);
  const { rows } = await database.run(LIST_SUBSCRIPTIONS, [String(page.limit), String(page.offset)], {
    signal,
  });
  const listed = rows.filter(([, id]) => typeof id === 'string');
  const standings = listed.length === 0 ? new Map<string, Standing>() : await standingsOf(database);
  return {
    subscriptions: listed.map((row) => summaryFrom(row, standings.get(consumerName(row[1] ?? '')))),
    pagination: paginationOf(page, Number(rows[0]?.[0] ?? 0)),
  };
}

/** @throws SUBSCRIPTION_NOT_FOUND */
export async function getSubscription(
  { database, signal }: OperationContext,
  { subscriptionId }: SubscriptionIdInput,
): Promise<SubscriptionSummary> {
  const { rows } = await database.run(GET_SUBSCRIPTION, [checkedId(subscriptionId)], { signal });
  const [row] = rows;
  if (row === undefined) throw noSubscription(subscriptionId);
  const standings = await standingsOf(database);
  return summaryFrom(row, standings.get(consumerName(subscriptionId)));
}

/** @throws SUBSCRIPTION_NOT_FOUND */
export async function deleteSubscription(
  { database, signal }: OperationContext,
  { subscriptionId }: SubscriptionIdInput,
): Promise<DeleteSubscriptionResult> {
  const { rows } = await database.run(DELETE_SUBSCRIPTION, [checkedId(subscriptionId)], { signal });
  const name = rows[0]?.[0];
  if (typeof name !== 'string') throw noSubscription(subscriptionId);
  followedOf(database).subscriptionsChanged();
  await database.changes.forget(consumerName(subscriptionId));
  return { id: subscriptionId, deleted: true, message: `Subscription '${name}' deleted successfully` };
}

/** Its position is kept, and the log for it. @throws SUBSCRIPTION_NOT_FOUND */
export async function pauseSubscription(
  context: OperationContext,
  input: SubscriptionIdInput,
): Promise<SubscriptionSummary> {
  const { database, signal } = context;
  const id = checkedId(input.subscriptionId);
  await database.run(SET_STATUS, [id, 'paused', null, arrayLiteral(['active'])], { signal });
  const found = await getSubscription(context, input);
  if (found.status !== 'paused') {
    throw new FacetError('OBJECT_IN_USE', `Subscription '${found.name}' is ${found.status}, not active`);
  }
  followedOf(database).subscriptionsChanged();
  return found;
}

/**
 * Goes on where it stood; with `fromNow` from now on, which is needed when what it missed is gone. A table that was
 * dropped and made again is followed under its name.
 * @throws SUBSCRIPTION_NOT_FOUND, LSN_NOT_AVAILABLE, TABLE_NOT_FOUND, INVALID_FILTER
 */
export async function resumeSubscription(
  context: OperationContext,
  { subscriptionId, fromNow = false }: ResumeSubscriptionInput,
): Promise<SubscriptionSummary> {
  const { database, signal } = context;
  const { status, table, filter, name } = await subscriptionOf(database, subscriptionId, signal);
  const consumer = await database.changes.consumer(consumerName(subscriptionId));
  if (!fromNow && (status === 'lost' || !consumer.available)) {
    throw new FacetError('LSN_NOT_AVAILABLE', `What subscription '${name}' has missed is no longer kept`, {
      hint: 'Read the table again, and resume with from_now.',
    });
  }
  const { rows } = await database.run(TABLES_THERE, [arrayLiteral([String(table.oid)])], { signal });
  const [, schema = table.schema, current = table.name] = rows[0] ?? [];
  const found = await findTable(database, { schema: schema ?? '', table: current ?? '' }, signal);
  await checkedCondition(database, found, filter, signal);
  await database.changes.watch(found, { signal });
  if (fromNow) await database.changes.reset(consumerName(subscriptionId));
  const parameters = [subscriptionId, String(found.oid), found.schema, found.name];
  const revived = await database.run(REVIVE_SUBSCRIPTION, parameters, { signal });
  if (revived.rows.length === 0) throw noSubscription(subscriptionId);
  followedOf(database).subscriptionsChanged();
  return getSubscription(context, { subscriptionId });
}

/** Where consumers stand, by their names. Empty when that cannot be said. */
async function standingsOf(database: Database): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  try {
    const [consumers, now] = await Promise.all([
      database.changes.consumers(CONSUMERS),
      database.changes.now(),
    ]);
    for (const { name, position, available } of consumers) {
      standings.set(name, { lagBytes: lagOf(position, now), available });
    }
  } catch {
    // The list is of use without it: PostgreSQL may be away, or offer no changes.
  }
  return standings;
}

const lagOf = (position: Lsn, now: Lsn): number => Number(now > position ? now - position : 0n);
