/** Shapes of the transaction operations. Names follow the ThunderDB API reference, section Transaction Endpoints. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';

export const beginInput = z.strictObject({
  isolationLevel: z
    .enum([
      'read_committed',
      'repeatable_read',
      'serializable',
      'READ_COMMITTED',
      'REPEATABLE_READ',
      'SERIALIZABLE',
    ])
    .optional()
    .describe('read_committed when absent'),
  readOnly: z.boolean().optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.transactionTimeoutMsMax)
    .optional()
    .describe(
      `Milliseconds from begin to rollback by itself, ${LIMITS.transactionTimeoutMsDefault} when absent`,
    ),
});
export type BeginInput = z.infer<typeof beginInput>;

export const beginResult = z.object({
  txnId: z.string(),
  isolationLevel: z.enum(['read_committed', 'repeatable_read', 'serializable']),
  readOnly: z.boolean(),
  startedAt: z.string().describe('RFC 3339, UTC, milliseconds'),
});
export type BeginResult = z.infer<typeof beginResult>;

export const endInput = z.strictObject({ txnId: z.string().min(1) });
export type EndInput = z.infer<typeof endInput>;

export const commitInput = z.strictObject({
  txnId: z.string().min(1),
  position: z.boolean().optional().describe('Tell where the commit is in the log'),
});
export type CommitInput = z.infer<typeof commitInput>;

export const commitResult = z.object({
  txnId: z.string(),
  status: z.literal('committed'),
  committedAt: z.string(),
  rowsAffected: z.int().describe('Rows changed by all statements of the transaction'),
  position: z
    .string()
    .optional()
    .describe(
      "When asked for: a position in PostgreSQL's log, at or behind the commit. See cluster.await_position",
    ),
});
export type CommitResult = z.infer<typeof commitResult>;

export const rollbackResult = z.object({
  txnId: z.string(),
  status: z.literal('rolled_back'),
  rolledBackAt: z.string(),
});
export type RollbackResult = z.infer<typeof rollbackResult>;
