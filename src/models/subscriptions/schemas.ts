/** Shapes of the operations on changes and subscriptions. Not their logic. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { Lsn } from '../../engine/index.ts';
import { feedSchema } from '../feed.ts';
import { pageInput, pagination } from '../pagination.ts';
import type { ReplicationEntry, RowChange, SubscribedTable } from './row-change.ts';

const table = z.string().min(1).describe('Table name; `schema.table` works as well');
const schema = z.string().min(1).optional().describe('`public` when absent');
const events = z.array(z.string()).describe('Some of insert, update and delete; an empty list is refused');
const filter = z
  .string()
  .nullable()
  .optional()
  .describe('SQL condition on the columns of the table, evaluated on the new row, of deletes on the old one');
const lsn = z.string().describe('Position in the write-ahead log, such as 0/1A2B3C4D');

export const followInput = z.strictObject({
  table,
  schema,
  events: events.optional().describe('All three when absent'),
  filter,
  fromLsn: lsn
    .nullable()
    .optional()
    .describe('Begin with transactions that committed at or after it; from now on when absent'),
});
export type FollowInput = z.infer<typeof followInput>;

const position = z.custom<Lsn>((value) => typeof value === 'bigint');
const subscribedTable = z.custom<SubscribedTable>((value) => typeof value === 'object' && value !== null);

/** Feeds of changes end with the session, with SUBSCRIBER_TOO_SLOW, and with LSN_NOT_AVAILABLE. */
export const followResult = z.object({
  feed: feedSchema<RowChange>(),
  table: subscribedTable,
  fromLsn: position,
});
export type FollowResult = z.infer<typeof followResult>;

export const replicateInput = z.strictObject({
  slot: z
    .string()
    .min(1)
    .max(63)
    .describe('Lower-case letters, digits and underscores; made if it is not there'),
  startLsn: lsn.nullable().optional().describe('Absent, null or 0/0: where the slot stands'),
  includeTransactionBoundaries: z.boolean().optional(),
});
export type ReplicateInput = z.infer<typeof replicateInput>;

/** Resolves when it is durable. @throws INVALID_PARAMETER for a position that was not delivered yet */
export type Acknowledge = (lsn: Lsn, sequence?: number) => Promise<void>;
const acknowledge = z.custom<Acknowledge>((value) => typeof value === 'function');

export const replicateResult = z.object({
  feed: feedSchema<ReplicationEntry>(),
  /** The slot goes on from there the next time. */
  ack: acknowledge,
  startLsn: position,
});
export type ReplicateResult = z.infer<typeof replicateResult>;

export const attachInput = z.strictObject({ subscriptionId: z.string().min(1) });
export type AttachInput = z.infer<typeof attachInput>;
export const attachResult = z.object({
  feed: feedSchema<RowChange>(),
  /** Of the last change that was applied: `commitLsn` and `sequence` of it. */
  ack: acknowledge,
  table: subscribedTable,
  includeOldValues: z.boolean(),
  fromLsn: position,
});
export type AttachResult = z.infer<typeof attachResult>;

export const DELIVERIES = ['webhook', 'websocket', 'grpc_stream'] as const;
export const SUBSCRIPTION_STATES = ['active', 'paused', 'failed', 'lost'] as const;

const retryPolicy = z.strictObject({
  maxRetries: z.int().min(0).max(LIMITS.webhookRetriesMax).optional(),
  backoffMs: z.int().min(1).max(LIMITS.webhookBackoffMsMax).optional(),
  backoffMultiplier: z.number().min(1).max(10).optional(),
});

export const createSubscriptionInput = z.strictObject({
  name: z.string().min(1).max(200),
  table,
  schema,
  events,
  delivery: z.enum(DELIVERIES),
  endpoint: z.string().nullable().optional().describe('URL; of webhooks'),
  filter,
  includeOldValues: z.boolean().optional(),
  batchSize: z
    .int()
    .min(1)
    .max(LIMITS.webhookBatchEventsMax)
    .optional()
    .describe('Events of one delivery, 1 when absent'),
  batchTimeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.webhookBatchTimeoutMsMax)
    .optional()
    .describe('How long the first event of a batch waits for others, 1,000 ms when absent'),
  retryPolicy: retryPolicy.optional(),
  secret: z.string().min(16).max(256).optional().describe('Key of the signatures; one is made when absent'),
});
export type Delivery = (typeof DELIVERIES)[number];
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];
export type CreateSubscriptionInput = z.infer<typeof createSubscriptionInput>;

export const createSubscriptionResult = z.object({
  id: z.string(),
  name: z.string(),
  table: z.string(),
  status: z.enum(SUBSCRIPTION_STATES),
  createdAt: z.string(),
  secret: z.string().optional().describe('Key of the signatures of a webhook; told this once'),
});

export type CreateSubscriptionResult = z.infer<typeof createSubscriptionResult>;

export const subscriptionSummary = z.object({
  id: z.string(),
  name: z.string(),
  table: z.string(),
  events: z.array(z.string()),
  delivery: z.enum(DELIVERIES),
  endpoint: z.string().nullable(),
  status: z.enum(SUBSCRIPTION_STATES),
  statusReason: z.string().nullable().describe('Why it is failed or lost'),
  createdAt: z.string(),
  lastDeliveredAt: z.string().nullable(),
  deliveredCount: z.int(),
  lagBytes: z.int().nullable().describe('Bytes of write-ahead log between its position and the end'),
});
export type SubscriptionSummary = z.infer<typeof subscriptionSummary>;

export const listSubscriptionsInput = z.strictObject({ ...pageInput });
export type ListSubscriptionsInput = z.infer<typeof listSubscriptionsInput>;
export const listSubscriptionsResult = z.object({
  subscriptions: z.array(subscriptionSummary),
  pagination,
});

export type ListSubscriptionsResult = z.infer<typeof listSubscriptionsResult>;

export const subscriptionIdInput = z.strictObject({ subscriptionId: z.string().min(1) });
export type SubscriptionIdInput = z.infer<typeof subscriptionIdInput>;
export const deleteSubscriptionResult = z.object({
  id: z.string(),
  deleted: z.boolean(),
  message: z.string(),
});
export type DeleteSubscriptionResult = z.infer<typeof deleteSubscriptionResult>;

export const resumeSubscriptionInput = z.strictObject({
  subscriptionId: z.string().min(1),
  fromNow: z.boolean().optional().describe('Skip what it has missed; needed when that is lost'),
});
export type ResumeSubscriptionInput = z.infer<typeof resumeSubscriptionInput>;

export const listSlotsInput = z.strictObject({});
export const replicationSlot = z.object({
  name: z.string(),
  position: z.string().describe('Where it stands: the next start goes on there'),
  available: z.boolean().describe('False when what it has not had is no longer kept'),
  lagBytes: z.int().describe('Bytes of write-ahead log between its position and the end'),
  inUse: z.boolean().describe('A connection to this server follows it'),
});
export const listSlotsResult = z.object({ slots: z.array(replicationSlot) });
export type ListSlotsResult = z.infer<typeof listSlotsResult>;
export const dropSlotInput = z.strictObject({ slot: z.string().min(1).max(63) });
export type DropSlotInput = z.infer<typeof dropSlotInput>;
export const dropSlotResult = z.object({ slot: z.string(), dropped: z.boolean() });
export type DropSlotResult = z.infer<typeof dropSlotResult>;
