/**
 * Replication: the changes of all tables in the order of their commits, to one who acknowledges them. Where it stands is a
 * slot, a durable consumer of the feed. It starts as START_REPLICATION of PostgreSQL does: at what was asked for or at what
 * was acknowledged, whichever is later. A slot that is new may begin earlier, as far as that is still kept.
 */
import { FacetError, LIMITS, monotonicMs, nowMs } from '../../base/index.ts';
import {
  type ChangeCursor,
  type ChangeItem,
  type ChangeTransaction,
  type Database,
  type Lsn,
  lsnText,
  parseLsn,
} from '../../engine/index.ts';
import { FeedBuffer } from '../feed.ts';
import type { OperationContext } from '../operation.ts';
import { refuseTransaction } from './follow.ts';
import { followedOf } from './followed.ts';
import { hold, inUse } from './hold.ts';
import type { ReplicationEntry } from './row-change.ts';
import type { Acknowledge, ReplicateInput, ReplicateResult } from './schemas.ts';
import { checkedSlot, slotConsumer, slotHolding } from './slots.ts';

/**
 * The feed ends with the session, with LSN_NOT_AVAILABLE, and when the store stops.
 * @param keepaliveMs after so long without anything to send, and again after as long, an entry says how far the log is
 * @throws SLOT_IN_USE, LSN_NOT_AVAILABLE, INVALID_PARAMETER, LIMIT_EXCEEDED, CHANGES_UNAVAILABLE
 */
export async function replicate(
  context: OperationContext,
  input: ReplicateInput,
  keepaliveMs: number = LIMITS.replicationKeepaliveMs,
): Promise<ReplicateResult> {
  const { database, signal } = context;
  refuseTransaction(context);
  const consumer = slotConsumer(checkedSlot(input.slot));
  const asked =
    input.startLsn === null || input.startLsn === undefined ? 0n : parseLsn(input.startLsn, 'startLsn');
  const { changes } = database;
  await changes.watchAll({ signal });
  const known = (await changes.consumers(consumer)).some(({ name }) => name === consumer);
  await changes.consumer(consumer);
  let leaseLost: (() => void) | undefined;
  const holding = slotHolding(input.slot);
  const { release } = await hold(context, holding, () => leaseLost?.());
  try {
    const startLsn = await startOf(database, consumer, known, asked);
    const cursor = await changes.open({ from: startLsn, whenSlow: 'wait' });
    const stream = new ReplicationStream(database, cursor, {
      consumer,
      startLsn,
      boundaries: input.includeTransactionBoundaries === true,
      keepaliveMs,
      closed: release,
    });
    leaseLost = () => stream.feed.end({ reason: inUse(holding.what), resumeOffset: null });
    stream.feed.closeWith(signal);
    return { feed: stream.feed, ack: stream.ack, startLsn };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** @param known the slot was there before */
async function startOf(database: Database, consumer: string, known: boolean, asked: Lsn): Promise<Lsn> {
  const { changes } = database;
  const { position, available } = await changes.consumer(consumer);
  if (!available) {
    throw new FacetError('LSN_NOT_AVAILABLE', `Changes from ${lsnText(position)} on are no longer kept`, {
      hint: 'Drop the slot, read the tables again, then replicate with a new slot.',
    });
  }
  if (asked === 0n) return position;
  const now = await changes.now();
  if (asked > now) {
    throw new FacetError('INVALID_PARAMETER', `'startLsn': the log ends at ${lsnText(now)}`);
  }
  return known && asked < position ? position : asked;
}

class ReplicationStream {
  readonly feed: FeedBuffer<ReplicationEntry>;
  readonly #database: Database;
  readonly #cursor: ChangeCursor;
  readonly #consumer: string;
  readonly #boundaries: boolean;
  readonly #keepalives: NodeJS.Timeout;
  #transaction: ChangeTransaction | undefined = undefined;
  #running = false;
  #again = false;
  /** The furthest position that the client knows of. */
  #sent: Lsn;
  #acknowledged: Lsn;
  /** Of the monotonic clock. */
  #sentAtMs = monotonicMs();
  readonly #keepaliveMs: number;

  constructor(
    database: Database,
    cursor: ChangeCursor,
    given: {
      readonly consumer: string;
      readonly startLsn: Lsn;
      readonly boundaries: boolean;
      readonly keepaliveMs: number;
      readonly closed: () => void;
    },
  ) {
    this.#database = database;
    this.#cursor = cursor;
    this.#consumer = given.consumer;
    this.#boundaries = given.boundaries;
    this.#keepaliveMs = given.keepaliveMs;
    this.#sent = given.startLsn;
    this.#acknowledged = given.startLsn;
    this.#keepalives = setInterval(() => this.#keepAlive(), given.keepaliveMs / 4).unref();
    this.feed = new FeedBuffer<ReplicationEntry>(
      () => {
        clearInterval(this.#keepalives);
        cursor.close();
        given.closed();
      },
      { taken: () => this.#wake() },
    );
    cursor.onReady(() => this.#wake());
  }

  readonly ack: Acknowledge = async (lsn) => {
    if (lsn > this.#sent) {
      const detail = `The last position that was sent is ${lsnText(this.#sent)}.`;
      throw new FacetError('INVALID_PARAMETER', `'lsn': ${lsnText(lsn)} was not sent yet`, { detail });
    }
    if (lsn <= this.#acknowledged) return;
    const known = await this.#database.changes.advance(this.#consumer, lsn);
    if (!known) throw new FacetError('INVALID_PARAMETER', 'The slot was dropped');
    if (lsn > this.#acknowledged) this.#acknowledged = lsn;
  };

  #wake(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#run()
      .catch((thrown: unknown) => {
        const reason =
          thrown instanceof FacetError
            ? thrown
            : new FacetError('INTERNAL_ERROR', 'Internal error', { cause: thrown });
        this.feed.end({ reason, resumeOffset: null });
      })
      .finally(() => {
        this.#running = false;
        if (!this.#again) return;
        this.#again = false;
        this.#wake();
      });
  }

  async #run(): Promise<void> {
    while (this.feed.open && !this.feed.halfFull) {
      const items = this.#cursor.take(TAKEN_AT_ONCE);
      if (items.length === 0) {
        const { ended } = this.#cursor;
        if (ended !== undefined) this.feed.end({ reason: ended.reason, resumeOffset: null });
        return;
      }
      for (const item of items) await this.#enter(item);
      this.#sentAtMs = monotonicMs();
    }
  }

  async #enter(item: ChangeItem): Promise<void> {
    const { transaction } = item;
    if (item.kind === 'commit') {
      this.#transaction = undefined;
      if (this.#boundaries) this.#push({ kind: 'commit', ...boundary(transaction), lsn: transaction.endLsn });
      return;
    }
    const { rows } = followedOf(this.#database);
    const table = rows.known(item.table) ?? (await rows.table(item.table));
    const { lsn, bytes } = item;
    if (transaction !== this.#transaction) {
      this.#transaction = transaction;
      if (this.#boundaries) this.#push({ kind: 'begin', ...boundary(transaction), lsn });
    }
    if (item.kind === 'truncate') this.#push({ kind: 'truncate', lsn, table, xid: transaction.xid, bytes });
    else this.#push({ kind: 'change', lsn, change: rows.rowChange(item, table), bytes });
  }

  /** The buffer is at most half full when a batch begins, and a batch is smaller than the other half. */
  #push(entry: ReplicationEntry): void {
    if (entry.lsn > this.#sent) this.#sent = entry.lsn;
    if (this.feed.push(entry)) return;
    const reason = new FacetError('SUBSCRIBER_TOO_SLOW', 'The changes of one moment exceed what may wait', {
      detail: `Resume from ${lsnText(this.#acknowledged)}`,
    });
    this.feed.end({ reason, resumeOffset: null }, true);
  }

  #keepAlive(): void {
    const idleMs = monotonicMs() - this.#sentAtMs;
    if (this.feed.waiting > 0 || this.#running || idleMs < this.#keepaliveMs) return;
    this.#sentAtMs = monotonicMs();
    this.#push({
      kind: 'keepalive',
      lsn: this.#cursor.position,
      atMs: nowMs(),
      bytes: BOUNDARY_BYTES,
    });
  }
}

/** With their begins and commits they fit into half of a feed. */
const TAKEN_AT_ONCE = 500;
const BOUNDARY_BYTES = 64;

const boundary = ({ xid, committedAtMs }: ChangeTransaction) =>
  ({ xid, committedAtMs, bytes: BOUNDARY_BYTES }) as const;
