/** Shapes of the operations on journals. Hashes are 64 hexadecimal digits. */
import { z } from 'zod';
import { JOURNAL_FORMATS } from './journal/index.ts';

const sequence = z.int().min(0);
const hash = z.string().length(64);

const place = z.object({
  sequence,
  hash,
  timestampMs: z.int().min(0).describe('Unix time in milliseconds; 0 before the first entry'),
});

export const statusInput = z.strictObject({});
export const journalStatusResult = z.object({
  state: z.enum(['undecided', 'off', 'on']).describe('undecided: the first write of graphd turns it on'),
  base: place.describe('The entry before the first one that is kept'),
  head: place.describe('The last entry'),
  entries: z.int().min(0).describe('Entries that are kept'),
  bytes: z.int().min(0).describe('What they take on the disk'),
});
export type JournalStatusResult = z.infer<typeof journalStatusResult>;

export const changedResult = z.object({
  changed: z.boolean().describe('False when it was so already'),
  status: journalStatusResult,
});
export type ChangedResult = z.infer<typeof changedResult>;

export const beginResult = z.object({ state: z.enum(['undecided', 'off', 'on']) });

export const verifyProgress = z.object({
  sequence: sequence.describe('The last entry that was looked at'),
  entries: z.int().min(0).describe('Entries that were looked at'),
  entriesTotal: z.int().min(0),
});

export const verifyResult = z.object({
  sound: z.boolean(),
  entries: z.int().min(0),
  after: z.object({ sequence, hash }).describe('What the first entry stands behind'),
  head: z.object({ sequence, hash }).describe('The last entry that is right'),
  fault: z
    .object({
      sequence: sequence.describe('The first entry that is wrong'),
      kind: z.enum(['missing', 'changed', 'chain broken', 'head']),
      message: z.string(),
    })
    .optional(),
});

/** Steps of a walk, the last of which has the result. */
export type VerifyStep =
  | { readonly progress: z.infer<typeof verifyProgress> }
  | { readonly result: z.infer<typeof verifyResult> };

export interface VerifyWalk {
  readonly steps: AsyncIterable<VerifyStep>;
}
export const verifyWalk = z.custom<VerifyWalk>(
  (value) => typeof value === 'object' && value !== null && 'steps' in value,
);

export const exportInput = z.strictObject({
  from: z.int().min(1).optional().describe('The first entry; the first that is kept when absent'),
  to: z.int().min(0).optional().describe('The last entry; the last there is when absent'),
  format: z
    .enum(JOURNAL_FORMATS)
    .optional()
    .describe('segments, with checksums and hashes, when absent; delimited is the messages alone'),
});
export type ExportInput = z.infer<typeof exportInput>;

export interface ExportResult {
  readonly after: { readonly sequence: number; readonly hash: string };
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly format: (typeof JOURNAL_FORMATS)[number];
  /** Bytes of the file; the consumer's pace counts. */
  readonly chunks: AsyncIterable<Uint8Array>;
}
export const exportResult = z.custom<ExportResult>(
  (value) => typeof value === 'object' && value !== null && 'chunks' in value && 'head' in value,
);

export const pruneInput = z.strictObject({
  to: z
    .int()
    .min(1)
    .optional()
    .describe('The last entry to remove; absent: the last one that the oldest snapshot of the server has'),
  olderThanMs: z.int().min(0).optional().describe('Only entries of that age'),
});
export type PruneInput = z.infer<typeof pruneInput>;
export const pruneResult = z.object({ removed: z.int().min(0), status: journalStatusResult });
export type PruneResult = z.infer<typeof pruneResult>;
