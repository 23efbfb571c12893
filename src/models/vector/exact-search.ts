/** Search by measuring every row in PostgreSQL: the way that is always open, and the only one that sees a transaction. */
import { FacetError } from '../../base/index.ts';
import { type ResultSet, statement, type Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedTimeoutMs } from '../operator-limits.ts';
import type { Answer, Asked } from './asked.ts';
import { searchSettings } from './pgvector.ts';
import { exactText } from './search-sql.ts';
import { vectorLiteral } from './vector-text.ts';

const EF_SEARCH = 64;
const NPROBE = 10;

/** `reason`: why no index was asked; null where it is PostgreSQL that decides, with pgvector. @throws INVALID_FILTER */
export async function exactSearch(
  context: OperationContext,
  asked: Asked,
  reason: string | null,
): Promise<Answer> {
  const { selection, query, metric, topK } = asked;
  const { pgvector } = selection.target;
  const text = exactText(selection, metric);
  const parameters = [
    ...asked.filterParameters,
    vectorLiteral(query, pgvector),
    String(topK),
    String(query.length),
  ];
  const breadth = { efSearch: asked.efSearch ?? EF_SEARCH, nprobe: asked.nprobe ?? NPROBE };
  const settings = pgvector ? searchSettings(breadth, selection) : [];
  const result = await readOnly(context, settings, text, parameters, selection.filter !== undefined);
  return {
    rows: result.rows.map((row) => ({ cells: row.slice(0, -1), distance: Number(row.at(-1)) })),
    plan: {
      strategy: pgvector ? 'pgvector' : 'exact',
      index: null,
      candidates: null,
      pending: 0,
      reason,
    },
  };
}

const FORBID_WRITES = statement('vector.read_only', 'SET TRANSACTION READ ONLY');

/**
 * Runs a text with a client's condition in it where nothing can be written. In the caller's transaction that is behind a
 * savepoint which is rolled back, so that it may write again afterwards.
 */
async function readOnly(
  context: OperationContext,
  settings: readonly string[],
  text: string,
  parameters: readonly (string | null)[],
  filtered: boolean,
): Promise<ResultSet> {
  const { database, transaction, signal } = context;
  const run = async (inside: Transaction | undefined): Promise<ResultSet> =>
    await filteredRun(filtered, () =>
      database.runUser(text, parameters, {
        transaction: inside,
        signal,
        timeoutMs: allowedTimeoutMs(context, undefined),
        readOnly: true,
        composed: true,
      }),
    );
  if (transaction === undefined && settings.length === 0) return await run(undefined);
  return await database.inTransaction(
    async (own) => {
      if (transaction !== undefined) await database.run(FORBID_WRITES, [], { transaction: own, signal });
      for (const setting of settings) {
        await database.run(statement('vector.search.setting', setting), [], { transaction: own, signal });
      }
      return await run(own);
    },
    { transaction, signal, readOnly: true, rollback: transaction !== undefined },
  );
}

/** What a statement can only fail with because of the condition in it. */
const OF_FILTER = new Set([
  'TABLE_NOT_FOUND',
  'SCHEMA_NOT_FOUND',
  'OBJECT_NOT_FOUND',
  'READ_ONLY_TRANSACTION',
]);

/** @throws INVALID_FILTER with PostgreSQL's words, for what is wrong with the condition */
export async function filteredRun<T>(filtered: boolean, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!filtered || !(error instanceof FacetError)) throw error;
    if (error.kind !== 'invalid' && error.kind !== 'unsupported' && !OF_FILTER.has(error.code)) throw error;
    // Without its position, which counts our text.
    throw new FacetError('INVALID_FILTER', `The filter does not work: ${error.message}`, {
      detail: error.detail,
      hint: error.hint,
      sqlState: error.sqlState,
    });
  }
}
