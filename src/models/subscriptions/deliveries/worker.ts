/**
 * Delivers one subscription by webhook: changes from where it stands, in order, one batch at a time. A batch is tried
 * until the receiver says 2xx; then the position behind it is stored, and only then the next one goes. What stops between
 * the two is delivered again, under the same numbers.
 *
 * It ends by itself when the subscription fails: too many tries, an answer of 410, a dropped table, a filter that does not
 * fit any more, or changes that PostgreSQL no longer has. Its row then says so, and it can be resumed.
 */
import { asFacetError, FacetError, LIMITS, nowMs, randomFraction, randomHex } from '../../../base/index.ts';
import {
  arrayLiteral,
  type ChangeCursor,
  type ChangeItem,
  type Database,
  type Lsn,
  lsnText,
} from '../../../engine/index.ts';
import type { Turns } from '../../turns.ts';
import type { Answer, Poster } from '../endpoints/index.ts';
import { checkedCondition, enclosedCondition, type Verdicts } from '../filters/index.ts';
import { followedOf } from '../followed.ts';
import type { RowChange } from '../row-change.ts';
import { NOTE_DELIVERED, NOTE_TRIES, SET_STATUS } from '../statements.ts';
import { consumerName, LOST_REASON, type Subscription } from '../subscription.ts';
import { pauseMs } from './backoff.ts';
import { type Delivery, deliveryHeaders, type EncodeDelivery } from './delivery.ts';
import { Ended, endOf, failureOf, notHeld } from './ended.ts';
import { Gathering } from './gathering.ts';
import type { Lease } from './lease.ts';

export interface WorkerParts {
  readonly database: Database;
  /** Who delivers, as the row says. */
  readonly holder: string;
  readonly lease: Lease;
  readonly poster: Poster;
  readonly turns: Turns;
  readonly encode: EncodeDelivery;
  readonly verdicts: Verdicts;
}

/** Failures that are no fault of the subscription: it is tried again after a while. */
const RETRY_MS = 1_000;

export class Worker {
  readonly subscription: Subscription;
  readonly #parts: WorkerParts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #condition: string | undefined = undefined;
  #cursor: ChangeCursor | undefined = undefined;
  #wake: (() => void) | undefined = undefined;
  /** Something has come since the cursor was looked at last. */
  #notified = false;
  #gone = false;
  #ended = false;
  #tries: number;
  /** Matching changes that have not been delivered. */
  readonly #waiting: Gathering;

  constructor(subscription: Subscription, parts: WorkerParts) {
    this.subscription = subscription;
    this.#parts = parts;
    this.#tries = subscription.tries;
    this.#waiting = new Gathering(subscription.batchSize, subscription.batchTimeoutMs);
    this.#done = this.#run();
  }

  /** It will deliver no more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What is on its way is broken off, and does not count as a try. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { database, verdicts } = this.#parts;
    const unwatch = followedOf(database).tables.whenGone(this.subscription.table.oid, () => {
      this.#gone = true;
      this.#notify();
      // It is over when the feed has passed this moment, whether or not anything comes for it.
      this.#cursor?.onMoved(() => this.#notify());
    });
    try {
      while (!this.#stop.signal.aborted) {
        try {
          if (this.#condition === undefined) await this.#takeFilter();
          await this.#deliverAll();
        } catch (thrown) {
          if (thrown instanceof Ended) return await this.#endWith(thrown);
          if (this.#stop.signal.aborted) return;
          await this.#sleep(RETRY_MS, true);
        } finally {
          this.#cursor?.close();
          this.#cursor = undefined;
          this.#waiting.clear();
        }
      }
    } finally {
      this.#ended = true;
      if (this.#condition !== undefined) verdicts.remove(this.#condition);
      unwatch();
    }
  }

  /** Users of SQL can write what stands in the row: it is judged as if it had just come. */
  async #takeFilter(): Promise<void> {
    const { filter } = this.subscription;
    if (filter === null) return;
    let condition: string | undefined;
    try {
      condition = await this.#judged(filter);
    } catch (thrown) {
      const { code, message } = asFacetError(thrown);
      if (code === 'INVALID_FILTER' || code === 'LIMIT_EXCEEDED') throw new Ended('failed', message);
      throw thrown;
    }
    if (condition === undefined) return;
    this.#parts.verdicts.add(condition);
    this.#condition = condition;
  }

  async #judged(filter: string): Promise<string | undefined> {
    const { database } = this.#parts;
    try {
      return await checkedCondition(database, this.subscription.table, filter, this.#stop.signal);
    } catch (thrown) {
      if (asFacetError(thrown).code !== 'TABLE_NOT_FOUND') throw thrown;
      // What had committed before the table was dropped is still delivered.
      return enclosedCondition(filter);
    }
  }

  async #endWith({ status, message }: Ended): Promise<void> {
    const parameters = [this.subscription.id, status, message, arrayLiteral(['active'])];
    while (!this.#stop.signal.aborted) {
      try {
        await this.#parts.database.run(SET_STATUS, parameters);
        return;
      } catch {
        await this.#sleep(RETRY_MS, true);
      }
    }
  }

  /** From the stored position on, until something is wrong. */
  async #deliverAll(): Promise<void> {
    const { changes } = this.#parts.database;
    const consumer = await changes.consumer(consumerName(this.subscription.id));
    if (!consumer.available) throw new Ended('lost', LOST_REASON);
    const cursor = await this.#open(consumer.position);
    cursor.onReady(() => this.#notify());
    let from: { readonly lsn: Lsn; readonly sequence: number } = {
      lsn: consumer.position,
      sequence: consumer.sequence,
    };
    let advancedTo = consumer.position;
    for (;;) {
      this.#stop.signal.throwIfAborted();
      await this.#deliverWaiting();
      this.#notified = false;
      const items = cursor.take(LIMITS.followBatchItemsMax);
      if (items.length > 0) {
        await this.#gather(items, from);
        continue;
      }
      if (cursor.ended !== undefined) throw endOf(cursor.ended.reason);
      if (this.#waiting.isEmpty) {
        // Nothing of it concerns this subscription, and the log need not be kept for it.
        if (cursor.position - advancedTo > BigInt(LIMITS.consumerIdleLagBytes)) {
          advancedTo = cursor.position;
          from = { lsn: advancedTo, sequence: 0 };
          await changes.advance(consumerName(this.subscription.id), advancedTo);
        }
        if (this.#gone) {
          cursor.onMoved(() => this.#notify());
          if (await this.#isAtEnd(cursor)) throw new Ended('failed', this.#goneReason());
        }
      }
      await this.#sleep(this.#waiting.patienceMs(LIMITS.subscriptionRenewMs));
    }
  }

  async #open(position: Lsn): Promise<ChangeCursor> {
    try {
      this.#cursor = await this.#parts.database.changes.open({ from: position, whenSlow: 'wait' });
      return this.#cursor;
    } catch (thrown) {
      throw endOf(asFacetError(thrown));
    }
  }

  /** Adds what matches to what waits. */
  async #gather(
    items: readonly ChangeItem[],
    from: { readonly lsn: Lsn; readonly sequence: number },
  ): Promise<void> {
    const { database, verdicts } = this.#parts;
    const { rows } = followedOf(database);
    const { table, events } = this.subscription;
    const mine = [];
    for (const item of items) {
      if (item.kind === 'commit' || item.kind === 'truncate' || item.table.oid !== table.oid) continue;
      const { commitLsn } = item.transaction;
      if (commitLsn < from.lsn || (commitLsn === from.lsn && item.sequence < from.sequence)) continue;
      if (events.includes(item.kind)) mine.push(item);
    }
    if (mine.length === 0) return;
    const matching = this.#condition === undefined ? undefined : await verdicts.of(this.#condition, mine);
    if (matching instanceof FacetError) throw new Ended('failed', matching.message);
    for (const [at, item] of mine.entries()) {
      if (matching !== undefined && matching[at] !== 1) continue;
      this.#waiting.add(rows.rowChange(item, rows.known(item.table) ?? (await rows.table(item.table))));
    }
  }

  /** Those batches that are full or have waited long enough. */
  async #deliverWaiting(): Promise<void> {
    for (;;) {
      const batch = this.#waiting.due(this.#gone);
      if (batch.length === 0) return;
      await this.#deliver(batch);
      this.#waiting.remove(batch.length);
    }
  }

  async #deliver(changes: readonly RowChange[]): Promise<void> {
    const { id, name, includeOldValues, maxRetries } = this.subscription;
    const { database, encode, holder } = this.#parts;
    const last = changes.at(-1);
    if (last === undefined) return;
    const delivery: Delivery = {
      id: `dlv_${randomHex(12)}`,
      subscription: { id, name, includeOldValues },
      changes,
    };
    const body = encode(delivery);
    for (;;) {
      const answer = await this.#try(delivery, body);
      if (answer.kind === 'aborted') this.#stop.signal.throwIfAborted();
      if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) break;
      const why = answer.kind === 'answered' ? `The receiver answered ${answer.status}` : failureOf(answer);
      if (answer.kind === 'answered' && answer.status === 410) {
        throw new Ended('failed', `${why}: it wants no more deliveries`);
      }
      this.#tries++;
      if (this.#tries > maxRetries)
        throw new Ended('failed', `${this.#tries} tries failed. The last: ${why}`);
      await database.run(NOTE_TRIES, [id, holder, String(this.#tries)]);
      const asked = answer.kind === 'answered' ? answer.retryAfterMs : undefined;
      await this.#sleep(pauseMs(this.subscription, this.#tries, asked, randomFraction()), true);
      this.#stop.signal.throwIfAborted();
    }
    this.#tries = 0;
    const behind = [lsnText(last.commitLsn), String(last.sequence + 1)];
    const { rows } = await database.run(NOTE_DELIVERED, [id, holder, String(changes.length), ...behind]);
    if (rows.length === 0) throw notHeld();
  }

  async #try(delivery: Delivery, body: string): Promise<Answer> {
    const { turns, poster } = this.#parts;
    const { signal } = this.#stop;
    const release = await turns.take(signal);
    try {
      if (!this.#parts.lease.holds) throw notHeld();
      const headers = deliveryHeaders(delivery, {
        secret: this.subscription.secret,
        attempt: this.#tries + 1,
        timestamp: String(Math.floor(nowMs() / 1_000)),
        body,
      });
      return await poster.post(this.subscription.endpoint ?? '', headers, body, signal);
    } finally {
      release();
    }
  }

  async #isAtEnd(cursor: ChangeCursor): Promise<boolean> {
    return cursor.position >= (await this.#parts.database.changes.now());
  }

  #goneReason(): string {
    const { schema, name } = this.subscription.table;
    return `Table '${schema}.${name}' was dropped`;
  }

  #notify(): void {
    this.#notified = true;
    this.#wake?.();
  }

  /** Until something comes (unless `through`), it is stopped, or the time is over. */
  async #sleep(ms: number, through = false): Promise<void> {
    if (this.#stop.signal.aborted || (this.#notified && !through)) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      this.#wake = (): void => {
        if (!through || this.#stop.signal.aborted) resolve();
      };
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
