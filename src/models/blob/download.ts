/** Reading an artifact: as a stream, as one value, or only to see that every byte is what was stored. */
import { createHash } from 'node:crypto';
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { find, type Stored } from './artifact.ts';
import { readChunks } from './read-chunks.ts';
import type { ArtifactInput, Download, DownloadInput, GetResult, VerifyResult } from './schemas.ts';

/**
 * Any part of an artifact, in order. Every chunk is verified before a byte of it is handed out.
 * @throws ARTIFACT_NOT_FOUND, INVALID_PARAMETER for an offset behind the end; the pieces: ARTIFACT_DAMAGED, and
 *   ARTIFACT_NOT_FOUND when it was deleted and collected meanwhile
 */
export async function download(context: OperationContext, input: DownloadInput): Promise<Download> {
  const stored = await find(context, input.artifactId);
  const { size } = stored.artifact;
  const offset = input.offset ?? 0;
  if (offset > size) {
    throw new FacetError('INVALID_PARAMETER', `The artifact ends at ${size}, before offset ${offset}`);
  }
  const length = Math.min(input.length ?? size, size - offset);
  return {
    artifact: stored.artifact,
    offset,
    length,
    pieces: partOf(context, stored, offset, offset + length),
  };
}

async function* partOf(
  context: OperationContext,
  stored: Stored,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  if (from === to) return;
  const { chunkBytes } = stored;
  const first = Math.floor(from / chunkBytes);
  let start = first * chunkBytes;
  for await (const chunk of readChunks(context, stored, first, Math.ceil(to / chunkBytes))) {
    yield chunk.subarray(Math.max(0, from - start), Math.min(chunk.length, to - start));
    start += chunkBytes;
  }
}

/** All bytes at once. @throws ARTIFACT_NOT_FOUND, RESULT_TOO_LARGE, ARTIFACT_DAMAGED */
export async function get(context: OperationContext, { artifactId }: ArtifactInput): Promise<GetResult> {
  const stored = await find(context, artifactId);
  const { artifact } = stored;
  if (artifact.size > LIMITS.blobValueBytesMax) {
    throw new FacetError(
      'RESULT_TOO_LARGE',
      `The artifact has ${artifact.size} bytes, more than ${LIMITS.blobValueBytesMax} (blobValueBytesMax)`,
      { hint: 'Download it as a stream, or a part of it.' },
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(context, stored, 0, artifact.chunkCount)) chunks.push(chunk);
  const [only = Buffer.alloc(0)] = chunks;
  return { artifact, bytes: chunks.length === 1 ? only : Buffer.concat(chunks) };
}

/** Reads every byte again and compares each chunk, and all of them together, with what was stored. @throws ARTIFACT_NOT_FOUND */
export async function verify(
  context: OperationContext,
  { artifactId }: ArtifactInput,
): Promise<VerifyResult> {
  const stored = await find(context, artifactId);
  const { artifact } = stored;
  const whole = createHash('sha256');
  try {
    for await (const chunk of readChunks(context, stored, 0, artifact.chunkCount)) whole.update(chunk);
  } catch (thrown) {
    const error = asFacetError(thrown);
    // The other one is PostgreSQL's, when its own files are not whole.
    if (error.code !== 'ARTIFACT_DAMAGED' && error.code !== 'DATA_CORRUPTED') throw thrown;
    return { valid: false, fault: error.message };
  }
  const valid = `sha256:${whole.digest('hex')}` === artifact.checksum;
  return { valid, fault: valid ? null : `Artifact ${artifactId} has other bytes than were stored` };
}
