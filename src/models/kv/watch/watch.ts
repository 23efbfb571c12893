/** Following keys by name and by what they begin with. */
import { FacetError, randomHex } from '../../../base/index.ts';
import type { OperationContext } from '../../operation.ts';
import { patternOf } from './patterns.ts';
import type { WatchInput, WatchResult } from './schemas.ts';
import { watchersOf } from './watchers.ts';

/**
 * Returns a feed of every change that is committed from now on to a key that fits, in the order of the commits, each at
 * most once. It ends with the session, and with SUBSCRIBER_TOO_SLOW.
 * @throws INVALID_PARAMETER, LIMIT_EXCEEDED, UNAVAILABLE
 */
export async function watch(context: OperationContext, input: WatchInput): Promise<WatchResult> {
  const keys = [...new Set(input.keys)];
  const patterns = keys.map(patternOf);
  if (patterns.length === 0) throw new FacetError('INVALID_PARAMETER', 'Name at least one key');
  if (context.transaction !== undefined) {
    throw new FacetError('INVALID_PARAMETER', 'Following keys cannot be part of a transaction', {
      hint: 'Follow them without a transaction: only what is committed is told.',
    });
  }
  const feed = await watchersOf(context.database).open(patterns);
  feed.closeWith(context.signal);
  return { feed, watcherId: `watch_${randomHex(8)}`, keys };
}
