/** Shapes of the commands on keys of every kind. */
import { z } from 'zod';
import { LIMITS } from '../../../base/index.ts';
import { KIND_NAMES, keyInput } from '../entry.ts';

const count = z.int().min(0);

export const none = z.strictObject({});
export const oneKey = z.strictObject({ key: keyInput });
export type OneKey = z.infer<typeof oneKey>;
export const manyKeys = z.strictObject({ keys: z.array(keyInput) });
export type ManyKeys = z.infer<typeof manyKeys>;

export const delResult = z.object({ deleted: count.describe('Keys that were there') });
export type DelResult = z.infer<typeof delResult>;
export const existsResult = z.object({ exists: z.boolean() });
export type ExistsResult = z.infer<typeof existsResult>;
export const typeResult = z.object({ type: z.enum(KIND_NAMES).nullable().describe('null: no such key') });
export type TypeResult = z.infer<typeof typeResult>;
export const versionsResult = z.object({
  versions: z
    .array(z.string().nullable())
    .describe('Equal as long as the key is as it was; null: no such key'),
});
export type VersionsResult = z.infer<typeof versionsResult>;

export const scanInput = z.strictObject({
  prefix: z.string().optional().describe('Only keys that begin with it, literally'),
  cursor: z
    .string()
    .nullable()
    .optional()
    .describe('`cursor` of the page before; absent or null: the first page'),
  count: z
    .int()
    .min(1)
    .max(LIMITS.kvScanKeysMax)
    .optional()
    .describe(`Keys of a page, ${LIMITS.kvScanKeysDefault} when absent`),
});
export type ScanInput = z.infer<typeof scanInput>;
export const scanResult = z.object({
  keys: z.array(z.string()),
  cursor: z.string().nullable().describe('Of the next page; null: this was the last one'),
});
export type ScanResult = z.infer<typeof scanResult>;

export const keysInput = z.strictObject({
  pattern: z
    .string()
    .optional()
    .describe('`*` any characters, `?` one, `[a-z]` `[^a]` a class, `\\` the next literally'),
});
export type KeysPattern = z.infer<typeof keysInput>;
export const keysResult = z.object({ keys: z.array(z.string()) });
export type KeysResult = z.infer<typeof keysResult>;

export const renameInput = z.strictObject({ source: keyInput, destination: keyInput });
export type RenameInput = z.infer<typeof renameInput>;
export const renameResult = z.object({});
export type RenameResult = z.infer<typeof renameResult>;
export const copyInput = z.strictObject({
  source: keyInput,
  destination: keyInput,
  replace: z.boolean().optional().describe('What the destination holds may be overwritten'),
});
export type CopyInput = z.infer<typeof copyInput>;

export const randomResult = z.object({ key: z.string().nullable() });
export type RandomResult = z.infer<typeof randomResult>;
export const usageResult = z.object({
  bytes: count.describe('Of the key, its value and its elements, as they were given; 0: no such key'),
});
export type UsageResult = z.infer<typeof usageResult>;

export const sizeResult = z.object({ keys: count });
export type SizeResult = z.infer<typeof sizeResult>;
export const flushResult = z.object({ deleted: count });
export type FlushResult = z.infer<typeof flushResult>;
export const statsResult = z.object({
  keys: count,
  keysByType: z.record(z.string(), count),
  bytesOnDisk: count.describe('Tables and indexes of the keyspace'),
  gets: count.describe('Values asked for in this process since it opened the namespace'),
  hits: count.describe('Of these, values that were there'),
  sets: count,
  dels: count,
});
export type StatsResult = z.infer<typeof statsResult>;
