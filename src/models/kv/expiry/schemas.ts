/** Shapes of the commands on times to live. */
import { z } from 'zod';
import { keyInput, ttlMs } from '../entry.ts';

export const expireInput = z.strictObject({ key: keyInput, ttlMs });
export type ExpireInput = z.infer<typeof expireInput>;

export const keyInputOnly = z.strictObject({ key: keyInput });
export type KeyInput = z.infer<typeof keyInputOnly>;

export const changedResult = z.object({
  changed: z.boolean().describe('False when the key is not there, or has no time to live to take away'),
});
export type ChangedResult = z.infer<typeof changedResult>;

export const ttlResult = z.object({
  found: z.boolean(),
  ttlMs: z.int().min(0).nullable().describe('Milliseconds that are left; null when the key does not expire'),
});
export type TtlResult = z.infer<typeof ttlResult>;
