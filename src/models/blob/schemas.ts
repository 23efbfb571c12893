/**
 * Shapes of the operations on artifacts. Bytes cross this border as they are: as pieces of any size that are taken as they
 * come, or as one value.
 */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import { pageInput, pagination } from '../pagination.ts';

const count = z.int().min(0);
const artifactId = z.string().describe('UUID in lower case');
const tag = z.string().describe(`1 to ${LIMITS.blobTagBytesMax} bytes of UTF-8 without NUL`);
const entity = z
  .string()
  .describe(`Key of an entity, 1 to ${LIMITS.blobLinkBytesMax} bytes of UTF-8 without NUL`);
const customKey = z.string().describe(`1 to ${LIMITS.blobCustomKeyBytesMax} bytes of UTF-8 without NUL`);

export const none = z.strictObject({});
export const artifactOnly = z.strictObject({ artifactId });
export type ArtifactInput = z.infer<typeof artifactOnly>;

const described = {
  filename: z.string().describe(`1 to ${LIMITS.blobFilenameBytesMax} bytes of UTF-8 without NUL`),
  contentType: z.string().optional().describe('Absent or empty: application/octet-stream'),
  createdBy: z.string().optional().describe('Empty when absent'),
  tags: z.array(tag).optional().describe('A set: order and repetition mean nothing'),
  linkedTo: z.array(entity).optional().describe('A set of keys of entities'),
  custom: z.record(z.string(), z.string()).optional().describe('Texts by key'),
};
export const labels = z.strictObject(described);
export type Labels = z.infer<typeof labels>;

const bytesMax = z
  .int()
  .min(1)
  .max(LIMITS.blobBytesMax)
  .optional()
  .describe(`Most bytes that are taken, counted as they come; ${LIMITS.blobBytesMax} when absent`);

const bytes = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes are a Uint8Array')
  .describe('A Uint8Array, no JSON');

/** Pieces of any size, taken one after the other: a piece is not read any more when the next one is asked for. */
export type Pieces = AsyncIterable<Uint8Array>;
const pieces = z
  .custom<Pieces>(
    (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
    'pieces are an async iterable of Uint8Array',
  )
  .describe('An async iterable of Uint8Array of any size, no JSON');

export const putInput = z.strictObject({ ...described, bytes, bytesMax });
export type PutInput = z.infer<typeof putInput>;
export const uploadInput = z.strictObject({ ...described, pieces, bytesMax });
export type UploadInput = z.infer<typeof uploadInput>;

export const artifact = z.object({
  artifactId,
  filename: z.string(),
  contentType: z.string(),
  size: count.describe('Bytes'),
  checksum: z.string().describe('`sha256:` and 64 hexadecimal digits in lower case, of all bytes'),
  chunkCount: count.describe('Chunks that it is stored in'),
  createdAtMs: count,
  modifiedAtMs: count.describe('Of the last change of tags, links or custom entries: bytes never change'),
  createdBy: z.string(),
  tags: z.array(z.string()).describe('In the order of their bytes'),
  linkedTo: z.array(z.string()).describe('In the order of their bytes'),
  custom: z.record(z.string(), z.string()),
});
export type Artifact = z.infer<typeof artifact>;
export const artifactResult = z.object({ artifact });
export type ArtifactResult = z.infer<typeof artifactResult>;

export const getResult = z.object({ artifact, bytes });
export interface GetResult {
  readonly artifact: Artifact;
  readonly bytes: Uint8Array;
}

export const downloadInput = z.strictObject({
  artifactId,
  offset: count.optional().describe('First byte that is wanted; 0'),
  length: count.optional().describe('Bytes that are wanted, fewer when it ends before; all when absent'),
});
export type DownloadInput = z.infer<typeof downloadInput>;

/** Bytes as they are read and have been verified; the consumer's pace is that of the reading. */
export interface Download {
  readonly artifact: Artifact;
  readonly offset: number;
  /** Bytes that the pieces have in all. */
  readonly length: number;
  /** At most `LIMITS.blobChunkBytes` each. Whoever gets all of them without an error has the right bytes. */
  readonly pieces: AsyncIterable<Uint8Array>;
}
export const download = z.custom<Download>(
  (value) => typeof value === 'object' && value !== null && 'artifact' in value && 'pieces' in value,
);

export const deleteResult = z.object({ deleted: z.literal(true) });
export type DeleteResult = z.infer<typeof deleteResult>;

export const listInput = z.strictObject({
  filenamePrefix: z.string().optional(),
  idPrefix: z.string().optional().describe('Beginning of the id, in lower case'),
  tag: tag.optional(),
  linkedTo: entity.optional(),
  contentType: z.string().optional(),
  ...pageInput,
});
export type ListInput = z.infer<typeof listInput>;
export const listResult = z.object({
  artifacts: z.array(artifact).describe('By age, the oldest first'),
  pagination,
});
export type ListResult = z.infer<typeof listResult>;

export const tagInput = z.strictObject({ artifactId, tag });
export type TagInput = z.infer<typeof tagInput>;
export const linkInput = z.strictObject({ artifactId, entity });
export type LinkInput = z.infer<typeof linkInput>;
export const setMetaInput = z.strictObject({
  artifactId,
  key: customKey,
  value: z.string().nullable().describe('Null removes the entry'),
});
export type SetMetaInput = z.infer<typeof setMetaInput>;
export const getMetaInput = z.strictObject({ artifactId, key: customKey });
export type GetMetaInput = z.infer<typeof getMetaInput>;
export const getMetaResult = z.object({ value: z.string().nullable().describe('Null: no such entry') });
export type GetMetaResult = z.infer<typeof getMetaResult>;
export const changeResult = z.object({ changed: z.boolean().describe('False: it was so before') });
export type ChangeResult = z.infer<typeof changeResult>;

export const verifyResult = z.object({
  valid: z.boolean(),
  fault: z.string().nullable().describe('What is wrong; null when it is valid'),
});
export type VerifyResult = z.infer<typeof verifyResult>;

export const collectInput = z.strictObject({
  full: z
    .boolean()
    .optional()
    .describe('Look at every chunk, not only at those that are known to have lost a reference'),
  timeMsMax: z.int().min(1).optional().describe('Begin no further step after so long; until nothing is left'),
});
export type CollectInput = z.infer<typeof collectInput>;
export const collectResult = z.object({
  chunks: count.describe('Chunks that were removed'),
  bytes: count,
  done: z.boolean().describe('Nothing is left but what somebody holds, and running uploads'),
});
export type CollectResult = z.infer<typeof collectResult>;

export const repairResult = z.object({
  references: count.describe('References of nobody that were removed'),
  orphans: count.describe('Chunks without a reference that were removed'),
  damaged: z.array(z.string()).describe('Ids of the first 100 artifacts whose chunks are not all there'),
});
export type RepairResult = z.infer<typeof repairResult>;

export const statsResult = z.object({
  artifactCount: count,
  chunkCount: count.describe('Chunks that are stored, each once'),
  totalBytes: count.describe('Of all artifacts'),
  uniqueBytes: count.describe('Of the chunks of all artifacts, each counted once'),
  dedupRatio: z.number().describe('1 - unique/total; 0 when there is nothing'),
  orphanedChunks: count.describe('Of no artifact and no running upload: the collector removes them'),
  runningUploads: count,
});
export type StatsResult = z.infer<typeof statsResult>;
