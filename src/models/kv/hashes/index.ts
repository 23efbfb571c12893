/** Front door of hashes. */
export {
  HASH_OPERATIONS,
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
} from './operations.ts';
