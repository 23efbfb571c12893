/** Front door of sets. */
export {
  SET_OPERATIONS,
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
} from './operations.ts';
