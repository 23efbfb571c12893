/**
 * What a dialect is to the server: a set of routes on the one HTTP listener, and the words for refusals on its
 * paths. How it turns bytes into operations is its own business.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FacetError } from '../base/index.ts';

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
  /** Cancels what is under way for its clients. Idempotent. The listener itself belongs to the server. */
  stop(): Promise<void>;
}
