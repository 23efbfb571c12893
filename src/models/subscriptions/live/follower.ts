/** One live subscriber of a table: which changes it wants, and the bounded buffer that its client empties. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { type Lsn, lsnText } from '../../../engine/index.ts';
import { FeedBuffer } from '../../feed.ts';
import type { RowChange, RowOperation } from '../row-change.ts';

export interface Wanted {
  readonly operations: readonly RowOperation[];
  /** In parentheses. */
  readonly condition: string | undefined;
}

export interface FollowerEvents {
  /** Its client has made room. */
  readonly taken: () => void;
  /** Once, when it is gone. */
  readonly closed: (follower: Follower) => void;
  /** Something was put into its buffer. */
  readonly pushed?: ((change: RowChange) => void) | undefined;
}

export class Follower {
  readonly feed: FeedBuffer<RowChange>;
  readonly wanted: Wanted;
  /** Changes of transactions that committed before are not its business. */
  #fromLsn: Lsn;
  /** Changes of the transaction at `#fromLsn` with a lower number it has had. */
  #fromSequence = 0;

  readonly #pushed: ((change: RowChange) => void) | undefined;

  constructor(fromLsn: Lsn, wanted: Wanted, events: FollowerEvents) {
    this.#fromLsn = fromLsn;
    this.wanted = wanted;
    this.#pushed = events.pushed;
    this.feed = new FeedBuffer<RowChange>(() => events.closed(this), { taken: events.taken });
  }

  /** Hands it a change that its condition lets through. */
  offer(change: RowChange): void {
    const { commitLsn, sequence } = change;
    if (commitLsn < this.#fromLsn || (commitLsn === this.#fromLsn && sequence < this.#fromSequence)) return;
    if (!this.wanted.operations.includes(change.operation)) return;
    if (this.feed.push(change)) {
      this.#pushed?.(change);
      return;
    }
    this.#tooSlow(this.feed.oldest?.commitLsn ?? commitLsn);
  }

  /** It has had everything of that transaction before the change of this number, and all transactions before. */
  standsAt(commitLsn: Lsn, sequence: number): void {
    this.#fromLsn = commitLsn;
    this.#fromSequence = sequence;
  }

  /** There will be no more. What waits can still be taken. */
  end(reason: FacetError): void {
    this.feed.end({ reason, resumeOffset: null }, reason.code === 'SUBSCRIBER_TOO_SLOW');
  }

  #tooSlow(resumeLsn: Lsn): void {
    this.end(tooSlow(resumeLsn));
  }
}

export const tooSlow = (resumeLsn: Lsn): FacetError =>
  new FacetError(
    'SUBSCRIBER_TOO_SLOW',
    `More than ${LIMITS.feedItemsMax} changes or ${LIMITS.feedBytesMax} bytes waited for the subscriber`,
    { detail: `Resume from ${lsnText(resumeLsn)}` },
  );
