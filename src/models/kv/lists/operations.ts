/** What the key-value model can do with lists. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as change from './change.ts';
import * as ends from './ends.ts';
import * as read from './read.ts';
import * as schemas from './schemas.ts';

export const listLpush = command({
  name: 'list.lpush',
  summary: 'Pushes values to the head of a list.',
  access: 'write',
  input: schemas.pushInput,
  output: schemas.lengthResult,
  errors: ['VALUE_TOO_LARGE'],
  run: ends.lpush,
});
export const listRpush = command({
  name: 'list.rpush',
  summary: 'Pushes values to the tail of a list.',
  access: 'write',
  input: schemas.pushInput,
  output: schemas.lengthResult,
  errors: ['VALUE_TOO_LARGE'],
  run: ends.rpush,
});
export const listLpushx = command({
  name: 'list.lpushx',
  summary: 'Pushes values to the head of a list that is there.',
  access: 'write',
  input: schemas.pushInput,
  output: schemas.lengthResult,
  errors: ['VALUE_TOO_LARGE'],
  run: ends.lpushx,
});
export const listRpushx = command({
  name: 'list.rpushx',
  summary: 'Pushes values to the tail of a list that is there.',
  access: 'write',
  input: schemas.pushInput,
  output: schemas.lengthResult,
  errors: ['VALUE_TOO_LARGE'],
  run: ends.rpushx,
});
export const listLpop = command({
  name: 'list.lpop',
  summary: 'Takes items from the head of a list.',
  access: 'write',
  input: schemas.popInput,
  output: schemas.itemsResult,
  run: ends.lpop,
});
export const listRpop = command({
  name: 'list.rpop',
  summary: 'Takes items from the tail of a list.',
  access: 'write',
  input: schemas.popInput,
  output: schemas.itemsResult,
  run: ends.rpop,
});
export const listRpoplpush = command({
  name: 'list.rpoplpush',
  summary: 'Moves the tail of a list to the head of another.',
  access: 'write',
  input: schemas.moveInput,
  output: schemas.itemResult,
  run: ends.rpoplpush,
});
export const listLrange = command({
  name: 'list.lrange',
  summary: 'Returns a range of items.',
  access: 'read',
  input: schemas.rangeInput,
  output: schemas.itemsResult,
  run: read.lrange,
});
export const listLlen = command({
  name: 'list.llen',
  summary: 'Returns how many items a list has.',
  access: 'read',
  input: schemas.oneKey,
  output: schemas.lengthResult,
  run: read.llen,
});
export const listLindex = command({
  name: 'list.lindex',
  summary: 'Returns one item.',
  access: 'read',
  input: schemas.indexInput,
  output: schemas.itemResult,
  run: read.lindex,
});
export const listLpos = command({
  name: 'list.lpos',
  summary: 'Returns where an item is.',
  access: 'read',
  input: schemas.posInput,
  output: schemas.posResult,
  run: read.lpos,
});
export const listLset = command({
  name: 'list.lset',
  summary: 'Replaces one item.',
  access: 'write',
  input: schemas.setInput,
  output: schemas.doneResult,
  errors: ['VALUE_TOO_LARGE', 'KEY_NOT_FOUND'],
  run: change.lset,
});
export const listLtrim = command({
  name: 'list.ltrim',
  summary: 'Keeps a range of items and removes the others.',
  access: 'write',
  input: schemas.rangeInput,
  output: schemas.doneResult,
  run: change.ltrim,
});
export const listLrem = command({
  name: 'list.lrem',
  summary: 'Removes items that equal a value.',
  access: 'write',
  input: schemas.remInput,
  output: schemas.removedResult,
  errors: ['VALUE_TOO_LARGE'],
  run: change.lrem,
});
export const listLinsert = command({
  name: 'list.linsert',
  summary: 'Inserts a value beside an item.',
  access: 'write',
  input: schemas.insertInput,
  output: schemas.insertResult,
  errors: ['VALUE_TOO_LARGE'],
  run: change.linsert,
});
export const listStats = command({
  name: 'list.stats',
  summary: 'Counts lists, their items, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.list, 'list.'),
});

export const LIST_OPERATIONS = [
  listLpush,
  listRpush,
  listLpushx,
  listRpushx,
  listLpop,
  listRpop,
  listRpoplpush,
  listLrange,
  listLlen,
  listLindex,
  listLpos,
  listLset,
  listLtrim,
  listLrem,
  listLinsert,
  listStats,
] as const;
