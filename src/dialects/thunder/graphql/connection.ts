/** One open WebSocket of GraphQL: what is under way on it, whose it is, and what waits for its client. */
import type { ExecutionArgs, FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { CloseCode, type Server } from 'graphql-ws';
import {
  asFacetError,
  ExactNumber,
  FacetError,
  type Json,
  LIMITS,
  type Observe,
  randomHex,
} from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import {
  commandSession,
  decodeBody,
  type LiveSocket,
  type SocketHandler,
  type SocketRequest,
} from '../../http/index.ts';
import type { Caller } from './caller.ts';
import type { GraphqlEngine, Result } from './engine.ts';
import { GUARD } from './http-routes.ts';
import { initCredentials } from './init-credentials.ts';
import { requestOf } from './request.ts';
import { RequestRefused } from './request-refused.ts';

/** What graphql-ws knows of a connection beside its own. */
export interface Extra {
  readonly connection: Connection;
}

/** A query, a mutation or a subscription under way. */
interface UnderWay {
  readonly session: Session;
  readonly gone: AbortController;
  caller: Caller | undefined;
  refusal: RequestRefused | undefined;
}

interface AnswerText {
  readonly text: string;
  readonly caller: Caller | undefined;
}

/** graphql-ws writes it where an answer belongs that is text already. Unguessable, so that no data look like it. */
const MARK = `answer:${randomHex(12)}`;
const MARKED = new RegExp(`\\{"extensions":\\{"${MARK}":(\\d+)\\}\\}`);

export class Connection implements SocketHandler {
  readonly #engine: GraphqlEngine;
  readonly #server: Server<Extra>;
  readonly #observe: Observe;
  readonly #protocol: string;
  readonly #authenticate: SocketRequest['authenticate'];
  #session: Session;
  #live: LiveSocket | undefined = undefined;
  #receive = async (_text: string): Promise<void> => {};
  #left: ((code: number, reason: string) => Promise<void>) | undefined = undefined;
  /** The message that graphql-ws is about to take: it asks for what is in it before it waits for anything. */
  #incoming: { readonly value: Json | undefined; readonly bytes: number } = { value: null, bytes: 0 };
  /** By the payload of its message, which graphql-ws passes to all hooks. */
  readonly #byPayload = new WeakMap<object, UnderWay>();
  readonly #byId = new Map<string, UnderWay>();
  readonly #answers = new Map<number, AnswerText>();
  /** Of operations and answers so far. */
  #count = 0;

  constructor(
    engine: GraphqlEngine,
    server: Server<Extra>,
    { session, protocol = '', authenticate }: SocketRequest,
    observe: Observe,
  ) {
    this.#engine = engine;
    this.#server = server;
    this.#observe = observe;
    this.#session = session;
    this.#protocol = protocol;
    this.#authenticate = authenticate;
  }

  opened(live: LiveSocket): void {
    this.#live = live;
    const socket = {
      protocol: this.#protocol,
      send: (text: string) => this.#send(text, live),
      close: (code?: number, reason?: string) =>
        live.close(code ?? CloseCode.InternalServerError, reason ?? ''),
      onMessage: (receive: (text: string) => Promise<void>) => {
        this.#receive = receive;
      },
    };
    this.#left = this.#server.opened(socket, { connection: this });
  }

  message(bytes: Buffer): void {
    const live = this.#live;
    if (live === undefined) return;
    let value: Json | undefined;
    try {
      value = decodeBody(bytes);
    } catch {
      live.close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    this.#cancelCompleted(value);
    this.#incoming = { value, bytes: bytes.length };
    this.#receive(bytes.toString('utf8')).catch((thrown: unknown) => {
      this.#observe({ type: 'warning', message: 'a WebSocket of GraphQL failed', detail: thrown });
      live.close(CloseCode.InternalServerError, 'Internal error');
    });
    if (live.full) void this.#readNoMore(live);
  }

  async closed(): Promise<void> {
    for (const { gone } of this.#byId.values()) gone.abort();
    this.#byId.clear();
    for (const { caller } of this.#answers.values()) caller?.release();
    this.#answers.clear();
    await this.#left?.(CloseCode.InternalClientError, '');
  }

  /** False: the client is nobody that may come in. */
  async greet(payload: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    if (this.#authenticate === undefined) return true;
    const credentials = initCredentials(payload);
    if (credentials === undefined) return false;
    try {
      this.#session = await this.#authenticate(credentials);
      return true;
    } catch {
      return false;
    }
  }

  /** @param underWay operations of this connection, with this one */
  async begin(
    id: string,
    payload: object,
    underWay: number,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { value, bytes } = this.#incoming;
    const gone = new AbortController();
    const requestId = `${this.#session.requestId}.${++this.#count}`;
    const session = { ...commandSession(this.#session, requestId, bytes), signal: gone.signal };
    const operation: UnderWay = { session, gone, caller: undefined, refusal: undefined };
    this.#byPayload.set(payload, operation);
    this.#byId.set(id, operation);
    try {
      if (underWay > LIMITS.graphqlSocketOperationsMax) throw tooMany();
      const prepared = this.#engine.prepare(requestOf(memberOf(value, 'payload')));
      await this.#engine.dispatch.admit(GUARD, session);
      operation.caller = this.#engine.caller(prepared, session);
      return {
        schema: this.#engine.schemaFor(prepared),
        document: prepared.document.node,
        operationName: prepared.request.operationName,
        variableValues: prepared.request.variables,
        contextValue: operation.caller,
        rootValue: undefined,
      };
    } catch (thrown) {
      operation.refusal = thrown instanceof RequestRefused ? thrown : RequestRefused.by(asFacetError(thrown));
      return operation.refusal.errors;
    }
  }

  /** A result in our words, as text; what is returned stands for it. */
  worded(payload: object, result: Result): FormattedExecutionResult {
    const operation = this.#byPayload.get(payload);
    const text = this.#engine.resultText(result, this.#wordsOf(operation));
    const number = ++this.#count;
    this.#answers.set(number, { text, caller: operation?.caller });
    return { extensions: { [MARK]: number } };
  }

  wordedErrors(
    id: string,
    payload: object,
    errors: readonly GraphQLError[],
  ): readonly GraphQLFormattedError[] {
    const operation = this.#byPayload.get(payload);
    const code = operation?.refusal?.code ?? 'GRAPHQL_VALIDATION_FAILED';
    this.end(id, payload);
    return this.#engine.worded(errors, code, this.#wordsOf(operation));
  }

  /** The operation is over. */
  end(id: string, payload: object): void {
    if (this.#byId.get(id) === this.#byPayload.get(payload)) this.#byId.delete(id);
  }

  #wordsOf(operation: UnderWay | undefined) {
    return this.#engine.words((operation?.session ?? this.#session).requestId);
  }

  /** Resolves when the client has read enough for more: graphql-ws waits before it takes the next event. */
  async #send(text: string, live: LiveSocket): Promise<void> {
    const marked = MARKED.exec(text);
    const answer = this.#answers.get(Number(marked?.[1]));
    if (marked === null || answer === undefined) {
      live.send(text);
      await live.drained();
      return;
    }
    this.#answers.delete(Number(marked[1]));
    live.send(text.slice(0, marked.index) + answer.text + text.slice(marked.index + marked[0].length));
    await live.drained();
    answer.caller?.release();
  }

  /** graphql-ws only stops waiting for what a client completes; PostgreSQL is to stop, too. */
  #cancelCompleted(message: Json | undefined): void {
    if (!isObject(message) || message.type !== 'complete' || typeof message.id !== 'string') return;
    this.#byId.get(message.id)?.gone.abort();
    this.#byId.delete(message.id);
  }

  /** What it is told of its messages waits for a client that does not read. */
  async #readNoMore(live: LiveSocket): Promise<void> {
    live.pause();
    await live.drained();
    live.resume();
  }
}

const tooMany = (): FacetError =>
  new FacetError(
    'LIMIT_EXCEEDED',
    `More than ${LIMITS.graphqlSocketOperationsMax} operations are under way on this connection (graphqlSocketOperationsMax)`,
  );

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/** graphql-ws has seen that it is an object of objects. */
function memberOf(message: Json | undefined, name: string): { readonly [key: string]: Json } {
  const member = isObject(message) ? message[name] : undefined;
  return isObject(member) ? member : {};
}
