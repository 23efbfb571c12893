/** What the key-value model can do with hashes. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as read from './read.ts';
import * as schemas from './schemas.ts';
import * as write from './write.ts';

export const hashSet = command({
  name: 'hash.set',
  summary: 'Sets a field of a hash.',
  access: 'write',
  input: schemas.setInput,
  output: schemas.createdResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.set,
});
export const hashSetnx = command({
  name: 'hash.setnx',
  summary: 'Sets a field of a hash when it is not there.',
  access: 'write',
  input: schemas.setInput,
  output: schemas.createdResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.setnx,
});
export const hashMset = command({
  name: 'hash.mset',
  summary: 'Sets many fields of a hash.',
  access: 'write',
  input: schemas.msetInput,
  output: schemas.msetResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.mset,
});
export const hashGet = command({
  name: 'hash.get',
  summary: 'Returns the value of a field.',
  access: 'read',
  input: schemas.oneField,
  output: schemas.getResult,
  run: read.get,
});
export const hashMget = command({
  name: 'hash.mget',
  summary: 'Returns the values of many fields.',
  access: 'read',
  input: schemas.manyFields,
  output: schemas.mgetResult,
  run: read.mget,
});
export const hashGetall = command({
  name: 'hash.getall',
  summary: 'Returns all fields and values.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.pairsResult,
  run: read.getall,
});
export const hashKeys = command({
  name: 'hash.keys',
  summary: 'Returns all fields.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.fieldsResult,
  run: read.keys,
});
export const hashVals = command({
  name: 'hash.vals',
  summary: 'Returns all values.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.valuesResult,
  run: read.vals,
});
export const hashExists = command({
  name: 'hash.exists',
  summary: 'Tells whether a field is there.',
  access: 'read',
  input: schemas.oneField,
  output: schemas.existsResult,
  run: read.exists,
});
export const hashLen = command({
  name: 'hash.len',
  summary: 'Returns how many fields a hash has.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.lengthResult,
  run: read.len,
});
export const hashDel = command({
  name: 'hash.del',
  summary: 'Deletes fields of a hash.',
  access: 'write',
  input: schemas.manyFields,
  output: schemas.deletedResult,
  run: write.del,
});
export const hashIncrby = command({
  name: 'hash.incrby',
  summary: 'Adds to an integer in a field.',
  access: 'write',
  input: schemas.addInput,
  output: schemas.addResult,
  errors: ['NOT_AN_INTEGER', 'INTEGER_OVERFLOW'],
  run: write.incrby,
});
export const hashIncrbyfloat = command({
  name: 'hash.incrbyfloat',
  summary: 'Adds to a decimal number in a field.',
  access: 'write',
  input: schemas.addFloatInput,
  output: schemas.addFloatResult,
  run: write.incrbyfloat,
});
export const hashStats = command({
  name: 'hash.stats',
  summary: 'Counts hashes, their fields, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.hash, 'hash.'),
});

export const HASH_OPERATIONS = [
  hashSet,
  hashSetnx,
  hashMset,
  hashGet,
  hashMget,
  hashGetall,
  hashKeys,
  hashVals,
  hashExists,
  hashLen,
  hashDel,
  hashIncrby,
  hashIncrbyfloat,
  hashStats,
] as const;
