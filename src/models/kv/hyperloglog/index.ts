/** Front door of HyperLogLogs. */
export {
  HYPERLOGLOG_OPERATIONS,
  hyperloglogPfadd,
  hyperloglogPfcount,
  hyperloglogPfmerge,
  hyperloglogStats,
} from './operations.ts';
