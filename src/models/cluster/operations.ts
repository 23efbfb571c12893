/** What the cluster model can do: tell the truth about this server and the replicas that PostgreSQL knows of. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { nodes, regions } from './nodes.ts';
import { rebalance } from './rebalance.ts';
import {
  nodesInput,
  nodesResult,
  rebalanceInput,
  rebalanceResult,
  regionsInput,
  regionsResult,
} from './schemas.ts';

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

export const CLUSTER_OPERATIONS = [clusterNodes, clusterRegions, clusterRebalance] as const;
