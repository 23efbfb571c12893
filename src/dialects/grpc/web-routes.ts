/** Procedures behind the adapter of @connectrpc/connect, which speaks gRPC-Web and Connect, in protobuf and JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from '@connectrpc/connect';
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { asFacetError, assert, FacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { timeLeft } from './calls.ts';
import { messageOf as asMessage } from './codec.ts';
import type { ErrorWords } from './errors.ts';
import { detailsOf } from './status-details.ts';
import { type GrpcCall, type GrpcDialect, type Procedure, wordsOf } from './surface.ts';
import type { WebOptions } from './web-options.ts';

export type WebHandler = (request: IncomingMessage, response: ServerResponse, session: Session) => void;

const SESSION = createContextKey<Session | undefined>(undefined);

/** Answers requests for one of the dialect's procedures that the gate has admitted. */
export function webHandler(dialect: GrpcDialect, options: WebOptions): WebHandler {
  const router = createConnectRouter({
    // Native gRPC has a listener of its own; over HTTP/1.1 there is none.
    grpc: false,
    readMaxBytes: options.bodyBytesMax,
    writeMaxBytes: LIMITS.grpcMessageBytesMax,
    acceptCompression: [compressionGzip, compressionBrotli],
  });
  for (const procedure of dialect.procedures) {
    addProcedure(router, procedure, options, wordsOf(dialect, procedure));
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response, session) => {
    const handler = handlers.get(request.url ?? '');
    assert(handler !== undefined, 'only requests for procedures come here');
    const values = createContextValues().set(SESSION, session);
    const asked = universalRequestFromNodeRequest(request, response, undefined, values);
    // The adapter of the library would do the same, and write to the console when a client leaves.
    handler(asked)
      .then((answer) => universalResponseToNodeResponse(answer, response))
      .catch((thrown: unknown) => {
        if (isGone(response)) return;
        const message = `call ${session.requestId} could not be answered`;
        options.observe({ type: 'warning', message, detail: thrown });
        response.destroy();
      });
  };
}

const isGone = (response: ServerResponse): boolean =>
  response.destroyed || response.errored !== null || response.socket?.destroyed !== false;

function addProcedure(
  router: ConnectRouter,
  procedure: Procedure,
  options: WebOptions,
  words: ErrorWords,
): void {
  // Requests for one never come here: see web.ts.
  if (procedure.kind === 'client_streaming') return;
  if (procedure.kind === 'unary') {
    router.rpc(procedure.method, async (message, context) => {
      const session = sessionOf(context);
      try {
        const call = callOf(context, session, options.dispatch);
        return asMessage(procedure.method.output, await procedure.run(message, call));
      } catch (thrown) {
        throw connectError(thrown, session, words, options.observe);
      }
    });
    return;
  }
  router.rpc(procedure.method, async function* (message, context) {
    const session = sessionOf(context);
    let isGiving = false;
    try {
      const call = callOf(context, session, options.dispatch);
      for await (const group of await procedure.run(message, call)) {
        for (const reply of group) {
          const given = asMessage(procedure.method.output, reply);
          isGiving = true;
          yield given;
          isGiving = false;
        }
      }
      if (call.session.signal.aborted) throw new FacetError('UNAVAILABLE', 'The server is stopping');
    } catch (thrown) {
      // Whoever takes the messages throws in here what became of the connection: no fault of the call.
      throw isGiving ? thrown : connectError(thrown, session, words, options.observe);
    }
  });
}

function sessionOf(context: HandlerContext): Session {
  const session = context.values.get(SESSION);
  if (session === undefined) throw new ConnectError('no session', Code.Internal);
  return session;
}

/** @throws QUERY_TIMEOUT */
const callOf = (context: HandlerContext, session: Session, dispatch: Dispatch): GrpcCall => ({
  // Of the call and of the connection: Connect ends the former at the deadline.
  session: { ...session, signal: AbortSignal.any([session.signal, context.signal]) },
  dispatch,
  timeLeftMs: timeLeft(context.timeoutMs()),
});

function connectError(thrown: unknown, session: Session, words: ErrorWords, observe: Observe): ConnectError {
  const { requestId } = session;
  const error = asFacetError(thrown);
  if (error.kind === 'internal') {
    observe({ type: 'warning', message: `call ${requestId} failed`, detail: error.cause ?? error });
  }
  // Connect's codes are the numbers of gRPC.
  const code: Code = words.statusOf(error.code);
  return new ConnectError(words.messageOf(error, session), code, undefined, [
    ...detailsOf(error, requestId, words.domain).map(({ desc, value }) => ({ desc, value })),
  ]);
}
