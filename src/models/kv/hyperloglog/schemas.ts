/** Shapes of the commands on HyperLogLogs. */
import { z } from 'zod';
import { keyInput, ttlMs } from '../entry.ts';

const count = z.int().min(0);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

export const none = z.strictObject({});
export const addInput = z.strictObject({
  key: keyInput,
  elements: z.array(z.union([z.string(), bytes])).describe('Texts count as their UTF-8'),
  ttlMs: ttlMs.optional(),
});
export type AddInput = z.infer<typeof addInput>;
export const addResult = z.object({ added: z.boolean().describe('The estimate may have changed') });
export type AddResult = z.infer<typeof addResult>;
export const countInput = z.strictObject({ keys: z.array(keyInput) });
export type CountInput = z.infer<typeof countInput>;
export const countResult = z.object({
  exists: z.boolean().describe('One of the keys is there'),
  count: count.describe('Estimate of the different elements of all keys'),
});
export type CountResult = z.infer<typeof countResult>;
export const mergeInput = z.strictObject({ destination: keyInput, sources: z.array(keyInput) });
export type MergeInput = z.infer<typeof mergeInput>;
export const mergeResult = z.object({ count });
export type MergeResult = z.infer<typeof mergeResult>;
