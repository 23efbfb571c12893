/** Commands on keys of every kind, and what is known of their memory. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, composed, fieldsOf, json } from '../command.ts';
import type { Fields } from '../fields.ts';
import { humanBytes } from '../text-value.ts';
import { secondsLeft } from './strings.ts';

const key = (fields: Fields) => ({ key: fields.string('key') });

/** `keys` asks for a number, the older `key` for a yes or no. */
const del = command(models.kvDel, {
  gathers: true,
  read: (fields) => ({ keys: fields.optionalStrings('keys') ?? [fields.string('keys', 'key')] }),
  write: ({ deleted }, fields) =>
    json(fields.has('keys') ? { deleted } : { deleted: deleted > 0, key: fields.optionalString('key') }),
});

const mdel = command(models.kvMdel, {
  read: (fields) => ({ keys: fields.strings('keys') }),
  write: ({ deleted }) => json({ deleted }),
});

const exists = command(models.kvExists, { gathers: true, read: key, write: (output) => json(output) });

const expire = command(models.kvExpire, {
  gathers: true,
  read: (fields) => {
    const ttlMs = fields.optionalSecondsAsMs(['ttl'], 'positive');
    if (ttlMs === undefined) throw new FacetError('MISSING_PARAMETER', "'ttl' is required");
    return { key: fields.string('key'), ttlMs };
  },
  write: ({ changed }) => json({ result: changed }),
});

const ttl = command(models.kvTtl, {
  gathers: true,
  read: key,
  write: ({ found, ttlMs }, fields) => {
    if (!found) throw new FacetError('KEY_NOT_FOUND', `Key not found: ${fields.string('key')}`);
    return json({ ttl: secondsLeft(ttlMs) });
  },
});

const persist = command(models.kvPersist, {
  gathers: true,
  read: key,
  write: ({ changed }) => json({ result: changed }),
});

const scan = command(models.kvScan, {
  read: (fields) => {
    const prefix = fields.optionalString('prefix');
    const cursor = fields.optionalString('cursor');
    const count = fields.optionalInteger('count', 'limit');
    return {
      ...(prefix === undefined ? {} : { prefix }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(count === undefined ? {} : { count }),
    };
  },
  write: ({ keys, cursor }) => json({ keys, cursor, has_more: cursor !== null, count: keys.length }),
});

const allKeys = command(models.kvKeys, {
  read: (fields) => {
    const pattern = fields.optionalString('pattern');
    return pattern === undefined ? {} : { pattern };
  },
  write: ({ keys }) => json({ keys, count: keys.length }),
});

const dbsize = command(models.kvDbsize, { read: () => ({}), write: ({ keys }) => json({ size: keys }) });

const flush = command(models.kvFlushdb, {
  aliases: ['kv.flushall'],
  read: (_fields, { allowFlush }) => {
    if (allowFlush) return {};
    throw new FacetError('FORBIDDEN', 'FLUSHDB is disabled.', { hint: 'Start with --synap-allow-flush.' });
  },
  write: ({ deleted }) => json({ flushed: deleted }),
});

const stats = command(models.kvStats, {
  read: () => ({}),
  write: (output) =>
    json({
      total_keys: output.keys,
      total_memory_bytes: output.bytesOnDisk,
      keys_by_type: output.keysByType,
      operations: {
        gets: output.gets,
        sets: output.sets,
        dels: output.dels,
        hits: output.hits,
        misses: output.gets - output.hits,
      },
      hit_rate: output.gets === 0 ? 0 : output.hits / output.gets,
    }),
});

const type = command(models.keyType, {
  read: key,
  write: (output, fields) => json({ key: fields.string('key'), type: output.type ?? 'none' }),
});

const keyExists = command(models.keyExists, {
  read: key,
  write: (output, fields) => json({ key: fields.string('key'), exists: output.exists }),
});

const ends = (fields: Fields) => ({
  source: fields.string('source', 'key'),
  destination: fields.string('destination'),
});

const moved = (_output: object, fields: Fields): string => json({ success: true, ...ends(fields) });

const rename = command(models.keyRename, { read: ends, write: moved });
const renamenx = command(models.keyRenamenx, { read: ends, write: moved });
const copy = command(models.keyCopy, {
  read: (fields) => ({ ...ends(fields), replace: fields.flag('replace') }),
  write: moved,
});

const randomkey = command(models.keyRandomkey, { read: () => ({}), write: (output) => json(output) });

const usage = command(models.memoryUsage, {
  read: key,
  write: ({ bytes }, fields) => json({ key: fields.string('key'), bytes, human: humanBytes(bytes) }),
});

/** Compare and set is what transactions are for. */
const cas = composed(['kv.cas'], 'write', async (call) => {
  fieldsOf(call);
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'kv.cas is not offered: watch the key in a transaction');
});

export const KEY_COMMANDS: readonly Command[] = [
  del,
  mdel,
  exists,
  expire,
  ttl,
  persist,
  scan,
  allKeys,
  dbsize,
  flush,
  stats,
  type,
  keyExists,
  rename,
  renamenx,
  copy,
  randomkey,
  usage,
  cas,
];
