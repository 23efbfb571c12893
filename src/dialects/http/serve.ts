/** One request on one route: the first half of the gate before its body is read, then its answer or its refusal. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asFacetError, type Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { PieceWriter } from './piece-writer.ts';
import { refuse, SESSION, setHeaders } from './refuse.ts';
import type { HttpAnswer, HttpRoute, HttpWords } from './surface.ts';

/** What serving needs beside the route. */
export interface Serving {
  readonly dispatch: Dispatch;
  readonly words: HttpWords;
  readonly sessionOf: (request: FastifyRequest) => Session;
  readonly observe: Observe;
}

export function addRoute(scope: FastifyInstance, serving: Serving, route: HttpRoute): void {
  const { method, path: url } = route;
  if (route.ignoresBody === true) {
    scope.route({
      method,
      url,
      onRequest: (request, reply) => {
        if (begin(serving, request, reply)) void serve(route, serving, request, reply);
      },
      handler: answered,
    });
    return;
  }
  scope.route({
    method,
    url,
    // Before the body is read: it costs memory and time, which are not for strangers.
    onRequest: (request, reply, done) => admit(route, serving, request, reply, done),
    handler: (request, reply) => {
      void serve(route, serving, request, reply);
    },
  });
}

/** Of routes whose every request is answered in the first hook. */
export const answered = (): never => {
  throw new Error('answered in onRequest');
};

/** Gives the request its session. False if its headers contradict each other: it is answered then. */
function begin(serving: Serving, request: FastifyRequest, reply: FastifyReply): boolean {
  try {
    request[SESSION] = serving.sessionOf(request);
    return true;
  } catch (thrown) {
    refuse(thrown, request, reply, serving.words, serving.observe);
    return false;
  }
}

/** Never throws: what is thrown becomes the answer. */
function admit(
  { operation }: HttpRoute,
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): void {
  const refused = (thrown: unknown): void => refuse(thrown, request, reply, serving.words, serving.observe);
  try {
    const session = serving.sessionOf(request);
    request[SESSION] = session;
    const admitting = serving.dispatch.admit(operation, session);
    if (admitting === undefined) done();
    else admitting.then(done, refused);
  } catch (thrown) {
    refused(thrown);
  }
}

/** Never rejects: what is thrown becomes the answer. */
async function serve(
  route: HttpRoute,
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  try {
    const session = request[SESSION];
    if (session === undefined) throw new Error('the request did not pass the gate');
    const answer = await route.answer(request, session, serving.dispatch);
    setHeaders(reply, request);
    const { body } = answer;
    if (typeof body === 'function') await writeBody(answer, body, serving, request, reply);
    else void reply.code(answer.status).header('content-type', answer.contentType).send(body);
  } catch (thrown) {
    refuse(thrown, request, reply, serving.words, serving.observe);
  }
}

/** Takes the response from Fastify, which knows no back-pressure here. Never rejects: the head is out. */
async function writeBody(
  { status, contentType }: HttpAnswer,
  write: (writer: PieceWriter) => Promise<void>,
  { words, observe }: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(status, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': contentType,
  });
  const writer = new PieceWriter(reply.raw);
  try {
    await write(writer);
  } catch (thrown) {
    const error = asFacetError(thrown);
    // The gate saw a stream begin well; what happens later only this place sees.
    if (error.kind === 'internal') {
      const message = `the stream of request ${request.id} failed`;
      observe({ type: 'warning', message, detail: error.cause ?? error });
    }
    await writer.add(`${words.errorBody(error, request)}\n`);
  }
  await writer.end();
}
