/** Front door of bitmaps. */
export {
  BITMAP_OPERATIONS,
  bitmapBitcount,
  bitmapBitfield,
  bitmapBitop,
  bitmapBitpos,
  bitmapGetbit,
  bitmapSetbit,
  bitmapStats,
} from './operations.ts';
