/** One request on one route: the first half of the gate before its body is read, then its answer or its refusal. */
import type { FastifyInstance } from 'fastify';
import type { Observe } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { headerLines, sendPieces, sendWhole } from './answer.ts';
import { takeAsEmpty } from './empty-request.ts';
import { HttpExchange } from './http-exchange.ts';
import { type BodyRules, hasBody, piecesOf, readBytes, readJson, readRaw } from './read-body.ts';
import { refuse } from './refuse.ts';
import type { HttpAnswer, HttpRoute, HttpWords } from './surface.ts';

/** What serving needs beside the route. */
export interface Serving {
  readonly dispatch: Dispatch;
  readonly words: HttpWords;
  readonly sessionOf: (exchange: HttpExchange) => Session;
  readonly observe: Observe;
  readonly bodies: BodyRules;
}

export function addRoute(scope: FastifyInstance, serving: Serving, route: HttpRoute): void {
  scope.route({
    method: route.method,
    url: route.path,
    onRequest: (request, reply) => serve(route, serving, HttpExchange.taken(request, reply)),
    handler: answered,
  });
}

/** Of routes whose every request is answered in the first hook. */
export const answered = (): never => {
  throw new Error('answered in onRequest');
};

/** Never throws: what is thrown becomes the answer. Callbacks, for every promise is felt on this path. */
export function serve(route: HttpRoute, serving: Serving, exchange: HttpExchange): void {
  try {
    const session = serving.sessionOf(exchange);
    exchange.session = session;
    if (route.ignoresBody === true) {
      answer(route, serving, exchange, session);
      return;
    }
    // Before the body is read: it costs memory and time, which are not for strangers.
    const admitting = serving.dispatch.admit(route.operation, session);
    if (admitting === undefined) read(route, serving, exchange, session);
    else {
      admitting.then(
        () => read(route, serving, exchange, session),
        (thrown: unknown) => refuse(thrown, exchange, serving),
      );
    }
  } catch (thrown) {
    refuse(thrown, exchange, serving);
  }
}

function read(route: HttpRoute, serving: Serving, exchange: HttpExchange, session: Session): void {
  const { request } = exchange;
  if (!hasBody(request)) {
    takeAsEmpty(request);
    answer(route, serving, exchange, session);
    return;
  }
  if (route.streamsBody === true) {
    exchange.pieces = piecesOf(request);
    answer(route, serving, exchange, session);
    return;
  }
  const { bodies } = serving;
  readBytes(
    request,
    bodies.bodyBytesMax,
    (bytes) => {
      try {
        if (route.takesBytes === true) exchange.bytes = readRaw(bytes, request.headers, session.principal);
        else exchange.body = readJson(bytes, request.headers, session.principal, bodies);
      } catch (thrown) {
        refuse(thrown, exchange, serving);
        return;
      }
      answer(route, serving, exchange, session);
    },
    (error) => refuse(error, exchange, serving),
  );
}

function answer(route: HttpRoute, serving: Serving, exchange: HttpExchange, session: Session): void {
  try {
    route.answer(exchange, session, serving.dispatch).then(
      (found) => send(found, serving, exchange),
      (thrown: unknown) => refuse(thrown, exchange, serving),
    );
  } catch (thrown) {
    refuse(thrown, exchange, serving);
  }
}

function send(
  { status, contentType, headers, body, asBytes }: HttpAnswer,
  serving: Serving,
  exchange: HttpExchange,
): void {
  const lines = headerLines(exchange, contentType);
  if (headers !== undefined) for (const [name, value] of Object.entries(headers)) lines.push(name, value);
  if (typeof body === 'function') {
    void sendPieces(exchange, status, lines, body, { ...serving, asBytes });
    return;
  }
  try {
    sendWhole(exchange, status, lines, body);
  } catch (thrown) {
    refuse(thrown, exchange, serving);
  }
}
