/** Shapes of the operations on queues. Messages cross this border as JSON text or as bytes in base64. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { pageInput, pagination } from '../pagination.ts';

const queue = z.string().describe(`1 to ${LIMITS.queueNameBytesMax} bytes of UTF-8 without NUL`);
const count = z.int().min(0);
const priority = z.int().min(0).max(9).describe('9 is handed out first');
const maxRetries = z.int().min(0).max(LIMITS.queueRetriesMax);
const leaseMs = z.int().min(1).max(LIMITS.queueLeaseMsMax);
const messageId = z.string().describe('As it was published, or the receipt of a delivery');
const consumerId = z.string().min(1).optional();

export const none = z.strictObject({});
export const queueOnly = z.strictObject({ queue });
export type QueueInput = z.infer<typeof queueOnly>;

export const createInput = z.strictObject({
  queue,
  maxDepth: z.int().min(1).max(LIMITS.queueDepthMax).optional().describe('Messages that may wait; 100,000'),
  ackDeadlineMs: leaseMs.optional().describe('Length of a lease when a consumer does not say; 30,000'),
  maxRetries: maxRetries.optional().describe('Failures after which a message still comes back; 3'),
  defaultPriority: priority.optional().describe('5 when absent'),
  prefetchLimit: z
    .int()
    .min(0)
    .max(LIMITS.queuePrefetchMax)
    .optional()
    .describe('Messages that a named consumer may hold; 0, the default: any number'),
});
export type CreateInput = z.infer<typeof createInput>;
export const createResult = z.object({
  created: z.boolean().describe('False when it was there: then its settings are as they were'),
});
export type CreateResult = z.infer<typeof createResult>;
export const deleteResult = z.object({ deleted: z.boolean() });
export type DeleteResult = z.infer<typeof deleteResult>;
export const purgeResult = z.object({ purged: count });
export type PurgeResult = z.infer<typeof purgeResult>;
export const listResult = z.object({ queues: z.array(z.string()).describe('In the order of their bytes') });
export type ListResult = z.infer<typeof listResult>;

export const totalsResult = z.object({
  queues: count,
  depth: count.describe('Messages that wait, of all queues'),
  inFlight: count.describe('Messages under lease'),
  deadLetters: count,
});
export type TotalsResult = z.infer<typeof totalsResult>;

export const statsResult = z.object({
  queue: z.string(),
  depth: count.describe('Messages that wait'),
  inFlight: count.describe('Messages under lease'),
  deadLetters: count,
  consumers: count.describe(
    'Those that hold messages, and those that wait in this process; without a name each message and each wait is one',
  ),
  published: count,
  consumed: count.describe('Deliveries'),
  acked: count,
  nacked: count,
  deadLettered: count,
  oldestMessageAgeMs: count.nullable().describe('Of the first messages of all priorities; null: none waits'),
  config: z.object({
    maxDepth: count,
    ackDeadlineMs: count,
    maxRetries: count,
    defaultPriority: count,
    prefetchLimit: count,
  }),
});
export type StatsResult = z.infer<typeof statsResult>;

const body = {
  messageJson: z.string().optional().describe('JSON text of the message, kept as it is'),
  payloadBase64: z.base64().optional().describe('Bytes instead'),
  priority: priority.optional(),
  headersJson: z.string().optional().describe('JSON text of an object'),
  maxRetries: maxRetries.optional(),
  ttlMs: z.int().min(1).max(LIMITS.queueTtlMsMax).optional().describe('It dies when nobody took it by then'),
};
const oneBody = (message: {
  messageJson?: string | undefined;
  payloadBase64?: string | undefined;
}): boolean => (message.messageJson === undefined) !== (message.payloadBase64 === undefined);
const ONE_BODY = 'a message has either messageJson or payloadBase64';

export const message = z.strictObject(body).refine(oneBody, ONE_BODY);
export type Message = z.infer<typeof message>;
const autoCreate = z.boolean().optional().describe('Make the queue when it is not there');
export const publishInput = z.strictObject({ queue, autoCreate, ...body }).refine(oneBody, ONE_BODY);
export type PublishInput = z.infer<typeof publishInput>;
export const published = z.object({
  messageId: z.string(),
  position: z.int().min(1).describe('1 when it is next'),
});
export type Published = z.infer<typeof published>;
export const publishManyInput = z.strictObject({
  queue,
  autoCreate,
  messages: z.array(message).min(1).max(LIMITS.queueItemsMax),
});
export type PublishManyInput = z.infer<typeof publishManyInput>;
export const publishManyResult = z.object({ messages: z.array(published) });
export type PublishManyResult = z.infer<typeof publishManyResult>;

export const consumeInput = z.strictObject({
  queue,
  autoCreate,
  consumerId,
  timeoutMs: z.int().min(0).max(LIMITS.queueWaitMsMax).optional().describe('How long to wait for one; 0'),
  ackDeadlineMs: leaseMs.optional().describe('Length of the lease; absent: as the queue says'),
  countMax: z.int().min(1).max(LIMITS.queueTakeMax).optional().describe('1 when absent'),
});
export type ConsumeInput = z.infer<typeof consumeInput>;
const shown = {
  messageId: z.string(),
  messageJson: z.string().nullable(),
  payloadBase64: z.string().nullable(),
  priority,
  retryCount: count,
  maxRetries,
  headersJson: z.string().nullable(),
};
export const delivered = z.object({
  ...shown,
  receipt: z
    .string()
    .describe('The message id and the number of this delivery, which only this lease answers to'),
  deliveredAtMs: z.int(),
  leaseEndsAtMs: z.int(),
});
export type Delivered = z.infer<typeof delivered>;
export const consumeResult = z.object({
  messages: z.array(delivered).describe('Empty when none came in time'),
});
export type ConsumeResult = z.infer<typeof consumeResult>;

export const ackInput = z.strictObject({
  queue,
  messageId,
  consumerId: consumerId.describe('When the lease has one, too, they must be equal'),
});
export type AckInput = z.infer<typeof ackInput>;
export const ackResult = z.object({ acked: z.literal(true) });
export type AckResult = z.infer<typeof ackResult>;
export const nackInput = z.strictObject({
  ...ackInput.shape,
  requeue: z.boolean().optional().describe('True when absent; false: it is dead'),
});
export type NackInput = z.infer<typeof nackInput>;
export const releaseInput = z.strictObject({
  queue,
  receipts: z.array(z.string()).min(1).max(LIMITS.queueTakeMax).describe('Of deliveries'),
});
export type ReleaseInput = z.infer<typeof releaseInput>;
export const releaseResult = z.object({ released: z.literal(true) });
export type ReleaseResult = z.infer<typeof releaseResult>;
const reason = z.enum(['max_retries', 'rejected', 'expired']);
export type Reason = z.infer<typeof reason>;
export const nackResult = z.object({
  action: z.enum(['requeued', 'dead_lettered']),
  reason: reason.nullable().describe('Why it is dead'),
});
export type NackResult = z.infer<typeof nackResult>;

export const peekInput = z.strictObject({
  queue,
  countMax: z.int().min(1).max(LIMITS.queueTakeMax).optional().describe('1 when absent'),
});
export type PeekInput = z.infer<typeof peekInput>;
export const peekResult = z.object({ messages: z.array(z.object({ ...shown, publishedAtMs: z.int() })) });
export type PeekResult = z.infer<typeof peekResult>;

export const deadLettersInput = z.strictObject({ queue, ...pageInput });
export type DeadLettersInput = z.infer<typeof deadLettersInput>;
export const deadLettersResult = z.object({
  messages: z.array(z.object({ ...shown, reason, publishedAtMs: z.int(), diedAtMs: z.int() })),
  pagination,
});
export type DeadLettersResult = z.infer<typeof deadLettersResult>;
export const redriveInput = z.strictObject({
  queue,
  messageIds: z.array(z.string()).min(1).max(LIMITS.queueItemsMax).optional().describe('Absent: all'),
});
export type RedriveInput = z.infer<typeof redriveInput>;
export const redriveResult = z.object({ redriven: count });
export type RedriveResult = z.infer<typeof redriveResult>;
