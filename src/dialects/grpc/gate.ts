/**
 * What happens to a call between its headers and its message: the gate, before a byte of the message is read. What a
 * client sends meanwhile waits in the flow control of HTTP/2, 64 KB at most. Then the message is read within bounds: of
 * calls that passed the gate together, and of each call for what is open to strangers (health, reflection).
 */
import type { Duplex } from 'node:stream';
import {
  type Metadata,
  type Responder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { FacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { onFailure, onUnnamedRefusal } from './call-status.ts';
import type { CallsUnderWay, CallUnderWay } from './calls.ts';
import { GRPC } from './errors.ts';
import { MessageBudget, MessageBytes } from './message-bytes.ts';
import { PacedCall } from './paced-call.ts';
import type { Peers } from './peers.ts';
import { type Answered, refusal } from './refusal.ts';
import { grpcSession } from './session.ts';
import { type GrpcDialect, type MessageBound, type Procedure, pathOf, wordsOf } from './surface.ts';

export interface GateOptions {
  readonly dialects: readonly GrpcDialect[];
  readonly dispatch: Dispatch;
  readonly calls: CallsUnderWay;
  readonly peers: Peers;
  readonly trustProxy: boolean;
  /** One message of a client. */
  readonly messageBytesMax: number;
  readonly requestId: (given: string | undefined) => string;
  readonly observe: Observe;
}

/** A call that has passed the gate. */
export interface Admitted extends Answered {
  readonly session: Session;
  readonly underWay: CallUnderWay;
  /** Bytes of a message of a client's stream that nobody needs any more. */
  readonly taken: (bytes: number) => void;
}

interface Served {
  readonly procedure: Procedure;
  readonly dialect: GrpcDialect;
}

interface Arriving {
  readonly words: Answered['words'];
  readonly requestId: string;
  readonly path: string;
  session: Session | undefined;
  underWay: CallUnderWay | undefined;
  readonly taken: (bytes: number) => void;
  gone: boolean;
  /** Its handler runs, and says when the call has ended. */
  handled: boolean;
}

/** Handlers get the metadata that passed here, the same object. A WeakMap would cost each collection of garbage. */
const ARRIVED = Symbol('arrived');
type Carrying = Metadata & { [ARRIVED]?: Arriving };

export class Gate {
  readonly #options: GateOptions;
  readonly #served = new Map<string, Served>();
  readonly #budget: MessageBudget;
  #strangers = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    const bounds = options.dialects.map((dialect) => this.#boundOf(dialect).bytesMax);
    this.#budget = new MessageBudget(Math.max(LIMITS.bodiesBytesMax, ...bounds));
    for (const dialect of options.dialects) {
      for (const procedure of dialect.procedures) this.#served.set(pathOf(procedure), { procedure, dialect });
    }
  }

  /** For the server's options. */
  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    const found = this.#served.get(path);
    return found === undefined ? this.#public(call) : this.#guarded(path, found, call);
  };

  /** The call with this metadata, whose handler has begun: from now on that one ends it. */
  take(metadata: Metadata): Admitted {
    const arrived = (metadata as Carrying)[ARRIVED];
    if (arrived?.session === undefined || arrived.underWay === undefined) {
      throw new FacetError('INTERNAL_ERROR', 'A call has come past the gate');
    }
    arrived.handled = true;
    return arrived as Admitted;
  }

  #guarded(path: string, served: Served, call: ServerInterceptingCallInterface): ServerInterceptingCall {
    const { requestId, observe } = this.#options;
    const bound = this.#boundOf(served.dialect);
    const bytes = new MessageBytes(bound.bytesMax);
    const words = wordsOf(served.dialect, served.procedure);
    boundMessages(call, bound.bytesMax);
    const isStream = served.procedure.kind === 'client_streaming';
    let arriving: Arriving | undefined;
    let held = 0;
    const give = (weight: number): void => {
      const given = Math.min(weight, held);
      held -= given;
      this.#budget.give(given);
    };
    /** Of a stream's messages those that have not been taken. */
    let waiting = 0;
    const taken = (weight: number): void => {
      waiting -= weight;
      give(weight);
      paced.readOn();
    };
    const refuse = (thrown: unknown): void => {
      if (arriving === undefined || arriving.gone) return;
      call.sendStatus(refusal(thrown, arriving, observe));
      arriving.gone = true;
    };
    onUnnamedRefusal(call, (code) => {
      // What the library refuses before the handler runs: of its bounds a message has only this one.
      if (code !== GRPC.RESOURCE_EXHAUSTED || arriving === undefined) return undefined;
      if (arriving.handled && !isStream) return undefined;
      return refusal(tooLarge(bound), arriving, observe);
    });
    // The library tells of a deadline when the client has read all that was written, which may be never.
    if (served.procedure.kind === 'server_streaming') onFailure(call, () => arriving?.underWay?.abort());
    const responder: Responder = {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const id = requestId(metadata.get('x-request-id')[0]?.toString());
            const arrived: Arriving = {
              ...{ requestId: id, path, words, session: undefined, underWay: undefined },
              ...{ gone: false, handled: false, taken },
            };
            arriving = arrived;
            (metadata as Carrying)[ARRIVED] = arrived;
            const enter = (): void => {
              if (arrived.gone) return;
              countBytes(call, bytes, (weight) => {
                if (arrived.gone) return;
                if (bytes.isTooLarge) refuse(tooLarge(bound));
                else if (this.#budget.take(weight)) held += weight;
                else refuse(tooMuch(this.#budget.bytesMax));
              });
              pass(metadata);
            };
            try {
              const admitting = this.#admit(served, call, metadata, arrived);
              if (admitting === undefined) enter();
              else admitting.then(enter).catch(refuse);
            } catch (thrown) {
              refuse(thrown);
            }
          },
          onReceiveMessage: (message: Buffer, pass) => {
            // What was weighed as compressed is known now.
            give(Math.max(0, bytes.takeWhole() - message.length));
            if (arriving?.gone !== false) return;
            if (message.length > bound.bytesMax) {
              refuse(tooLarge(bound));
              return;
            }
            waiting += message.length;
            pass(message);
          },
          // At the end of every call.
          onCancel: () => {
            give(held);
            if (arriving === undefined) return;
            arriving.gone = true;
            arriving.underWay?.abort();
            if (!arriving.handled) arriving.underWay?.end();
          },
        }),
    };
    // Of a message that is larger than the room for waiting ones, nothing else waits with it.
    const paced = new PacedCall(
      call,
      responder,
      () => !isStream || waiting === 0 || waiting < LIMITS.grpcStreamAheadBytes,
    );
    return paced;
  }

  #boundOf({ messageBound }: GrpcDialect): MessageBound {
    return messageBound ?? { bytesMax: this.#options.messageBytesMax, option: 'body-bytes-max' };
  }

  /** @throws what the gate refuses; a promise when it has to ask */
  #admit(
    { procedure, dialect }: Served,
    call: ServerInterceptingCallInterface,
    metadata: Metadata,
    arrived: Arriving,
  ): Promise<void> | undefined {
    const { calls, peers, dispatch, trustProxy } = this.#options;
    const socket = peers.socketOf(call.getPeer());
    if (socket === undefined) throw new FacetError('QUERY_CANCELLED', 'The client went away');
    const underWay = calls.begin(procedure.kind === 'server_streaming' && procedure.endless);
    arrived.underWay = underWay;
    const stream = streamOf(call);
    if (stream.destroyed) underWay.close();
    else stream.once('close', () => underWay.close());
    const { requestId } = arrived;
    const about = { requestId, trustProxy, signal: underWay.signal };
    const session = grpcSession(dialect, metadata, socket, about);
    arrived.session = session;
    return dispatch.admit(procedure.operation, session);
  }

  /** Health and reflection: small questions, whose number is bounded as those of guarded calls are. */
  #public(call: ServerInterceptingCallInterface): ServerInterceptingCall {
    let counted = false;
    let waiting = 0;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (this.#strangers >= LIMITS.grpcPublicCallsMax) {
              call.sendStatus(exhausted(`More than ${LIMITS.grpcPublicCallsMax} calls (grpcPublicCallsMax)`));
              return;
            }
            this.#strangers++;
            counted = true;
            countBytes(call, new MessageBytes(Number.POSITIVE_INFINITY), (weight) => {
              waiting += weight;
              if (waiting <= LIMITS.grpcPublicBytesMax) return;
              call.sendStatus(
                exhausted(
                  `The message is larger than ${LIMITS.grpcPublicBytesMax} bytes (grpcPublicBytesMax)`,
                ),
              );
            });
            pass(metadata);
          },
          onReceiveMessage: (message, pass) => {
            if (waiting > LIMITS.grpcPublicBytesMax) return;
            waiting = 0;
            pass(message);
          },
          onCancel: () => {
            if (counted) this.#strangers--;
            counted = false;
          },
        }),
    });
  }
}

/** The stream of HTTP/2, which is no part of the types of @grpc/grpc-js. */
function streamOf(call: ServerInterceptingCallInterface): Duplex {
  const { stream } = call as ServerInterceptingCallInterface & { readonly stream?: Duplex };
  if (stream === undefined) throw new FacetError('INTERNAL_ERROR', 'A call of gRPC has no stream');
  return stream;
}

/**
 * What a compressed message of this call may become: a listener has one bound for all of its dialects. It is no part of the
 * types of @grpc/grpc-js either.
 */
function boundMessages(call: ServerInterceptingCallInterface, bytesMax: number): void {
  const bounded = call as ServerInterceptingCallInterface & { maxReceiveMessageSize?: number };
  if (bounded.maxReceiveMessageSize === undefined) {
    throw new FacetError('INTERNAL_ERROR', 'A call of gRPC has no bound of its messages');
  }
  bounded.maxReceiveMessageSize = bytesMax;
}

/**
 * Tells the weight of each piece of the client's messages. The stream stays paused until the first message is asked for,
 * also when somebody else listens.
 */
function countBytes(
  call: ServerInterceptingCallInterface,
  bytes: MessageBytes,
  tell: (weight: number) => void,
): void {
  streamOf(call).on('data', (piece: Buffer) => tell(bytes.weightOf(piece)));
}

const tooLarge = ({ bytesMax, option }: MessageBound): FacetError =>
  new FacetError('PAYLOAD_TOO_LARGE', `The message is larger than ${bytesMax} bytes (${option})`);

const tooMuch = (bytesMax: number): FacetError =>
  new FacetError(
    'UNAVAILABLE',
    `The messages of calls under way would be larger than ${bytesMax} bytes together (bodiesBytesMax)`,
    { retryAfterSeconds: 1 },
  );

/** Without the details that clients of a dialect read. */
const exhausted = (details: string) => ({ code: GRPC.RESOURCE_EXHAUSTED, details });
