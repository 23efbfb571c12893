/**
 * What commits "from now on", exactly: all transactions that a snapshot taken now does not see. A commit is in the
 * write-ahead log a moment before other sessions see it, so a position alone would leave such a transaction out, and a
 * consumer that reads the table next would find it in neither. Pure.
 */
import { FacetError } from '../../base/index.ts';
import type { ChangeTransaction, Lsn } from '../change-contract.ts';

const SNAPSHOT = /^(\d+):(\d+):([\d,]*)$/;

export class StartFilter {
  /** What committed at or after it is delivered in any case. */
  readonly lsn: Lsn;
  readonly #xmin: bigint;
  readonly #xmax: bigint;
  readonly #inProgress: ReadonlySet<bigint>;

  /** `snapshot` as pg_current_snapshot() prints it; `lsn` is the end of the durable log, read after it was taken. */
  constructor(lsn: Lsn, snapshot: string) {
    const parts = SNAPSHOT.exec(snapshot);
    if (parts === null) throw new FacetError('INTERNAL_ERROR', `'${snapshot}' is no snapshot`);
    this.lsn = lsn;
    this.#xmin = BigInt(parts[1] ?? '0');
    this.#xmax = BigInt(parts[2] ?? '0');
    this.#inProgress = new Set((parts[3] ?? '').split(',').filter(Boolean).map(BigInt));
  }

  lets({ commitLsn, xid }: ChangeTransaction): boolean {
    if (commitLsn >= this.lsn) return true;
    const full = this.#widen(xid);
    return full >= this.#xmax || (full >= this.#xmin && this.#inProgress.has(full));
  }

  /** Transaction ids in the stream have 32 bits: the full one is the nearest to those of the snapshot. */
  #widen(xid: number): bigint {
    const near = (this.#xmax & ~0xffff_ffffn) | BigInt(xid);
    if (near > this.#xmax + 0x8000_0000n) return near - 0x1_0000_0000n;
    if (near + 0x8000_0000n < this.#xmax) return near + 0x1_0000_0000n;
    return near;
  }
}
