/** The search: what is asked, checked against the table, and which way it goes. */
import { ExactNumber, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { type Parameter, readTokens } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedVectorMemoryBytes } from '../operator-limits.ts';
import { enclosedExpression } from '../sql-expression.ts';
import { qualifiedName, spelledName } from '../table-names.ts';
import type { Answer, Asked } from './asked.ts';
import { exactSearch } from './exact-search.ts';
import { indexedSearch } from './indexed-search.ts';
import { keeperOf } from './keeper.ts';
import type { SearchInput, SearchResult } from './schemas.ts';
import type { Selection } from './search-sql.ts';
import { findTarget, type TableColumn, type Target } from './target.ts';
import { queryVector } from './vector-text.ts';

const TOP_K = 10;

/**
 * Rows nearest to a vector. Whatever the way, they are read from the table when the answer is made, and what had
 * committed before the search began is taken into account.
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND, NOT_A_VECTOR_COLUMN, VECTOR_DIMENSION_MISMATCH, INVALID_VECTOR, INVALID_FILTER
 */
export async function search(context: OperationContext, input: SearchInput): Promise<SearchResult> {
  const startedAtMs = monotonicMs();
  const { database, transaction, signal } = context;
  const metric = input.distanceMetric ?? 'cosine';
  const query = queryVector(input.queryVector, metric);
  const table = qualifiedName(input.table, input.schema, 'table');
  const target = await findTarget(database, table, input.vectorColumn, { transaction, signal });
  if (target.dimensions !== undefined && target.dimensions !== query.length) {
    throw new FacetError(
      'VECTOR_DIMENSION_MISMATCH',
      `The query vector has ${query.length} dimensions, column '${target.column}' of '${spelledName(table)}' has ${target.dimensions}`,
    );
  }
  const columns = chosenColumns(target, input.selectColumns);
  const filterParameters = (input.params ?? []).map(filterParameter);
  const selection: Selection = {
    target,
    columns: columns.map(({ name }) => name),
    filter: input.filter === undefined ? undefined : enclosedFilter(input.filter, filterParameters.length),
    filterParameters: filterParameters.length,
  };
  const topK = input.topK ?? TOP_K;
  const asked: Asked = {
    selection,
    filterParameters,
    query,
    metric,
    topK,
    efSearch: input.efSearch,
    nprobe: input.nprobe,
  };
  const answer = await answerOf(context, asked);
  return {
    columns,
    rows: answer.rows.map(({ cells }) => cells),
    distances: answer.rows.map(({ distance }) => distance),
    distanceMetric: metric,
    executionTimeMs: Math.round((monotonicMs() - startedAtMs) * 1_000) / 1_000,
    plan: answer.plan,
  };
}

async function answerOf(context: OperationContext, asked: Asked): Promise<Answer> {
  const { target } = asked.selection;
  if (target.pgvector) return await exactSearch(context, asked, null);
  if (context.transaction !== undefined) {
    return await exactSearch(context, asked, 'a transaction sees rows that no index has');
  }
  if (target.indexes.length === 0) return await exactSearch(context, asked, 'the column has no index');
  // Both may have changed since the index was made.
  const unfit = unfitForIndex(target);
  if (unfit !== undefined) return await exactSearch(context, asked, unfit);
  const keeper = keeperOf(context.database, allowedVectorMemoryBytes(context));
  const copy = keeper.copyFor(target, asked.query.length, asked.metric);
  if (copy === undefined) return await exactSearch(context, asked, 'the index is being built');
  return (
    (await indexedSearch(context, asked, copy)) ??
    (await exactSearch(context, asked, 'the index is behind the table, or the filter lets too few through'))
  );
}

/** Why the table cannot have an index of ours; undefined if it can. */
function unfitForIndex({ kind, key }: Target): string | undefined {
  if (kind !== 'r') return 'the table has rows of other tables';
  return key.length === 0 ? 'nothing tells the rows of the table apart' : undefined;
}

function chosenColumns(target: Target, names: readonly string[] | undefined): readonly TableColumn[] {
  if (names === undefined) return target.columns;
  return names.map((name) => {
    const column = target.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw new FacetError(
      'COLUMN_NOT_FOUND',
      `Table '${spelledName(target.table)}' has no column '${name.slice(0, 100)}'`,
    );
  });
}

/** @throws INVALID_FILTER */
function enclosedFilter(filter: string, parameters: number): string {
  if (Buffer.byteLength(filter) > LIMITS.sqlTextBytesMax) {
    throw new FacetError(
      'INVALID_FILTER',
      `The filter is larger than ${LIMITS.sqlTextBytesMax} bytes (sqlTextBytesMax)`,
    );
  }
  // Placeholders behind those of the filter are ours.
  const beyond = readTokens(filter).find(
    ({ text }) => /^\$\d+$/.test(text) && !isPlaceholder(text, parameters),
  );
  if (beyond !== undefined) {
    throw new FacetError(
      'INVALID_FILTER',
      `The filter has ${beyond.text}, and there are ${parameters} params`,
    );
  }
  try {
    return enclosedExpression(filter, 'The filter');
  } catch (error) {
    if (!(error instanceof FacetError)) throw error;
    throw new FacetError('INVALID_FILTER', error.message, { detail: error.detail });
  }
}

const isPlaceholder = (text: string, parameters: number): boolean =>
  Number(text.slice(1)) >= 1 && Number(text.slice(1)) <= parameters;

function filterParameter(value: unknown, at: number): Parameter {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
  }
  if (value === null) return null;
  if (value instanceof ExactNumber) return value.text;
  throw new FacetError(
    'INVALID_VALUE',
    `Parameter $${at + 1} of the filter is no number, text, boolean or null`,
  );
}
