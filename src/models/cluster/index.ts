/** Front door of the cluster model. */
export { CLUSTER_OPERATIONS, clusterNodes, clusterRebalance, clusterRegions } from './operations.ts';
export type { Node, NodesResult, RebalanceResult, RegionsResult } from './schemas.ts';
