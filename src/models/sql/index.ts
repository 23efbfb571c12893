/** Front door of the sql model: its operations and the shapes dialects need to name. */
export type {
  CreateIndexResult,
  CreateTableResult,
  DescribeTableResult,
  DescribeTablesResult,
  DropIndexResult,
  DropTableResult,
  ListIndexesResult,
  ListTablesResult,
  TableSummary,
} from './catalog-schemas.ts';
export {
  SQL_OPERATIONS,
  sqlCreateIndex,
  sqlCreateTable,
  sqlDeallocate,
  sqlDescribeTable,
  sqlDescribeTables,
  sqlDropIndex,
  sqlDropTable,
  sqlExecute,
  sqlExecuteTransaction,
  sqlExplain,
  sqlListIndexes,
  sqlListTables,
  sqlPrepare,
  sqlQuery,
  sqlStream,
} from './operations.ts';
export type {
  ExecuteTransactionResult,
  ExplainResult,
  PlanNode,
  QueryInput,
  QueryResult,
  QueryStream,
  ResultColumn,
} from './statement-schemas.ts';
