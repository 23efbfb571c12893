/** What the key-value model can do with sets. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as combine from './combine.ts';
import * as members from './members.ts';
import * as schemas from './schemas.ts';

export const setAdd = command({
  name: 'set.add',
  summary: 'Adds members to a set.',
  access: 'write',
  input: schemas.manyMembers,
  output: schemas.addResult,
  errors: ['VALUE_TOO_LARGE'],
  run: members.add,
});
export const setRem = command({
  name: 'set.rem',
  summary: 'Removes members from a set.',
  access: 'write',
  input: schemas.manyMembers,
  output: schemas.remResult,
  errors: ['VALUE_TOO_LARGE'],
  run: members.rem,
});
export const setIsmember = command({
  name: 'set.ismember',
  summary: 'Tells whether a set has a member.',
  access: 'read',
  input: schemas.oneMember,
  output: schemas.isMemberResult,
  errors: ['VALUE_TOO_LARGE'],
  run: members.ismember,
});
export const setMembers = command({
  name: 'set.members',
  summary: 'Returns all members.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.membersResult,
  run: members.members,
});
export const setCard = command({
  name: 'set.card',
  summary: 'Returns how many members a set has.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.cardResult,
  run: members.card,
});
export const setPop = command({
  name: 'set.pop',
  summary: 'Takes members by lot.',
  access: 'write',
  input: schemas.drawInput,
  output: schemas.membersResult,
  run: members.pop,
});
export const setRandmember = command({
  name: 'set.randmember',
  summary: 'Returns members by lot.',
  access: 'read',
  input: schemas.drawInput,
  output: schemas.membersResult,
  run: members.randmember,
});
export const setMove = command({
  name: 'set.move',
  summary: 'Moves a member from one set to another.',
  access: 'write',
  input: schemas.moveInput,
  output: schemas.moveResult,
  errors: ['VALUE_TOO_LARGE'],
  run: members.move,
});
export const setInter = command({
  name: 'set.inter',
  summary: 'Returns what is in all of several sets.',
  access: 'read',
  input: schemas.manyKeys,
  output: schemas.combinedResult,
  run: combine.inter,
});
export const setUnion = command({
  name: 'set.union',
  summary: 'Returns what is in any of several sets.',
  access: 'read',
  input: schemas.manyKeys,
  output: schemas.combinedResult,
  run: combine.union,
});
export const setDiff = command({
  name: 'set.diff',
  summary: 'Returns what is in the first set and in no other.',
  access: 'read',
  input: schemas.manyKeys,
  output: schemas.combinedResult,
  run: combine.diff,
});
export const setInterstore = command({
  name: 'set.interstore',
  summary: 'Stores what is in all of several sets.',
  access: 'write',
  input: schemas.storeInput,
  output: schemas.storeResult,
  run: combine.interstore,
});
export const setUnionstore = command({
  name: 'set.unionstore',
  summary: 'Stores what is in any of several sets.',
  access: 'write',
  input: schemas.storeInput,
  output: schemas.storeResult,
  run: combine.unionstore,
});
export const setDiffstore = command({
  name: 'set.diffstore',
  summary: 'Stores what is in the first set and in no other.',
  access: 'write',
  input: schemas.storeInput,
  output: schemas.storeResult,
  run: combine.diffstore,
});
export const setStats = command({
  name: 'set.stats',
  summary: 'Counts sets, their members, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.set, 'set.'),
});

export const SET_OPERATIONS = [
  setAdd,
  setRem,
  setIsmember,
  setMembers,
  setCard,
  setPop,
  setRandmember,
  setMove,
  setInter,
  setUnion,
  setDiff,
  setInterstore,
  setUnionstore,
  setDiffstore,
  setStats,
] as const;
