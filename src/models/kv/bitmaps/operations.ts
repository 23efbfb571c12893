/** What the key-value model can do with bitmaps. */
import type { OperationContext } from '../../operation.ts';
import { collectionStats, command, statsResult } from '../collection.ts';
import { KIND } from '../entry.ts';
import * as bits from './bits.ts';
import * as schemas from './schemas.ts';
import * as words from './words.ts';

export const bitmapSetbit = command({
  name: 'bitmap.setbit',
  summary: 'Sets a bit and returns the one from before.',
  access: 'write',
  input: schemas.setInput,
  output: schemas.oldResult,
  run: bits.setbit,
});
export const bitmapGetbit = command({
  name: 'bitmap.getbit',
  summary: 'Returns a bit.',
  access: 'read',
  input: schemas.getInput,
  output: schemas.bitResult,
  run: bits.getbit,
});
export const bitmapBitcount = command({
  name: 'bitmap.bitcount',
  summary: 'Counts the bits that are 1.',
  access: 'read',
  input: schemas.countInput,
  output: schemas.countResult,
  run: bits.bitcount,
});
export const bitmapBitpos = command({
  name: 'bitmap.bitpos',
  summary: 'Returns where the first bit of a value is.',
  access: 'read',
  input: schemas.posInput,
  output: schemas.posResult,
  run: bits.bitpos,
});
export const bitmapBitop = command({
  name: 'bitmap.bitop',
  summary: 'Combines bitmaps and stores the result.',
  access: 'write',
  input: schemas.opInput,
  output: schemas.lengthResult,
  run: words.bitop,
});
export const bitmapBitfield = command({
  name: 'bitmap.bitfield',
  summary: 'Reads and writes integers within a bitmap.',
  access: 'write',
  input: schemas.fieldInput,
  output: schemas.fieldResult,
  run: words.bitfield,
});
export const bitmapStats = command({
  name: 'bitmap.stats',
  summary: 'Counts bitmaps, their bits, and the commands on them.',
  access: 'read',
  input: schemas.none,
  output: statsResult,
  run: (context: OperationContext) => collectionStats(context, KIND.bitmap, 'bitmap.'),
});

export const BITMAP_OPERATIONS = [
  bitmapSetbit,
  bitmapGetbit,
  bitmapBitcount,
  bitmapBitpos,
  bitmapBitop,
  bitmapBitfield,
  bitmapStats,
] as const;
