/**
 * Indexes of collections: made when a collection has become so large that measuring each vector is felt. PostgreSQL takes
 * some 4 µs for a row and 0.17 µs for each number of its vector, so a row counts as 24 numbers more than it has.
 *
 * After a search without an index, and after storing, the rows are counted (no further than matters, and seldom), and the
 * index is built while searches go on measuring. Nobody waits for it, and who asked does not hear of its failure.
 */
import { asFacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import type { Database, ModelState } from '../../../engine/index.ts';
import type { BuiltIndex } from '../../index-builders.ts';
import type { OperationContext } from '../../operation.ts';
import { allowedVectorMemoryBytes } from '../../operator-limits.ts';
import { createVectorIndex, unlessAborted } from '../create-index.ts';
import { keeperOf } from '../keeper.ts';
import { findTarget } from '../target.ts';
import type { FilledCollection } from './find-collection.ts';
import { indexNameOf, tableOf } from './names.ts';
import { countUpTo } from './statements.ts';

/** What a row costs beside its numbers. */
const ROW_NUMBERS = 24;
/** Collections that are remembered between two looks. */
const LOOKS_MAX = 1_000;

const KEY = Symbol('vector.collections');

export const indexesOf = (database: Database): CollectionIndexes =>
  database.state(KEY, () => new CollectionIndexes());

export class CollectionIndexes implements ModelState {
  /** When each collection may be looked at again, by its table. */
  readonly #looks = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #work = new Map<string, Promise<void>>();

  /** Returns at once. */
  consider(context: OperationContext, collection: FilledCollection): void {
    const { relation } = collection;
    const next = this.#looks.get(relation);
    if (this.#work.has(relation) || this.#stop.signal.aborted) return;
    if (next !== undefined && monotonicMs() < next) return;
    if (this.#looks.size >= LOOKS_MAX) this.#looks.clear();
    this.#looks.set(relation, monotonicMs() + LIMITS.embeddingIndexLookMs);
    // What outlives the request must not end with it.
    const own = { ...context, transaction: undefined, signal: this.#stop.signal };
    const work = this.#look(own, collection).finally(() => this.#work.delete(relation));
    this.#work.set(relation, work);
  }

  /** Waits until the index is complete, whoever builds it. @throws as the creation of an index does */
  async build(context: OperationContext, collection: FilledCollection): Promise<BuiltIndex> {
    await this.#work.get(collection.relation);
    const built = await build(context, collection);
    if (!built.created) await complete(context, collection);
    return built;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work.values());
  }

  /** Never rejects. */
  async #look(context: OperationContext, collection: FilledCollection): Promise<void> {
    const { relation, name } = collection;
    try {
      if (await isDue(context, collection)) await build(context, collection);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const { code, message } = asFacetError(thrown);
      // Deleted meanwhile.
      if (code === 'TABLE_NOT_FOUND') return;
      this.#looks.set(relation, monotonicMs() + LIMITS.vectorRetryMsMax);
      const detail = `Searches measure every vector: ${message}`;
      context.database.observe({
        type: 'warning',
        message: `The collection '${name}' could not get an index`,
        detail,
      });
    }
  }
}

async function isDue(
  { database, signal }: OperationContext,
  { relation, dimension }: FilledCollection,
): Promise<boolean> {
  const target = await findTarget(database, tableOf(relation), 'vector', { signal });
  if (target.indexes.length > 0 || target.dimensions === undefined) return false;
  const rows = Math.ceil(LIMITS.embeddingIndexNumbers / (dimension + ROW_NUMBERS));
  const counted = await database.run(countUpTo(relation), [String(rows)], { signal, reads: true });
  return Number(counted.rows[0]?.[0]) >= rows;
}

/** The index that is there already may be one that another call, or another process, is still building. */
async function complete(context: OperationContext, { relation, dimension }: FilledCollection): Promise<void> {
  const { database, signal } = context;
  const target = await findTarget(database, tableOf(relation), 'vector', { signal });
  const [index] = target.indexes;
  if (index === undefined || target.pgvector) return;
  const keeper = keeperOf(database, allowedVectorMemoryBytes(context));
  await unlessAborted(keeper.built(index, target, dimension), signal);
}

const build = async (
  context: OperationContext,
  { relation, distance }: FilledCollection,
): Promise<BuiltIndex> =>
  await createVectorIndex(context, {
    name: indexNameOf(relation),
    table: relation,
    schema: tableOf(relation).schema,
    columns: ['vector'],
    type: 'hnsw',
    options: { distance_metric: distance },
    ifNotExists: true,
  });
