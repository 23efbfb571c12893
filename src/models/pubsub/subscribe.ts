/** Subscribing to topics by name and pattern, and giving that up. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import { exchangeOf } from './exchange.ts';
import type { SubscribeInput, SubscribeResult, UnsubscribeInput, UnsubscribeResult } from './schemas.ts';
import { patternLevels } from './topic.ts';

/**
 * Returns at once with a feed that gets every message published from now on whose topic matches, each once. It ends with
 * the session, and with SUBSCRIBER_TOO_SLOW.
 * @throws INVALID_PARAMETER, LIMIT_EXCEEDED
 */
export async function subscribe(context: OperationContext, input: SubscribeInput): Promise<SubscribeResult> {
  const patterns = input.topics.map((pattern) => [pattern, patternLevels(pattern)] as const);
  if (patterns.length === 0) throw new FacetError('INVALID_PARAMETER', 'Name at least one topic');
  if (context.transaction !== undefined) {
    throw new FacetError('INVALID_PARAMETER', 'A subscription cannot be part of a transaction', {
      hint: 'Subscribe without a transaction: only what is committed is delivered.',
    });
  }
  const exchange = exchangeOf(context.database);
  const known = input.subscriberId === undefined ? undefined : exchange.subscribers.get(input.subscriberId);
  const subscriber = known ?? exchange.open();
  const { feed } = subscriber;
  try {
    const wanted = new Set([...subscriber.patterns.keys(), ...input.topics]);
    if (wanted.size > LIMITS.pubsubPatternsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `A subscriber has at most ${LIMITS.pubsubPatternsMax} patterns (pubsubPatternsMax)`,
      );
    }
    await exchange.change(subscriber, () => {
      for (const [pattern, levels] of patterns) exchange.add(subscriber, pattern, levels);
    });
  } catch (thrown) {
    if (known === undefined) feed.close();
    throw thrown;
  }
  if (known === undefined) feed.closeWith(context.signal);
  return { feed, subscriberId: subscriber.id, topics: [...subscriber.patterns.keys()] };
}

/** Without patterns the subscriber is gone, as it is when its last one goes. Unknown ones are none. */
export async function unsubscribe(
  context: OperationContext,
  input: UnsubscribeInput,
): Promise<UnsubscribeResult> {
  const exchange = exchangeOf(context.database);
  const subscriber = exchange.subscribers.get(input.subscriberId);
  if (subscriber === undefined) return { unsubscribed: 0, remaining: 0 };
  const topics = input.topics ?? [...subscriber.patterns.keys()];
  let unsubscribed = 0;
  await exchange.change(subscriber, () => {
    for (const pattern of topics) {
      if (exchange.drop(subscriber, pattern)) unsubscribed++;
    }
  });
  const remaining = subscriber.patterns.size;
  if (remaining === 0) subscriber.feed.close();
  return { unsubscribed, remaining };
}
