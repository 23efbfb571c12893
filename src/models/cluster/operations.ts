/** What the cluster model can do: tell the truth about this server and the replicas that PostgreSQL knows of. */
import { z } from 'zod';
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { awaitPosition } from './await-position.ts';
import { nodes, regions } from './nodes.ts';
import { propose } from './propose.ts';
import { rebalance } from './rebalance.ts';
import * as replication from './replication.ts';
import {
  awaitPositionInput,
  awaitPositionResult,
  nodesInput,
  nodesResult,
  noInput,
  promoteInput,
  proposeInput,
  proposeResult,
  rebalanceInput,
  rebalanceResult,
  regionsInput,
  regionsResult,
  replicationResult,
  watchInput,
  watchResult,
} from './schemas.ts';
import { watch } from './watch.ts';

export const clusterNodes = operation({
  name: 'cluster.nodes',
  summary: 'Lists this server and its replicas.',
  input: nodesInput,
  output: nodesResult,
  access: 'read',
  category: 'cluster',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_CURSOR'],
  run: nodes,
});

export const clusterRegions = operation({
  name: 'cluster.regions',
  summary: 'Sums the nodes up by region.',
  input: regionsInput,
  output: regionsResult,
  access: 'read',
  category: 'cluster',
  streams: false,
  errors: ENGINE_ERRORS,
  run: regions,
});

export const clusterRebalance = operation({
  name: 'cluster.rebalance',
  summary: 'Plans moves of shards between nodes; with one primary there are none.',
  input: rebalanceInput,
  output: rebalanceResult,
  access: 'admin',
  category: 'cluster',
  streams: false,
  errors: [...ENGINE_ERRORS, 'NOT_LEADER'],
  run: rebalance,
});

export const clusterPropose = operation({
  name: 'cluster.propose',
  summary: 'Answers a proposal to change the cluster: it is not accepted, and why.',
  input: proposeInput,
  output: proposeResult,
  access: 'admin',
  category: 'cluster',
  streams: false,
  errors: ENGINE_ERRORS,
  run: propose,
});

export const clusterWatch = operation({
  name: 'cluster.watch',
  summary: 'Follows changes of roles, replicas and health.',
  input: watchInput,
  output: watchResult,
  access: 'read',
  category: 'cluster',
  streams: true,
  errors: [...ENGINE_ERRORS, 'INVALID_EVENT', 'LIMIT_EXCEEDED', 'SUBSCRIBER_TOO_SLOW'],
  run: watch,
});

export const clusterAwaitPosition = operation({
  name: 'cluster.await_position',
  summary: 'Waits until this server has everything up to a position in the log: a replica may be behind.',
  input: awaitPositionInput,
  output: awaitPositionResult,
  access: 'read',
  category: 'cluster',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_PARAMETER', 'POSITION_NOT_REACHED'],
  run: awaitPosition,
});

export const replicationStatus = operation({
  name: 'replication.status',
  summary: 'Says whether this server is the primary, and how far its replicas are.',
  input: noInput,
  output: replicationResult,
  access: 'read',
  category: 'cluster',
  streams: false,
  errors: ENGINE_ERRORS,
  run: replication.replicationStatus,
});

export const replicationPromote = operation({
  name: 'replication.promote',
  summary: 'Refuses to promote this server, and says why.',
  input: promoteInput,
  output: z.never(),
  access: 'admin',
  category: 'cluster',
  streams: false,
  errors: [...ENGINE_ERRORS, 'NOT_A_REPLICA', 'FEATURE_NOT_SUPPORTED'],
  run: replication.replicationPromote,
});

export const replicationResync = operation({
  name: 'replication.resync',
  summary: 'Refuses to copy this server anew from another, and says why.',
  input: noInput,
  output: z.never(),
  access: 'admin',
  category: 'cluster',
  streams: false,
  errors: [...ENGINE_ERRORS, 'NOT_A_REPLICA', 'FEATURE_NOT_SUPPORTED'],
  run: replication.replicationResync,
});

export const CLUSTER_OPERATIONS = [
  clusterNodes,
  clusterRegions,
  clusterRebalance,
  clusterPropose,
  clusterWatch,
  clusterAwaitPosition,
  replicationStatus,
  replicationPromote,
  replicationResync,
] as const;
