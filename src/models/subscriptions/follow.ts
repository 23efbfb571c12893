/** Following one table: what commits from now on, or from a position that is still kept. */
import { FacetError } from '../../base/index.ts';
import { parseLsn } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { rowOperations } from './events.ts';
import { checkedCondition } from './filters/index.ts';
import { followedOf } from './followed.ts';
import { describedTable, findTable } from './followed-table.ts';
import type { FollowInput, FollowResult } from './schemas.ts';

/**
 * Returns a feed with every change that is asked for, in order. It ends with the session, with SUBSCRIBER_TOO_SLOW, with
 * LSN_NOT_AVAILABLE, with TABLE_NOT_FOUND when the table is dropped, and with INVALID_FILTER when the filter does not fit
 * the table any more.
 * @throws TABLE_NOT_FOUND, INVALID_EVENT, INVALID_FILTER, INVALID_PARAMETER, and errors of the feed
 */
export async function follow(context: OperationContext, input: FollowInput): Promise<FollowResult> {
  const { database, signal, observe } = context;
  refuseTransaction(context);
  const operations = rowOperations(input.events);
  const from =
    input.fromLsn === null || input.fromLsn === undefined ? undefined : parseLsn(input.fromLsn, 'fromLsn');
  const table = await findTable(database, input, signal);
  const condition = await checkedCondition(database, table, input.filter, signal);
  await database.changes.watch(table, { signal });
  const { live } = followedOf(database);
  const wanted = { operations, condition };
  const { follower, fromLsn } =
    from === undefined
      ? await live.followNow(table, wanted, observe)
      : { ...(await live.followFrom(table, { lsn: from, sequence: 0 }, wanted, observe)), fromLsn: from };
  follower.feed.closeWith(signal);
  return { feed: follower.feed, table: await describedTable(database, table), fromLsn };
}

/** @throws INVALID_PARAMETER */
export function refuseTransaction({ transaction }: OperationContext): void {
  if (transaction === undefined) return;
  throw new FacetError('INVALID_PARAMETER', 'Changes cannot be followed as part of a transaction', {
    hint: 'Follow without a transaction: only what is committed is delivered.',
  });
}
