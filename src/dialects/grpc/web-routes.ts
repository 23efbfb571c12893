/** Procedures behind the adapter of @connectrpc/connect, which speaks gRPC-Web and Connect, in protobuf and JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { asFacetError, FacetError, LIMITS, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { timeLeft } from './calls.ts';
import { messageOf as asMessage } from './codec.ts';
import { messageOf, statusOfCode } from './errors.ts';
import { detailsOf } from './status-details.ts';
import type { GrpcCall, GrpcDialect, Procedure } from './surface.ts';
import type { WebOptions } from './web-options.ts';

export type WebHandler = (request: IncomingMessage, response: ServerResponse, session: Session) => void;

const SESSION = createContextKey<Session | undefined>(undefined);

/** Answers requests for one of the dialect's procedures that the gate has admitted. */
export function webHandler(dialect: GrpcDialect, options: WebOptions): WebHandler {
  const sessions = new WeakMap<object, Session>();
  const serve = connectNodeAdapter({
    routes: (router) => {
      for (const procedure of dialect.procedures) addProcedure(router, procedure, options);
    },
    // Native gRPC has a listener of its own; over HTTP/1.1 there is none.
    grpc: false,
    readMaxBytes: options.bodyBytesMax,
    writeMaxBytes: LIMITS.grpcMessageBytesMax,
    contextValues: (request) => createContextValues().set(SESSION, sessions.get(request)),
  });
  return (request, response, session) => {
    sessions.set(request, session);
    serve(request, response);
  };
}

function addProcedure(router: ConnectRouter, procedure: Procedure, options: WebOptions): void {
  if (procedure.kind === 'unary') {
    router.rpc(procedure.method, async (message, context) => {
      const session = sessionOf(context);
      try {
        const call = callOf(context, session, options.dispatch);
        return asMessage(procedure.method.output, await procedure.run(message, call));
      } catch (thrown) {
        throw connectError(thrown, session, options.observe);
      }
    });
    return;
  }
  router.rpc(procedure.method, async function* (message, context) {
    const session = sessionOf(context);
    try {
      const call = callOf(context, session, options.dispatch);
      for await (const group of await procedure.run(message, call)) {
        for (const reply of group) yield asMessage(procedure.method.output, reply);
      }
      if (call.session.signal.aborted) throw new FacetError('UNAVAILABLE', 'The server is stopping');
    } catch (thrown) {
      throw connectError(thrown, session, options.observe);
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

function connectError(thrown: unknown, { requestId }: Session, observe: Observe): ConnectError {
  const error = asFacetError(thrown);
  if (error.kind === 'internal') {
    observe({ type: 'warning', message: `call ${requestId} failed`, detail: error.cause ?? error });
  }
  // Connect's codes are the numbers of gRPC.
  const code: Code = statusOfCode(error.code);
  return new ConnectError(messageOf(error), code, undefined, [
    ...detailsOf(error, requestId).map(({ desc, value }) => ({ desc, value })),
  ]);
}
