/**
 * What a dialect over gRPC gives to the frame: its procedures. A procedure is one plain function from a message and its
 * call to an answer; the ways in (native gRPC, gRPC-Web, Connect) are adapters around it and know nothing of what it does.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import {
  create,
  type DescMessage,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { Principal } from '../../base/index.ts';
import type { Credentials, Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import { credentialsOf } from '../http/index.ts';
import { type ErrorWords, USUAL_WORDS } from './errors.ts';

/** Everything about a call that is not its message. */
export interface GrpcCall {
  /** The gate has admitted it already: `dispatch.call` goes on from there. */
  readonly session: Session;
  readonly dispatch: Dispatch;
  /** Milliseconds until the client's deadline, at least 1; undefined when it set none. */
  timeLeftMs(): number | undefined;
}

/** A message, or its bytes where a procedure writes them itself because the general way is too slow. */
export type Reply = Message | Uint8Array;

interface ProcedureFacts {
  /** What the gate looks at before the message is read. */
  readonly operation: GuardedOperation;
}

export interface UnaryProcedure extends ProcedureFacts {
  readonly kind: 'unary';
  readonly method: DescMethodUnary;
  readonly run: (message: Message, call: GrpcCall) => Promise<Reply>;
}

/** Messages in groups, so that many small ones cost one turn of the event loop together. */
export type Replies = AsyncIterable<readonly Reply[]>;

export interface StreamingProcedure extends ProcedureFacts {
  readonly kind: 'server_streaming';
  readonly method: DescMethodServerStreaming;
  /** It does not end by itself: stopping the server does not wait for it. */
  readonly endless: boolean;
  /** Messages that may wait for the client to take them; absent: what the transport buffers by itself. */
  readonly messagesAhead?: number | undefined;
  /** Leaving the loop over the messages ends what makes them. */
  readonly run: (message: Message, call: GrpcCall) => Promise<Replies>;
}

/** What a client sends in pieces. Native gRPC only: browsers cannot send a body that is not there as a whole. */
export interface ClientStreamingProcedure extends ProcedureFacts {
  readonly kind: 'client_streaming';
  readonly method: DescMethodClientStreaming;
  /** The next message is read when it is asked for; an answer before the last one ends the call. */
  readonly run: (messages: AsyncIterable<Message>, call: GrpcCall) => Promise<Reply>;
}

export type Procedure = UnaryProcedure | StreamingProcedure | ClientStreamingProcedure;

/** `/thunder.ThunderQuery/Execute`. */
export const pathOf = ({ method }: Procedure): string => `/${method.parent.typeName}/${method.name}`;

/** Declares a procedure with one answer. */
export function unary<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodUnary<Input, Output>,
  operation: GuardedOperation,
  run: (message: MessageShape<Input>, call: GrpcCall) => Promise<MessageInitShape<Output> | Uint8Array>,
): UnaryProcedure {
  return {
    kind: 'unary',
    method,
    operation,
    // The adapters decode by `method.input`, so the message has its shape.
    run: async (message, call) => replyOf(method.output, await run(message as MessageShape<Input>, call)),
  };
}

/** Declares a procedure that answers with a stream. */
export function serverStreaming<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodServerStreaming<Input, Output>,
  operation: GuardedOperation,
  run: (
    message: MessageShape<Input>,
    call: GrpcCall,
  ) => Promise<AsyncIterable<readonly (MessageShape<Output> | Uint8Array)[]>>,
  {
    endless = false,
    messagesAhead,
  }: { readonly endless?: boolean; readonly messagesAhead?: number | undefined } = {},
): StreamingProcedure {
  return {
    kind: 'server_streaming',
    method,
    operation,
    endless,
    messagesAhead,
    run: (message, call) => run(message as MessageShape<Input>, call),
  };
}

/** Declares a procedure that takes a stream. */
export function clientStreaming<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodClientStreaming<Input, Output>,
  operation: GuardedOperation,
  run: (
    messages: AsyncIterable<MessageShape<Input>>,
    call: GrpcCall,
  ) => Promise<MessageInitShape<Output> | Uint8Array>,
): ClientStreamingProcedure {
  return {
    kind: 'client_streaming',
    method,
    operation,
    run: async (messages, call) =>
      replyOf(method.output, await run(messages as AsyncIterable<MessageShape<Input>>, call)),
  };
}

const replyOf = <Output extends DescMessage>(
  output: Output,
  reply: MessageInitShape<Output> | Uint8Array,
): Reply => (reply instanceof Uint8Array ? reply : create(output, reply as MessageInitShape<Output>));

/** What is the same for every gRPC dialect of a server. */
export interface GrpcDialect {
  /** For logs and metrics: `thunder`. */
  readonly name: string;
  readonly procedures: readonly Procedure[];
  /** How the dialect spells a field of an operation, for messages: `timeoutMs` -> `timeout_ms`. Absent: as it is. */
  readonly fieldName?: (name: string, operation: string) => string;
  /** How it says the errors of the procedure with this path. Absent: as others do. */
  readonly wordsOf?: (path: string) => ErrorWords;
  /** Who a caller claims to be. Absent: as over HTTP. */
  readonly claimOf?: (headers: IncomingHttpHeaders, socket: Socket) => Claim;
  /** One message of a client over native gRPC. Absent: the listener's. */
  readonly messageBound?: MessageBound;
  /** False: reflection does not tell of its services. */
  readonly isReflected?: boolean;
  /** False when the service of this name should not be sent calls, beside what holds for the whole server. */
  readonly isWell?: (service: string) => boolean;
}

export interface MessageBound {
  readonly bytesMax: number;
  /** What sets it, for messages. */
  readonly option: string;
}

export interface Claim {
  readonly credentials: Credentials;
  /** Somebody who need not be asked for credentials. */
  readonly principal?: Principal;
}

export const claimOf = (
  dialect: Pick<GrpcDialect, 'claimOf'>,
  headers: IncomingHttpHeaders,
  socket: Socket,
): Claim => dialect.claimOf?.(headers, socket) ?? { credentials: credentialsOf(headers, socket) };

export const wordsOf = (dialect: GrpcDialect, procedure: Procedure): ErrorWords =>
  dialect.wordsOf?.(pathOf(procedure)) ?? USUAL_WORDS;
