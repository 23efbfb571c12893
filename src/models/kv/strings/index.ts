/** Front door of strings: one and many, counters, and commands on their text. */
import * as schemas from './schemas.ts';

export { decr, incr } from './counters.ts';
export { get, mget } from './get.ts';
export { mset, msetnx, setEach } from './many.ts';
export { set } from './set.ts';
export { append, getrange, getset, setrange, strlen } from './text.ts';
export { schemas };
