/** Front door of the blob model. */
export {
  BLOB_OPERATIONS,
  blobCollect,
  blobDelete,
  blobDownload,
  blobGet,
  blobGetMeta,
  blobInfo,
  blobLink,
  blobList,
  blobPut,
  blobRepair,
  blobSetMeta,
  blobStats,
  blobTag,
  blobUnlink,
  blobUntag,
  blobUpload,
  blobVerify,
} from './operations.ts';
export type { Artifact, Download, Pieces } from './schemas.ts';
