/** Shapes of the operations on restore points. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';

export const createInput = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .describe(`At most ${LIMITS.restorePointNameBytesMax} bytes; the id when absent`),
});
export type CreateInput = z.infer<typeof createInput>;

const point = {
  id: z.string().describe('`rp_` and 12 hexadecimal digits'),
  name: z.string(),
  createdAt: z.string().describe('RFC 3339, UTC, milliseconds'),
  bytes: z.number().describe('On disk; where the file system shares blocks they are not taken twice'),
};
const pausedMs = z.int().describe('So long other operations on the namespace waited');

export const createResult = z.object({ ...point, pausedMs });
export type CreateResult = z.infer<typeof createResult>;

export const listInput = z.strictObject({
  limit: z.int().min(1).max(LIMITS.restorePointsMax).optional().describe('All when absent'),
});
export type ListInput = z.infer<typeof listInput>;

export const listResult = z.object({
  checkpoints: z.array(z.object(point)).describe('Newest first'),
  totalBytes: z.number().describe('Of all restore points of the namespace'),
});
export type ListResult = z.infer<typeof listResult>;

export const nameInput = z.strictObject({ checkpoint: z.string().min(1).describe('Id or name') });
export type NameInput = z.infer<typeof nameInput>;

export const deleteResult = z.object({ id: z.string(), name: z.string(), deleted: z.literal(true) });
export type DeleteResult = z.infer<typeof deleteResult>;

export const rollbackResult = z.object({ ...point, pausedMs });
export type RollbackResult = z.infer<typeof rollbackResult>;
