/** Shapes of the quota model, after `GET /hub/quota` of the Synap API reference. */
import { z } from 'zod';

export const noInput = z.strictObject({});

const count = z.number().int().min(0);
/** 0 to 100, with one digit behind the point. */
const percentage = z.number().min(0).max(100);

export const quotaResult = z.strictObject({
  userId: z.string().describe('A UUID: that of the hub, else one derived from the name of the caller'),
  plan: z.string(),
  quotas: z.strictObject({
    storage: z.strictObject({ limit: count, used: count, available: count, percentage }),
    operations: z.strictObject({
      limit: count.nullable().describe('null: no limit'),
      used: count,
      available: count.nullable(),
      percentage,
      resetsAt: z.string().nullable().describe('The first of the next month, UTC; null without a limit'),
    }),
    connections: z.strictObject({ limit: count, active: count, available: count, percentage }),
  }),
  restrictions: z.strictObject({
    maxTtlSeconds: z.number(),
    maxPayloadBytes: count,
    maxBatchSize: count,
  }),
});

export type QuotaResult = z.infer<typeof quotaResult>;
