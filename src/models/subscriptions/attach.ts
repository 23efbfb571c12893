/**
 * A client that follows a stored subscription itself, by a connection: from where it stands, with acknowledgements that
 * move it. One at a time, over all processes: who has it holds a lease on its row.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral, type Database, type Lsn, lsnText } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { checkedCondition } from './filters/index.ts';
import { refuseTransaction } from './follow.ts';
import { followedOf } from './followed.ts';
import { describedTable, findTable } from './followed-table.ts';
import { type Holding, hold, inUse } from './hold.ts';
import type { AttachInput, AttachResult } from './schemas.ts';
import { HOLD_ONE, LET_GO, SET_STATUS, TABLES_THERE } from './statements.ts';
import { consumerName, LOST_REASON, type Subscription, subscriptionOf } from './subscription.ts';

/**
 * The feed ends as that of `changes.follow` does. What was not acknowledged comes again the next time.
 * @throws SUBSCRIPTION_NOT_FOUND, SLOT_IN_USE, OBJECT_IN_USE when it is paused or has failed, LSN_NOT_AVAILABLE,
 *   INVALID_PARAMETER for one that is delivered by webhook
 */
export async function attach(context: OperationContext, input: AttachInput): Promise<AttachResult> {
  const { database, signal, observe } = context;
  refuseTransaction(context);
  const subscription = await subscriptionOf(database, input.subscriptionId, signal);
  assertAttachable(subscription);
  const { id, includeOldValues } = subscription;
  let leaseLost: (() => void) | undefined;
  const holding = holdingOf(subscription);
  const { holder, release } = await hold(context, holding, () => leaseLost?.());
  try {
    const { position, sequence, available } = await database.changes.consumer(consumerName(id));
    if (!available) throw await lost(database, subscription);
    const table = await tableOf(database, subscription, signal);
    const condition = await checkedCondition(database, table, subscription.filter, signal);
    await database.changes.watch(table, { signal });
    const acknowledgements = new Acknowledgements(database, id, holder);
    const { follower, place } = await followedOf(database).live.followFrom(
      table,
      { lsn: position, sequence },
      { operations: subscription.events, condition },
      observe,
      {
        closed: () => {
          acknowledgements.stop();
          release();
        },
        pushed: (change) => {
          if (!acknowledgements.delivered(change)) follower.end(tooMany(position));
        },
      },
    );
    acknowledgements.moveOn(place);
    leaseLost = () => follower.end(inUse(holding.what));
    follower.feed.closeWith(signal);
    return {
      feed: follower.feed,
      ack: acknowledgements.ack,
      table: await describedTable(database, table),
      includeOldValues,
      fromLsn: position,
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

const tooMany = (from: Lsn): FacetError =>
  new FacetError(
    'SUBSCRIBER_TOO_SLOW',
    `${LIMITS.subscriptionUnacknowledgedMax} changes were not acknowledged (subscriptionUnacknowledgedMax)`,
    { detail: `Attached at ${lsnText(from)}` },
  );

function assertAttachable({ delivery, name, status, statusReason }: Subscription): void {
  if (delivery === 'webhook') {
    throw new FacetError('INVALID_PARAMETER', `Subscription '${name}' is delivered by webhook`);
  }
  if (status === 'lost') {
    throw new FacetError('LSN_NOT_AVAILABLE', `What subscription '${name}' has missed is no longer kept`, {
      hint: 'Read the table again, and resume the subscription with from_now.',
    });
  }
  if (status === 'active') return;
  throw new FacetError('OBJECT_IN_USE', `Subscription '${name}' is ${status}: resume it first`, {
    detail: statusReason ?? undefined,
  });
}

const holdingOf = ({ id, name }: Subscription): Holding => ({
  consumer: consumerName(id),
  key: id,
  what: `Subscription '${name}'`,
  take: HOLD_ONE,
  letGo: LET_GO,
});

async function tableOf(database: Database, { id, table }: Subscription, signal: AbortSignal) {
  const { rows } = await database.run(TABLES_THERE, [arrayLiteral([String(table.oid)])], {
    reads: true,
    signal,
  });
  const [, schema, name] = rows[0] ?? [];
  if (typeof schema === 'string' && typeof name === 'string') {
    return await findTable(database, { schema, table: name }, signal);
  }
  const reason = `Table '${table.schema}.${table.name}' was dropped`;
  await database.run(SET_STATUS, [id, 'failed', reason, arrayLiteral(['active'])]);
  throw new FacetError('OBJECT_IN_USE', `The subscription has failed: ${reason}`);
}

async function lost(database: Database, { id, name }: Subscription): Promise<FacetError> {
  await database.run(SET_STATUS, [id, 'lost', LOST_REASON, arrayLiteral(['active'])]);
  return new FacetError('LSN_NOT_AVAILABLE', `What subscription '${name}' has missed is no longer kept`, {
    hint: 'Read the table again, and resume the subscription with from_now.',
  });
}
