/**
 * The schema of the GraphQL API in its own language: that of the ThunderDB API reference, GraphQL API. `JSON` is used there
 * without being declared.
 */
export const SCHEMA_TEXT = `
"Any JSON value. Numbers keep all their digits"
scalar JSON

type Query {
  "List all tables in the database"
  tables(schema: String): [Table!]!

  "Execute a read-only SQL query"
  query(sql: String!, params: [JSON]): QueryResult!

  "Return the execution plan for a SQL query"
  explain(sql: String!, analyze: Boolean, verbose: Boolean): ExplainResult!

  "Get cluster node information"
  nodes: [Node!]!
}

type Mutation {
  "Create a new table"
  createTable(input: CreateTableInput!): TableResult!

  "Drop an existing table"
  dropTable(name: String!, ifExists: Boolean, cascade: Boolean): DropResult!

  "Execute a write SQL statement (INSERT, UPDATE, DELETE)"
  execute(sql: String!, params: [JSON]): ExecuteResult!

  "Execute multiple statements in a transaction"
  executeTransaction(
    statements: [StatementInput!]!
    isolationLevel: IsolationLevel
  ): TransactionResult!
}

type Subscription {
  "Watch for new row inserts on a table"
  onRowInserted(table: String!, filter: String): RowEvent!

  "Watch for row updates on a table"
  onRowUpdated(table: String!, filter: String): RowUpdateEvent!

  "Watch for row deletions on a table"
  onRowDeleted(table: String!, filter: String): RowEvent!
}

type Table {
  name: String!
  schema: String!
  engine: String!
  columns: [Column!]!
  indexes: [Index!]!
  rowCount: Int!
  sizeBytes: Int!
}

type Column {
  name: String!
  type: String!
  nullable: Boolean!
  primaryKey: Boolean!
  default: String
}

type Index {
  name: String!
  columns: [String!]!
  type: String!
  unique: Boolean!
}

type QueryResult {
  columns: [String!]!
  columnTypes: [String!]!
  rows: [[JSON]]!
  rowCount: Int!
  executionTimeMs: Float!
}

type ExplainResult {
  plan: JSON!
  planningTimeMs: Float!
  executionTimeMs: Float
}

type ExecuteResult {
  rowsAffected: Int!
  executionTimeMs: Float!
}

type TableResult {
  name: String!
  created: Boolean!
}

type DropResult {
  name: String!
  dropped: Boolean!
}

type TransactionResult {
  committed: Boolean!
  results: [ExecuteResult!]!
  totalExecutionTimeMs: Float!
}

type RowEvent {
  table: String!
  operation: String!
  row: JSON!
  timestamp: String!
  lsn: String!
}

type RowUpdateEvent {
  table: String!
  operation: String!
  oldRow: JSON
  newRow: JSON!
  changedColumns: [String!]!
  timestamp: String!
  lsn: String!
}

type Node {
  id: String!
  address: String!
  role: String!
  region: String!
  status: String!
}

input CreateTableInput {
  name: String!
  schema: String
  engine: String
  columns: [ColumnInput!]!
  ifNotExists: Boolean
}

input ColumnInput {
  name: String!
  type: String!
  nullable: Boolean
  primaryKey: Boolean
  default: String
}

input StatementInput {
  sql: String!
  params: [JSON]
}

enum IsolationLevel {
  READ_COMMITTED
  REPEATABLE_READ
  SERIALIZABLE
}
`;
