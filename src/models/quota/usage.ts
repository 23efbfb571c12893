/** What callers with plans use: operations, connections, storage. The gate asks it before and during each call. */
import {
  LIMITS,
  monotonicMs,
  type Observe,
  type Principal,
  randomHex,
  nowMs as systemNowMs,
} from '../../base/index.ts';
import type { Database, Store } from '../../engine/index.ts';
import type { Operation, UsageView, Used } from '../operation.ts';
import { type Account, connectionsOf, operationsOf } from './account.ts';
import { grows } from './growth.ts';
import { Ledger } from './ledger.ts';
import { connectionsUsedUp, operationsUsedUp, storageUsedUp } from './refusals.ts';
import { StorageMeter } from './storage-meter.ts';

/** A persistent connection of a client, such as a socket. */
export interface ClientConnection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

export interface UsageOptions {
  readonly store: Store;
  readonly observe: Observe;
  readonly nowMs?: () => number;
}

export class Usage implements UsageView {
  readonly #ledger: Ledger;
  readonly #storage: StorageMeter;
  readonly #nowMs: () => number;
  /** Who uses a connection: one, unless a proxy sends requests of several callers over it. */
  readonly #callers = new WeakMap<ClientConnection, Set<Account>>();

  constructor(options: UsageOptions) {
    const { store, observe, nowMs } = options;
    this.#ledger = new Ledger({
      database: () => store.namespace(store.defaultNamespace),
      process: randomHex(8),
      observe,
      ...(nowMs === undefined ? {} : { nowMs }),
    });
    this.#nowMs = nowMs ?? systemNowMs;
    this.#storage = new StorageMeter(monotonicMs, observe);
  }

  /**
   * May they, as far as operations and connections go? Undefined when that needed no waiting.
   * @throws QUOTA_EXCEEDED, or what PostgreSQL says when the counts have to be read; at once or by rejecting
   */
  admit(
    operation: Pick<Operation, 'unmetered'>,
    principal: Principal,
    connection: ClientConnection | undefined,
  ): Promise<void> | undefined {
    if (operation.unmetered === true) return undefined;
    const account = this.#ledger.account(principal.name);
    const reading = this.#ledger.known(account, LIMITS.usageAgeMsMax);
    if (reading !== undefined) return reading.then(() => this.#admit(principal, account, connection));
    this.#admit(principal, account, connection);
    return undefined;
  }

  /**
   * Counts an operation that is about to run, as `count` of them. Undefined when that needed no waiting.
   * @throws QUOTA_EXCEEDED when it makes the namespace larger and that is full; at once or by rejecting
   */
  begin(
    operation: Pick<Operation, 'name' | 'access' | 'unmetered'>,
    principal: Principal,
    database: Database,
    count = 1,
  ): Promise<void> | undefined {
    const measuring = this.#storage.ready(database);
    if (measuring !== undefined) {
      return measuring.then(() => this.#begin(operation, principal, database, count));
    }
    this.#begin(operation, principal, database, count);
    return undefined;
  }

  assertRoom({ plan }: Principal, database: Database): void {
    const bytes = this.#storage.bytes(database);
    if (plan === undefined || bytes === undefined || bytes < plan.storageBytesMax) return;
    throw storageUsedUp(plan, bytes);
  }

  async used(principal: Principal, database: Database): Promise<Used> {
    const account = this.#ledger.account(principal.name);
    const [storageBytes] = await Promise.all([
      this.#storage.fresh(database),
      this.#ledger.known(account, LIMITS.usageFlushMs),
    ]);
    return {
      storageBytes,
      operations: operationsOf(account),
      operationsResetAtMs: this.#ledger.resetAtMs,
      connections: connectionsOf(account),
    };
  }

  /** Writes what is counted in memory only. Never rejects. */
  async flush(): Promise<void> {
    await this.#ledger.flush();
  }

  /** Writes the rest. Never rejects. */
  async stop(): Promise<void> {
    await this.#ledger.stop();
  }

  #admit(principal: Principal, account: Account, connection: ClientConnection | undefined): void {
    const { plan } = principal;
    if (plan === undefined) return;
    if (connection !== undefined && !connection.destroyed) this.#connected(plan, account, connection);
    this.#assertOperations(principal, account, 1);
  }

  #begin(
    operation: Pick<Operation, 'name' | 'access' | 'unmetered'>,
    principal: Principal,
    database: Database,
    count: number,
  ): void {
    if (grows(operation)) this.assertRoom(principal, database);
    if (operation.unmetered === true) return;
    const account = this.#ledger.account(principal.name);
    // Once more: others may have begun since this one was admitted, and it may count as many.
    this.#assertOperations(principal, account, count);
    this.#ledger.count(account, count);
  }

  #assertOperations({ plan }: Principal, account: Account, count: number): void {
    const max = plan?.operationsPerMonthMax ?? null;
    if (plan === undefined || max === null) return;
    const used = operationsOf(account);
    if (used + count <= max) return;
    throw operationsUsedUp(plan, used, { nowMs: this.#nowMs(), resetAtMs: this.#ledger.resetAtMs });
  }

  /** Counts a connection at its first request until it is closed. */
  #connected(plan: NonNullable<Principal['plan']>, account: Account, connection: ClientConnection): void {
    const callers = this.#callers.get(connection);
    if (callers?.has(account) === true) return;
    const open = connectionsOf(account);
    if (open >= plan.connectionsMax) throw connectionsUsedUp(plan, open);
    this.#ledger.connect(account, 1);
    if (callers !== undefined) {
      callers.add(account);
      return;
    }
    const first = new Set([account]);
    this.#callers.set(connection, first);
    connection.once('close', () => {
      for (const caller of first) this.#ledger.connect(caller, -1);
      first.clear();
    });
  }
}
