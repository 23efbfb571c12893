/**
 * GraphQL over HTTP: POST with a JSON body, and GET for queries. Statuses are those of the GraphQL over HTTP specification:
 * with `application/json` whatever was understood is 200, with `application/graphql-response+json` a request of which
 * nothing could run is 400.
 *
 * The rate limit is charged once for each request, as for any path that has no limit of its own, however many fields it has:
 * their number is bounded.
 */
import { OperationTypeNode } from 'graphql';
import { FacetError } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';
import * as models from '../../../models/index.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, JSON_TYPE } from '../../http/index.ts';
import type { GraphqlEngine, Prepared } from './engine.ts';
import { requestInBody, requestInUrl } from './request.ts';
import { RequestRefused } from './request-refused.ts';

export const GRAPHQL_PATH = '/graphql';

const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';

/** What everybody needs who sends a document. */
export const GUARD = { ...models.sqlQuery, category: 'default' } as const;

export function graphqlRoutes(engine: GraphqlEngine): HttpRoute[] {
  return [
    {
      method: 'POST',
      path: GRAPHQL_PATH,
      operation: GUARD,
      answer: (request, session) =>
        answer(engine, request, session, () => engine.prepare(requestInBody(request.body))),
    },
    {
      method: 'GET',
      path: GRAPHQL_PATH,
      operation: GUARD,
      answer: (request, session) =>
        answer(engine, request, session, () => {
          const prepared = engine.prepare(requestInUrl(request), { readOnly: true });
          assertReads(prepared);
          return prepared;
        }),
    },
  ];
}

async function answer(
  engine: GraphqlEngine,
  request: HttpRequest,
  session: Session,
  prepare: () => Prepared,
): Promise<HttpAnswer> {
  const strict = request.headers.accept?.includes('application/graphql-response+json') === true;
  const contentType = strict ? RESPONSE_TYPE : JSON_TYPE;
  try {
    const { text, refused } = await engine.run(prepare(), session);
    return { status: refused && strict ? 400 : 200, contentType, body: text };
  } catch (thrown) {
    const { text } = engine.refusal(thrown, engine.words(session.requestId));
    const understood = thrown instanceof RequestRefused;
    const notAllowed = thrown instanceof FacetError && thrown.code === 'METHOD_NOT_ALLOWED';
    return {
      status: notAllowed ? 405 : understood && !strict ? 200 : 400,
      contentType,
      body: text,
      ...(notAllowed ? { headers: { allow: 'POST' } } : {}),
    };
  }
}

/** Links are followed by whoever meets them: a GET must not change anything. */
function assertReads({ operation }: Prepared): void {
  if (operation === OperationTypeNode.QUERY) return;
  throw new FacetError('METHOD_NOT_ALLOWED', `A ${operation} is sent by POST, not by GET`);
}
