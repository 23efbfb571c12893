/** A feed of a model as the messages of a stream: taken in groups, at the pace at which the client reads. */
import { LIMITS } from '../../base/index.ts';
import type { Feed } from '../../models/index.ts';

/**
 * Ends with the feed's reason, as an error; quietly when `signal` is aborted, for the client is gone then or the server
 * stops. Leaving the loop closes the feed. A generator that never ran has no end: what must be undone begins in the loop.
 */
export async function* feedReplies<Item, Answer>(
  feed: Feed<Item>,
  signal: AbortSignal,
  messageOf: (item: Item) => Answer,
  closed: () => void = () => {},
): AsyncGenerator<readonly Answer[]> {
  let wake: () => void = () => {};
  const woken = (): void => wake();
  signal.addEventListener('abort', woken);
  try {
    while (!signal.aborted) {
      const items = feed.take(LIMITS.grpcEventsAtOnce);
      if (items.length > 0) {
        yield items.map(messageOf);
        continue;
      }
      if (feed.ended !== undefined) throw feed.ended.reason;
      await new Promise<void>((resolve) => {
        wake = resolve;
        feed.onReady(woken);
        if (signal.aborted) resolve();
      });
    }
  } finally {
    signal.removeEventListener('abort', woken);
    feed.close();
    closed();
  }
}
