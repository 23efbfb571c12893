/**
 * One request and its response, as the frame and the dialects see them: Node's own objects, and what was found out
 * about them on the way. Whoever found the route makes it; who answers it writes to `response`.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Json } from '../../base/index.ts';
import type { Session } from '../../dispatch/index.ts';

/** What a dialect reads of a request. */
export interface HttpRequest {
  /** `req_` and 8 hexadecimal digits, or what the client sent. */
  readonly id: string;
  readonly method: string;
  /** Path and query string as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Parameters of the query string, decoded; a list when one is given several times. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** Undefined when the body is empty, or was not read. */
  readonly body: Json | undefined;
  /** The body as it came, for routes that take it so; else undefined. */
  readonly bytes: Buffer | undefined;
  /** The body as it comes, once, for routes that take it so; else undefined. */
  readonly pieces: AsyncIterable<Uint8Array> | undefined;
}

const NOTHING: Readonly<Record<string, never>> = {};

export class HttpExchange implements HttpRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly params: HttpRequest['params'];
  readonly query: HttpRequest['query'];
  body: Json | undefined = undefined;
  bytes: Buffer | undefined = undefined;
  pieces: AsyncIterable<Uint8Array> | undefined = undefined;
  /** Set once the request's headers were read; the gate writes into it. */
  session: Session | undefined = undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    params: HttpRequest['params'] = NOTHING,
    query: HttpRequest['query'] = NOTHING,
  ) {
    this.request = request;
    this.response = response;
    this.id = id;
    this.params = params;
    this.query = query;
  }

  /** Takes a request from Fastify, which found its route and has no more to do with it. */
  static taken({ raw, id, params, query }: FastifyRequest, reply: FastifyReply): HttpExchange {
    reply.hijack();
    return new HttpExchange(
      raw,
      reply.raw,
      id,
      params as HttpRequest['params'],
      query as HttpRequest['query'],
    );
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get url(): string {
    return this.request.url ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }
}
