/** What the key-value model can do with sorted sets. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as combine from './combine.ts';
import * as read from './read.ts';
import * as schemas from './schemas.ts';
import * as write from './write.ts';

export const sortedsetZadd = command({
  name: 'sortedset.zadd',
  summary: 'Adds members with scores, or changes scores.',
  access: 'write',
  input: schemas.addInput,
  output: schemas.addResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.zadd,
});
export const sortedsetZincrby = command({
  name: 'sortedset.zincrby',
  summary: 'Adds to the score of a member.',
  access: 'write',
  input: schemas.incrInput,
  output: schemas.incrResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.zincrby,
});
export const sortedsetZrem = command({
  name: 'sortedset.zrem',
  summary: 'Removes members.',
  access: 'write',
  input: schemas.manyMembers,
  output: schemas.removedResult,
  errors: ['VALUE_TOO_LARGE'],
  run: write.zrem,
});
export const sortedsetZscore = command({
  name: 'sortedset.zscore',
  summary: 'Returns the score of a member.',
  access: 'read',
  input: schemas.oneMember,
  output: schemas.scoreResult,
  errors: ['VALUE_TOO_LARGE'],
  run: read.zscore,
});
export const sortedsetZmscore = command({
  name: 'sortedset.zmscore',
  summary: 'Returns the scores of many members.',
  access: 'read',
  input: schemas.manyMembers,
  output: schemas.scoresResult,
  errors: ['VALUE_TOO_LARGE'],
  run: read.zmscore,
});
export const sortedsetZcard = command({
  name: 'sortedset.zcard',
  summary: 'Returns how many members a sorted set has.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.countResult,
  run: read.zcard,
});
export const sortedsetZcount = command({
  name: 'sortedset.zcount',
  summary: 'Counts members in a range of scores.',
  access: 'read',
  input: schemas.scoreRange,
  output: schemas.countResult,
  run: read.zcount,
});
export const sortedsetZrange = command({
  name: 'sortedset.zrange',
  summary: 'Returns members by rank, from the lowest score.',
  access: 'read',
  input: schemas.rankRange,
  output: schemas.membersResult,
  run: read.zrange,
});
export const sortedsetZrevrange = command({
  name: 'sortedset.zrevrange',
  summary: 'Returns members by rank, from the highest score.',
  access: 'read',
  input: schemas.rankRange,
  output: schemas.membersResult,
  run: read.zrevrange,
});
export const sortedsetZrangebyscore = command({
  name: 'sortedset.zrangebyscore',
  summary: 'Returns members in a range of scores.',
  access: 'read',
  input: schemas.scorePage,
  output: schemas.membersResult,
  run: read.zrangebyscore,
});
export const sortedsetZrank = command({
  name: 'sortedset.zrank',
  summary: 'Returns how many members come before one.',
  access: 'read',
  input: schemas.oneMember,
  output: schemas.rankResult,
  errors: ['VALUE_TOO_LARGE'],
  run: read.zrank,
});
export const sortedsetZrevrank = command({
  name: 'sortedset.zrevrank',
  summary: 'Returns how many members come behind one.',
  access: 'read',
  input: schemas.oneMember,
  output: schemas.rankResult,
  errors: ['VALUE_TOO_LARGE'],
  run: read.zrevrank,
});
export const sortedsetZpopmin = command({
  name: 'sortedset.zpopmin',
  summary: 'Takes the members with the lowest scores.',
  access: 'write',
  input: schemas.popInput,
  output: schemas.membersResult,
  run: write.zpopmin,
});
export const sortedsetZpopmax = command({
  name: 'sortedset.zpopmax',
  summary: 'Takes the members with the highest scores.',
  access: 'write',
  input: schemas.popInput,
  output: schemas.membersResult,
  run: write.zpopmax,
});
export const sortedsetZremrangebyrank = command({
  name: 'sortedset.zremrangebyrank',
  summary: 'Removes members by rank.',
  access: 'write',
  input: schemas.rankRange,
  output: schemas.removedResult,
  run: write.zremrangebyrank,
});
export const sortedsetZremrangebyscore = command({
  name: 'sortedset.zremrangebyscore',
  summary: 'Removes members in a range of scores.',
  access: 'write',
  input: schemas.scoreRange,
  output: schemas.removedResult,
  run: write.zremrangebyscore,
});
export const sortedsetZinterstore = command({
  name: 'sortedset.zinterstore',
  summary: 'Stores what is in all of several sorted sets.',
  access: 'write',
  input: schemas.storeInput,
  output: schemas.storeResult,
  run: combine.zinterstore,
});
export const sortedsetZunionstore = command({
  name: 'sortedset.zunionstore',
  summary: 'Stores what is in any of several sorted sets.',
  access: 'write',
  input: schemas.storeInput,
  output: schemas.storeResult,
  run: combine.zunionstore,
});
export const sortedsetZdiffstore = command({
  name: 'sortedset.zdiffstore',
  summary: 'Stores what is in the first sorted set and in no other.',
  access: 'write',
  input: schemas.diffInput,
  output: schemas.storeResult,
  run: combine.zdiffstore,
});
export const sortedsetStats = command({
  name: 'sortedset.stats',
  summary: 'Counts sorted sets, their members, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.zset, 'sortedset.'),
});

export const SORTED_SET_OPERATIONS = [
  sortedsetZadd,
  sortedsetZincrby,
  sortedsetZrem,
  sortedsetZscore,
  sortedsetZmscore,
  sortedsetZcard,
  sortedsetZcount,
  sortedsetZrange,
  sortedsetZrevrange,
  sortedsetZrangebyscore,
  sortedsetZrank,
  sortedsetZrevrank,
  sortedsetZpopmin,
  sortedsetZpopmax,
  sortedsetZremrangebyrank,
  sortedsetZremrangebyscore,
  sortedsetZinterstore,
  sortedsetZunionstore,
  sortedsetZdiffstore,
  sortedsetStats,
] as const;
