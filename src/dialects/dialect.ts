/**
 * What a dialect is to the server: a set of routes on the one HTTP listener, and the words for refusals on its
 * paths. How it turns bytes into operations is its own business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FacetError } from '../base/index.ts';

/** What the listener does with every request before its route sees it. */
export interface Door {
  /** The client's own id where it is harmless, else one of ours. */
  requestId(request: IncomingMessage): string;
  /**
   * Counts the request as under way, and says what the listener has against it, if anything.
   * @param isLetIn the dialect was told to take requests of the site that this one is from
   */
  enter(request: IncomingMessage, response: ServerResponse, isLetIn?: boolean): FacetError | undefined;
}

export interface Dialect {
  readonly name: string;
  /** Paths for the ready line and the start page, such as `/api/v1/query`. */
  readonly endpoints: readonly string[];
  /** Adds its routes. Parsers and error words stay inside, so that dialects share a listener without conflict. */
  attach(http: FastifyInstance): Promise<void>;
  /** True for a request path (without query string) whose refusals this dialect words, also where it has no route. */
  speaks(path: string): boolean;
  /**
   * Answers a request that reached no route, in this dialect's words. The server calls it from the not-found
   * handler (NOT_FOUND), for URLs that do not parse, and where a listener limit refuses.
   */
  refuse(error: FacetError, request: FastifyRequest, reply: FastifyReply): void;
  /**
   * Takes a request for one of its routes past Fastify, which costs as much as all the rest of a small answer; false when
   * it takes finding out. What `door` refuses is refused in its words. Absent: all of its requests go through Fastify.
   */
  take?(request: IncomingMessage, response: ServerResponse, door: Door): boolean;
  /**
   * Takes a request to upgrade to a WebSocket when its path is one of this dialect's sockets; false when it is not.
   * Absent: it has none. What the listener itself refuses never comes here.
   */
  upgrade?(request: IncomingMessage, socket: Socket, head: Buffer, requestId: string): boolean;
  /** Cancels what is under way for its clients. Idempotent. The listener itself belongs to the server. */
  stop(): Promise<void>;
}
