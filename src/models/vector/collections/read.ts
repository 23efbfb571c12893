/** Reading embeddings by key and page by page, and counting them. */
import { FacetError, LIMITS, parseExactJson } from '../../../base/index.ts';
import { arrayLiteral, type Cell, type ResultSet } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { allowedTimeoutMs } from '../../operator-limits.ts';
import { conditionText, Parameters } from './filter.ts';
import { withCollection } from './find-collection.ts';
import { checkCollection, checkKey, checkKeys } from './names.ts';
import type {
  CountInput,
  CountResult,
  Embedding,
  GetEmbeddingsInput,
  GetEmbeddingsResult,
  PageInput,
  PageResult,
} from './schemas.ts';
import { countText, getText, type Parts, pageText } from './statements.ts';
import { numbersOf } from './vectors.ts';

const PAGE = 100;

/** Without a collection of that name there are none. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, RESULT_TOO_LARGE */
export async function getEmbeddings(
  context: OperationContext,
  input: GetEmbeddingsInput,
): Promise<GetEmbeddingsResult> {
  checkCollection(input.collection);
  checkKeys(input.keys);
  if (input.keys.length === 0) return { embeddings: [] };
  return await withCollection(
    context,
    input.collection,
    () => ({ embeddings: [] }),
    async ({ relation, dimension }) => {
      assertFits(input.keys.length, dimension, input);
      const { rows } = await read(context, getText(relation, input), [arrayLiteral(input.keys)]);
      const found = new Map(rows.map((row) => [row[0] ?? '', row]));
      const embeddings: Embedding[] = [];
      for (const key of new Set(input.keys)) {
        const row = found.get(key);
        if (row !== undefined) embeddings.push(embeddingOf(row, input));
      }
      return { embeddings };
    },
  );
}

/** Without a collection of that name there are none. @throws INVALID_PARAMETER */
export async function pageOfEmbeddings(context: OperationContext, input: PageInput): Promise<PageResult> {
  checkCollection(input.collection);
  if (input.after !== undefined && input.after !== '') checkKey(input.after);
  return await withCollection(
    context,
    input.collection,
    () => ({ embeddings: [], next: null }),
    async ({ relation, dimension }) => {
      // Pages of long vectors are shorter than asked for.
      const room = input.withVector === true ? Math.floor(LIMITS.embeddingNumbersMax / dimension) : Infinity;
      const limit = Math.min(input.limit ?? PAGE, room);
      const { rows } = await read(context, pageText(relation, input), [input.after ?? '', String(limit + 1)]);
      const embeddings = rows.slice(0, limit).map((row) => embeddingOf(row, input));
      return { embeddings, next: rows.length > limit ? (embeddings.at(-1)?.key ?? null) : null };
    },
  );
}

/** @throws INVALID_PARAMETER, INVALID_FILTER */
export async function countEmbeddings(context: OperationContext, input: CountInput): Promise<CountResult> {
  checkCollection(input.collection);
  const parameters = new Parameters();
  const condition = input.filter === undefined ? 'true' : conditionText(input.filter, parameters);
  return await withCollection(
    context,
    input.collection,
    () => ({ count: 0 }),
    async ({ relation }) => {
      const { rows } = await read(context, countText(relation, condition), parameters.values);
      return { count: Number(rows[0]?.[0]) };
    },
  );
}

/** Rows are bound by what a result may hold. @throws RESULT_TOO_LARGE */
export const read = async (
  context: OperationContext,
  text: string,
  parameters: readonly string[],
): Promise<ResultSet> =>
  await context.database.runUser(text, parameters, {
    transaction: context.transaction,
    signal: context.signal,
    timeoutMs: allowedTimeoutMs(context, undefined),
    readOnly: true,
    composed: true,
  });

/** Cells in the order of `columnsOf`. */
export function embeddingOf(row: readonly Cell[], { withVector, withMetadata }: Parts): Embedding {
  const [key, ...others] = row;
  const vector = withVector === true ? others.shift() : undefined;
  const metadata = withMetadata === true ? others.shift() : undefined;
  return {
    key: key ?? '',
    ...(typeof vector === 'string' ? { vector: numbersOf(vector) } : {}),
    ...(typeof metadata === 'string' ? { metadata: parseExactJson(metadata) as Embedding['metadata'] } : {}),
  };
}

/** @throws RESULT_TOO_LARGE when so many vectors are more numbers than one answer has */
export function assertFits(count: number, dimension: number, { withVector }: Parts): void {
  if (withVector !== true || count * dimension <= LIMITS.embeddingNumbersMax) return;
  throw new FacetError(
    'RESULT_TOO_LARGE',
    `${count} vectors of ${dimension} dimensions are more than ${LIMITS.embeddingNumbersMax} numbers (embeddingNumbersMax)`,
    { hint: 'Ask for fewer, or without their vectors.' },
  );
}
