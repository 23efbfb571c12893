/**
 * One writer for each graph. A process *claims* a graph before its first write there: it takes the next epoch. Every
 * transaction that writes checks that the epoch is still the one that its process claimed, so that a process whose
 * graph was claimed by another one is *fenced*: it can commit nothing any more, and goes on reading.
 *
 * What makes this safe is a lock and not the check alone. A writing transaction takes an advisory lock in shared mode
 * and then reads the epoch; it holds the lock until it has ended. A claim takes the lock in exclusive mode before it
 * changes the epoch. So a claim waits for writes under way, and a write that comes later sees the new epoch. Writers
 * share the lock and do not wait for each other.
 *
 * With the mode `shared` several processes write at once, which PostgreSQL makes safe; claims then only count.
 */
import { asFacetError, FacetError } from '../../base/index.ts';
import type { Database, RunOptions, Store, Transaction } from '../../engine/index.ts';
import {
  CLAIM,
  CLAIM_PATIENCE,
  HOLD_EPOCH,
  HOLD_JOURNAL,
  JOURNAL_ON,
  LOCK_EPOCH,
} from './writer-statements.ts';

export type WriterMode = 'exclusive' | 'shared';

/** What a query that writes passes. Asked for writing queries only. */
export interface WriteGuard {
  /** Before the transaction, for each query. @throws FacetError when the caller may not write */
  ready(): Promise<void>;
  /**
   * In the transaction, before it does anything; what it does may be sent before this has resolved, but it must not
   * commit before. True when the journal is on, which then stays so until the transaction ends. @throws WRITER_FENCED
   */
  enter(transaction: Transaction): Promise<boolean>;
}

export class Writer {
  readonly #mode: WriterMode;
  #epoch: bigint | undefined = undefined;
  #claiming: Promise<void> | undefined = undefined;

  constructor(mode: WriterMode) {
    this.#mode = mode;
  }

  /** Claims the graph, once. A fenced process does not claim again: two processes would take it from each other. */
  async ready(database: Database): Promise<void> {
    if (this.#epoch !== undefined) return;
    // Not cancelled with the query that comes first: others wait for the same claim.
    this.#claiming ??= claim(database)
      .then((epoch) => {
        this.#epoch = epoch;
      })
      .finally(() => {
        this.#claiming = undefined;
      });
    await this.#claiming;
  }

  /** True when what the transaction does belongs into the journal. @throws WRITER_FENCED */
  async enter(database: Database, transaction: Transaction, options: RunOptions): Promise<boolean> {
    // A transaction that may only read fails by itself at its first change.
    if (transaction.readOnly) return false;
    const inside = { ...options, transaction, ahead: true };
    if (this.#mode === 'shared') {
      const { rows } = await database.run(HOLD_JOURNAL, [], inside);
      return rows[0]?.[0] === JOURNAL_ON;
    }
    const { rows } = await database.run(HOLD_EPOCH, [], inside);
    this.#compare(BigInt(rows[0]?.[0] ?? ''));
    return rows[0]?.[1] === JOURNAL_ON;
  }

  /** For what is done in the name of the writer without writing. @throws WRITER_FENCED */
  check(current: bigint): void {
    if (this.#mode === 'exclusive' && this.#epoch !== undefined) this.#compare(current);
  }

  #compare(current: bigint): void {
    if (current === this.#epoch) return;
    throw new FacetError(
      'WRITER_FENCED',
      `writer fenced: local epoch ${this.#epoch}, current epoch ${current}`,
      { hint: 'Another process has claimed this graph: write there, or start this one again.' },
    );
  }
}

async function claim(database: Database): Promise<bigint> {
  try {
    return await database.inTransaction(async (transaction) => {
      await database.run(CLAIM_PATIENCE, [], { transaction });
      await database.run(LOCK_EPOCH, [], { transaction });
      const { rows } = await database.run(CLAIM, [], { transaction });
      return BigInt(rows[0]?.[0] ?? '');
    });
  } catch (thrown) {
    if (asFacetError(thrown).code !== 'LOCK_TIMEOUT') throw thrown;
    throw new FacetError(
      'LOCK_TIMEOUT',
      'The graph cannot be claimed while a transaction of its former writer is open',
      { retryAfterSeconds: 1, cause: thrown },
    );
  }
}

/**
 * By store and namespace: a namespace that was idle is closed and opened again, and its writer stays fenced. One that was
 * rolled back has an epoch of that time: its graph is claimed anew.
 */
const WRITERS = new WeakMap<Store, Map<string, Writer>>();

/** The writer of this process for the graph of a namespace. */
export function writerOf(
  store: Store,
  { namespace, history }: Pick<Database, 'namespace' | 'history'>,
  mode: WriterMode,
): Writer {
  const writers = WRITERS.get(store) ?? new Map<string, Writer>();
  WRITERS.set(store, writers);
  const key = `${namespace} ${history}`;
  const known = writers.get(key);
  if (known !== undefined) return known;
  const writer = new Writer(mode);
  writers.set(key, writer);
  return writer;
}
