/** Procedures as handlers of @grpc/grpc-js: native gRPC over HTTP/2. Their calls have passed the gate. */
import type {
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { Observe } from '../../base/index.ts';
import type { Dispatch } from '../../dispatch/index.ts';
import { timeLeft, untilDeadline } from './calls.ts';
import { clientMessages } from './client-messages.ts';
import { decoded, encoded } from './codec.ts';
import type { Admitted, Gate } from './gate.ts';
import { headersOf, refusal, stopping } from './refusal.ts';
import { sendAll } from './stream-writer.ts';
import type { ClientStreamingProcedure, GrpcCall, StreamingProcedure, UnaryProcedure } from './surface.ts';

/** What handlers need beside their procedure. */
export interface Serving {
  readonly dispatch: Dispatch;
  readonly gate: Gate;
  readonly observe: Observe;
}

/** For messages that are bytes already. */
export const identity = (bytes: Buffer): Buffer => bytes;

type NativeCall = ServerUnaryCall<Buffer, Uint8Array> | ServerWritableStream<Buffer, Uint8Array>;

export function unaryHandler(
  procedure: UnaryProcedure,
  serving: Serving,
): handleUnaryCall<Buffer, Uint8Array> {
  return (native, answer) => {
    const admitted = serving.gate.take(native.metadata);
    run(procedure, native, admitted, serving)
      .then((reply) => {
        native.sendMetadata(headersOf(admitted));
        answer(null, encoded(procedure.method.output, reply));
      })
      .catch((thrown: unknown) => answer(refusal(thrown, admitted, serving.observe)))
      .finally(() => admitted.underWay.end());
  };
}

export function streamingHandler(
  procedure: StreamingProcedure,
  serving: Serving,
): handleServerStreamingCall<Buffer, Uint8Array> {
  return (native) => {
    const admitted = serving.gate.take(native.metadata);
    run(procedure, native, admitted, serving)
      .then(async (replies) => {
        native.sendMetadata(headersOf(admitted));
        const { signal } = admitted.session;
        await sendAll(native, replies, procedure.method.output, signal, procedure.messagesAhead);
        // A stream that was cut off has not ended well.
        if (signal.aborted) throw stopping();
        native.end();
      })
      .catch((thrown: unknown) => native.emit('error', refusal(thrown, admitted, serving.observe)))
      .finally(() => admitted.underWay.end());
  };
}

export function clientStreamingHandler(
  procedure: ClientStreamingProcedure,
  serving: Serving,
): handleClientStreamingCall<Buffer, Uint8Array> {
  return (native, answer) => {
    const admitted = serving.gate.take(native.metadata);
    runStream(procedure, native, admitted, serving)
      .then((reply) => {
        native.sendMetadata(headersOf(admitted));
        answer(null, encoded(procedure.method.output, reply));
      })
      .catch((thrown: unknown) => answer(refusal(thrown, admitted, serving.observe)))
      .finally(() => admitted.underWay.end());
  };
}

async function runStream(
  procedure: ClientStreamingProcedure,
  native: ServerReadableStream<Buffer, Uint8Array>,
  { session, taken }: Admitted,
  { dispatch }: Serving,
): ReturnType<ClientStreamingProcedure['run']> {
  const timeLeftMs = timeLeft(untilDeadline(native.getDeadline()));
  const messages = clientMessages(native, procedure.method.input, session.signal, taken);
  return await procedure.run(messages, { session, dispatch, timeLeftMs });
}

async function run<Answer>(
  procedure: {
    readonly method: UnaryProcedure['method'] | StreamingProcedure['method'];
    readonly run: (message: ReturnType<typeof decoded>, call: GrpcCall) => Promise<Answer>;
  },
  native: NativeCall,
  { session }: Admitted,
  { dispatch }: Serving,
): Promise<Answer> {
  const timeLeftMs = timeLeft(untilDeadline(native.getDeadline()));
  const message = decoded(procedure.method.input, native.request);
  return await procedure.run(message, { session, dispatch, timeLeftMs });
}
