/** What this process keeps for the artifacts of one namespace: running uploads, turns for large statements, the collector. */
import { LIMITS } from '../../base/index.ts';
import type { Database, ModelState, Transaction } from '../../engine/index.ts';
import { Turns } from '../turns.ts';
import { Collector } from './collector.ts';
import { RunningUploads } from './running-uploads.ts';

const DEPOT = Symbol('blob.depot');

export const depotOf = (database: Database): Depot => database.state(DEPOT, () => new Depot(database));

export class Depot implements ModelState {
  readonly uploads: RunningUploads;
  readonly collector: Collector;
  readonly #turns = new Turns(LIMITS.blobStatementsMax);

  constructor(database: Database) {
    this.uploads = new RunningUploads(database);
    this.collector = new Collector(database);
  }

  /** Runs a statement with chunks when it is its turn. @throws QUERY_CANCELLED */
  async inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const leave = await this.#turns.take(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Something may be collected: after the commit of the caller's transaction, when there is one. */
  freed(transaction: Transaction | undefined): void {
    if (transaction === undefined) this.collector.freed();
    else transaction.afterCommit(() => this.collector.freed());
  }

  async stop(): Promise<void> {
    this.uploads.stop();
    await this.collector.stop();
  }
}
