/**
 * What is said on one connection, as the states of Bolt have it: negotiation, authentication, ready, streaming, both of
 * them in a transaction, failed, interrupted, defunct. Requests come one after the other; bytes and sockets are the
 * connection's business.
 */
import { asFacetError, LIMITS } from '../../base/index.ts';
import type { Caller } from './caller.ts';
import {
  type BoltVersion,
  decodeRequest,
  type HelloRequest,
  isAtLeast,
  type Request,
  type RouteRequest,
  type TransactionExtra,
  type Wire,
  wireOf,
} from './codec.ts';
import { isSystem, SYSTEM } from './databases.ts';
import { type FailureContext, failureOf } from './errors.ts';
import { breach, Farewell } from './farewell.ts';
import { REQUESTS } from './markers.ts';
import type { Outflow } from './open-result.ts';
import { routingTable } from './routing.ts';
import { assertOneself, Work, type Workplace } from './work.ts';

/** What all connections of a listener have in common. */
export interface Serving extends Workplace {
  readonly agent: string;
}

/** `failed` is also what an interrupted connection is in until its RESET comes. */
type State = 'negotiation' | 'authentication' | 'ready' | 'failed' | 'defunct';

export class Conversation {
  readonly #serving: Serving;
  readonly #caller: Caller;
  readonly #outflow: Outflow;
  readonly #version: BoltVersion;
  readonly #work: Work;
  #wire: Wire;
  #state: State = 'negotiation';
  /** Fires when what is under way shall end: a RESET has come, or the client has left. */
  #cut = new AbortController();

  constructor(
    serving: Serving,
    given: { readonly caller: Caller; readonly outflow: Outflow },
    version: BoltVersion,
  ) {
    this.#serving = serving;
    this.#caller = given.caller;
    this.#outflow = given.outflow;
    this.#version = version;
    this.#wire = wireOf(version);
    this.#work = new Work(serving, given.caller, given.outflow);
  }

  get isOver(): boolean {
    return this.#state === 'defunct';
  }

  /** Nothing is open that the client could go on with when no further operation is let in. */
  get isAtRest(): boolean {
    return this.#work.state === 'READY' || this.#work.state === 'TX_READY';
  }

  get isCut(): boolean {
    return this.#cut.signal.aborted;
  }

  /** Ends what is under way; it and what follows is ignored until RESET is handled. */
  cut(): void {
    this.#cut.abort();
  }

  /** Answers one message. Never rejects. @param isCutOff a RESET has come behind it */
  async handle(message: Buffer, isCutOff: boolean): Promise<void> {
    const tag = message[1];
    const isHeard = tag === REQUESTS.reset || tag === REQUESTS.goodbye;
    if (!isHeard && (this.#state === 'failed' || (isCutOff && this.#state === 'ready' && !isAboutWho(tag)))) {
      this.#outflow.writer.ignored();
      this.#state = 'failed';
      return;
    }
    let request: Request | undefined;
    try {
      request = decodeRequest(message, this.#wire);
      await this.#answer(request);
    } catch (thrown) {
      await this.#fail(thrown, request);
    }
  }

  /** The connection is gone. Never rejects. */
  async end(): Promise<void> {
    this.#state = 'defunct';
    this.#cut.abort();
    await this.#work.drop();
  }

  async #answer(request: Request): Promise<void> {
    switch (request.kind) {
      case 'hello':
        return await this.#hello(request);
      case 'logon':
        this.#expect(request, this.#state === 'authentication');
        await this.#caller.logOn(request.authentication, this.#cut.signal);
        this.#state = 'ready';
        return this.#outflow.writer.success();
      case 'logoff':
        this.#expect(request, this.#isIn('READY'));
        this.#caller.logOff();
        this.#state = 'authentication';
        return this.#outflow.writer.success();
      case 'goodbye':
        this.#state = 'defunct';
        return;
      case 'reset':
        return await this.#reset(request);
      case 'run':
        this.#expect(request, this.#isIn('READY', 'TX_READY', 'TX_STREAMING'));
        return await this.#work.run(request, this.#cut.signal);
      case 'pull':
      case 'discard':
        this.#expect(request, this.#isIn('STREAMING', 'TX_STREAMING'));
        return await this.#work.take(request);
      case 'begin':
        this.#expect(request, this.#isIn('READY'));
        return await this.#work.begin(request.extra, this.#cut.signal);
      case 'commit':
        this.#expect(request, this.#isIn('TX_READY', 'TX_STREAMING'));
        return await this.#work.commit(this.#cut.signal);
      case 'rollback':
        this.#expect(request, this.#isIn('TX_READY', 'TX_STREAMING'));
        return await this.#work.rollback();
      case 'route':
        this.#expect(request, this.#isIn('READY'));
        return await this.#route(request);
      case 'telemetry':
        this.#expect(request, this.#isIn('READY'));
        return this.#outflow.writer.success();
    }
  }

  #isIn(...states: readonly Work['state'][]): boolean {
    return this.#state === 'ready' && states.includes(this.#work.state);
  }

  /** The states are told as Bolt's specification has them. */
  #expect({ kind }: Request, isRight: boolean): void {
    if (isRight) return;
    const state = this.#state === 'ready' ? this.#work.state : this.#state.toUpperCase();
    throw breach(`${kind.toUpperCase()} cannot come while the connection is ${state}`);
  }

  async #hello(request: HelloRequest): Promise<void> {
    this.#expect(request, this.#state === 'negotiation');
    const isPatched = this.#version.major < 5 && request.patches.includes('utc');
    this.#wire = wireOf(this.#version, isPatched);
    this.#outflow.writer.wire = this.#wire;
    this.#work.notifications = request.notifications;
    if (request.authentication !== undefined) {
      await this.#caller.logOn(request.authentication, this.#cut.signal);
    }
    this.#state = request.authentication === undefined ? 'authentication' : 'ready';
    this.#outflow.writer.success({
      server: this.#serving.agent,
      connection_id: this.#caller.id,
      hints: {
        'connection.recv_timeout_seconds': RECEIVE_SECONDS,
        'telemetry.enabled': isAtLeast(this.#version, 5, 4) ? false : undefined,
      },
      patch_bolt: isPatched ? ['utc'] : undefined,
    });
  }

  async #reset(request: Request): Promise<void> {
    this.#expect(request, this.#state !== 'negotiation');
    await this.#work.drop();
    if (this.#cut.signal.aborted) this.#cut = new AbortController();
    this.#state = this.#caller.isKnown ? 'ready' : 'authentication';
    this.#outflow.writer.success();
  }

  async #route({ routing, database, impersonatedUser }: RouteRequest): Promise<void> {
    assertOneself(impersonatedUser);
    const asked = isSystem(database) ? SYSTEM : this.#serving.databases.namespaceOf(database);
    const namespace = (asked instanceof Promise ? await asked : asked) ?? this.#caller.homeNamespace;
    const { reached } = this.#caller;
    this.#outflow.writer.success({ rt: routingTable(this.#serving.routes, namespace, routing, reached) });
  }

  async #fail(thrown: unknown, request: Request | undefined): Promise<void> {
    const { writer } = this.#outflow;
    const context = this.#contextOf(request);
    await this.#work.drop();
    if (thrown instanceof Farewell) {
      this.#state = 'defunct';
      return writer.failure(thrown.failure);
    }
    const error = asFacetError(thrown);
    const isUnreadable = request === undefined && error.code === 'INVALID_MESSAGE';
    if (this.#cut.signal.aborted && !isUnreadable && this.#state === 'ready') {
      this.#state = 'failed';
      return writer.ignored();
    }
    // Before 5.1 who has failed to say who it is in HELLO has no other message for it.
    const isLost = isUnreadable || this.#state === 'negotiation';
    this.#state = isLost ? 'defunct' : 'failed';
    writer.failure(failureOf(error, context));
  }

  #contextOf(request: Request | undefined): FailureContext {
    const extra = this.#work.extra ?? extraOf(request);
    return {
      query: request?.kind === 'run' ? request.query : undefined,
      ownTimeout: (extra?.timeoutMs ?? 0) > 0,
      mayWrite: extra?.mode === 'w' && this.#caller.mayWrite,
      commits: request?.kind === 'commit',
      requestId: this.#caller.requestId,
    };
  }
}

/** What says who the client is holds also behind a RESET. */
const isAboutWho = (tag: number | undefined): boolean =>
  tag === REQUESTS.hello || tag === REQUESTS.logon || tag === REQUESTS.logoff;

/** Drivers that wait take a server for dead that is silent for so long; it gives signs of life more often. */
const RECEIVE_SECONDS = Math.ceil((LIMITS.boltNoopMs * 4) / 1_000);

const extraOf = (request: Request | undefined): TransactionExtra | undefined =>
  request?.kind === 'run' || request?.kind === 'begin' ? request.extra : undefined;
