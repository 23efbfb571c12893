/** Shapes of the commands on hashes. */
import { z } from 'zod';
import { keyInput, valueJson } from '../entry.ts';

const field = z.string().describe('Text without NUL');
const count = z.int().min(0);

export const none = z.strictObject({});
export const oneKey = z.strictObject({ key: keyInput });
export type OneKey = z.infer<typeof oneKey>;
export const oneField = z.strictObject({ key: keyInput, field });
export type OneField = z.infer<typeof oneField>;
export const manyFields = z.strictObject({ key: keyInput, fields: z.array(field) });
export type ManyFields = z.infer<typeof manyFields>;

export const setInput = z.strictObject({ key: keyInput, field, valueJson });
export type SetInput = z.infer<typeof setInput>;
export const createdResult = z.object({ created: z.boolean().describe('The field is new') });
export type CreatedResult = z.infer<typeof createdResult>;

const pair = z.strictObject({ field, valueJson });
export const msetInput = z.strictObject({
  key: keyInput,
  pairs: z.array(pair).describe('Of equal fields the last one counts'),
});
export type MsetInput = z.infer<typeof msetInput>;
export const msetResult = z.object({ created: count.describe('New fields') });
export type MsetResult = z.infer<typeof msetResult>;

export const getResult = z.object({ found: z.boolean(), valueJson: z.string().nullable() });
export type GetResult = z.infer<typeof getResult>;
export const mgetResult = z.object({ valuesJson: z.array(z.string().nullable()) });
export type MgetResult = z.infer<typeof mgetResult>;
export const pairsResult = z.object({ exists: z.boolean(), pairs: z.array(pair) });
export type PairsResult = z.infer<typeof pairsResult>;
export const fieldsResult = z.object({ exists: z.boolean(), fields: z.array(z.string()) });
export type FieldsResult = z.infer<typeof fieldsResult>;
export const valuesResult = z.object({ exists: z.boolean(), valuesJson: z.array(z.string()) });
export type ValuesResult = z.infer<typeof valuesResult>;

export const deletedResult = z.object({ deleted: count });
export type DeletedResult = z.infer<typeof deletedResult>;
export const existsResult = z.object({ exists: z.boolean() });
export type ExistsResult = z.infer<typeof existsResult>;
export const lengthResult = z.object({ exists: z.boolean(), length: count });
export type LengthResult = z.infer<typeof lengthResult>;

export const addInput = z.strictObject({
  key: keyInput,
  field,
  amount: z.union([z.bigint(), z.number(), z.string()]).describe('An integer of 64 bits, or its digits'),
});
export type AddInput = z.infer<typeof addInput>;
export const addResult = z.object({ value: z.bigint() });
export type AddResult = z.infer<typeof addResult>;
export const addFloatInput = z.strictObject({ key: keyInput, field, amount: z.number() });
export type AddFloatInput = z.infer<typeof addFloatInput>;
export const addFloatResult = z.object({
  value: z.number(),
  valueJson: z.string().describe('With all of its digits'),
});
export type AddFloatResult = z.infer<typeof addFloatResult>;
