/** Shapes of the operations on declared tables and on the numbers of names. */
import { z } from 'zod';
import { LIMITS } from '../../../base/index.ts';
import type { Value } from '../../../cypher/index.ts';

/** A file that the caller has stored for COPY. */
export interface UploadedFile {
  /** Bytes in all. */
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** @throws OBJECT_NOT_FOUND for a name that nothing was stored under */
export type UploadedFiles = (name: string) => Promise<UploadedFile>;

export const defineInput = z.strictObject({
  statement: z
    .string()
    .describe(
      'One command on tables: CREATE NODE TABLE, CREATE REL TABLE, ALTER TABLE, COPY …, CALL show_tables() …',
    ),
  params: z
    .union([
      z.record(z.string(), z.unknown()),
      z.custom<ReadonlyMap<string, Value>>((value) => value instanceof Map),
    ])
    .optional()
    .describe('As those of graph.query'),
  files: z
    .custom<UploadedFiles>((value) => typeof value === 'function')
    .optional()
    .describe('Opens what COPY names; a function, no JSON. Absent: there are no files'),
  timeoutMs: z
    .int()
    .min(1)
    .max(LIMITS.queryTimeoutMsMax)
    .optional()
    .describe(`Milliseconds after which it is cancelled, ${LIMITS.queryTimeoutMsDefault} when absent`),
  readOnly: z.boolean().optional().describe('Refuses what changes something, before it runs'),
});
export type DefineInput = z.infer<typeof defineInput>;

export const identifyInput = z.strictObject({
  labels: z.array(z.string()).describe('Of nodes'),
  types: z.array(z.string()).describe('Of relationships'),
});
export type IdentifyInput = z.infer<typeof identifyInput>;

const number = z.int().min(0);
export const identifyResult = z.object({
  labels: z
    .array(number)
    .describe('In the order of the input; 0 for an empty name, that of nodes without a label'),
  types: z.array(number),
});
export type IdentifyResult = z.infer<typeof identifyResult>;
