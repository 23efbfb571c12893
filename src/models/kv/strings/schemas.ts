/** Shapes of the commands on strings. */
import { z } from 'zod';
import type { FacetError } from '../../../base/index.ts';
import { keyInput, ttlMs, valueJson } from '../entry.ts';

const previousJson = z.string().nullable().describe('JSON text; null when there was none');
const count = z.int().min(0);

export const keyOnly = z.strictObject({ key: keyInput });
export const keysOnly = z.strictObject({ keys: z.array(keyInput) });
export type KeysInput = z.infer<typeof keysOnly>;

export const setInput = z
  .strictObject({
    key: keyInput,
    valueJson,
    ttlMs: ttlMs.optional().describe('Milliseconds until the key expires; absent: it does not'),
    nx: z.boolean().optional().describe('Only when the key is not there'),
    xx: z.boolean().optional().describe('Only when the key is there'),
    keepTtl: z
      .boolean()
      .optional()
      .describe('Keep the time to live that the key has; not together with ttlMs'),
    previous: z.boolean().optional().describe('Return the value from before'),
  })
  .refine(({ nx, xx }) => !(nx === true && xx === true), 'nx and xx exclude each other')
  .refine(
    ({ keepTtl, ttlMs }) => !(keepTtl === true && ttlMs !== undefined),
    'keepTtl and ttlMs exclude each other',
  );
export type SetInput = z.infer<typeof setInput>;
export const setResult = z.object({
  written: z.boolean().describe('False when nx or xx kept it from being written'),
  previousJson: previousJson.describe('The JSON text from before, when it was asked for and there was one'),
});
export type SetResult = z.infer<typeof setResult>;

export type GetInput = z.infer<typeof keyOnly>;
export const getResult = z.object({
  found: z.boolean(),
  valueJson: z.string().nullable(),
  ttlMs: count.nullable().describe('Milliseconds that are left; null when the key does not expire'),
});
export type GetResult = z.infer<typeof getResult>;

export const valuesResult = z.object({
  valuesJson: z
    .array(z.string().nullable())
    .describe('In the order of the keys; null for what is not a string'),
});
export type ValuesResult = z.infer<typeof valuesResult>;

export const pairsInput = z.strictObject({
  pairs: z.array(z.strictObject({ key: keyInput, valueJson })).describe('Of equal keys the last one counts'),
  ttlMs: ttlMs.optional(),
});
export type PairsInput = z.infer<typeof pairsInput>;
export const msetResult = z.object({ written: count.describe('Different keys') });
export type MsetResult = z.infer<typeof msetResult>;
export const outcomesResult = z.object({
  outcomes: z
    .array(z.custom<FacetError>().nullable())
    .describe('In the order of the pairs: null for one that was written, else why it was not'),
});
export type OutcomesResult = z.infer<typeof outcomesResult>;
export const msetnxResult = z.object({
  written: z.boolean().describe('False, and nothing was written, when one of the keys is there'),
});
export type MsetnxResult = z.infer<typeof msetnxResult>;

export const addInput = z.strictObject({
  key: keyInput,
  amount: z
    .union([z.bigint(), z.number(), z.string()])
    .optional()
    .describe('An integer of 64 bits, as a number or as its digits; 1 when absent'),
});
export type AddInput = z.infer<typeof addInput>;
export const addResult = z.object({ value: z.bigint() });
export type AddResult = z.infer<typeof addResult>;

export const getsetInput = z.strictObject({ key: keyInput, valueJson });
export type GetsetInput = z.infer<typeof getsetInput>;
export const getsetResult = z.object({ previousJson });
export type GetsetResult = z.infer<typeof getsetResult>;

export const lengthResult = z.object({ length: count.describe('Bytes of the text in UTF-8') });
export type LengthResult = z.infer<typeof lengthResult>;
export const appendInput = z.strictObject({ key: keyInput, text: z.string() });
export type AppendInput = z.infer<typeof appendInput>;
export const getrangeInput = z.strictObject({
  key: keyInput,
  start: z.int().describe('First byte; negative ones count from the end'),
  end: z.int().describe('Last byte, inclusive; negative ones count from the end'),
});
export type GetrangeInput = z.infer<typeof getrangeInput>;
export const textResult = z.object({ text: z.string() });
export type TextResult = z.infer<typeof textResult>;
export const setrangeInput = z.strictObject({
  key: keyInput,
  offset: z.int().min(0).describe('In bytes; a gap is filled with NUL characters'),
  text: z.string(),
});
export type SetrangeInput = z.infer<typeof setrangeInput>;
