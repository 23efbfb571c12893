/** Shapes of the operations on snapshots. */
import { z } from 'zod';

const place = {
  sequence: z.int().min(0).describe('Of the last journal entry that is in it; 0 where there was none'),
  timestampMs: z.number().describe('When it was made, Unix time in milliseconds'),
};

export const createInput = z.strictObject({});

export const createResult = z.object({
  ...place,
  chainHash: z.string().describe('Hash of that journal entry: 64 hexadecimal digits'),
  name: z.string(),
  path: z.string().describe('The file on the machine of the server'),
  bytes: z.number(),
  removed: z.array(z.string()).describe('Names of older snapshots that are not kept any more'),
});
export type CreateResult = z.infer<typeof createResult>;

export const listInput = z.strictObject({});

export const listResult = z.object({
  snapshots: z.array(z.object({ ...place, name: z.string(), path: z.string(), bytes: z.number() })),
});
export type ListResult = z.infer<typeof listResult>;

export const readInput = z.strictObject({});

export const readResult = z.object({
  ...place,
  chainHash: z.string(),
  version: z.string().describe('Of the program that wrote it'),
  pieces: z
    .custom<AsyncIterable<Uint8Array>>((value) => value !== null && typeof value === 'object')
    .describe('The dump, as bytes'),
});
export type ReadResult = z.infer<typeof readResult>;
