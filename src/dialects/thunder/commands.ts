/**
 * The route table of the ThunderDB REST API: method, path, operation, where its input comes from, how its result is
 * shaped. Serving, errors and the OpenAPI document are made from it.
 */
import { z } from 'zod';
import { FacetError } from '../../base/index.ts';
import * as models from '../../models/index.ts';
import type { HttpRequest, HttpRoute } from '../http/index.ts';
import { type Call, call } from './calls.ts';
import { queryAnswer, queryBody } from './codec.ts';
import { STREAM_CALL, wantsStream } from './stream.ts';
import { vectorAnswer, vectorBody } from './vector-results.ts';

export interface Route {
  readonly method: HttpRoute['method'];
  /** As the router writes it: `/api/v1/tables/:table`. */
  readonly path: string;
  readonly calls: readonly [Call, ...Call[]];
  /** Which of `calls` a request means. Absent: the first. @throws FacetError */
  readonly pick?: (request: HttpRequest) => Call;
}

const query = call(models.sqlQuery, { source: 'body', answers: queryAnswer, shape: queryBody });

/** The three actions of a prepared statement share a route and differ by `action`. */
const prepared = {
  create: call(models.sqlPrepare, { source: 'body', without: 'action' }),
  execute: call(models.sqlExecute, {
    source: 'body',
    without: 'action',
    answers: queryAnswer,
    shape: queryBody,
  }),
  deallocate: call(models.sqlDeallocate, { source: 'body', without: 'action' }),
};

export const PREPARED_ACTIONS = Object.keys(prepared);

function pickPrepared({ body }: HttpRequest): Call {
  const action: unknown =
    body !== null && typeof body === 'object' && 'action' in body ? body.action : undefined;
  switch (action) {
    case 'execute':
      return prepared.execute;
    case 'create':
      return prepared.create;
    case 'deallocate':
      return prepared.deallocate;
    case undefined:
      throw new FacetError('MISSING_PARAMETER', "'action' is required");
    default:
      throw new FacetError('INVALID_PARAMETER', `'action': expected one of ${PREPARED_ACTIONS.join(', ')}`);
  }
}

/** 201 for what was made, 200 for what was there before. */
const createdStatus = (output: { readonly created: boolean }): number => (output.created ? 201 : 200);

const health = call(models.adminHealth, {
  source: 'query',
  status: ({ status }) => (status === 'unhealthy' ? 503 : 200),
});

const readyAnswer = z.object({
  ready: z.boolean(),
  raft_state: models.readyResult.shape.raftState,
  storage_ready: z.boolean(),
  last_applied_index: z
    .int()
    .optional()
    .describe('Position in the write-ahead log in bytes; it may exceed 2^53, so read its digits'),
  reason: models.readyResult.shape.reason,
});

const ready = call(models.adminReady, {
  source: 'query',
  status: (output) => (output.ready ? 200 : 503),
  answers: readyAnswer,
  shape: readyBody,
});

/** The position may exceed 2^53, so its digits are written as they are. */
function readyBody(output: models.ReadyResult): string {
  const members = [
    `"ready":${output.ready}`,
    `"raft_state":${JSON.stringify(output.raftState)}`,
    `"storage_ready":${output.storageReady}`,
  ];
  if (output.lastAppliedIndex !== undefined) members.push(`"last_applied_index":${output.lastAppliedIndex}`);
  if (output.reason !== undefined) members.push(`"reason":${JSON.stringify(output.reason)}`);
  return `{${members.join(',')}}`;
}

const metrics = call(models.adminMetrics, {
  source: 'query',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  shape: ({ text }) => text,
});

const TABLE = '/api/v1/tables/:table';
const SUBSCRIPTION = '/api/v1/subscriptions/:subscription_id';

export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/admin/health', calls: [health] },
  { method: 'GET', path: '/api/v1/health', calls: [health] },
  { method: 'GET', path: '/admin/live', calls: [call(models.adminLive, { source: 'query' })] },
  { method: 'GET', path: '/admin/ready', calls: [ready] },
  { method: 'GET', path: '/admin/metrics', calls: [metrics] },
  { method: 'GET', path: '/metrics', calls: [metrics] },
  {
    method: 'POST',
    path: '/api/v1/query',
    calls: [query, STREAM_CALL],
    pick: (request) => (wantsStream(request.headers.accept) ? STREAM_CALL : query),
  },
  { method: 'POST', path: '/api/v1/query-explain', calls: [call(models.sqlExplain, { source: 'body' })] },
  {
    method: 'POST',
    path: '/api/v1/prepared',
    calls: [prepared.create, prepared.execute, prepared.deallocate],
    pick: pickPrepared,
  },
  {
    method: 'POST',
    path: '/api/v1/transactions',
    calls: [call(models.transactionBegin, { source: 'body' })],
  },
  {
    method: 'POST',
    path: '/api/v1/transactions/:txn_id/commit',
    calls: [call(models.transactionCommit, { source: 'path' })],
  },
  {
    method: 'POST',
    path: '/api/v1/transactions/:txn_id/rollback',
    calls: [call(models.transactionRollback, { source: 'path' })],
  },
  { method: 'GET', path: '/api/v1/tables', calls: [call(models.sqlListTables, { source: 'query' })] },
  { method: 'GET', path: TABLE, calls: [call(models.sqlDescribeTable, { source: 'query' })] },
  {
    method: 'POST',
    path: '/api/v1/tables',
    calls: [call(models.sqlCreateTable, { source: 'body', status: createdStatus })],
  },
  { method: 'DELETE', path: TABLE, calls: [call(models.sqlDropTable, { source: 'query' })] },
  { method: 'GET', path: '/api/v1/indexes', calls: [call(models.sqlListIndexes, { source: 'query' })] },
  {
    method: 'POST',
    path: '/api/v1/indexes',
    calls: [call(models.sqlCreateIndex, { source: 'body', status: createdStatus })],
  },
  {
    method: 'DELETE',
    path: '/api/v1/indexes/:index_name',
    calls: [call(models.sqlDropIndex, { source: 'query', rename: { index_name: 'name' } })],
  },
  {
    method: 'POST',
    path: '/api/v1/vector-search',
    calls: [call(models.vectorSearch, { source: 'body', answers: vectorAnswer, shape: vectorBody })],
  },
  { method: 'GET', path: '/api/v1/cluster/nodes', calls: [call(models.clusterNodes, { source: 'query' })] },
  {
    method: 'GET',
    path: '/api/v1/cluster/regions',
    calls: [call(models.clusterRegions, { source: 'query' })],
  },
  {
    method: 'POST',
    path: '/api/v1/cluster/rebalance',
    calls: [call(models.clusterRebalance, { source: 'body' })],
  },
  {
    method: 'GET',
    path: '/api/v1/subscriptions',
    calls: [call(models.subscriptionList, { source: 'query' })],
  },
  {
    method: 'POST',
    path: '/api/v1/subscriptions',
    calls: [call(models.subscriptionCreate, { source: 'body', status: () => 201 })],
  },
  { method: 'GET', path: SUBSCRIPTION, calls: [call(models.subscriptionGet, { source: 'query' })] },
  { method: 'DELETE', path: SUBSCRIPTION, calls: [call(models.subscriptionDelete, { source: 'query' })] },
  {
    method: 'POST',
    path: `${SUBSCRIPTION}/pause`,
    calls: [call(models.subscriptionPause, { source: 'query' })],
  },
  {
    method: 'POST',
    path: `${SUBSCRIPTION}/resume`,
    calls: [call(models.subscriptionResume, { source: 'query' })],
  },
  {
    method: 'GET',
    path: '/api/v1/replication-slots',
    calls: [call(models.changesListSlots, { source: 'query' })],
  },
  {
    method: 'DELETE',
    path: '/api/v1/replication-slots/:slot',
    calls: [call(models.changesDropSlot, { source: 'query' })],
  },
];

/** Routes of the ThunderDB API that this version does not offer: refused by name, with any method. */
export const ROUTES_NOT_OFFERED: readonly string[] = [];
