/** Front door of what works on keys of every kind. */
import * as schemas from './schemas.ts';

export { del, exists, flushdb, type, versions } from './delete.ts';
export { dbsize, randomkey, stats, usage } from './facts.ts';
export { copy, rename, renamenx } from './move.ts';
export { keys, scan } from './scan.ts';
export { schemas };
