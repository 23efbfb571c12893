/**
 * What happens to a call between its headers and its message: the gate, before a byte of the message is read. What a
 * client sends meanwhile waits in the flow control of HTTP/2, 64 KB at most. Then the message is read within bounds: of
 * calls that passed the gate together, and of each call for what is open to strangers (health, reflection).
 */
import type { Readable } from 'node:stream';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { FacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { CallsUnderWay, CallUnderWay } from './calls.ts';
import { GRPC } from './errors.ts';
import { MessageBudget, MessageBytes } from './message-bytes.ts';
import type { Peers } from './peers.ts';
import { type Answered, type Refusal, refusal } from './refusal.ts';
import { grpcSession } from './session.ts';
import { type GrpcDialect, type Procedure, pathOf } from './surface.ts';

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
}

interface Arriving {
  readonly requestId: string;
  readonly path: string;
  session: Session | undefined;
  underWay: CallUnderWay | undefined;
  gone: boolean;
  /** Its handler runs, and says when the call has ended. */
  handled: boolean;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #served = new Map<string, { readonly procedure: Procedure; readonly dialect: GrpcDialect }>();
  readonly #budget: MessageBudget;
  /** Handlers get the metadata that passed here, the same object. */
  readonly #arrived = new WeakMap<Metadata, Arriving>();
  #strangers = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#budget = new MessageBudget(Math.max(LIMITS.bodiesBytesMax, options.messageBytesMax));
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
    const arrived = this.#arrived.get(metadata);
    if (arrived?.session === undefined || arrived.underWay === undefined) {
      throw new FacetError('INTERNAL_ERROR', 'A call has come past the gate');
    }
    arrived.handled = true;
    return arrived as Admitted;
  }

  #guarded(
    path: string,
    served: { readonly procedure: Procedure; readonly dialect: GrpcDialect },
    call: ServerInterceptingCallInterface,
  ): ServerInterceptingCall {
    const { requestId, observe, messageBytesMax } = this.#options;
    let arriving: Arriving | undefined;
    let held = 0;
    const refuse = (thrown: unknown): void => {
      if (arriving === undefined || arriving.gone) return;
      call.sendStatus(refusal(thrown, arriving, observe));
      arriving.gone = true;
    };
    onUnnamedRefusal(call, (code) => {
      // What the library refuses before the handler runs: of its bounds a message has only this one.
      if (code !== GRPC.RESOURCE_EXHAUSTED || arriving === undefined || arriving.handled) return undefined;
      return refusal(tooLarge(messageBytesMax), arriving, observe);
    });
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const id = requestId(metadata.get('x-request-id')[0]?.toString());
            const arrived: Arriving = {
              ...{ requestId: id, path, session: undefined, underWay: undefined },
              ...{ gone: false, handled: false },
            };
            arriving = arrived;
            this.#arrived.set(metadata, arrived);
            const enter = (): void => {
              if (arrived.gone) return;
              countBytes(call, messageBytesMax, (weight) => {
                if (arrived.gone) return;
                if (this.#budget.take(weight)) held += weight;
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
            if (held > message.length) {
              this.#budget.give(held - message.length);
              held = message.length;
            }
            if (arriving?.gone === false) pass(message);
          },
          // At the end of every call.
          onCancel: () => {
            this.#budget.give(held);
            held = 0;
            if (arriving === undefined) return;
            arriving.gone = true;
            arriving.underWay?.abort();
            if (!arriving.handled) arriving.underWay?.end();
          },
        }),
    });
  }

  /** @throws what the gate refuses; a promise when it has to ask */
  #admit(
    { procedure, dialect }: { readonly procedure: Procedure; readonly dialect: GrpcDialect },
    call: ServerInterceptingCallInterface,
    metadata: Metadata,
    arrived: Arriving,
  ): Promise<void> | undefined {
    const { calls, peers, dispatch, trustProxy } = this.#options;
    const socket = peers.socketOf(call.getPeer());
    if (socket === undefined) throw new FacetError('QUERY_CANCELLED', 'The client went away');
    const underWay = calls.begin(procedure.kind === 'server_streaming' && procedure.endless);
    arrived.underWay = underWay;
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
            countBytes(call, Number.POSITIVE_INFINITY, (weight) => {
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

/**
 * Tells the weight of each piece of the client's messages. The stream is no part of the types of @grpc/grpc-js; it stays
 * paused until the first message is asked for, also when somebody else listens.
 */
function countBytes(
  call: ServerInterceptingCallInterface,
  messageBytesMax: number,
  tell: (weight: number) => void,
): void {
  const { stream } = call as ServerInterceptingCallInterface & { readonly stream?: Readable };
  if (stream === undefined) throw new FacetError('INTERNAL_ERROR', 'A call of gRPC has no stream');
  const bytes = new MessageBytes(messageBytesMax);
  stream.on('data', (piece: Buffer) => tell(bytes.weightOf(piece)));
}

/**
 * Lets what @grpc/grpc-js refuses on its own be said in our words: its statuses have no metadata.
 * @param said what to say instead; undefined: what the library says
 */
function onUnnamedRefusal(
  call: ServerInterceptingCallInterface,
  said: (code: number) => Refusal | undefined,
): void {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (status) => {
    const own = status.metadata == null && status.code !== undefined ? said(status.code) : undefined;
    send(own ?? status);
  };
}

const tooLarge = (bytesMax: number): FacetError =>
  new FacetError('PAYLOAD_TOO_LARGE', `The message is larger than ${bytesMax} bytes (body-bytes-max)`);

const tooMuch = (bytesMax: number): FacetError =>
  new FacetError(
    'UNAVAILABLE',
    `The messages of calls under way would be larger than ${bytesMax} bytes together (bodiesBytesMax)`,
    { retryAfterSeconds: 1 },
  );

/** Without the details that clients of a dialect read. */
const exhausted = (details: string) => ({ code: GRPC.RESOURCE_EXHAUSTED, details });
