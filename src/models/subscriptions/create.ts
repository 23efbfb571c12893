/** Creating a subscription: checked whole, stored with its place in the feed of changes, or not at all. */
import { randomBytes } from 'node:crypto';
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import { arrayLiteral } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { checkEndpoint } from './endpoints/index.ts';
import { rowOperations } from './events.ts';
import { checkedCondition } from './filters/index.ts';
import { refuseTransaction } from './follow.ts';
import { followedOf } from './followed.ts';
import { type FollowedTable, findTable } from './followed-table.ts';
import type { CreateSubscriptionInput, CreateSubscriptionResult } from './schemas.ts';
import { CREATE_SUBSCRIPTION, DELETE_SUBSCRIPTION } from './statements.ts';
import { consumerName, shownTable } from './subscription.ts';

/** ThunderDB API reference, CDC Subscription Endpoints: the retry policy is that of its example. */
const DEFAULTS = {
  batchSize: 1,
  batchTimeoutMs: LIMITS.webhookBatchTimeoutMsDefault,
  maxRetries: 5,
  backoffMs: LIMITS.webhookBackoffMsDefault,
  backoffMultiplier: 2,
} as const;

/** A collision of ids is one in two thousand million for each subscription that there is. */
const ID_TRIES = 3;

/**
 * @throws TABLE_NOT_FOUND, INVALID_EVENT, INVALID_FILTER, INVALID_ENDPOINT, MISSING_PARAMETER,
 *   SUBSCRIPTION_ALREADY_EXISTS, LIMIT_EXCEEDED, and errors of the feed
 */
export async function createSubscription(
  context: OperationContext,
  input: CreateSubscriptionInput,
): Promise<CreateSubscriptionResult> {
  const { database, signal } = context;
  refuseTransaction(context);
  const events = rowOperations(input.events);
  const webhook = input.delivery === 'webhook';
  const endpoint = endpointOf(input);
  if (!webhook && input.secret !== undefined) {
    throw new FacetError('INVALID_PARAMETER', "'secret' is of webhooks: nothing else is signed");
  }
  if (endpoint !== null) await checkEndpoint(endpoint, context.server.webhooks);
  const table = await findTable(database, input, signal);
  await checkedCondition(database, table, input.filter, signal);
  await database.changes.watch(table, { signal });
  const secret = webhook ? (input.secret ?? randomBytes(SECRET_BYTES).toString('hex')) : null;
  const { id, createdAt } = await insert(context, input, { table, events, endpoint, secret });
  try {
    await database.changes.consumer(consumerName(id));
  } catch (thrown) {
    await database.run(DELETE_SUBSCRIPTION, [id]).catch(() => undefined);
    throw thrown;
  }
  followedOf(database).subscriptionsChanged();
  return {
    id,
    name: input.name,
    table: shownTable(table.schema, table.name),
    status: 'active',
    createdAt,
    ...(secret !== null && input.secret === undefined ? { secret } : {}),
  };
}

const SECRET_BYTES = 32;

function endpointOf({ delivery, endpoint = null }: CreateSubscriptionInput): string | null {
  if (delivery === 'webhook' && endpoint === null) {
    throw new FacetError('MISSING_PARAMETER', "'endpoint' is required for delivery by webhook");
  }
  if (delivery !== 'webhook' && endpoint !== null) {
    throw new FacetError('INVALID_PARAMETER', `'endpoint' is of webhooks: delivery is '${delivery}'`);
  }
  return endpoint;
}

async function insert(
  { database, signal }: OperationContext,
  input: CreateSubscriptionInput,
  given: {
    readonly table: FollowedTable;
    readonly events: readonly string[];
    readonly endpoint: string | null;
    readonly secret: string | null;
  },
): Promise<{ readonly id: string; readonly createdAt: string }> {
  const { table, events, endpoint, secret } = given;
  const { retryPolicy = {} } = input;
  for (let tried = 0; tried < ID_TRIES; tried++) {
    const id = newId();
    const parameters = [
      ...[id, input.name, String(table.oid), table.schema, table.name, arrayLiteral(events)],
      ...[input.delivery, endpoint, input.filter ?? null, String(input.includeOldValues === true)],
      String(input.batchSize ?? DEFAULTS.batchSize),
      String(input.batchTimeoutMs ?? DEFAULTS.batchTimeoutMs),
      String(retryPolicy.maxRetries ?? DEFAULTS.maxRetries),
      String(retryPolicy.backoffMs ?? DEFAULTS.backoffMs),
      String(retryPolicy.backoffMultiplier ?? DEFAULTS.backoffMultiplier),
      ...[secret, String(LIMITS.subscriptionsMax)],
    ];
    try {
      const { rows } = await database.run(CREATE_SUBSCRIPTION, parameters, { signal });
      const createdAt = rows[0]?.[0];
      if (typeof createdAt === 'string') return { id, createdAt };
    } catch (thrown) {
      if (asFacetError(thrown).code !== 'UNIQUE_VIOLATION') throw thrown;
      throw new FacetError('SUBSCRIPTION_ALREADY_EXISTS', `A subscription '${input.name}' exists`);
    }
  }
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `There are ${LIMITS.subscriptionsMax} subscriptions, which is the most (subscriptionsMax)`,
  );
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newId(): string {
  let id = 'sub_';
  for (const byte of randomBytes(6)) id += LETTERS[byte % LETTERS.length];
  return id;
}
