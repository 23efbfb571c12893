/**
 * One namespace: where its statements go. Facet's own single statements take the lane, clients' statements what
 * routing.ts says, statements of a transaction that transaction's session. All of them are observed here.
 */
import { assert, FacetError, LIMITS, monotonicMs, type Observe } from '../base/index.ts';
import type { BesideName } from './beside-data.ts';
import { inCallTransaction } from './call-transaction.ts';
import type { Cell } from './cell.ts';
import type { ChangeFeed } from './change-contract.ts';
import { Describe } from './command.ts';
import type { CommitFlush } from './commit-flush.ts';
import type {
  ChannelListener,
  CommitOptions,
  Committed,
  CursorRunOptions,
  Database,
  InTransactionOptions,
  ModelState,
  OwnParameter,
  OwnRunOptions,
  Parameter,
  ResultSet,
  RowStream,
  RunOptions,
  Statement,
  StatementDescription,
  Subscription,
  Transaction,
  TransactionOptions,
  UserRunOptions,
} from './contract.ts';
import { walkCursor } from './cursor.ts';
import { countsRows, execute } from './execute.ts';
import { Interrupt, interruptOptions } from './interrupt.ts';
import type { Lane } from './lane.ts';
import type { ModelStates } from './model-states.ts';
import { cancelled } from './pg-errors.ts';
import type { Pool } from './pool.ts';
import { executeInPool } from './pooled-run.ts';
import type { Router } from './routing.ts';
import type { SchemaChange } from './schema-watch.ts';
import { Scope } from './scope.ts';
import type { SchemaVersion } from './statement-names.ts';
import type { Transactions } from './transactions.ts';
import { runUserStatement, type UserRunner } from './user-run.ts';
import { startUserStream } from './user-stream-run.ts';

export interface DatabaseParts {
  readonly namespace: string;
  readonly history: number;
  readonly serverMajor: number;
  readonly pool: Pool;
  readonly lane: Lane;
  readonly readLane: Lane;
  readonly router: Router;
  readonly channels: Pick<Database, 'listen'>;
  readonly states: ModelStates;
  /** Made by the first use: most namespaces have none. */
  readonly changes: (database: Database) => ChangeFeed;
  readonly transactions: Transactions;
  readonly flush: CommitFlush;
  /** See Database.folder. */
  readonly folder: (name: BesideName) => Promise<string | undefined>;
  readonly observe: Observe;
  readonly schema: SchemaVersion;
  /** Called after statements that change the schema. */
  readonly schemaChanged: (what: SchemaChange) => void;
}

const SCHEMA_COMMANDS = new Set(['CREATE', 'ALTER', 'DROP']);
const NO_PARAMETERS: readonly Parameter[] = [];
const NO_OPTIONS: RunOptions = {};
/** Facet's own results are small; this bounds a mistake. */
const OWN = { rowsMax: LIMITS.resultRowsMax, bytesMax: LIMITS.resultBytesMax, overflow: 'discard' } as const;

export class NamespaceDatabase implements Database, UserRunner {
  readonly namespace: string;
  readonly history: number;
  readonly serverMajor: number;
  readonly pool: Pool;
  readonly readLane: Lane;
  readonly router: Router;
  readonly transactions: Transactions;
  readonly flush: CommitFlush;
  readonly schemaChanged: (what: SchemaChange) => void;
  readonly observe: Observe;
  readonly folder: (name: BesideName) => Promise<string | undefined>;
  readonly #lane: Lane;
  readonly #channels: Pick<Database, 'listen'>;
  readonly #states: ModelStates;
  readonly #schema: SchemaVersion;
  readonly #makeChanges: (database: Database) => ChangeFeed;
  #changes: ChangeFeed | undefined = undefined;

  constructor(parts: DatabaseParts) {
    this.namespace = parts.namespace;
    this.history = parts.history;
    this.serverMajor = parts.serverMajor;
    this.pool = parts.pool;
    this.#lane = parts.lane;
    this.#channels = parts.channels;
    this.#states = parts.states;
    this.#schema = parts.schema;
    this.#makeChanges = parts.changes;
    this.readLane = parts.readLane;
    this.router = parts.router;
    this.transactions = parts.transactions;
    this.flush = parts.flush;
    this.schemaChanged = parts.schemaChanged;
    this.observe = parts.observe;
    this.folder = parts.folder;
  }

  get schemaVersion(): number {
    return this.#schema.schemaVersion;
  }

  get changes(): ChangeFeed {
    this.#changes ??= this.#makeChanges(this);
    return this.#changes;
  }

  get counts(): Database['counts'] {
    const pool = this.pool.counts;
    return {
      transactionsOpen: this.transactions.countOf(this),
      poolInUse: pool.inUse,
      poolIdle: pool.idle,
      poolWaiting: pool.waiting,
      laneInFlight: this.#lane.inFlight + this.readLane.inFlight,
      held: this.#states.held,
    };
  }

  run(
    statement: Statement,
    parameters: readonly OwnParameter[] = NO_PARAMETERS,
    options: OwnRunOptions = NO_OPTIONS,
  ): Promise<ResultSet> {
    if (options.transaction !== undefined)
      return this.#runOwnIn(options.transaction, statement, parameters, options);
    const startedMs = monotonicMs();
    return new Promise((resolve, reject) => {
      const lane = options.reads === true ? this.readLane : this.#lane;
      lane.run(
        statement.text,
        parameters,
        {
          rowsMax: options.rowsMax ?? OWN.rowsMax,
          bytesMax: options.bytesMax ?? OWN.bytesMax,
          named: true,
          signal: options.signal,
          timeoutMs: options.timeoutMs,
        },
        (outcome) => {
          if (!(outcome instanceof FacetError)) {
            this.note(statement.name, startedMs, true);
            this.#noteSchema(outcome);
            resolve(outcome);
          } else if (
            (outcome.code === 'LOCK_TIMEOUT' && options.giveUpOnLocks !== true) ||
            tookTooLongForLane(outcome, options)
          ) {
            resolve(this.#runPatiently(statement, parameters, options, startedMs));
          } else {
            this.note(statement.name, startedMs, false);
            reject(outcome);
          }
        },
      );
    });
  }

  runUser(
    sql: string,
    parameters: readonly Parameter[] = NO_PARAMETERS,
    options: UserRunOptions = NO_OPTIONS,
  ): Promise<ResultSet> {
    return runUserStatement(this, sql, parameters, options);
  }

  streamUser(
    sql: string,
    parameters: readonly Parameter[] = NO_PARAMETERS,
    options: UserRunOptions = NO_OPTIONS,
  ): RowStream {
    return startUserStream(this, sql, parameters, options);
  }

  cursor(
    statement: Statement,
    parameters: readonly OwnParameter[],
    options: CursorRunOptions,
  ): AsyncIterable<readonly (readonly Cell[])[]> {
    return walkCursor(this, this.scopeOf(options.transaction), statement, parameters, options);
  }

  async describe(sql: string, options: RunOptions = NO_OPTIONS): Promise<StatementDescription> {
    const { refusal } = this.router.route(sql);
    if (refusal !== undefined) throw refusal;
    if (options.transaction !== undefined) {
      const scope = this.scopeOf(options.transaction);
      return scope.run(() => this.#describeOn(scope.session, sql, options));
    }
    const session = await this.pool.acquire({ use: 'statement', ...interruptOptions(options) });
    try {
      return await this.#describeOn(session, sql, options);
    } finally {
      this.pool.release(session, 'statement', false);
    }
  }

  async inTransaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: InTransactionOptions = NO_OPTIONS,
  ): Promise<T> {
    if (options.transaction !== undefined) {
      const outer = this.scopeOf(options.transaction);
      if (options.commitError !== undefined) outer.ledger.commitErrors.add(options.commitError);
      return outer.nested(work, options.rollback === true);
    }
    return inCallTransaction(this, work, options, this.#listenerFailed);
  }

  begin(options: TransactionOptions): Promise<Transaction> {
    return this.transactions.begin(this, options);
  }

  listen(channel: string, listener: ChannelListener): Subscription {
    return this.#channels.listen(channel, listener);
  }

  state<T extends ModelState>(key: symbol, create: (database: Database) => T): T {
    return this.#states.get(key, () => create(this));
  }

  hold(): Subscription {
    return this.#states.hold();
  }

  transaction(id: string, owner: string): Transaction {
    return this.transactions.find(this, id, owner);
  }

  commit(transaction: Transaction, options: CommitOptions = {}): Promise<Committed> {
    return this.transactions.commit(this, asScope(transaction), options);
  }

  rollback(transaction: Transaction): Promise<{ readonly rolledBackAtMs: number }> {
    return this.transactions.rollback(this, asScope(transaction));
  }

  /** The scope behind a transaction handle. @throws TRANSACTION_NOT_FOUND for one of another namespace. */
  scopeOf(transaction: Transaction): Scope {
    const scope = asScope(transaction);
    if (scope.database !== this) {
      throw new FacetError(
        'TRANSACTION_NOT_FOUND',
        `Transaction ${transaction.id} is not open in this namespace`,
      );
    }
    return scope;
  }

  note(statement: string, startedMs: number, ok: boolean): void {
    this.observe({ type: 'statement', statement, durationMs: monotonicMs() - startedMs, ok });
  }

  readonly #listenerFailed = (detail: unknown): void =>
    this.observe({ type: 'warning', message: 'A listener to a commit failed', detail });

  /** PostgreSQL has undone what was tried on the lane. The timeout goes on from where it is. */
  async #runPatiently(
    { name, text }: Statement,
    parameters: readonly OwnParameter[],
    options: OwnRunOptions,
    startedMs: number,
  ): Promise<ResultSet> {
    const within = interruptOptions(options, startedMs);
    const { outcome } = await executeInPool(
      this.pool,
      within,
      () => false,
      (session) => execute(session, { text, parameters, named: true, ...OWN }, within),
    );
    const ok = !(outcome instanceof FacetError);
    this.note(name, startedMs, ok);
    if (!ok) throw outcome;
    this.#noteSchema(outcome);
    return outcome;
  }

  async #runOwnIn(
    transaction: Transaction,
    statement: Statement,
    parameters: readonly OwnParameter[],
    options: RunOptions,
  ): Promise<ResultSet> {
    const scope = this.scopeOf(transaction);
    const within = interruptOptions(options);
    const task = async (): Promise<ResultSet> => {
      const startedMs = monotonicMs();
      let running: Interrupt | undefined;
      const { outcome } = await execute(
        scope.session,
        { text: statement.text, parameters, named: true, ...OWN },
        within,
        (interrupt) => {
          running = interrupt;
          this.transactions.track(scope, interrupt);
        },
      );
      this.transactions.untrack(scope, running);
      const ok = !(outcome instanceof FacetError);
      this.note(statement.name, startedMs, ok);
      if (!ok) throw outcome;
      if (countsRows(outcome.command)) scope.ledger.rowsAffected += outcome.affected;
      if (this.#noteSchema(outcome)) scope.ledger.schemaChange = 'code';
      return outcome;
    };
    return options.ahead === true ? scope.runAhead(task) : scope.run(task);
  }

  /** Statements of Facet itself may change the schema, too. */
  #noteSchema(result: ResultSet): boolean {
    if (result.columns.length > 0 || !SCHEMA_COMMANDS.has(result.command)) return false;
    this.schemaChanged('code');
    return true;
  }

  async #describeOn(
    session: Scope['session'],
    sql: string,
    options: RunOptions,
  ): Promise<StatementDescription> {
    if (options.signal?.aborted) throw cancelled('abort');
    let interrupt: Interrupt | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const describe = new Describe(sql, { resolve, reject });
        session.start(describe);
        interrupt = new Interrupt(session, describe, interruptOptions(options));
      });
    } finally {
      await interrupt?.finish();
    }
  }
}

function asScope(transaction: Transaction): Scope {
  assert(transaction instanceof Scope, 'the transaction was made by the engine');
  return transaction;
}

/** What nobody but the lane has cancelled: a large value on a slow disk. Nothing of it has happened. */
const tookTooLongForLane = ({ code }: FacetError, { signal, timeoutMs }: RunOptions): boolean =>
  code === 'QUERY_CANCELLED' && signal?.aborted !== true && timeoutMs === undefined;
