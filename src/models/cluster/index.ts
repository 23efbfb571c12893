/** Front door of the cluster model. */
export {
  CLUSTER_OPERATIONS,
  clusterNodes,
  clusterRebalance,
  clusterRegions,
  replicationPromote,
  replicationResync,
  replicationStatus,
} from './operations.ts';
export { replicaLags } from './replication.ts';
export type { Node, NodesResult, RebalanceResult, RegionsResult, ReplicationResult } from './schemas.ts';
