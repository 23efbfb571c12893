/** Front door of the key-value model: strings, collections, and what works on keys of every kind. */
import { BITMAP_OPERATIONS } from './bitmaps/index.ts';
import { GEO_OPERATIONS } from './geo/index.ts';
import { HASH_OPERATIONS } from './hashes/index.ts';
import { HYPERLOGLOG_OPERATIONS } from './hyperloglog/index.ts';
import { LIST_OPERATIONS } from './lists/index.ts';
import { KEY_OPERATIONS } from './operations.ts';
import { SET_OPERATIONS } from './sets/index.ts';
import { SORTED_SET_OPERATIONS } from './sorted-sets/index.ts';
import { STRING_OPERATIONS } from './string-operations.ts';
import { WATCH_OPERATIONS } from './watch/index.ts';

export {
  bitmapBitcount,
  bitmapBitfield,
  bitmapBitop,
  bitmapBitpos,
  bitmapGetbit,
  bitmapSetbit,
  bitmapStats,
} from './bitmaps/index.ts';
export { KIND_NAMES, type KindName } from './entry.ts';
export {
  geospatialGeoadd,
  geospatialGeodist,
  geospatialGeohash,
  geospatialGeopos,
  geospatialGeoradius,
  geospatialGeoradiusbymember,
  geospatialGeosearch,
  geospatialStats,
} from './geo/index.ts';
export {
  hashDel,
  hashExists,
  hashGet,
  hashGetall,
  hashIncrby,
  hashIncrbyfloat,
  hashKeys,
  hashLen,
  hashMget,
  hashMset,
  hashSet,
  hashSetnx,
  hashStats,
  hashVals,
} from './hashes/index.ts';
export {
  hyperloglogPfadd,
  hyperloglogPfcount,
  hyperloglogPfmerge,
  hyperloglogStats,
} from './hyperloglog/index.ts';
export {
  listLindex,
  listLinsert,
  listLlen,
  listLpop,
  listLpos,
  listLpush,
  listLpushx,
  listLrange,
  listLrem,
  listLset,
  listLtrim,
  listRpop,
  listRpoplpush,
  listRpush,
  listRpushx,
  listStats,
} from './lists/index.ts';
export {
  keyCopy,
  keyExists,
  keyRandomkey,
  keyRename,
  keyRenamenx,
  keyType,
  kvDbsize,
  kvDel,
  kvExists,
  kvExpire,
  kvFlushdb,
  kvKeys,
  kvMdel,
  kvPersist,
  kvScan,
  kvStats,
  kvTtl,
  kvVersions,
  memoryUsage,
} from './operations.ts';
export {
  setAdd,
  setCard,
  setDiff,
  setDiffstore,
  setInter,
  setInterstore,
  setIsmember,
  setMembers,
  setMove,
  setPop,
  setRandmember,
  setRem,
  setStats,
  setUnion,
  setUnionstore,
} from './sets/index.ts';
export {
  sortedsetStats,
  sortedsetZadd,
  sortedsetZcard,
  sortedsetZcount,
  sortedsetZdiffstore,
  sortedsetZincrby,
  sortedsetZinterstore,
  sortedsetZmscore,
  sortedsetZpopmax,
  sortedsetZpopmin,
  sortedsetZrange,
  sortedsetZrangebyscore,
  sortedsetZrank,
  sortedsetZrem,
  sortedsetZremrangebyrank,
  sortedsetZremrangebyscore,
  sortedsetZrevrange,
  sortedsetZrevrank,
  sortedsetZscore,
  sortedsetZunionstore,
} from './sorted-sets/index.ts';
export {
  kvAppend,
  kvDecr,
  kvGet,
  kvGetrange,
  kvGetset,
  kvIncr,
  kvMget,
  kvMset,
  kvMsetnx,
  kvSet,
  kvSetEach,
  kvSetrange,
  kvStrlen,
} from './string-operations.ts';
export { type KeyChange, type KeyEvent, kvWatch } from './watch/index.ts';

export const KV_OPERATIONS = [
  ...STRING_OPERATIONS,
  ...KEY_OPERATIONS,
  ...HASH_OPERATIONS,
  ...LIST_OPERATIONS,
  ...SET_OPERATIONS,
  ...SORTED_SET_OPERATIONS,
  ...BITMAP_OPERATIONS,
  ...HYPERLOGLOG_OPERATIONS,
  ...GEO_OPERATIONS,
  ...WATCH_OPERATIONS,
] as const;
