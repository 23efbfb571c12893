/**
 * The two numberings of the Neumann services: that of the reference, and that of released servers and clients. A listener
 * speaks one of them. What the services do knows neither: it fills in the reference's messages by the names of their fields,
 * and `Wire` has the descriptors by which these are read and written.
 */
import type { DescFile, DescMessage, DescService } from '@bufbuild/protobuf';
import { assert } from '../../../base/index.ts';
import type {
  BlobService,
  BlobUploadRequestSchema,
  Health,
  QueryResponseChunkSchema,
  QueryResponseSchema,
  QueryService,
} from '../gen/neumann_pb.ts';
import { file_neumann } from '../gen/neumann_pb.ts';
import { releasedFile } from './released.ts';

/** As the option `neumann-wire` names them. */
export const WIRES = ['documented', 'released'] as const;
export type WireName = (typeof WIRES)[number];

/** Typed as the reference's: field names and types are the same in both. */
export interface Wire {
  readonly name: WireName;
  readonly queryService: typeof QueryService;
  readonly blobService: typeof BlobService;
  readonly health: typeof Health;
  readonly response: typeof QueryResponseSchema;
  readonly chunk: typeof QueryResponseChunkSchema;
  readonly upload: typeof BlobUploadRequestSchema;
}

export function wireOf(name: WireName): Wire {
  const file = name === 'documented' ? file_neumann : releasedFile();
  return {
    name,
    queryService: serviceIn(file, 'QueryService') as typeof QueryService,
    blobService: serviceIn(file, 'BlobService') as typeof BlobService,
    health: serviceIn(file, 'Health') as typeof Health,
    response: messageIn(file, 'QueryResponse') as typeof QueryResponseSchema,
    chunk: messageIn(file, 'QueryResponseChunk') as typeof QueryResponseChunkSchema,
    upload: messageIn(file, 'BlobUploadRequest') as typeof BlobUploadRequestSchema,
  };
}

/** The number of a field, for what is written without the general encoder. */
export function numberOf(message: DescMessage, field: string): number {
  const found = message.fields.find(({ name }) => name === field);
  assert(found !== undefined, `${message.typeName} has no field ${field}`);
  return found.number;
}

function serviceIn(file: DescFile, name: string): DescService {
  const found = file.services.find((service) => service.name === name);
  assert(found !== undefined, `${file.name} has no service ${name}`);
  return found;
}

function messageIn(file: DescFile, name: string): DescMessage {
  const found = file.messages.find((message) => message.name === name);
  assert(found !== undefined, `${file.name} has no message ${name}`);
  return found;
}
