/** neumann.v1.BlobService but for uploads: reading, describing and deleting artifacts. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Artifact, blobDelete, blobDownload, blobInfo } from '../../../models/index.ts';
import { type Procedure, serverStreaming, unary } from '../../grpc/index.ts';
import type { ArtifactInfoSchema } from '../gen/neumann/v1/results_pb.ts';
import { downloadChunk, recut } from './download-chunks.ts';
import type { Service } from './service.ts';

/** The reader's pace is that of the reading. */
export const download = ({ wire, settings }: Service): Procedure =>
  serverStreaming(
    wire.blobService.method.download,
    blobDownload,
    async ({ artifactId }, call) => {
      const { pieces, length } = await call.dispatch.call(blobDownload, { artifactId }, call.session);
      return chunks(recut(pieces, settings.blobChunkBytes), length);
    },
    { messagesAhead: settings.streamCapacity },
  );

async function* chunks(
  pieces: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let sent = 0;
  for await (const piece of pieces) {
    sent += piece.length;
    yield [downloadChunk(piece, sent === length)];
  }
}

export const remove = ({ wire }: Service): Procedure =>
  unary(wire.blobService.method.delete, blobDelete, async ({ artifactId }, call) => {
    await call.dispatch.call(blobDelete, { artifactId }, call.session);
    return { success: true };
  });

export const getMetadata = ({ wire }: Service): Procedure =>
  unary(wire.blobService.method.getMetadata, blobInfo, async ({ artifactId }, call) =>
    artifactInfo((await call.dispatch.call(blobInfo, { artifactId }, call.session)).artifact),
  );

function artifactInfo(
  artifact: Artifact,
): Exclude<MessageInitShape<typeof ArtifactInfoSchema>, { $typeName: string }> {
  const { artifactId, size, chunkCount, createdAtMs, modifiedAtMs, ...labels } = artifact;
  return {
    ...labels,
    id: artifactId,
    size: BigInt(size),
    chunkCount: BigInt(chunkCount),
    created: unixSeconds(createdAtMs),
    modified: unixSeconds(modifiedAtMs),
  };
}

const unixSeconds = (ms: number): bigint => BigInt(Math.floor(ms / 1_000));
