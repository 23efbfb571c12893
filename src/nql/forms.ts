/** All forms of the language by families, in the order of the reference page. */
import type { Form } from './form.ts';
import { SQL_FORMS } from './sql/forms.ts';
import type { StatementKind } from './statement.ts';
import { AGGREGATE_FORMS } from './statements/aggregates.ts';
import { ALGORITHM_FORMS } from './statements/algorithms.ts';
import { BATCH_FORMS } from './statements/batches.ts';
import { BLOB_FORMS } from './statements/blob-forms.ts';
import { BLOB_LIST_FORMS } from './statements/blob-lists.ts';
import { CACHE_FORMS } from './statements/cache.ts';
import { CATALOG_FORMS } from './statements/catalog.ts';
import { CHECKPOINT_FORMS } from './statements/checkpoints.ts';
import { CONSTRAINT_FORMS } from './statements/constraints.ts';
import { EDGE_FORMS } from './statements/edges.ts';
import { EMBED_FORMS } from './statements/embeddings.ts';
import { ENTITY_FORMS } from './statements/entities.ts';
import { EXPLAIN_FORMS } from './statements/explain.ts';
import { FIND_FORMS } from './statements/find.ts';
import { GRAPH_INDEX_FORMS } from './statements/graph-indexes.ts';
import { NEIGHBOR_FORMS } from './statements/neighbors.ts';
import { NODE_FORMS } from './statements/nodes.ts';
import { PATH_FORMS } from './statements/paths.ts';
import { SIMILAR_FORMS } from './statements/similar.ts';
import { VAULT_FORMS } from './statements/vault.ts';

/** A form whose kind is one that statements have. */
export type StatementForm = Form & { readonly kind: StatementKind };

export interface FormFamily {
  readonly title: string;
  readonly forms: readonly StatementForm[];
}

export const FORM_FAMILIES: readonly FormFamily[] = [
  { title: 'Tables', forms: SQL_FORMS },
  { title: 'Nodes', forms: NODE_FORMS },
  { title: 'Edges', forms: EDGE_FORMS },
  { title: 'Neighbours and paths', forms: [...NEIGHBOR_FORMS, ...PATH_FORMS] },
  { title: 'Algorithms', forms: ALGORITHM_FORMS },
  { title: 'Constraints and indexes of the graph', forms: [...CONSTRAINT_FORMS, ...GRAPH_INDEX_FORMS] },
  { title: 'Aggregates and batches', forms: [...AGGREGATE_FORMS, ...BATCH_FORMS] },
  { title: 'Embeddings', forms: [...EMBED_FORMS, ...SIMILAR_FORMS] },
  { title: 'Search across models', forms: [...FIND_FORMS, ...EXPLAIN_FORMS] },
  { title: 'Entities', forms: ENTITY_FORMS },
  { title: 'Artifacts', forms: [...BLOB_FORMS, ...BLOB_LIST_FORMS] },
  { title: 'Checkpoints', forms: CHECKPOINT_FORMS },
  { title: 'Cache', forms: CACHE_FORMS },
  { title: 'Vault', forms: VAULT_FORMS },
  { title: 'What there is', forms: CATALOG_FORMS },
];

export const FORMS: readonly StatementForm[] = FORM_FAMILIES.flatMap(({ forms }) => forms);
