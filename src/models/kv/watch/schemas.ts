/** Shapes of following keys. */
import { z } from 'zod';
import { LIMITS } from '../../../base/index.ts';
import { feedSchema } from '../../feed.ts';
import type { KeyChange } from './change.ts';

export const watchInput = z.strictObject({
  keys: z
    .array(z.string())
    .max(LIMITS.kvWatchPatternsMax)
    .describe('Keys of at most 2,048 bytes; with `*` at the end all keys that begin so'),
});
export type WatchInput = z.infer<typeof watchInput>;
export const watchResult = z.object({
  feed: feedSchema<KeyChange>(),
  watcherId: z.string(),
  keys: z.array(z.string()).describe('Each once'),
});
export type WatchResult = z.infer<typeof watchResult>;
