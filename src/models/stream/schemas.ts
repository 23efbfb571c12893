/** Shapes of the operations on rooms. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { feedSchema } from '../feed.ts';
import type { StreamEvent } from './event.ts';
import { nameInput } from './names.ts';

const count = z.int().min(0);
const offset = z.int().min(0);
/** Beyond it `-offset` would not be exact. */
const anyOffset = z.int();

export const metadata = z
  .record(z.string(), z.string())
  .nullable()
  .optional()
  .describe('Texts by name that travel with it');

export const eventResult = z.object({
  eventId: z.string(),
  room: z.string(),
  offset,
  eventType: z.string(),
  dataJson: z.string().describe('JSON text as it was published'),
  metadata: z.record(z.string(), z.string()).nullable(),
  publishedAtMs: z.int().describe("By PostgreSQL's clock, milliseconds since 1970"),
  bytes: count,
});

export const publishInput = z.strictObject({
  room: nameInput,
  eventType: z.string(),
  dataJson: z.string().describe('JSON text; stored as it is'),
  metadata,
  createRoom: z.boolean().optional().describe('A missing room is made, with the default retention'),
});
export type PublishInput = z.infer<typeof publishInput>;
export const publishResult = z.object({
  eventId: z.string(),
  room: z.string(),
  offset,
  publishedAtMs: z.int(),
  subscribersNotified: count.describe('Live subscribers of this process'),
});
export type PublishResult = z.infer<typeof publishResult>;

const limit = z
  .int()
  .min(1)
  .max(LIMITS.streamPageEventsMax)
  .optional()
  .describe(`Events of a page, ${LIMITS.streamPageEventsDefault} when absent`);

export const historyInput = z.strictObject({
  room: nameInput,
  fromOffset: anyOffset
    .nullable()
    .optional()
    .describe('null or 0: the oldest that is kept; -n: the last n; n: from there'),
  toOffset: offset.nullable().optional().describe('The last one that is wanted'),
  limit,
});
export type HistoryInput = z.infer<typeof historyInput>;
export const historyResult = z.object({
  events: z.array(eventResult),
  oldestOffset: offset.nullable().describe('null: no event is kept'),
  newestOffset: offset.nullable(),
  nextOffset: offset.describe('Of the next event that will be published'),
});
export type HistoryResult = z.infer<typeof historyResult>;

export const consumeInput = z.strictObject({
  room: nameInput,
  subscriberId: nameInput,
  fromOffset: anyOffset
    .nullable()
    .optional()
    .describe('null: where this subscriber left off, for a new one the oldest; else as in stream.history'),
  limit,
});
export type ConsumeInput = z.infer<typeof consumeInput>;
export const consumeResult = z.object({
  events: z.array(eventResult),
  nextOffset: offset.describe('From where to go on'),
});
export type ConsumeResult = z.infer<typeof consumeResult>;

export const subscribeInput = z.strictObject({
  room: nameInput,
  fromOffset: anyOffset
    .nullable()
    .optional()
    .describe('null: only new ones, or all that are kept when `replay` is set; else as in stream.history'),
  replay: z.boolean().optional(),
  createRoom: z.boolean().optional().describe('A missing room is made, for those who may write'),
});
export type SubscribeInput = z.infer<typeof subscribeInput>;
export const subscribeResult = z.object({
  feed: feedSchema<StreamEvent>(),
  room: z.string(),
  generation: z.string(),
  fromOffset: offset.describe('Of the first event that it will get'),
});
export type SubscribeResult = z.infer<typeof subscribeResult>;

const bound = z.int().min(1).nullable().optional();
export const retention = z
  .strictObject({
    eventsMax: bound.describe(
      `Events that are kept; null: no bound; absent: ${LIMITS.streamRetentionEventsDefault}`,
    ),
    ageMsMax: bound.describe('Age of the oldest that is kept; absent: a day'),
    bytesMax: bound.describe('Bytes of types, data and metadata that are kept; absent: 1 GiB'),
  })
  .describe('The oldest events beyond any of these bounds are removed in the background');
export type RetentionInput = z.infer<typeof retention>;

export const createInput = z.strictObject({ room: nameInput, retention: retention.optional() });
export type CreateInput = z.infer<typeof createInput>;
export const createResult = z.object({
  room: z.string(),
  created: z.boolean().describe('False: it was there, and is as it was'),
  generation: z.string().describe('A number that grows with every creation of a room'),
});
export type CreateResult = z.infer<typeof createResult>;

export const none = z.strictObject({});
export const roomInput = z.strictObject({ room: nameInput });
export type RoomInput = z.infer<typeof roomInput>;
export const deleteResult = z.object({ deleted: z.boolean() });
export type DeleteResult = z.infer<typeof deleteResult>;

export const roomsInput = z.strictObject({
  prefix: z.string().optional(),
  after: z.string().optional().describe('Of these, those behind this name'),
  limit: z.int().min(1).max(LIMITS.streamPageEventsMax).optional(),
});
export type RoomsInput = z.infer<typeof roomsInput>;
export const roomsResult = z.object({
  rooms: z.array(z.string()),
  count: count.describe('All rooms, whatever the page'),
});
export type RoomsResult = z.infer<typeof roomsResult>;

export const totalsResult = z.object({
  rooms: count,
  subscriberCount: count.describe('Live subscribers of this process, of all rooms'),
});
export type TotalsResult = z.infer<typeof totalsResult>;

export const statsResult = z.object({
  room: z.string(),
  generation: z.string(),
  createdAtMs: z.int(),
  messageCount: count.describe('Events that are kept'),
  bytes: count,
  oldestOffset: offset.nullable(),
  newestOffset: offset.nullable(),
  nextOffset: offset,
  subscriberCount: count.describe('Live subscribers of this process'),
  consumerCount: count.describe('Subscribers that have consumed by name'),
  totalPublished: count,
  totalConsumed: count.describe('Events that stream.consume returned'),
  totalRemoved: count.describe('Events that retention removed'),
  retention: z.object({
    eventsMax: z.int().nullable(),
    ageMsMax: z.int().nullable(),
    bytesMax: z.int().nullable(),
  }),
});
export type StatsResult = z.infer<typeof statsResult>;
