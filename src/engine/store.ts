/** From a store URI to a running, migrated PostgreSQL, and back: start, namespaces, stop. */
import { asFacetError, FacetError, LIMITS, monotonicMs, type Observe } from '../base/index.ts';
import type { ChangePace } from './changes/index.ts';
import { checkpoint } from './checkpoint.ts';
import type { Database, Store, StoreFacts } from './contract.ts';
import { startEmbeddedLife } from './embedded-life.ts';
import { type OpenNamespace, openNamespace } from './open-namespace.ts';
import { StoreRestorePoints, withinPause, workClosed } from './restore-points/index.ts';
import { accessExternal, type ServerAccess } from './server-access.ts';
import { statement } from './statement.ts';
import { checkNamespace } from './store-location.ts';
import { parseStoreUri } from './store-uri.ts';
import { Transactions } from './transactions.ts';

export interface StoreOptions {
  readonly observe: Observe;
  /** Connections for statements; transactions have their own, up to their cap. Default LIMITS.poolConnectionsDefault. */
  readonly poolConnections?: number | undefined;
  /** Default LIMITS.transactionsOpenMax. */
  readonly transactionsOpenMax?: number | undefined;
  /** Default LIMITS.transactionsPerPrincipalMax. */
  readonly transactionsPerPrincipalMax?: number | undefined;
  /** Default: the limits of these names. */
  readonly changePace?: Partial<ChangePace> | undefined;
}

/**
 * Opens the store and its default namespace: starts the embedded server if the URI means one, creates what is missing,
 * migrates.
 * @throws STORE_UNSUPPORTED, STORE_INVALID, NAMESPACE_INVALID, STORE_LOCKED, STORE_UNUSABLE, UNAVAILABLE,
 *   SCHEMA_FROM_FUTURE, MIGRATION_CHANGED, and what PostgreSQL says to a connection that it refuses.
 */
export async function openStore(uri: string, options: StoreOptions): Promise<Store> {
  const location = parseStoreUri(uri);
  const server =
    location.kind === 'postgres'
      ? await accessExternal(location, options.observe)
      : await startEmbeddedLife(location, options.observe);
  const store = new OpenStore(server, location.namespace, options);
  try {
    const database = await store.namespace(location.namespace);
    if (!server.embedded && !server.standby) await store.lookForLeftovers(database);
    return store;
  } catch (error) {
    await store.stop();
    throw error;
  }
}

interface Entry {
  readonly opening: Promise<OpenNamespace>;
  /** Its database is being worked at: who comes waits for a bounded time. */
  readonly paused?: boolean;
  readonly create: boolean;
  /** Once it is open. */
  database: Database | undefined;
  /** On the monotonic clock. */
  usedMs: number;
}

const CREATE = { create: true } as const;

/** Those with a slot of ours: see changes/slot.ts for the names. */
const FOLLOWED_DATABASES = statement(
  'engine.followed_databases',
  `SELECT DISTINCT database FROM pg_catalog.pg_replication_slots
   WHERE slot_name LIKE 'facet\\_%' AND plugin = 'pgoutput' AND NOT temporary`,
);

function isNamespace(name: string): boolean {
  try {
    checkNamespace(name);
    return true;
  } catch {
    return false;
  }
}

const isAtRest = ({ counts }: Database): boolean =>
  counts.transactionsOpen + counts.poolInUse + counts.poolWaiting + counts.laneInFlight + counts.held === 0;

class OpenStore implements Store {
  readonly defaultNamespace: string;
  readonly restorePoints: StoreRestorePoints;
  readonly #server: ServerAccess;
  readonly #options: StoreOptions;
  readonly #transactions: Transactions;
  readonly #transactionsOpenMax: number;
  readonly #namespaces = new Map<string, Entry>();
  readonly #histories = new Map<string, number>();
  #stopping: Promise<void> | undefined = undefined;

  constructor(server: ServerAccess, defaultNamespace: string, options: StoreOptions) {
    this.#server = server;
    this.defaultNamespace = defaultNamespace;
    this.#options = options;
    this.#transactionsOpenMax = options.transactionsOpenMax ?? LIMITS.transactionsOpenMax;
    const caps = {
      openMax: this.#transactionsOpenMax,
      perPrincipalMax: options.transactionsPerPrincipalMax ?? LIMITS.transactionsPerPrincipalMax,
    };
    this.#transactions = new Transactions(caps, options.observe);
    this.restorePoints = new StoreRestorePoints({
      server,
      open: (name) => this.namespace(name, { create: false }),
      pause: (name, purpose, work) => this.#pause(name, purpose, work),
    });
  }

  get facts(): StoreFacts {
    return this.#server.facts;
  }

  get lost(): Promise<string> {
    return this.#server.lost;
  }

  get opened(): readonly Database[] {
    const open: Database[] = [];
    for (const { database } of this.#namespaces.values()) if (database !== undefined) open.push(database);
    return open;
  }

  openNamespace(name: string): Database | undefined {
    const entry = this.#namespaces.get(name);
    if (entry?.database === undefined) return undefined;
    entry.usedMs = monotonicMs();
    return entry.database;
  }

  async namespace(name: string, options: { readonly create: boolean } = CREATE): Promise<Database> {
    let entry = this.#namespaces.get(name);
    if (entry !== undefined && entry.database === undefined && options.create && !entry.create) {
      // Somebody who may not create it is just finding out whether it is there.
      await entry.opening.catch(() => undefined);
      entry = this.#namespaces.get(name);
    }
    entry ??= this.#enter(name, options.create);
    entry.usedMs = monotonicMs();
    if (entry.database !== undefined) return entry.database;
    const opening = entry.paused === true ? withinPause(name, entry.opening) : entry.opening;
    return (await opening).database;
  }

  /** Best effort: what is left over takes space, and nothing else. */
  async lookForLeftovers(database: Database): Promise<void> {
    await this.restorePoints.lookFor(database).catch((error: unknown) => this.#warnOfLeftovers(error));
  }

  async followed(): Promise<readonly string[]> {
    if (this.#server.standby) return [];
    const database = await this.namespace(this.defaultNamespace);
    const { rows } = await database.run(FOLLOWED_DATABASES, [], { reads: true });
    // Names of databases are a beginning of this server and the name of the namespace.
    const beginning = this.#server.databaseOf('x').slice(0, -1);
    const own = this.#server.databaseOf(this.defaultNamespace);
    return rows.flatMap(([name]) => {
      if (name === own) return [this.defaultNamespace];
      const namespace = name?.startsWith(beginning) === true ? name.slice(beginning.length) : '';
      return isNamespace(namespace) ? [namespace] : [];
    });
  }

  checkpoint(): Promise<boolean> {
    return checkpoint(this.#server);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  #enter(name: string, create: boolean): Entry {
    const entry: Entry = { opening: this.#open(name, create), create, database: undefined, usedMs: 0 };
    this.#follow(name, entry);
    return entry;
  }

  #follow(name: string, entry: Entry): void {
    this.#namespaces.set(name, entry);
    entry.opening.then(
      ({ database }) => {
        entry.database = database;
      },
      () => {
        // A failure is not remembered: the next request tries again.
        if (this.#namespaces.get(name) === entry) this.#namespaces.delete(name);
      },
    );
  }

  async #open(name: string, create: boolean): Promise<OpenNamespace> {
    checkNamespace(name);
    if (this.#stopping !== undefined) throw new FacetError('UNAVAILABLE', 'The store is stopping');
    this.#server.gate.check();
    if (!this.#server.standby)
      await this.restorePoints.settle().catch((error: unknown) => this.#warnOfLeftovers(error));
    if (this.#namespaces.size >= LIMITS.namespacesOpenMax) await this.#makeRoom();
    return this.#openNow(name, create);
  }

  #openNow(name: string, create: boolean): Promise<OpenNamespace> {
    return openNamespace(this.#server, name, {
      observe: this.#options.observe,
      poolConnections: this.#options.poolConnections ?? LIMITS.poolConnectionsDefault,
      transactionsOpenMax: this.#transactionsOpenMax,
      transactions: this.#transactions,
      changePace: this.#options.changePace,
      create,
      history: this.#histories.get(name) ?? 0,
    });
  }

  /**
   * Closes a namespace, does `work` on its database, and opens it anew, whatever became of the work. What is under way
   * may end within LIMITS.restorePointDrainMs; who comes later waits for the new one.
   */
  async #pause<T>(
    name: string,
    purpose: 'copy' | 'rollback',
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly pausedMs: number }> {
    await this.namespace(name, { create: false });
    const open = await this.#namespaces.get(name)?.opening;
    if (this.#stopping !== undefined || open === undefined) {
      throw new FacetError('UNAVAILABLE', 'The store is stopping');
    }
    const startedMs = monotonicMs();
    // What is remembered of a rollback that failed is of the same history, and is found out anew.
    if (purpose === 'rollback') this.#histories.set(name, (this.#histories.get(name) ?? 0) + 1);
    const reopen = (): Promise<OpenNamespace> => this.#openNow(name, false);
    const paused = workClosed({ open, transactions: this.#transactions, purpose, work, reopen });
    const opening = paused.then(({ reopened }) => reopened);
    this.#enterPaused(name, opening);
    const { outcome } = await paused;
    await opening.catch(() => undefined);
    const pausedMs = Math.round(monotonicMs() - startedMs);
    if ('error' in outcome) throw outcome.error;
    return { result: outcome.result, pausedMs };
  }

  /** Not as the result of a failed opening: those who wait are told, and the next one tries again. */
  #enterPaused(name: string, opening: Promise<OpenNamespace>): void {
    const entry: Entry = { opening, create: true, paused: true, database: undefined, usedMs: monotonicMs() };
    this.#follow(name, entry);
  }

  /** Closes the namespace that nobody used for longest. */
  async #makeRoom(): Promise<void> {
    const idleSinceMs = monotonicMs() - LIMITS.namespaceIdleMs;
    let longest: [string, Entry] | undefined;
    for (const [name, entry] of this.#namespaces) {
      const idle = entry.database !== undefined && entry.usedMs <= idleSinceMs && isAtRest(entry.database);
      if (name === this.defaultNamespace || !idle) continue;
      if (longest === undefined || entry.usedMs < longest[1].usedMs) longest = [name, entry];
    }
    if (longest === undefined) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `${LIMITS.namespacesOpenMax} namespaces are open and in use, which is the most (namespacesOpenMax)`,
        { retryAfterSeconds: Math.ceil(LIMITS.namespaceIdleMs / 1_000) },
      );
    }
    const [name, { opening }] = longest;
    this.#namespaces.delete(name);
    await (await opening).stop();
  }

  async #stopOnce(): Promise<void> {
    await this.#transactions.stop();
    // What is being opened right now is waited for, so that nothing is left behind.
    const open = await Promise.allSettled([...this.#namespaces.values()].map(({ opening }) => opening));
    for (const entry of open) {
      if (entry.status === 'fulfilled') await entry.value.stop().catch((error) => this.#warn(error));
    }
    await this.#server.stop();
  }

  #warnOfLeftovers(error: unknown): void {
    const detail = asFacetError(error).cause ?? error;
    this.#options.observe({
      type: 'warning',
      message: 'Leftovers of restore points are still there',
      detail,
    });
  }

  #warn(error: unknown): void {
    const detail = asFacetError(error).cause ?? error;
    this.#options.observe({ type: 'warning', message: 'Closing a namespace failed', detail });
  }
}
