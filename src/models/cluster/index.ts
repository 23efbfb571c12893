/** Front door of the cluster model. */
export {
  CLUSTER_OPERATIONS,
  clusterAwaitPosition,
  clusterNodes,
  clusterPropose,
  clusterRebalance,
  clusterRegions,
  clusterWatch,
  replicationPromote,
  replicationResync,
  replicationStatus,
} from './operations.ts';
export { replicaLags } from './replication.ts';
export type {
  ClusterEvent,
  Node,
  NodesResult,
  RebalanceResult,
  RegionsResult,
  ReplicationResult,
} from './schemas.ts';
