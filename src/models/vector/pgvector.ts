/**
 * What is different where the server has the extension pgvector: its column type, its operators, its indexes, which are
 * PostgreSQL's own and need nothing of ours. Written after pgvector's documentation (version 0.8). Texts only; pure.
 */
import { quoteIdentifier } from '../../engine/index.ts';
import { quotedName } from '../table-names.ts';
import type { BuildOrder } from './build-order.ts';
import type { Metric } from './metric.ts';
import type { Selection } from './search-sql.ts';
import type { Target } from './target.ts';

const OPERATOR_CLASSES: Readonly<Record<Metric, string>> = {
  cosine: 'vector_cosine_ops',
  l2: 'vector_l2_ops',
  inner_product: 'vector_ip_ops',
};

/** Indexes hold vectors up to this length, and shorter numbers up to twice that. */
const INDEXED_DIMENSIONS_MAX = 2_000;

/** `ivf_pq` is an ivfflat index; it has no product quantisation. */
export function createIndexText(name: string, target: Target, order: BuildOrder, dimensions: number): string {
  const { options, metric, type } = order;
  const column = quoteIdentifier(target.column);
  const long = dimensions > INDEXED_DIMENSIONS_MAX;
  const key = long
    ? `(${column}::halfvec(${dimensions})) ${OPERATOR_CLASSES[metric].replace('vector', 'halfvec')}`
    : `${column} ${OPERATOR_CLASSES[metric]}`;
  const [method, parameters] =
    type === 'hnsw'
      ? ['hnsw', `m = ${options.m}, ef_construction = ${options.ef_construction}`]
      : ['ivfflat', `lists = ${options.nlist}`];
  return `CREATE INDEX ${quoteIdentifier(name)} ON ${quotedName(target.table)} USING ${method} (${key}) WITH (${parameters})`;
}

/** The extension allows no more. */
const EF_SEARCH_MAX = 1_000;

export interface Breadth {
  readonly efSearch: number;
  readonly nprobe: number;
}

/**
 * Settings of the transaction that searches. Scans go on until enough rows have passed the filter; nearest first where
 * the index can promise it.
 */
export function searchSettings({ efSearch, nprobe }: Breadth, selection: Selection): readonly string[] {
  const settings = [
    `SET LOCAL hnsw.ef_search = ${Math.min(EF_SEARCH_MAX, efSearch)}`,
    `SET LOCAL ivfflat.probes = ${nprobe}`,
  ];
  if (selection.filter === undefined) return settings;
  return [
    ...settings,
    'SET LOCAL hnsw.iterative_scan = strict_order',
    'SET LOCAL ivfflat.iterative_scan = relaxed_order',
  ];
}
