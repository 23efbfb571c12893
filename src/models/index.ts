/** Front door of the models: every operation of Facet, and the types that dispatch and dialects speak of them with. */
import { ADMIN_OPERATIONS } from './admin/index.ts';
import { CLUSTER_OPERATIONS } from './cluster/index.ts';
import { GRAPH_OPERATIONS } from './graph/index.ts';
import { SQL_OPERATIONS } from './sql/index.ts';
import { TRANSACTION_OPERATIONS } from './transaction/index.ts';

export {
  adminHealth,
  adminLive,
  adminMetrics,
  adminReady,
  type HealthResult,
  type LiveResult,
  type MetricsResult,
  type ReadyResult,
  readyResult,
} from './admin/index.ts';
export {
  clusterNodes,
  clusterRebalance,
  clusterRegions,
  type Node,
  type NodesResult,
  type RebalanceResult,
  type RegionsResult,
} from './cluster/index.ts';
export {
  canWrite,
  type FlushResult,
  flushGraph,
  type GraphQueryResult,
  type GraphStream,
  graphFlush,
  graphQuery,
  graphStatus,
  graphStream,
  type StatusResult,
} from './graph/index.ts';
export {
  type Operation,
  type OperationContext,
  operation,
  RATE_CATEGORIES,
  type RateCategory,
  type ServerFacts,
} from './operation.ts';
export type { Pagination } from './pagination.ts';
export {
  type CreateIndexResult,
  type CreateTableResult,
  type DescribeTableResult,
  type DropIndexResult,
  type DropTableResult,
  type ExplainResult,
  type ListIndexesResult,
  type ListTablesResult,
  type PlanNode,
  type QueryInput,
  type QueryResult,
  type QueryStream,
  type ResultColumn,
  sqlCreateIndex,
  sqlCreateTable,
  sqlDeallocate,
  sqlDescribeTable,
  sqlDropIndex,
  sqlDropTable,
  sqlExecute,
  sqlExplain,
  sqlListIndexes,
  sqlListTables,
  sqlPrepare,
  sqlQuery,
  sqlStream,
  type TableSummary,
} from './sql/index.ts';
export {
  type BeginResult,
  type CommitResult,
  type RollbackResult,
  transactionBegin,
  transactionCommit,
  transactionRollback,
} from './transaction/index.ts';

/** Every operation. The reference pages, permissions and metric labels come from this list. */
export const OPERATIONS = [
  ...SQL_OPERATIONS,
  ...GRAPH_OPERATIONS,
  ...TRANSACTION_OPERATIONS,
  ...CLUSTER_OPERATIONS,
  ...ADMIN_OPERATIONS,
] as const;
