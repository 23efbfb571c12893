/** Which item of a batch it is that cannot be: the one thing that somebody who sent thousands of them wants to know. */
import { asFacetError, FacetError } from '../../../../base/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { together } from '../asking.ts';

/** `Batch item 3: …`, counted from 0. */
export const itemError = (place: number, error: FacetError): FacetError =>
  new FacetError(error.code, `Batch item ${place}: ${error.message}`, {
    detail: error.detail,
    hint: error.hint,
    cause: error,
  });

/** What one item alone can be the reason of. */
const ABOUT_ITEMS: ReadonlySet<string> = new Set([
  'GRAPH_CONSTRAINT_VIOLATION',
  'CYPHER_TYPE_ERROR',
  'INVALID_VALUE',
  'VALUE_TOO_LARGE',
]);

/**
 * Runs `work` on all items. When that fails because of one, the first that the batch fails with is looked for: by halves,
 * in transactions that are undone, so that 10,000 items need 14 tries.
 */
export async function namingItem<Item, T>(
  call: StatementCall,
  items: readonly Item[],
  work: (call: StatementCall, items: readonly Item[]) => Promise<T>,
): Promise<T> {
  try {
    return await work(call, items);
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (!ABOUT_ITEMS.has(error.code) || call.session.transactionId !== undefined) throw error;
    throw (await firstFailing(call, items, work)) ?? error;
  }
}

class Undone extends Error {}

/** @returns undefined when they do not fail any more */
async function firstFailing<Item>(
  call: StatementCall,
  items: readonly Item[],
  work: (call: StatementCall, items: readonly Item[]) => Promise<unknown>,
): Promise<FacetError | undefined> {
  const failure = async (count: number): Promise<FacetError | undefined> => {
    try {
      await together(call, async (inside) => {
        await work(inside, items.slice(0, count));
        throw new Undone();
      });
    } catch (thrown) {
      if (thrown instanceof Undone) return undefined;
      const error = asFacetError(thrown);
      if (!ABOUT_ITEMS.has(error.code)) throw error;
      return error;
    }
    return undefined;
  };
  let error = await failure(items.length);
  if (error === undefined) return undefined;
  let [passes, fails] = [0, items.length];
  while (fails - passes > 1) {
    const middle = (passes + fails) >> 1;
    const found = await failure(middle);
    if (found === undefined) passes = middle;
    else [fails, error] = [middle, found];
  }
  return itemError(fails - 1, error);
}
