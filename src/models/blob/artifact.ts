/** Artifacts as rows: what is told of one, finding, listing and deleting them. */
import { FacetError, LIMITS, randomHex } from '../../base/index.ts';
import { arrayLiteral, type Cell, type OwnParameter, runPatiently } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { pageOf, paginationOf } from '../pagination.ts';
import { depotOf } from './depot.ts';
import { type CheckedLabels, checkEntity, checkId, checkTag, checkText, noArtifact } from './names.ts';
import type {
  Artifact,
  ArtifactInput,
  ArtifactResult,
  DeleteResult,
  ListInput,
  ListResult,
} from './schemas.ts';
import { DELETE, INFO, LIST, LIST_COUNT } from './statements.ts';

/** An artifact, and what only its readers need. */
export interface Stored {
  readonly artifact: Artifact;
  readonly chunkBytes: number;
}

/** A random UUID (RFC 9562, version 4) in lower case. */
export function newArtifactId(): string {
  const hex = randomHex(16);
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export interface Content {
  readonly size: number;
  readonly sha256: Buffer;
  readonly chunkCount: number;
}

/** What a new artifact's row is made of, but for its id. */
export const descriptionOf = (labels: CheckedLabels, content: Content): (string | Uint8Array)[] => [
  labels.filename,
  labels.contentType,
  String(content.size),
  content.sha256,
  String(LIMITS.blobChunkBytes),
  String(content.chunkCount),
  labels.createdBy,
  arrayLiteral(labels.tags),
  arrayLiteral(labels.linkedTo),
  JSON.stringify(labels.custom),
];

export const madeArtifact = (
  artifactId: string,
  labels: CheckedLabels,
  content: Content,
  madeAtMs: number,
): ArtifactResult => ({
  artifact: {
    artifactId,
    filename: labels.filename,
    contentType: labels.contentType,
    size: content.size,
    checksum: `sha256:${content.sha256.toString('hex')}`,
    chunkCount: content.chunkCount,
    createdAtMs: madeAtMs,
    modifiedAtMs: madeAtMs,
    createdBy: labels.createdBy,
    tags: [...labels.tags],
    linkedTo: [...labels.linkedTo],
    custom: { ...labels.custom },
  },
});

function storedOf(row: readonly Cell[]): Stored {
  const [id, filename, contentType, size, sha256, chunkCount, createdAtMs, modifiedAtMs, createdBy] = row;
  const [tags, linkedTo, custom, chunkBytes] = row.slice(9);
  return {
    artifact: {
      artifactId: id ?? '',
      filename: filename ?? '',
      contentType: contentType ?? '',
      size: Number(size),
      checksum: `sha256:${sha256}`,
      chunkCount: Number(chunkCount),
      createdAtMs: Number(createdAtMs),
      modifiedAtMs: Number(modifiedAtMs),
      createdBy: createdBy ?? '',
      tags: JSON.parse(tags ?? '[]') as string[],
      linkedTo: JSON.parse(linkedTo ?? '[]') as string[],
      custom: JSON.parse(custom ?? '{}') as Record<string, string>,
    },
    chunkBytes: Number(chunkBytes),
  };
}

/** @throws ARTIFACT_NOT_FOUND */
export async function find(
  { database, transaction, signal }: OperationContext,
  id: string,
  detail?: string,
): Promise<Stored> {
  checkId(id);
  const { rows } = await database.run(INFO, [id], { transaction, signal, reads: true });
  const [row] = rows;
  if (row === undefined) throw noArtifact(id, detail);
  return storedOf(row);
}

/** What is known of an artifact, without its bytes. @throws ARTIFACT_NOT_FOUND */
export async function info(
  context: OperationContext,
  { artifactId }: ArtifactInput,
): Promise<ArtifactResult> {
  return { artifact: (await find(context, artifactId)).artifact };
}

/**
 * Nobody sees it from here on. Its chunks go later, in steps; a download under way goes on until then.
 * @throws ARTIFACT_NOT_FOUND, LOCK_TIMEOUT
 */
export async function remove(
  context: OperationContext,
  { artifactId }: ArtifactInput,
): Promise<DeleteResult> {
  checkId(artifactId);
  const { affected } = await patiently(context, DELETE, [artifactId]);
  if (affected === 0) throw noArtifact(artifactId);
  depotOf(context.database).freed(context.transaction);
  return { deleted: true };
}

/** One short statement on the row of an artifact, which somebody's transaction may hold. @throws LOCK_TIMEOUT */
export const patiently = (
  { database, transaction, signal }: OperationContext,
  statement: typeof DELETE,
  parameters: readonly OwnParameter[],
) => runPatiently(database, LIMITS.blobLockMsMax, statement, parameters, { transaction, signal });

const ID_PREFIX = /^[0-9a-f-]{0,36}$/;

/** A page of all artifacts that pass every filter that was given, the oldest first. @throws INVALID_CURSOR */
export async function list(context: OperationContext, input: ListInput): Promise<ListResult> {
  const page = pageOf(input);
  const { filenamePrefix = '', idPrefix = '', tag, linkedTo, contentType } = input;
  checkText(filenamePrefix, 'The beginning of a name', LIMITS.blobFilenameBytesMax, 0);
  if (tag !== undefined) checkTag(tag);
  if (linkedTo !== undefined) checkEntity(linkedTo);
  if (contentType !== undefined) checkText(contentType, 'A content type', LIMITS.blobContentTypeBytesMax);
  if (!ID_PREFIX.test(idPrefix)) {
    throw new FacetError('INVALID_PARAMETER', 'The beginning of an id has hexadecimal digits in lower case');
  }
  const filters = [
    filenamePrefix === '' ? null : filenamePrefix,
    idPrefix === '' ? null : idPrefix,
    tag === undefined ? null : arrayLiteral([tag]),
    linkedTo === undefined ? null : arrayLiteral([linkedTo]),
    contentType ?? null,
  ];
  const { database, signal } = context;
  // Both of one moment, and where it may take its time.
  return await database.inTransaction(
    async (transaction) => {
      const counting = database.run(LIST_COUNT, filters, { transaction, signal, ahead: true });
      const listing = database.run(LIST, [...filters, String(page.limit), String(page.offset)], {
        transaction,
        signal,
      });
      const [counted, listed] = await Promise.all([counting, listing]);
      return {
        artifacts: listed.rows.map((row) => storedOf(row).artifact),
        pagination: paginationOf(page, Number(counted.rows[0]?.[0])),
      };
    },
    context.transaction === undefined
      ? { signal, readOnly: true, isolationLevel: 'repeatable_read' }
      : { signal, transaction: context.transaction },
  );
}
