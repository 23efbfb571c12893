/**
 * What one connection has open: a transaction with its results, or the result of a query by itself. Whether a request may
 * come at all is for the conversation to say.
 */
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import { clusterAwaitPosition, graphStream } from '../../models/index.ts';
import { bookmarkOf, lastPosition } from './bookmarks.ts';
import type { Caller } from './caller.ts';
import type { NotificationFilter, PullRequest, RunRequest, TransactionExtra } from './codec.ts';
import { type Databases, isSystem, noSystem } from './databases.ts';
import { Farewell } from './farewell.ts';
import { narrowed, notificationMeta } from './notifications.ts';
import { OpenResult, type Outflow } from './open-result.ts';
import type { BoltRoutes } from './settings.ts';
import { type Shown, shownBy } from './show-commands.ts';
import { summaryOf } from './summary.ts';
import { BoltTransaction } from './transaction.ts';
import type { TransactionTurns } from './transaction-turns.ts';

/** What the work of all connections has in common. */
export interface Workplace {
  readonly dispatch: Dispatch;
  readonly databases: Databases;
  readonly turns: TransactionTurns;
  readonly queryTimeoutMsMax: number;
  readonly routes: BoltRoutes;
}

/** The result of a query without a transaction. */
interface AutoCommit {
  readonly result: OpenResult;
  readonly extra: TransactionExtra;
}

export class Work {
  /** What HELLO has said. */
  notifications: NotificationFilter | undefined = undefined;
  readonly #place: Workplace;
  readonly #caller: Caller;
  readonly #outflow: Outflow;
  #auto: AutoCommit | undefined = undefined;
  #transaction: BoltTransaction | undefined = undefined;

  constructor(place: Workplace, caller: Caller, outflow: Outflow) {
    this.#place = place;
    this.#caller = caller;
    this.#outflow = outflow;
  }

  /** As Bolt's specification has the states of a connection that is ready. */
  get state(): 'READY' | 'STREAMING' | 'TX_READY' | 'TX_STREAMING' {
    if (this.#auto !== undefined) return 'STREAMING';
    if (this.#transaction === undefined) return 'READY';
    return this.#transaction.results.size > 0 ? 'TX_STREAMING' : 'TX_READY';
  }

  /** What the client said of the transaction under way. */
  get extra(): TransactionExtra | undefined {
    return this.#transaction?.extra ?? this.#auto?.extra;
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<void> {
    const transaction = this.#transaction;
    await (transaction === undefined
      ? this.#runAlone(request, signal)
      : this.#runIn(transaction, request, signal));
  }

  async take(request: PullRequest): Promise<void> {
    const startedMs = monotonicMs();
    const transaction = this.#transaction;
    const id = request.queryId === -1 ? transaction?.lastQueryId : request.queryId;
    const result = transaction === undefined ? this.#auto?.result : transaction.results.get(id ?? -1);
    if (result === undefined) {
      throw new FacetError('INVALID_MESSAGE', `There is no result ${id} that is open in this transaction`);
    }
    const hasMore =
      request.kind === 'pull'
        ? await result.pull(request.count, this.#outflow)
        : await result.discard(request.count);
    if (hasMore) return this.#outflow.writer.success({ has_more: true });
    if (transaction === undefined) this.#auto = undefined;
    else transaction.results.delete(result.id);
    this.#summarize(result, startedMs);
  }

  async begin(extra: TransactionExtra, signal: AbortSignal): Promise<void> {
    const namespace = await this.#enter(extra, signal);
    const { dispatch, turns } = this.#place;
    this.#transaction = new BoltTransaction({ dispatch, turns, caller: this.#caller }, extra, namespace);
    this.#outflow.writer.success();
  }

  async commit(signal: AbortSignal): Promise<void> {
    const transaction = this.#transaction;
    const position = await transaction?.commit(signal);
    this.#transaction = undefined;
    this.#outflow.writer.success({ bookmark: this.#bookmark(transaction?.namespace, position) });
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.rollback();
    this.#outflow.writer.success();
  }

  /** Lets go of results and rolls back. Never rejects: what cannot be ended so ends by its timeout. */
  async drop(): Promise<void> {
    const { result } = this.#auto ?? {};
    const transaction = this.#transaction;
    this.#auto = undefined;
    this.#transaction = undefined;
    if (result !== undefined) await result.close().catch(() => undefined);
    if (transaction !== undefined) await transaction.rollback().catch(() => undefined);
  }

  async #runAlone(request: RunRequest, signal: AbortSignal): Promise<void> {
    const startedMs = monotonicMs();
    const { extra } = request;
    const entering = this.#enter(extra, signal);
    const namespace = entering instanceof Promise ? await entering : entering;
    const asking = this.#asked(request, extra.database);
    const { query, parameters } = asking instanceof Promise ? await asking : asking;
    const max = this.#place.queryTimeoutMsMax;
    const asked = extra.timeoutMs === 0 ? undefined : extra.timeoutMs;
    const stream = await this.#place.dispatch.call(
      graphStream,
      {
        query,
        params: parameters,
        timeoutMs: Math.min(asked ?? max, max),
        readOnly: extra.mode === 'r',
        position: true,
        planAsData: true,
      },
      this.#caller.session({ namespace, signal, metadata: extra.metadata }),
    );
    const filter = narrowed(this.notifications, extra.notifications);
    this.#auto = { result: new OpenResult(0, stream, { namespace, query, filter }), extra };
    this.#outflow.writer.success({ fields: stream.columns, t_first: sinceMs(startedMs) });
  }

  async #runIn(transaction: BoltTransaction, request: RunRequest, signal: AbortSignal): Promise<void> {
    const startedMs = monotonicMs();
    const { namespace, readOnly, results, extra } = transaction;
    if (results.size >= LIMITS.boltResultsMax) {
      throw new FacetError(
        'LIMIT_EXCEEDED',
        `The transaction has ${LIMITS.boltResultsMax} results open (boltResultsMax)`,
      );
    }
    const asking = this.#asked(request, extra.database);
    const { query, parameters } = asking instanceof Promise ? await asking : asking;
    await transaction.ready(signal);
    const stream = await this.#place.dispatch.call(
      graphStream,
      {
        query,
        params: parameters,
        timeoutMs: Math.min(transaction.timeLeftMs(), this.#place.queryTimeoutMsMax),
        readOnly,
        planAsData: true,
      },
      this.#caller.session({
        namespace,
        signal,
        transactionId: transaction.id,
        metadata: extra.metadata,
      }),
    );
    const qid = transaction.nextQueryId();
    const filter = narrowed(this.notifications, extra.notifications);
    results.set(qid, new OpenResult(qid, stream, { namespace, query, filter }));
    this.#outflow.writer.success({ fields: stream.columns, t_first: sinceMs(startedMs), qid });
  }

  /** What is to be run for a request: mostly its own query. @throws FEATURE_NOT_SUPPORTED for others in `system` */
  #asked(request: RunRequest, database: string | undefined): Shown | Promise<Shown> {
    const shown = shownBy(request.query, request.parameters, (wanted) => {
      const { homeNamespace: home, boundTo, mayWrite, reached } = this.#caller;
      const { databases, routes } = this.#place;
      return databases.list(wanted, { home, boundTo, mayWrite, address: routes.own ?? reached });
    });
    if (shown === undefined && isSystem(database)) throw noSystem();
    return shown ?? request;
  }

  #summarize({ stream, namespace, isEmpty, filter }: OpenResult, startedMs: number): void {
    const { writer } = this.#outflow;
    writer.success({
      bookmark: this.#bookmark(namespace, stream.position()),
      ...summaryOf(stream),
      ...notificationMeta(stream, writer.wire, filter, isEmpty),
      t_last: sinceMs(startedMs),
      db: namespace ?? this.#caller.homeNamespace,
    });
  }

  #bookmark(namespace: string | undefined, position: string | undefined): string | undefined {
    return position === undefined ? undefined : bookmarkOf(namespace ?? this.#caller.homeNamespace, position);
  }

  /** What comes before any transaction. At once in the usual case. @returns its namespace */
  #enter(extra: TransactionExtra, signal: AbortSignal): string | undefined | Promise<string | undefined> {
    assertOneself(extra.impersonatedUser);
    const lapsed = this.#caller.lapsed(signal);
    const namespace = isSystem(extra.database)
      ? undefined
      : this.#place.databases.namespaceOf(extra.database);
    if (lapsed === undefined && extra.bookmarks.length === 0) return namespace;
    return this.#enterLater(extra, { lapsed, namespace, signal });
  }

  async #enterLater(
    extra: TransactionExtra,
    given: {
      readonly lapsed: ReturnType<Caller['lapsed']>;
      readonly namespace: string | undefined | Promise<string | undefined>;
      readonly signal: AbortSignal;
    },
  ): Promise<string | undefined> {
    const [namespace, lapsed] = await Promise.all([given.namespace, given.lapsed]);
    if (lapsed !== undefined) throw new Farewell(lapsed);
    await this.#catchUp(extra, namespace, given.signal);
    return namespace;
  }

  /** Waits until this server has the commits that the client knows of. */
  async #catchUp(
    { bookmarks, timeoutMs }: TransactionExtra,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const position = lastPosition(bookmarks);
    if (position === undefined) return;
    const hasTimeout = timeoutMs !== undefined && timeoutMs !== 0;
    const wait = hasTimeout ? { timeoutMs: Math.min(timeoutMs, LIMITS.positionWaitMsMax) } : {};
    const session = this.#caller.session({ namespace, signal, ends: true });
    await this.#place.dispatch.call(clusterAwaitPosition, { position, ...wait }, session);
  }
}

const sinceMs = (startedMs: number): number => Math.round(monotonicMs() - startedMs);

/** @throws FEATURE_NOT_SUPPORTED */
export function assertOneself(impersonated: string | undefined): void {
  if (impersonated === undefined) return;
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'Nobody acts for another user here (imp_user)');
}
