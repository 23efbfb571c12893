/** Shapes of the commands on lists. */
import { z } from 'zod';
import { keyInput, valueJson } from '../entry.ts';

const count = z.int().min(0);
const index = z.int().describe('0 is the head, -1 the tail');

export const none = z.strictObject({});
export const oneKey = z.strictObject({ key: keyInput });
export type OneKey = z.infer<typeof oneKey>;
export const pushInput = z.strictObject({
  key: keyInput,
  valuesJson: z.array(valueJson).describe('Pushed one after the other'),
});
export type PushInput = z.infer<typeof pushInput>;
export const lengthResult = z.object({ exists: z.boolean(), length: count });
export type LengthResult = z.infer<typeof lengthResult>;
export const popInput = z.strictObject({ key: keyInput, count: count.optional().describe('1 when absent') });
export type PopInput = z.infer<typeof popInput>;
export const itemsResult = z.object({ exists: z.boolean(), valuesJson: z.array(z.string()) });
export type ItemsResult = z.infer<typeof itemsResult>;
export const rangeInput = z.strictObject({
  key: keyInput,
  start: index.optional().describe('The head when absent'),
  stop: index.optional().describe('Inclusive; the tail when absent'),
});
export type RangeInput = z.infer<typeof rangeInput>;
export const indexInput = z.strictObject({ key: keyInput, index });
export type IndexInput = z.infer<typeof indexInput>;
export const itemResult = z.object({ exists: z.boolean(), valueJson: z.string().nullable() });
export type ItemResult = z.infer<typeof itemResult>;
export const setInput = z.strictObject({ key: keyInput, index, valueJson });
export type SetInput = z.infer<typeof setInput>;
export const doneResult = z.object({ exists: z.boolean() });
export type DoneResult = z.infer<typeof doneResult>;
export const remInput = z.strictObject({
  key: keyInput,
  count: z.int().describe('The first so many, from the tail when negative; 0: all'),
  valueJson,
});
export type RemInput = z.infer<typeof remInput>;
export const removedResult = z.object({ removed: count });
export type RemovedResult = z.infer<typeof removedResult>;
export const insertInput = z.strictObject({
  key: keyInput,
  before: z.boolean(),
  pivotJson: valueJson.describe('The first item that equals it is the one'),
  valueJson,
});
export type InsertInput = z.infer<typeof insertInput>;
export const insertResult = z.object({
  exists: z.boolean(),
  inserted: z.boolean().describe('False: no list, or no such item in it'),
  length: count,
});
export type InsertResult = z.infer<typeof insertResult>;
export const posInput = z.strictObject({
  key: keyInput,
  valueJson,
  rank: z.int().optional().describe('Which of the equal items, 1 when absent; negative ones from the tail'),
});
export type PosInput = z.infer<typeof posInput>;
export const posResult = z.object({ exists: z.boolean(), position: count.nullable() });
export type PosResult = z.infer<typeof posResult>;
export const moveInput = z.strictObject({ source: keyInput, destination: keyInput });
export type MoveInput = z.infer<typeof moveInput>;
