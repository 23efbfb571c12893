/** neumann.v1.BlobService/Upload: metadata first, then the bytes of one artifact, stored as they come. */
import type { MessageShape } from '@bufbuild/protobuf';
import { FacetError } from '../../../base/index.ts';
import { blobUpload } from '../../../models/index.ts';
import { clientStreaming, type Procedure } from '../../grpc/index.ts';
import type { BlobUploadRequestSchema, UploadMetadata } from '../gen/neumann_pb.ts';
import type { Service } from './service.ts';

type Request = MessageShape<typeof BlobUploadRequestSchema>;

export const upload = ({ wire, settings }: Service): Procedure =>
  clientStreaming(wire.blobService.method.upload, blobUpload, async (messages, call) => {
    const source = messages[Symbol.asyncIterator]();
    const metadata = metadataIn(await source.next());
    const pieces = chunksOf(source, settings.uploadBytesMax);
    const input = { ...labelsOf(metadata), pieces };
    const { artifact } = await call.dispatch.call(blobUpload, input, call.session);
    const { artifactId, size, checksum } = artifact;
    return { artifactId, size: BigInt(size), checksum };
  });

function metadataIn(first: IteratorResult<Request>): UploadMetadata {
  if (first.done === true) throw wrong('empty upload stream');
  const { request } = first.value;
  if (request.case === 'metadata') return request.value;
  throw wrong(request.case === 'chunk' ? 'first message must be metadata, not chunk' : 'empty request');
}

function labelsOf({ filename, contentType, tags, createdBy, linkedTo, custom }: UploadMetadata) {
  return { filename, contentType, tags, createdBy, linkedTo, custom: { ...custom } };
}

/** Counted before anything is done with them. @throws INVALID_PARAMETER, PAYLOAD_TOO_LARGE */
async function* chunksOf(source: AsyncIterator<Request>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for (;;) {
      const next = await source.next();
      if (next.done === true) break;
      const { request } = next.value;
      if (request.case === 'metadata') throw wrong('metadata can only appear as first message');
      // A message with nothing in it is passed over.
      if (request.case !== 'chunk' || request.value.length === 0) continue;
      bytes += request.value.length;
      if (bytes > bytesMax) {
        throw new FacetError('PAYLOAD_TOO_LARGE', `upload exceeds maximum size of ${bytesMax} bytes`);
      }
      yield request.value;
    }
  } finally {
    await source.return?.();
  }
  if (bytes === 0) throw wrong('no data provided');
}

const wrong = (message: string): FacetError => new FacetError('INVALID_PARAMETER', message);
