/** Front door of sorted sets. */
export {
  SORTED_SET_OPERATIONS,
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
} from './operations.ts';
export { zmscore } from './read.ts';
export { zadd } from './write.ts';
