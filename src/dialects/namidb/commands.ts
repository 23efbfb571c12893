/**
 * The route table of the NamiDB HTTP API: method, path, operation, how its result is shaped. Each route is served
 * below `/v0` for the namespace of a header, and below `/{namespace}/v0`.
 */
import type { Dispatch, GuardedOperation, Session } from '../../dispatch/index.ts';
import {
  adminLive,
  adminMetrics,
  graphFlush,
  graphQuery,
  graphStatus,
  graphStream,
} from '../../models/index.ts';
import { flushBody, healthBody, resultBody, versionBody } from './codec.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

interface RouteBase {
  readonly method: 'GET' | 'POST';
  /** Below the namespace: `/v0/cypher`. */
  readonly path: string;
  /** What the gate looks at before a body is read. */
  readonly operation: GuardedOperation;
}

/** A request whose body, if any, is not read. */
export interface PlainRoute extends RouteBase {
  readonly kind: 'plain';
  readonly contentType: string;
  readonly answer: (dispatch: Dispatch, session: Session, version: string) => Promise<string>;
}

/** A request with a query in its body. */
export interface QueryRoute extends RouteBase {
  readonly kind: 'query';
  readonly contentType: string;
  readonly answer: (dispatch: Dispatch, session: Session, input: unknown) => Promise<string | Uint8Array>;
}

/** As a query, but the answer is written as it comes, by stream.ts. */
export interface StreamRoute extends RouteBase {
  readonly kind: 'stream';
}

export type Route = PlainRoute | QueryRoute | StreamRoute;

export const ROUTES: readonly Route[] = [
  {
    kind: 'plain',
    method: 'GET',
    path: '/v0/livez',
    operation: adminLive,
    contentType: JSON_TYPE,
    answer: async (dispatch, session) => {
      await dispatch.call(adminLive, {}, session);
      return '{"status":"ok"}';
    },
  },
  {
    kind: 'plain',
    method: 'GET',
    path: '/v0/health',
    operation: graphStatus,
    contentType: JSON_TYPE,
    answer: async (dispatch, session) => {
      const input = session.namespace === undefined ? {} : { namespace: session.namespace };
      return healthBody(await dispatch.call(graphStatus, input, session));
    },
  },
  {
    kind: 'plain',
    method: 'GET',
    path: '/v0/version',
    operation: adminLive,
    contentType: JSON_TYPE,
    answer: async (dispatch, session, version) => {
      await dispatch.call(adminLive, {}, session);
      return versionBody(version);
    },
  },
  {
    kind: 'plain',
    method: 'GET',
    path: '/v0/metrics',
    operation: adminMetrics,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    answer: async (dispatch, session) => (await dispatch.call(adminMetrics, {}, session)).text,
  },
  {
    kind: 'plain',
    method: 'POST',
    path: '/v0/admin/flush',
    operation: graphFlush,
    contentType: JSON_TYPE,
    answer: async (dispatch, session) => flushBody(await dispatch.call(graphFlush, {}, session)),
  },
  {
    kind: 'query',
    method: 'POST',
    path: '/v0/cypher',
    operation: graphQuery,
    contentType: JSON_TYPE,
    answer: async (dispatch, session, input) => resultBody(await dispatch.call(graphQuery, input, session)),
  },
  {
    kind: 'query',
    method: 'POST',
    path: '/v0/cypher/arrow',
    operation: graphQuery,
    contentType: 'application/vnd.apache.arrow.stream',
    answer: async (dispatch, session, input) => {
      const { columns, rows } = await dispatch.call(graphQuery, input, session);
      // Loaded when it is asked for: the library would be felt at each start.
      const { arrowStream } = await import('./arrow.ts');
      return arrowStream(columns, rows);
    },
  },
  { kind: 'stream', method: 'POST', path: '/v0/cypher/stream', operation: graphStream },
];
