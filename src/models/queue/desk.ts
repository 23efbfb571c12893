/**
 * The queues of one database as this process works on them: batches of messages that are published and answered, those
 * who wait for messages, the sweep of leases that have ended. What must be right is in PostgreSQL; a process that
 * ends takes nothing with it but its waits.
 */
import { assert, LIMITS } from '../../base/index.ts';
import {
  Batcher,
  type Database,
  KeyOrder,
  type ModelState,
  type Parameter,
  type ResultSet,
  runPatiently,
  type Statement,
  withPatience,
  withPatienceInAll,
} from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type { Run } from './names.ts';
import { type Group, runPublish } from './publish-batch.ts';
import type { NackResult, Published } from './schemas.ts';
import { type Answer, type Named, runAck, runNack, runRelease } from './settle-batch.ts';
import { Sweep } from './sweep.ts';
import { Waiters } from './waiters.ts';

const DESK = Symbol('queue.desk');

/** The desk of a database. */
export const deskOf = (database: Database): Desk => database.state(DESK, () => new Desk(database));

export class Desk implements ModelState {
  readonly publisher: Batcher<Group, readonly Published[]>;
  readonly acks: Batcher<Answer, true>;
  readonly nacks: Batcher<Answer, NackResult>;
  readonly releases: Batcher<Named, true>;
  readonly sweep: Sweep;
  readonly waiters: Waiters;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    // Somebody's transaction may be about to remove a queue: only those who want that one wait for its end.
    const run: Run = (statement, parameters) => database.run(statement, parameters, { giveUpOnLocks: true });
    const alone = <T>(lockMs: number, work: (run: Run) => Promise<readonly T[]>): Promise<T> =>
      withPatienceInAll(database, lockMs, undefined, async (transaction, signal) =>
        only(
          await work((statement, parameters) => database.run(statement, parameters, { transaction, signal })),
        ),
      );
    this.waiters = new Waiters(database, (ms) => this.sweep.within(ms));
    this.sweep = new Sweep(database, (queue) => this.waiters.wake(queue));
    const bounds = {
      itemsMax: LIMITS.queueBatchItemsMax,
      bytesMax: LIMITS.queueBatchBytesMax,
      waitingMax: LIMITS.queueBatchWaitingMax,
      lockMsMax: LIMITS.queueLockMsMax,
    };
    this.publisher = new Batcher({
      ...bounds,
      name: 'queue.publish',
      keyOf: ({ queue }) => queue,
      bytesOf: ({ bytes, messages }) => bytes + messages.length,
      mergeable: () => true,
      run: (groups) => runPublish(run, false, groups),
      runAlone: (group, lockMs) => alone(lockMs, (run) => runPublish(run, false, [group])),
    });
    const answers = { ...bounds, keyOf: ({ id }: Named) => id, bytesOf: () => 64, order: new KeyOrder() };
    this.acks = new Batcher<Answer, true>({
      ...answers,
      name: 'queue.ack',
      run: (items) => runAck(run, false, items),
      runAlone: (item, lockMs) => alone(lockMs, (run) => runAck(run, false, [item])),
    });
    this.nacks = new Batcher<Answer, NackResult>({
      ...answers,
      name: 'queue.nack',
      run: (items) => runNack(run, false, items),
      runAlone: (item, lockMs) => alone(lockMs, (run) => runNack(run, false, [item])),
    });
    this.releases = new Batcher<Named, true>({
      ...answers,
      name: 'queue.release',
      run: (items) => runRelease(run, false, items),
      runAlone: (item, lockMs) => alone(lockMs, (run) => runRelease(run, false, [item])),
    });
  }

  /** Statements of an operation: in its transaction, or by themselves. */
  runOf({ transaction, signal }: OperationContext): Run {
    return (statement, parameters) => this.#database.run(statement, parameters, { transaction, signal });
  }

  /**
   * One statement that may be slow or wait for locks: on a connection of its own, or in the caller's transaction.
   * @throws LOCK_TIMEOUT
   */
  async apart(
    { transaction, signal }: OperationContext,
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    if (transaction !== undefined) {
      return this.#database.run(statement, parameters, { transaction, signal });
    }
    return withPatience(this.#database, LIMITS.queueLockMsMax, signal, (inner) =>
      this.#database.run(statement, parameters, { transaction: inner, signal }),
    );
  }

  /** One short statement that may have to wait for a lock, but hardly ever does. @throws LOCK_TIMEOUT */
  patiently(
    { transaction, signal }: OperationContext,
    statement: Statement,
    parameters: readonly Parameter[],
  ): Promise<ResultSet> {
    const options = { transaction, signal };
    return runPatiently(this.#database, LIMITS.queueLockMsMax, statement, parameters, options);
  }

  /** Calls `done` when what the operation wrote is there for everybody: now, or when its transaction commits. */
  written(context: OperationContext, done: () => void): void {
    if (context.transaction === undefined) {
      done();
      return;
    }
    context.transaction.afterCommit(() => {
      done();
      this.sweep.within(LIMITS.queueFoldMs);
    });
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.waiters.stop(),
      this.sweep.stop(),
      this.publisher.stop(),
      this.acks.stop(),
      this.nacks.stop(),
      this.releases.stop(),
    ]);
  }
}

function only<Outcome>(outcomes: readonly Outcome[]): Outcome {
  const [outcome] = outcomes;
  assert(outcome !== undefined, 'a batch answers each of its items');
  return outcome;
}
