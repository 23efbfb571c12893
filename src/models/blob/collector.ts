/**
 * Removes in the background what no artifact refers to any more: in bounded steps with pauses, and only when something
 * is due. Several processes may collect at once. How it is safe beside uploads stands at `blob.collect` in the migration.
 */
import { LIMITS } from '../../base/index.ts';
import type { Database } from '../../engine/index.ts';
import { DueWork } from '../due-work.ts';
import { COLLECT } from './statements.ts';

export interface CollectStep {
  readonly chunks: number;
  readonly bytes: number;
  /** When there is more to do: 0 at once; undefined: nothing is known to be left. */
  readonly dueMs: number | undefined;
}

export class Collector {
  readonly #database: Database;
  readonly #due = new DueWork(() => this.#steps(), LIMITS.blobCollectRetryMs);

  constructor(database: Database) {
    this.#database = database;
    // What was left behind by a process that is gone.
    this.freed();
  }

  /** Something has lost its last reference, perhaps. */
  freed(): void {
    this.#due.within(LIMITS.blobCollectGatherMs);
  }

  /** There is something to do `ms` from now. */
  within(ms: number): void {
    this.#due.within(ms);
  }

  stop(): Promise<void> {
    return this.#due.stop();
  }

  /** One step, in a transaction of its own on a connection of the pool, where it holds up nobody. */
  async step(signal?: AbortSignal): Promise<CollectStep> {
    const parameters = [String(LIMITS.blobCollectRowsMax), String(LIMITS.blobCollectRetryMs)];
    const { rows } = await this.#database.inTransaction(
      (transaction) => this.#database.run(COLLECT, parameters, { transaction, signal }),
      { signal },
    );
    const [chunks, bytes, dueMs] = rows[0] ?? [];
    return {
      chunks: Number(chunks),
      bytes: Number(bytes),
      dueMs: typeof dueMs === 'string' ? Number(dueMs) : undefined,
    };
  }

  async #steps(): Promise<void> {
    while (!this.#due.stopped) {
      const { dueMs } = await this.step();
      if (dueMs !== 0) {
        if (dueMs !== undefined) this.#due.within(dueMs);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LIMITS.blobCollectPauseMs));
    }
  }
}
