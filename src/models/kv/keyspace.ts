/**
 * The keyspace of one database as this process works on it: batches of hot commands, the order of commands on one
 * key, the sweep. Everything that must be right is in PostgreSQL; this is only how it is reached.
 */
import { asFacetError, assert, FacetError, LIMITS } from '../../base/index.ts';
import {
  Batcher,
  type Database,
  KeyOrder,
  type LockWait,
  type ModelState,
  type Parameter,
  type ResultSet,
  type Statement,
  type Transaction,
  withPatience,
  withPatienceInAll,
  withPatienceInTurn,
} from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type { StoredKey } from './entry.ts';
import { Sweep } from './sweep.ts';

/** Runs one statement, by itself or in the caller's transaction. */
export type Run = (statement: Statement, parameters: readonly Parameter[]) => Promise<ResultSet>;

/** An item of a batch works on one key. */
export interface KeyItem {
  readonly stored: StoredKey;
}

/** One kind of command that is batched. */
export interface BatchKind<Item extends KeyItem, Result> {
  /** Name of its statement. */
  readonly name: string;
  /** Bytes beside those of the key. */
  readonly bytesOf: (item: Item) => number;
  /** True when both may stand in one batch; the key is the same. */
  readonly mergeable: (earlier: Item, later: Item) => boolean;
  /** It only reads, so it need not wait for what others commit. */
  readonly reads?: boolean;
  /** Answers in the order of `items`. */
  readonly run: (run: Run, items: readonly Item[]) => Promise<readonly (Result | FacetError)[]>;
}

/** What commands did in this process since it opened the keyspace. */
export interface Counts {
  gets: number;
  hits: number;
  sets: number;
  dels: number;
}

const KEYSPACE = Symbol('kv.keyspace');

/** The keyspace of a database. */
export const keyspaceOf = (database: Database): Keyspace =>
  database.state(KEYSPACE, () => new Keyspace(database));

export class Keyspace implements ModelState {
  readonly counts: Counts = { gets: 0, hits: 0, sets: 0, dels: 0 };
  readonly sweep: Sweep;
  readonly #database: Database;
  readonly #order = new KeyOrder();
  /** By their kind. A batcher knows the types of its kind, the map does not. */
  readonly #batchers = new Map<unknown, Batcher<KeyItem, unknown>>();

  constructor(database: Database) {
    this.#database = database;
    this.sweep = new Sweep(database);
  }

  /**
   * Runs one item: in the caller's transaction when there is one, else together with those of other callers.
   * @throws the item's own error, and those of the engine
   */
  submit<Item extends KeyItem, Result>(
    context: OperationContext,
    kind: BatchKind<Item, Result>,
    item: Item,
  ): Promise<Result> {
    if (context.transaction === undefined) return this.#batcherOf(kind).submit(item);
    return this.#runOne(context, kind, item);
  }

  async #runOne<Item extends KeyItem, Result>(
    context: OperationContext,
    kind: BatchKind<Item, Result>,
    item: Item,
  ): Promise<Result> {
    const [result] = await kind.run(this.#runOf(context), [item]);
    assert(result !== undefined, 'a batch answers each of its items');
    if (result instanceof FacetError) throw result;
    return result;
  }

  /** As `submit`, for several items: each has an outcome of its own, in their order. */
  async submitAll<Item extends KeyItem, Result>(
    context: OperationContext,
    kind: BatchKind<Item, Result>,
    items: readonly Item[],
  ): Promise<readonly (Result | FacetError)[]> {
    if (context.transaction === undefined) return this.#batcherOf(kind).submitAll(items);
    return kind.run(this.#runOf(context), items);
  }

  /**
   * Runs one statement that is not batched, after what was submitted before on the same keys. In a transaction it
   * runs at once: what is before it there holds the locks that others wait for.
   */
  async run(
    context: OperationContext,
    keys: readonly StoredKey[],
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    const run = this.#runOf(context);
    if (context.transaction !== undefined) return run(statement, parameters);
    return this.#ordered(context, keys, false, async (wait) => {
      if (!wait.locked) {
        try {
          return await run(statement, parameters);
        } catch (thrown) {
          // Somebody's transaction holds a key: wait for it where nobody else has to.
          if (asFacetError(thrown).code !== 'LOCK_TIMEOUT') throw thrown;
        }
      }
      return this.#patiently(wait, context.signal, (alone) => alone(statement, parameters));
    });
  }

  /** As `run`, for a statement that only reads and is short: it does not wait for what others commit. */
  async read(
    context: OperationContext,
    keys: readonly StoredKey[],
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    const { transaction, signal } = context;
    const options = { transaction, signal, reads: true };
    if (transaction !== undefined) return this.#database.run(statement, parameters, options);
    return this.#ordered(context, keys, true, async (wait) => {
      try {
        return await this.#database.run(statement, parameters, options);
      } catch (thrown) {
        if (!isTooSlow(thrown)) throw thrown;
        return this.#patiently(wait, signal, (alone) => alone(statement, parameters));
      }
    });
  }

  /**
   * As `run`, for a command that may be large: beyond LIMITS.kvLaneItemsMax keys or LIMITS.kvLaneBytesMax bytes it takes
   * a connection of its own, lest it hold up everybody else.
   */
  async runSized(
    context: OperationContext,
    keys: readonly StoredKey[],
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    let characters = 0;
    for (const parameter of parameters) characters += parameter?.length ?? 0;
    if (keys.length <= LIMITS.kvLaneItemsMax && characters <= LIMITS.kvLaneBytesMax) {
      return this.run(context, keys, statement, parameters);
    }
    return this.runApart(context, keys, statement, parameters);
  }

  /** As `run`, for a statement that may be slow: always on a connection of its own. */
  async runApart(
    context: OperationContext,
    keys: readonly StoredKey[],
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    const { transaction, signal } = context;
    if (transaction !== undefined) return this.#runOf(context)(statement, parameters);
    return this.#ordered(context, keys, false, (wait) =>
      this.#patiently(wait, signal, (run) => run(statement, parameters)),
    );
  }

  /** As `runSized`, for a command on that many elements of one key. */
  async runElements(
    context: OperationContext,
    stored: StoredKey,
    elements: number,
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    if (elements > LIMITS.kvLaneItemsMax) {
      return this.runApart(context, [stored], statement, parameters);
    }
    return this.runSized(context, [stored], statement, parameters);
  }

  /** Runs one statement that may be slow, on a connection of its own or in the caller's transaction, out of any order. */
  async apart(
    context: OperationContext,
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    const { transaction, signal } = context;
    if (transaction !== undefined) return this.#runOf(context)(statement, parameters);
    return this.#out(signal, (run) => run(statement, parameters));
  }

  /**
   * Runs several statements on `keys` as one: in a transaction, or behind a savepoint of the caller's. What `work`
   * throws takes all of it back. It may be called twice, when somebody's transaction holds one of the keys.
   */
  async together<T>(
    context: OperationContext,
    keys: readonly StoredKey[],
    work: (run: Run) => Promise<T>,
  ): Promise<T> {
    const { transaction, signal } = context;
    if (transaction === undefined) {
      return this.#ordered(context, keys, false, (wait) => this.#patiently(wait, signal, work));
    }
    return this.#database.inTransaction((inner) => work(this.#runIn(inner, signal)), { transaction, signal });
  }

  /** Calls `done` when what the operation wrote is there for everybody: now, or when its transaction commits. */
  written(context: OperationContext, done: () => void): void {
    if (context.transaction === undefined) done();
    else context.transaction.afterCommit(done);
  }

  async stop(): Promise<void> {
    await Promise.all([this.sweep.stop(), ...[...this.#batchers.values()].map((batcher) => batcher.stop())]);
  }

  /** What takes too long on the lane of reads, because values are large or the machine is busy, moves to the pool. */
  async #readAll<Item extends KeyItem, Result>(
    kind: BatchKind<Item, Result>,
    run: Run,
    items: readonly Item[],
  ): Promise<readonly (Result | FacetError)[]> {
    try {
      return await kind.run(run, items);
    } catch (thrown) {
      if (!isTooSlow(thrown)) throw thrown;
      return this.#out(undefined, (alone) => kind.run(alone, items));
    }
  }

  /** Any work on `keys`, in the order of submission; see `run`. */
  #ordered<T>(
    { signal }: OperationContext,
    keys: readonly StoredKey[],
    reads: boolean,
    work: (wait: LockWait) => Promise<T>,
  ): Promise<T> {
    const options = { reads, lockMsMax: LIMITS.kvLockMsMax, signal };
    return this.#order.run(
      keys.map(({ key }) => key),
      work,
      options,
    );
  }

  /** In a transaction of our own, which waits for locks that others hold, but not for ever. */
  #patiently<T>(wait: LockWait, signal: AbortSignal | undefined, work: (run: Run) => Promise<T>): Promise<T> {
    return withPatienceInTurn(this.#database, wait, LIMITS.kvLockMsMax, signal, (transaction, ends) =>
      work(this.#runIn(transaction, ends)),
    );
  }

  /** The same for what has no turn on keys. */
  #out<T>(signal: AbortSignal | undefined, work: (run: Run) => Promise<T>): Promise<T> {
    return withPatience(this.#database, LIMITS.kvLockMsMax, signal, (transaction) =>
      work(this.#runIn(transaction, signal)),
    );
  }

  #runIn(transaction: Transaction, signal: AbortSignal | undefined): Run {
    return (statement, parameters) => this.#database.run(statement, parameters, { transaction, signal });
  }

  #runOf({ transaction, signal }: OperationContext): Run {
    const options = { transaction, signal, giveUpOnLocks: true };
    return (statement, parameters) => this.#database.run(statement, parameters, options);
  }

  #batcherOf<Item extends KeyItem, Result>(kind: BatchKind<Item, Result>): Batcher<Item, Result> {
    const known = this.#batchers.get(kind);
    if (known !== undefined) return known as unknown as Batcher<Item, Result>;
    const reads = kind.reads === true;
    const options = { reads, giveUpOnLocks: true };
    const run: Run = (statement, parameters) => this.#database.run(statement, parameters, options);
    const batcher = new Batcher<Item, Result>({
      name: kind.name,
      itemsMax: LIMITS.kvBatchItemsMax,
      bytesMax: LIMITS.kvBatchBytesMax,
      waitingMax: LIMITS.kvBatchWaitingMax,
      order: this.#order,
      keyOf: ({ stored }) => stored.key,
      bytesOf: (item) => item.stored.key.length + kind.bytesOf(item),
      mergeable: kind.mergeable,
      sorted: !reads,
      reads,
      lockMsMax: LIMITS.kvLockMsMax,
      run: reads ? (items) => this.#readAll(kind, run, items) : (items) => kind.run(run, items),
      runAlone: async (item, lockMs) => {
        const [result] = await withPatienceInAll(this.#database, lockMs, undefined, (transaction, ends) =>
          kind.run(this.#runIn(transaction, ends), [item]),
        );
        assert(result !== undefined, 'a batch answers each of its items');
        return result;
      },
    });
    this.#batchers.set(kind, batcher as unknown as Batcher<KeyItem, unknown>);
    return batcher;
  }
}

/** What the lane of reads ends with when a statement is no short one after all. */
function isTooSlow(thrown: unknown): boolean {
  const { code } = asFacetError(thrown);
  return code === 'QUERY_TIMEOUT' || code === 'LOCK_TIMEOUT';
}

/** The column `long_key` of a batch: null when no key needs it, which `unnest` fills up. */
export const longKeys = (items: readonly KeyItem[]): readonly Parameter[] | null =>
  items.some(({ stored }) => stored.longKey !== null) ? items.map(({ stored }) => stored.longKey) : null;
