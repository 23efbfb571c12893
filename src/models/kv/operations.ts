/** What the key-value model can do with keys of every kind: deleting, expiring, walking, renaming, counting. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { KEY_ERRORS, WRITE_ERRORS } from './error-lists.ts';
import * as expiry from './expiry/index.ts';
import * as keys from './keys/index.ts';

export const kvDel = operation({
  name: 'kv.del',
  summary: 'Deletes keys of any kind.',
  input: keys.schemas.manyKeys,
  output: keys.schemas.delResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.del,
});

export const kvMdel = operation({
  name: 'kv.mdel',
  summary: 'Deletes keys of any kind; another name of kv.del.',
  input: keys.schemas.manyKeys,
  output: keys.schemas.delResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.del,
});

export const kvExists = operation({
  name: 'kv.exists',
  summary: 'Tells whether a key is there.',
  input: keys.schemas.oneKey,
  output: keys.schemas.existsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.exists,
});

export const kvVersions = operation({
  name: 'kv.versions',
  summary: 'Returns marks by which a later look tells whether keys were changed.',
  input: keys.schemas.manyKeys,
  output: keys.schemas.versionsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.versions,
});

export const kvExpire = operation({
  name: 'kv.expire',
  summary: 'Sets the time to live of a key.',
  input: expiry.schemas.expireInput,
  output: expiry.schemas.changedResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: expiry.expire,
});

export const kvTtl = operation({
  name: 'kv.ttl',
  summary: 'Returns what is left of the time to live of a key.',
  input: expiry.schemas.keyInputOnly,
  output: expiry.schemas.ttlResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: expiry.ttl,
});

export const kvPersist = operation({
  name: 'kv.persist',
  summary: 'Takes the time to live of a key away.',
  input: expiry.schemas.keyInputOnly,
  output: expiry.schemas.changedResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: expiry.persist,
});

export const kvScan = operation({
  name: 'kv.scan',
  summary: 'Returns keys page by page, in the order of their bytes.',
  input: keys.schemas.scanInput,
  output: keys.schemas.scanResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...KEY_ERRORS, 'INVALID_CURSOR'],
  run: keys.scan,
});

export const kvKeys = operation({
  name: 'kv.keys',
  summary: 'Returns the keys that match a pattern.',
  input: keys.schemas.keysInput,
  output: keys.schemas.keysResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.keys,
});

export const kvDbsize = operation({
  name: 'kv.dbsize',
  summary: 'Counts the keys of the namespace.',
  input: keys.schemas.none,
  output: keys.schemas.sizeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: keys.dbsize,
});

export const kvFlushdb = operation({
  name: 'kv.flushdb',
  summary: 'Deletes every key of the namespace.',
  input: keys.schemas.none,
  output: keys.schemas.flushResult,
  access: 'admin',
  category: 'default',
  streams: false,
  errors: WRITE_ERRORS,
  run: keys.flushdb,
});

export const kvStats = operation({
  name: 'kv.stats',
  summary: 'Counts keys by kind, bytes on disk, and what this process did.',
  input: keys.schemas.none,
  output: keys.schemas.statsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: keys.stats,
});

export const keyType = operation({
  name: 'key.type',
  summary: 'Returns the kind of a key.',
  input: keys.schemas.oneKey,
  output: keys.schemas.typeResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.type,
});

export const keyExists = operation({
  name: 'key.exists',
  summary: 'Tells whether a key is there; another name of kv.exists.',
  input: keys.schemas.oneKey,
  output: keys.schemas.existsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.exists,
});

export const keyRename = operation({
  name: 'key.rename',
  summary: 'Renames a key of any kind over whatever the new name held.',
  input: keys.schemas.renameInput,
  output: keys.schemas.renameResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...KEY_ERRORS, 'KEY_NOT_FOUND'],
  run: keys.rename,
});

export const keyRenamenx = operation({
  name: 'key.renamenx',
  summary: 'Renames a key of any kind if the new name is free.',
  input: keys.schemas.renameInput,
  output: keys.schemas.renameResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...KEY_ERRORS, 'KEY_NOT_FOUND', 'KEY_EXISTS'],
  run: keys.renamenx,
});

export const keyCopy = operation({
  name: 'key.copy',
  summary: 'Copies a key of any kind with its time to live.',
  input: keys.schemas.copyInput,
  output: keys.schemas.renameResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...KEY_ERRORS, 'KEY_NOT_FOUND', 'KEY_EXISTS'],
  run: keys.copy,
});

export const keyRandomkey = operation({
  name: 'key.randomkey',
  summary: 'Returns a key drawn by lot.',
  input: keys.schemas.none,
  output: keys.schemas.randomResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: ENGINE_ERRORS,
  run: keys.randomkey,
});

export const memoryUsage = operation({
  name: 'memory.usage',
  summary: 'Returns how many bytes a key and what it holds take.',
  input: keys.schemas.oneKey,
  output: keys.schemas.usageResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: KEY_ERRORS,
  run: keys.usage,
});

export const KEY_OPERATIONS = [
  kvDel,
  kvMdel,
  kvExists,
  kvVersions,
  kvExpire,
  kvTtl,
  kvPersist,
  kvScan,
  kvKeys,
  kvDbsize,
  kvFlushdb,
  kvStats,
  keyType,
  keyExists,
  keyRename,
  keyRenamenx,
  keyCopy,
  keyRandomkey,
  memoryUsage,
] as const;
