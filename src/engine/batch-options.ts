/** What a user of a batcher says about its items. */
import type { FacetError } from '../base/index.ts';
import type { KeyOrder } from './key-order.ts';

export interface BatcherOptions<Item, Result> {
  /** Name of the statement, for messages: `kv.set`. */
  readonly name: string;
  /** Items of one batch. */
  readonly itemsMax: number;
  /** Bytes of one batch, by `bytesOf`; a single item may be larger. */
  readonly bytesMax: number;
  /** Items that may wait; beyond it new ones are refused with LIMIT_EXCEEDED. */
  readonly waitingMax: number;
  readonly keyOf: (item: Item) => string;
  readonly bytesOf: (item: Item) => number;
  /** Shared by all that works on the same keys. Default: an order of its own. */
  readonly order?: KeyOrder | undefined;
  /**
   * True when `later` may stand in one batch with an `earlier` item of the same key; `run` gets them in this order. Asked
   * of neighbours only, so it must be transitive: reads always are. Default: never.
   */
  readonly mergeable?: ((earlier: Item, later: Item) => boolean) | undefined;
  /**
   * Items reach `run` sorted by key (UTF-16 order, equal ones as submitted), so that two processes which write the same
   * keys lock them in the same order. Default true; reads do not need it.
   */
  readonly sorted?: boolean | undefined;
  /**
   * Runs a batch and answers in the order of its items: a result, or the error of that item alone. When it rejects, the
   * items are run one by one, so that a poisoned item fails alone; unless the attempt may have taken effect or would
   * only fail again (kind `unavailable`, `timeout` or `cancelled`): then all items are answered with that error.
   */
  readonly run: (items: readonly Item[]) => Promise<readonly (Result | FacetError)[]>;
  /** Its items only read: they do not wait behind work that waits for a lock. Default false. */
  readonly reads?: boolean | undefined;
  /**
   * Runs one item of a batch that was refused, waiting for a lock up to `lockMs`; the batches behind it do not wait for
   * it. Where locks are waited for, let `run` give up soon and this one have the patience, on a session that holds up
   * nobody. Default: `run` with that item.
   */
  readonly runAlone?: ((item: Item, lockMs: number) => Promise<Result | FacetError>) | undefined;
  /** An item waits so long for a key that is locked, from its submission; then it fails with LOCK_TIMEOUT. Default: for ever. */
  readonly lockMsMax?: number | undefined;
}
