/** What the blob model can do, and what each operation needs and may fail with. */
import { operation } from '../operation.ts';
import * as artifacts from './artifact.ts';
import * as reading from './download.ts';
import * as labels from './labels.ts';
import { READ_ERRORS, WRITE_ERRORS } from './names.ts';
import * as schemas from './schemas.ts';
import * as upkeep from './upkeep.ts';
import * as store from './upload.ts';

const UPLOAD = [...WRITE_ERRORS, 'PAYLOAD_TOO_LARGE', 'UPLOAD_TIMEOUT'] as const;
const DOWNLOAD = [...READ_ERRORS, 'ARTIFACT_DAMAGED', 'DATA_CORRUPTED'] as const;
const LIST = [...READ_ERRORS, 'INVALID_CURSOR'] as const;
const UPKEEP = [...READ_ERRORS, 'INVALID_TRANSACTION_STATE', 'READ_ONLY_TRANSACTION'] as const;

export const blobPut = operation({
  name: 'blob.put',
  summary: 'Stores a value as an artifact.',
  input: schemas.putInput,
  output: schemas.artifactResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: UPLOAD,
  run: store.put,
});

export const blobUpload = operation({
  name: 'blob.upload',
  summary: 'Stores an artifact from pieces as they come.',
  input: schemas.uploadInput,
  output: schemas.artifactResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: UPLOAD,
  run: store.upload,
});

export const blobGet = operation({
  name: 'blob.get',
  summary: 'Returns an artifact with its bytes.',
  input: schemas.artifactOnly,
  output: schemas.getResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: DOWNLOAD,
  run: reading.get,
});

export const blobDownload = operation({
  name: 'blob.download',
  summary: 'Streams the bytes of an artifact, or of a part of it.',
  input: schemas.downloadInput,
  output: schemas.download,
  access: 'read',
  category: 'default',
  streams: true,
  errors: DOWNLOAD,
  run: reading.download,
});

export const blobVerify = operation({
  name: 'blob.verify',
  summary: 'Reads an artifact again and compares it with its checksums.',
  input: schemas.artifactOnly,
  output: schemas.verifyResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: DOWNLOAD,
  run: reading.verify,
});

export const blobInfo = operation({
  name: 'blob.info',
  summary: 'Describes an artifact.',
  input: schemas.artifactOnly,
  output: schemas.artifactResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: READ_ERRORS,
  run: artifacts.info,
});

export const blobList = operation({
  name: 'blob.list',
  summary: 'Lists artifacts, the oldest first.',
  input: schemas.listInput,
  output: schemas.listResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: LIST,
  run: artifacts.list,
});

export const blobDelete = operation({
  name: 'blob.delete',
  summary: 'Deletes an artifact.',
  input: schemas.artifactOnly,
  output: schemas.deleteResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: artifacts.remove,
});

export const blobTag = operation({
  name: 'blob.tag',
  summary: 'Gives an artifact a tag.',
  input: schemas.tagInput,
  output: schemas.changeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: labels.tag,
});

export const blobUntag = operation({
  name: 'blob.untag',
  summary: 'Takes a tag from an artifact.',
  input: schemas.tagInput,
  output: schemas.changeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: labels.untag,
});

export const blobLink = operation({
  name: 'blob.link',
  summary: 'Links an artifact to an entity.',
  input: schemas.linkInput,
  output: schemas.changeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: labels.link,
});

export const blobUnlink = operation({
  name: 'blob.unlink',
  summary: 'Takes a link to an entity from an artifact.',
  input: schemas.linkInput,
  output: schemas.changeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: labels.unlink,
});

export const blobSetMeta = operation({
  name: 'blob.set_meta',
  summary: 'Sets or removes a custom entry of an artifact.',
  input: schemas.setMetaInput,
  output: schemas.changeResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: labels.setMeta,
});

export const blobGetMeta = operation({
  name: 'blob.get_meta',
  summary: 'Returns a custom entry of an artifact.',
  input: schemas.getMetaInput,
  output: schemas.getMetaResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: READ_ERRORS,
  run: labels.getMeta,
});

export const blobCollect = operation({
  name: 'blob.collect',
  summary: 'Removes chunks that nothing refers to any more.',
  input: schemas.collectInput,
  output: schemas.collectResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: UPKEEP,
  run: upkeep.collect,
});

export const blobRepair = operation({
  name: 'blob.repair',
  summary: 'Removes references and chunks of nobody, and finds artifacts that are not whole.',
  input: schemas.none,
  output: schemas.repairResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: UPKEEP,
  run: upkeep.repair,
});

export const blobStats = operation({
  name: 'blob.stats',
  summary: 'Counts artifacts, chunks and bytes.',
  input: schemas.none,
  output: schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: READ_ERRORS,
  run: upkeep.stats,
});

export const BLOB_OPERATIONS = [
  blobPut,
  blobUpload,
  blobGet,
  blobDownload,
  blobVerify,
  blobInfo,
  blobList,
  blobDelete,
  blobTag,
  blobUntag,
  blobLink,
  blobUnlink,
  blobSetMeta,
  blobGetMeta,
  blobCollect,
  blobRepair,
  blobStats,
] as const;
