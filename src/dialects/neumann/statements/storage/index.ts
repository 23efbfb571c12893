/** Statements about what is stored beside rows, nodes and vectors: artifacts, restore points, the cache, the vault; and about what there is. */
import { BLOB_LIST_RUNNERS } from './blob-lists.ts';
import { BLOB_RUNNERS } from './blobs.ts';
import { CACHE_RUNNERS } from './cache.ts';
import { CATALOG_RUNNERS } from './catalog.ts';
import { CHECKPOINT_RUNNERS } from './checkpoints.ts';
import { VAULT_RUNNERS } from './vault.ts';

export const STORAGE_RUNNERS = {
  ...BLOB_RUNNERS,
  ...BLOB_LIST_RUNNERS,
  ...CHECKPOINT_RUNNERS,
  ...CACHE_RUNNERS,
  ...VAULT_RUNNERS,
  ...CATALOG_RUNNERS,
};
