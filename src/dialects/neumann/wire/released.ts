/**
 * The numbers that released servers and clients of Neumann speak where they differ from the reference: fields of three
 * messages, the name of one, and how the values of one enum are called. Everything else is the same in both.
 */
import { clone, createFileRegistry, type DescFile } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { assert } from '../../../base/index.ts';
import { file_neumann } from '../gen/neumann_pb.ts';

/** Message -> field -> its number in released versions. What is not named keeps its number. */
const NUMBERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  QueryResponse: {
    ...{
      empty: 1,
      value: 2,
      count: 3,
      ids: 4,
      rows: 5,
      nodes: 6,
      edges: 7,
      path: 8,
      similar: 9,
      unified: 10,
    },
    ...{
      table_list: 11,
      blob: 12,
      artifact_info: 13,
      artifact_list: 14,
      blob_stats: 15,
      checkpoint_list: 16,
    },
    ...{ page_rank: 18, centrality: 19, error: 20, communities: 21, constraints: 22, aggregate: 23 },
    ...{ batch_operation: 24, graph_indexes: 25 },
  },
  QueryResponseChunk: { error: 10, is_final: 15 },
  UploadMetadata: { created_by: 3, tags: 4, linked_to: 5, custom: 6 },
};

const RENAMED = new Map([['UploadMetadata', 'BlobUploadMetadata']]);
const PREFIXED_ENUM = 'ServingStatus';
const ENUM_PREFIX = 'SERVING_STATUS_';

/** The file of the services as released versions have it. */
export function releasedFile(): DescFile {
  const registry = createFileRegistry(
    renumbered(clone(FileDescriptorProtoSchema, file_neumann.proto)),
    (name) => file_neumann.dependencies.find(({ proto }) => proto.name === name),
  );
  const file = registry.getFile(file_neumann.proto.name);
  assert(file !== undefined, 'the released file is in the registry it was read into');
  return file;
}

function renumbered(file: FileDescriptorProto): FileDescriptorProto {
  for (const message of file.messageType) {
    const numbers = NUMBERS[message.name] ?? {};
    for (const field of message.field) {
      field.number = numbers[field.name] ?? field.number;
      field.typeName = withNewName(field.typeName);
    }
    message.name = RENAMED.get(message.name) ?? message.name;
  }
  for (const { name, value } of file.enumType) {
    if (name === PREFIXED_ENUM) for (const each of value) each.name = ENUM_PREFIX + each.name;
  }
  return file;
}

/** Types are named whole, from the package on: `.neumann.v1.UploadMetadata.CustomEntry`. */
const withNewName = (typeName: string): string =>
  typeName
    .split('.')
    .map((part) => RENAMED.get(part) ?? part)
    .join('.');
