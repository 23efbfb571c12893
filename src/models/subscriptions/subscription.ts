/** A stored subscription: its row, and the name of its place in the feed of changes. */
import { FacetError } from '../../base/index.ts';
import type { Cell, Database } from '../../engine/index.ts';
import type { RowOperation } from './row-change.ts';
import type { Delivery, SubscriptionState, SubscriptionSummary } from './schemas.ts';
import { SUBSCRIPTION_DETAILS } from './statements.ts';

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly table: { readonly oid: number; readonly schema: string; readonly name: string };
  readonly events: readonly RowOperation[];
  readonly delivery: Delivery;
  readonly endpoint: string | null;
  readonly filter: string | null;
  readonly includeOldValues: boolean;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxRetries: number;
  readonly backoffMs: number;
  readonly backoffMultiplier: number;
  readonly secret: string | null;
  readonly status: SubscriptionState;
  /** Of the delivery that is under way. */
  readonly tries: number;
  readonly statusReason: string | null;
  /** Grows with each resumption. */
  readonly generation: number;
}

export const CONSUMERS = 'subscription:';
export const consumerName = (id: string): string => `${CONSUMERS}${id}`;

const ID = /^sub_[a-z0-9]{6}$/;

export const noSubscription = (id: string): FacetError =>
  new FacetError('SUBSCRIPTION_NOT_FOUND', `There is no subscription '${id.slice(0, 40)}'`);

/** `id`, when it looks like one. @throws SUBSCRIPTION_NOT_FOUND */
export function checkedId(id: string): string {
  if (!ID.test(id)) throw noSubscription(id);
  return id;
}

/** @throws SUBSCRIPTION_NOT_FOUND */
export async function subscriptionOf(
  database: Database,
  id: string,
  signal?: AbortSignal,
): Promise<Subscription> {
  const { rows } = await database.run(SUBSCRIPTION_DETAILS, [checkedId(id)], { signal });
  if (rows[0] === undefined) throw noSubscription(id);
  return subscriptionFrom(rows[0]);
}

/** From a row of details, see statements.ts. */
export function subscriptionFrom(row: readonly Cell[]): Subscription {
  const [id, name, tableOid, schema, tableName, events, delivery, endpoint = null, filter = null] = row;
  const [includeOld, batchSize, batchTimeoutMs, maxRetries, backoffMs, multiplier] = row.slice(9);
  const [secret = null, status, tries, statusReason = null, generation] = row.slice(15);
  return {
    id: id ?? '',
    name: name ?? '',
    table: { oid: Number(tableOid), schema: schema ?? '', name: tableName ?? '' },
    events: JSON.parse(events ?? '[]') as RowOperation[],
    delivery: delivery as Delivery,
    endpoint,
    filter,
    includeOldValues: includeOld === 't',
    // Users of SQL can write what they like.
    batchSize: Math.max(1, Number(batchSize)),
    batchTimeoutMs: Number(batchTimeoutMs),
    maxRetries: Number(maxRetries),
    backoffMs: Number(backoffMs),
    backoffMultiplier: Number(multiplier),
    secret,
    status: status as SubscriptionState,
    tries: Number(tries),
    statusReason,
    generation: Number(generation),
  };
}

/** For its owner: what it has missed cannot be had any more. */
export const LOST_REASON = 'Changes that it has not had are no longer kept';

/** Its place in the feed. */
export interface Standing {
  /** From there to the end of the log. */
  readonly lagBytes: number;
  /** What comes after it is still kept. */
  readonly available: boolean;
}

/** From a row of the list, see statements.ts. One that is lost says so before anybody has tried to go on with it. */
export function summaryFrom(row: readonly Cell[], standing: Standing | undefined): SubscriptionSummary {
  const [, id, name, schema, table, events, delivery, endpoint = null, status, statusReason = null] = row;
  const lost = standing?.available === false && (status === 'active' || status === 'paused');
  const [createdAt, lastDeliveredAt = null, deliveredCount] = row.slice(10);
  return {
    id: id ?? '',
    name: name ?? '',
    table: shownTable(schema ?? '', table ?? ''),
    events: JSON.parse(events ?? '[]') as string[],
    delivery: delivery as Delivery,
    endpoint,
    status: lost ? 'lost' : (status as SubscriptionState),
    statusReason: lost ? LOST_REASON : statusReason,
    createdAt: createdAt ?? '',
    lastDeliveredAt,
    deliveredCount: Number(deliveredCount),
    lagBytes: standing?.lagBytes ?? null,
  };
}

/** As a client names it: without its schema where that is the usual one. */
export const shownTable = (schema: string, name: string): string =>
  schema === 'public' ? name : `${schema}.${name}`;
