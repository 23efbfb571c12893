/** Everything that a text of the language can be. Each member is declared beside its parser. */
import type { Sql } from './sql/sql-statement.ts';
import type { Aggregate } from './statements/aggregates.ts';
import type { Algorithm } from './statements/algorithms.ts';
import type { BatchStatement } from './statements/batches.ts';
import type { BlobList, BlobSimilar } from './statements/blob-lists.ts';
import type { BlobStatement } from './statements/blobs.ts';
import type { CacheStatement } from './statements/cache.ts';
import type { CatalogStatement } from './statements/catalog.ts';
import type { CheckpointByName, CheckpointCreate, CheckpointList } from './statements/checkpoints.ts';
import type { ConstraintStatement } from './statements/constraints.ts';
import type { EdgeStatement } from './statements/edges.ts';
import type { EmbedStatement } from './statements/embeddings.ts';
import type { EntityStatement } from './statements/entities.ts';
import type { Explain } from './statements/explain.ts';
import type { Find } from './statements/find.ts';
import type { GraphIndexStatement } from './statements/graph-indexes.ts';
import type { Neighbors, SimilarNeighbors } from './statements/neighbors.ts';
import type { NodeStatement } from './statements/nodes.ts';
import type { Path } from './statements/paths.ts';
import type { Refused } from './statements/refused.ts';
import type { Similar } from './statements/similar.ts';
import type { VaultStatement } from './statements/vault.ts';

export type Statement =
  | Sql
  | NodeStatement
  | EdgeStatement
  | Neighbors
  | SimilarNeighbors
  | Path
  | Algorithm
  | ConstraintStatement
  | GraphIndexStatement
  | Aggregate
  | BatchStatement
  | EmbedStatement
  | Similar
  | Find
  | Explain
  | EntityStatement
  | BlobStatement
  | BlobList
  | BlobSimilar
  | CheckpointCreate
  | CheckpointList
  | CheckpointByName
  | CacheStatement
  | VaultStatement
  | CatalogStatement
  | Refused;

export type StatementKind = Statement['kind'];

/** The statement of a kind, also where several kinds have one shape. */
export type StatementOf<Kind extends StatementKind> = Having<Statement, Kind>;

type Having<S extends Statement, Kind> = S extends unknown ? (Kind extends S['kind'] ? S : never) : never;
