/** Statements one by one, until one fails: each is an entry of the answer, the one that failed is the last. */
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import { errorEntry, type Pieces } from '../../strana/index.ts';
import { errorText } from './errors.ts';
import type { NameNumbers } from './name-numbers.ts';
import { resultPieces } from './result-frames.ts';
import { runStatement, type Statement } from './statements.ts';

/** What one statement comes to, in one of the encodings. */
export interface Encoding<Entry> {
  result(answered: Awaited<ReturnType<typeof runStatement>>, session: Session): Promise<Entry>;
  error(message: string, code: string): Entry;
  bytes(entry: Entry): number;
}

/** @throws LIMIT_EXCEEDED for too many statements; all else is an entry */
export async function runBatch<Entry>(
  dispatch: Dispatch,
  session: Session,
  statements: readonly Statement[],
  readOnly: boolean,
  encoding: Encoding<Entry>,
): Promise<{ readonly entries: Entry[]; readonly failure: FacetError | undefined }> {
  if (statements.length > LIMITS.graphdBatchStatementsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `More than ${LIMITS.graphdBatchStatementsMax} statements at once (graphdBatchStatementsMax)`,
    );
  }
  const entries: Entry[] = [];
  let bytes = 0;
  try {
    for (const statement of statements) {
      const answered = await runStatement(dispatch, session, statement, readOnly);
      const entry = await encoding.result(answered, session);
      bytes += encoding.bytes(entry);
      if (bytes > LIMITS.resultBytesMax) throw tooLarge();
      entries.push(entry);
    }
    return { entries, failure: undefined };
  } catch (thrown) {
    const failure = asFacetError(thrown);
    entries.push(encoding.error(errorText(failure), failure.code));
    return { entries, failure };
  }
}

/** Entries of a BatchResult of protobuf. */
export const piecesEncoding = (names: NameNumbers): Encoding<Pieces> => ({
  result: ({ columns, timingMs, ...rows }, session) =>
    resultPieces(names, session, { columns, timingMs }, rows, true),
  error: errorEntry,
  bytes: ({ length }) => length,
});

const tooLarge = (): FacetError =>
  new FacetError(
    'RESULT_TOO_LARGE',
    `The results have more than ${LIMITS.resultBytesMax} bytes together (resultBytesMax)`,
    { hint: 'Send fewer statements at once. What the last one wrote, if it wrote, stays written.' },
  );
