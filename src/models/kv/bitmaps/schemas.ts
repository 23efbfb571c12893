/** Shapes of the commands on bitmaps. */
import { z } from 'zod';
import { LIMITS } from '../../../base/index.ts';
import { keyInput } from '../entry.ts';

const count = z.int().min(0);
const offset = z
  .int()
  .min(0)
  .max(LIMITS.kvBitmapBitsMax - 1, `an offset is below ${LIMITS.kvBitmapBitsMax} (kvBitmapBitsMax)`)
  .describe('In bits; 0 is the highest bit of the first byte');
const bit = z.union([z.literal(0), z.literal(1)]);
const edge = z.int().describe('In bits, inclusive; negative ones count from the end');

export const none = z.strictObject({});
export const setInput = z.strictObject({ key: keyInput, offset, value: bit });
export type SetInput = z.infer<typeof setInput>;
export const oldResult = z.object({ oldValue: bit });
export type OldResult = z.infer<typeof oldResult>;
export const getInput = z.strictObject({ key: keyInput, offset });
export type GetInput = z.infer<typeof getInput>;
export const bitResult = z.object({ exists: z.boolean(), value: bit });
export type BitResult = z.infer<typeof bitResult>;
export const countInput = z.strictObject({ key: keyInput, start: edge.optional(), end: edge.optional() });
export type CountInput = z.infer<typeof countInput>;
export const countResult = z.object({ exists: z.boolean(), count });
export type CountResult = z.infer<typeof countResult>;
export const posInput = z.strictObject({
  key: keyInput,
  value: bit,
  start: edge.optional(),
  end: edge.optional(),
});
export type PosInput = z.infer<typeof posInput>;
export const posResult = z.object({
  exists: z.boolean(),
  position: count
    .nullable()
    .describe('Without `end` the bits behind the bitmap count as 0; null: there is no such bit'),
});
export type PosResult = z.infer<typeof posResult>;
export const opInput = z
  .strictObject({
    destination: keyInput,
    operation: z.enum(['and', 'or', 'xor', 'not']),
    keys: z.array(keyInput),
  })
  .refine(({ operation, keys }) => operation !== 'not' || keys.length === 1, 'not takes one key');
export type OpInput = z.infer<typeof opInput>;
export const lengthResult = z.object({ bits: count.describe('Length of the result') });
export type LengthResult = z.infer<typeof lengthResult>;

const field = {
  offset,
  width: z.int().min(1).max(64),
  signed: z.boolean().optional(),
};
const integer = z.union([z.bigint(), z.int()]);
const overflow = z
  .enum(['wrap', 'sat', 'fail'])
  .optional()
  .describe('What becomes of a value that does not fit: the low bits of it, the nearest that fits, nothing');
export const fieldInput = z.strictObject({
  key: keyInput,
  operations: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('get'), ...field }),
      z.strictObject({ type: z.literal('set'), ...field, value: integer, overflow }),
      z.strictObject({ type: z.literal('incrby'), ...field, increment: integer, overflow }),
    ]),
  ),
});
export type FieldInput = z.infer<typeof fieldInput>;
export const fieldResult = z.object({
  results: z
    .array(z.bigint().nullable())
    .describe('Of get the value, of set the one from before, of incrby the new one; null: refused by fail'),
});
export type FieldResult = z.infer<typeof fieldResult>;
