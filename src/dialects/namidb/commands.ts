/**
 * The route table of the NamiDB HTTP API: method, path, operation, how its result is shaped. Each route is served
 * below `/v0` for the namespace of a header, and below `/{namespace}/v0`.
 */
import {
  adminLive,
  adminMetrics,
  graphFlush,
  graphQuery,
  graphStatus,
  graphStream,
} from '../../models/index.ts';
import { type HttpAnswer, type HttpRoute, JSON_TYPE } from '../http/index.ts';
import { flushBody, healthBody, resultBody, versionBody } from './codec.ts';
import { streamAnswer } from './stream.ts';

const answer = (body: string | Uint8Array, contentType = JSON_TYPE): HttpAnswer => ({
  status: 200,
  contentType,
  body,
});

/** An empty body is an empty object: the schema says what is missing. */
const inputOf = ({ body }: { readonly body: unknown }): unknown => body ?? {};

/** Paths are those below the namespace: `/v0/cypher`. */
export const routes = (version: string): readonly HttpRoute[] => [
  {
    method: 'GET',
    path: '/v0/livez',
    operation: adminLive,
    ignoresBody: true,
    answer: async (_request, session, dispatch) => {
      await dispatch.call(adminLive, {}, session);
      return answer('{"status":"ok"}');
    },
  },
  {
    method: 'GET',
    path: '/v0/health',
    operation: graphStatus,
    ignoresBody: true,
    answer: async (_request, session, dispatch) => {
      const input = session.namespace === undefined ? {} : { namespace: session.namespace };
      return answer(healthBody(await dispatch.call(graphStatus, input, session)));
    },
  },
  {
    method: 'GET',
    path: '/v0/version',
    operation: adminLive,
    ignoresBody: true,
    answer: async (_request, session, dispatch) => {
      await dispatch.call(adminLive, {}, session);
      return answer(versionBody(version));
    },
  },
  {
    method: 'GET',
    path: '/v0/metrics',
    operation: adminMetrics,
    ignoresBody: true,
    answer: async (_request, session, dispatch) => {
      const { text } = await dispatch.call(adminMetrics, {}, session);
      return answer(text, 'text/plain; version=0.0.4; charset=utf-8');
    },
  },
  {
    method: 'POST',
    path: '/v0/admin/flush',
    operation: graphFlush,
    ignoresBody: true,
    answer: async (_request, session, dispatch) =>
      answer(flushBody(await dispatch.call(graphFlush, {}, session))),
  },
  {
    method: 'POST',
    path: '/v0/cypher',
    operation: graphQuery,
    answer: async (request, session, dispatch) =>
      answer(await resultBody(await dispatch.call(graphQuery, inputOf(request), session))),
  },
  {
    method: 'POST',
    path: '/v0/cypher/arrow',
    operation: graphQuery,
    answer: async (request, session, dispatch) => {
      const { columns, rows, heldBytes } = await dispatch.call(graphQuery, inputOf(request), session);
      // Loaded when it is asked for: the library would be felt at each start.
      const { arrowStream } = await import('./arrow.ts');
      return answer(await arrowStream(columns, rows, heldBytes), 'application/vnd.apache.arrow.stream');
    },
  },
  {
    method: 'POST',
    path: '/v0/cypher/stream',
    operation: graphStream,
    answer: async (request, session, dispatch) =>
      streamAnswer(await dispatch.call(graphStream, inputOf(request), session)),
  },
];
