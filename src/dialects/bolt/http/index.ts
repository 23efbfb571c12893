/** Front door of Neo4j's HTTP APIs, as a plugin of the HTTP listener: the transactional endpoint and the Query API. */
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { graphStream, transactionRollback } from '../../../models/index.ts';
import type { Dialect } from '../../dialect.ts';
import {
  createHttpDialect,
  type HttpAnswer,
  type HttpDialectOptions,
  type HttpRequest,
  type HttpRoute,
} from '../../http/index.ts';
import { Databases } from '../databases.ts';
import { HttpTransactions } from './http-transactions.ts';
import * as queryApi from './query-api.ts';
import type { Serving } from './serving.ts';
import * as transactional from './transactional.ts';
import { TYPED_TYPES } from './typed-json.ts';
import { errorBody, statusOfCode } from './words.ts';

export { discoveryJson } from './discovery.ts';

export interface Neo4jHttpOptions extends HttpDialectOptions {
  /** For a query that names no timeout, and the longest one that it may name. */
  readonly queryTimeoutMsMax: number;
  /** Between two requests of a transaction. Absent: LIMITS.neo4jHttpTransactionIdleMs. */
  readonly transactionIdleMs?: number;
}

const OWN_PATH = /^\/db\/[^/]+\/(?:tx|query)(?:\/|$)/;

export function createNeo4jHttpDialect(options: Neo4jHttpOptions): Dialect {
  const transactions = new HttpTransactions(options.dispatch, options.transactionIdleMs);
  const serving: Serving = {
    dispatch: options.dispatch,
    databases: new Databases(options.dispatch.store),
    transactions,
    trustProxy: options.trustProxy,
    queryTimeoutMsMax: options.queryTimeoutMsMax,
  };
  const dialect = createHttpDialect(
    {
      name: 'neo4j-http',
      routes: routesFor(serving),
      words: {
        statusOf: statusOfCode,
        errorBody,
        challenges: ['Basic realm="Neo4j"', 'Bearer realm="Neo4j"'],
      },
      speaks: (path) => OWN_PATH.test(path),
      alsoJson: TYPED_TYPES,
    },
    options,
  );
  return {
    ...dialect,
    stop: async () => {
      transactions.stop();
      await dialect.stop();
    },
  };
}

type Handle = (serving: Serving, request: HttpRequest, session: Session) => Promise<HttpAnswer>;

function routesFor(serving: Serving): readonly HttpRoute[] {
  const answerBy =
    (handle: Handle) =>
    (request: HttpRequest, session: Session, _dispatch: Dispatch): Promise<HttpAnswer> =>
      handle(serving, request, session);
  const post = (path: string, handle: Handle): HttpRoute => ({
    method: 'POST',
    path: `/db/:database/${path}`,
    operation: graphStream,
    answer: answerBy(handle),
  });
  const remove = (path: string, handle: Handle): HttpRoute => ({
    method: 'DELETE',
    path: `/db/:database/${path}`,
    operation: transactionRollback,
    // Unlike with other routes that do not look at a body: who asks decides whose transaction it is.
    answer: answerBy(handle),
  });
  return [
    post('tx', transactional.open),
    post('tx/commit', transactional.atOnce),
    post('tx/:id', (at, request, session) => transactional.goOn(at, request, session, false)),
    post('tx/:id/commit', (at, request, session) => transactional.goOn(at, request, session, true)),
    remove('tx/:id', transactional.drop),
    post('query/v2', queryApi.runAlone),
    post('query/v2/tx', queryApi.begin),
    post('query/v2/tx/:id', (at, request, session) => queryApi.goOn(at, request, session, false)),
    post('query/v2/tx/:id/commit', (at, request, session) => queryApi.goOn(at, request, session, true)),
    remove('query/v2/tx/:id', queryApi.drop),
  ];
}
