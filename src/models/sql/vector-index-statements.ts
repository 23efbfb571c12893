/**
 * Indexes on vectors in SQL texts where PostgreSQL does not know them: `CREATE INDEX … USING hnsw` is run as the operation
 * that creates indexes, `DROP INDEX` of one as the operation that drops them. Put around the operations that take SQL text.
 */
import { FacetError, LIMITS, monotonicMs, offAbort, onAbort } from '../../base/index.ts';
import { builderOf } from '../index-builders.ts';
import type { OperationContext } from '../operation.ts';
import { allowedTimeoutMs } from '../operator-limits.ts';
import { spelledName } from '../table-names.ts';
import { FIND_VECTOR_INDEX } from '../vector-catalog.ts';
import { dropIndex } from './drop-index.ts';
import { observeQuery, roundedMs } from './query.ts';
import type { QueryInput, QueryResult, QueryStream } from './statement-schemas.ts';
import { assertAllowed, isReader, readStatement } from './user-statement.ts';
import {
  type DroppedIndexes,
  mayBeOnVectors,
  readDroppedIndexes,
  readVectorIndex,
  type VectorIndexText,
} from './vector-index-text.ts';
import { hasPgvector } from './vector-types.ts';

type Run<Output> = (context: OperationContext, input: QueryInput) => Promise<Output>;

/** `run`, and what is an index on vectors by itself. */
export const withVectorIndexes =
  (run: Run<QueryResult>): Run<QueryResult> =>
  async (context, input) => {
    if (!mayDefine(input.sql)) return await run(context, input);
    return (await definedHere(context, input)) ?? (await run(context, input));
  };

/** As `withVectorIndexes`, for answers that are streams. */
export const withVectorIndexesStreamed =
  (run: Run<QueryStream>): Run<QueryStream> =>
  async (context, input) => {
    const result = mayDefine(input.sql) ? await definedHere(context, input) : undefined;
    if (result === undefined) return await run(context, input);
    return { columns: Promise.resolve([]), batches: nothing(), rowsAffected: () => result.rowsAffected };
  };

/** @throws FEATURE_NOT_SUPPORTED when a statement drops an index on vectors, which no transaction can */
export async function assertNoVectorIndexes(context: OperationContext, sql: string): Promise<void> {
  if (readStatement(sql).text.verb !== 'DROP') return;
  const dropped = readDroppedIndexes(sql);
  if (dropped !== undefined) await assertNoneDropped(context, dropped, 'in a transaction');
}

async function* nothing(): AsyncGenerator<never> {}

/** Whether there may be anything to do, at a glance. */
function mayDefine(sql: string): boolean {
  const { verb } = readStatement(sql).text;
  return verb === 'DROP' || (verb === 'CREATE' && mayBeOnVectors(sql));
}

/** Undefined when the statement is one for PostgreSQL. */
async function definedHere(context: OperationContext, input: QueryInput): Promise<QueryResult | undefined> {
  const statement = readStatement(input.sql);
  // PostgreSQL refuses it.
  if (isReader(context) || input.readOnly === true || statement.text.statements !== 1) return undefined;
  const work = await definitionOf(context, input.sql);
  if (work === undefined) return undefined;
  assertAllowed(context, statement);
  const startedAtMs = monotonicMs();
  let ok = false;
  try {
    await inTime(context, input.timeoutMs, work);
    ok = true;
  } finally {
    observeQuery(context, statement, startedAtMs, ok);
  }
  const executionTimeMs = roundedMs(monotonicMs() - startedAtMs);
  return { columns: [], rows: [], rowCount: 0, rowsAffected: 0, executionTimeMs };
}

type Work = (context: OperationContext) => Promise<unknown>;

/** What is to be done for the text; undefined when it is not about indexes on vectors of ours. */
async function definitionOf(context: OperationContext, sql: string): Promise<Work | undefined> {
  const dropped = readDroppedIndexes(sql);
  if (dropped !== undefined) return await dropping(context, dropped);
  // In a transaction PostgreSQL's refusal is the answer.
  if (context.transaction !== undefined || (await hasPgvector(context.database))) return undefined;
  const made = readVectorIndex(sql);
  return made === undefined ? undefined : (own) => making(own, made);
}

async function making(context: OperationContext, made: VectorIndexText): Promise<unknown> {
  const { name, table, column, type, options, ifNotExists } = made;
  const builder = builderOf(type);
  const order = {
    name,
    table: table.name,
    schema: table.schema,
    columns: [column],
    type,
    options,
    ifNotExists,
  };
  return await builder?.build(context, order);
}

async function dropping(context: OperationContext, dropped: DroppedIndexes): Promise<Work | undefined> {
  const [index, ...others] = dropped.indexes;
  if (context.transaction !== undefined || others.length > 0 || index === undefined) {
    const where = context.transaction === undefined ? 'together with others' : 'in a transaction';
    await assertNoneDropped(context, dropped, where);
    return undefined;
  }
  if (!(await isOnVectors(context, index.schema, index.name))) return undefined;
  return (own) => dropIndex(own, { ...index, ifExists: dropped.ifExists });
}

async function assertNoneDropped(
  context: OperationContext,
  { indexes }: DroppedIndexes,
  where: string,
): Promise<void> {
  for (const index of indexes) {
    if (!(await isOnVectors(context, index.schema, index.name))) continue;
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `Index '${spelledName(index)}' is one on vectors, which are not dropped ${where}`,
      { hint: 'Drop it in a statement of its own, outside of transactions.' },
    );
  }
}

async function isOnVectors(context: OperationContext, schema: string, name: string): Promise<boolean> {
  const { rows } = await context.database.run(FIND_VECTOR_INDEX, [schema, name], { signal: context.signal });
  return rows.length > 0;
}

/** As statements of PostgreSQL end when their time is up. @throws QUERY_TIMEOUT */
async function inTime(context: OperationContext, asked: number | undefined, work: Work): Promise<void> {
  const stop = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, allowedTimeoutMs(context, asked) ?? LIMITS.queryTimeoutMsDefault);
  const abort = (): void => stop.abort();
  onAbort(context.signal, abort);
  try {
    await work({ ...context, signal: stop.signal });
  } catch (error) {
    if (!late) throw error;
    throw new FacetError('QUERY_TIMEOUT', 'The index took longer than the timeout, and was given up');
  } finally {
    clearTimeout(timer);
    offAbort(context.signal, abort);
  }
}
