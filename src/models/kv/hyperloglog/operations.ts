/** What the key-value model can do with HyperLogLogs. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as count from './count.ts';
import * as schemas from './schemas.ts';

export const hyperloglogPfadd = command({
  name: 'hyperloglog.pfadd',
  summary: 'Adds elements.',
  access: 'write',
  input: schemas.addInput,
  output: schemas.addResult,
  errors: ['VALUE_TOO_LARGE'],
  run: count.pfadd,
});
export const hyperloglogPfcount = command({
  name: 'hyperloglog.pfcount',
  summary: 'Estimates how many different elements there are.',
  access: 'read',
  input: schemas.countInput,
  output: schemas.countResult,
  run: count.pfcount,
});
export const hyperloglogPfmerge = command({
  name: 'hyperloglog.pfmerge',
  summary: 'Merges HyperLogLogs into one.',
  access: 'write',
  input: schemas.mergeInput,
  output: schemas.mergeResult,
  run: count.pfmerge,
});
export const hyperloglogStats = command({
  name: 'hyperloglog.stats',
  summary: 'Counts HyperLogLogs, nothing of their elements, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.hyperloglog, 'hyperloglog.'),
});

export const HYPERLOGLOG_OPERATIONS = [
  hyperloglogPfadd,
  hyperloglogPfcount,
  hyperloglogPfmerge,
  hyperloglogStats,
] as const;
