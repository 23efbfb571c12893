/** Work that gives out pieces one by one, as pieces that are pulled: for work that has to stay within one call. */
import { FacetError } from '../../../base/index.ts';

/** Hands a piece on. Resolves when the next one is wanted, and rejects when none is any more. */
export type Give<T> = (piece: T) => Promise<void>;

/**
 * The pieces that `work` gives. It begins with the first pull, and waits in `give` between pulls, for `pauseMsMax` each
 * time. Leaving early makes the `give` that waits reject, and waits for `work` to end.
 * @throws QUERY_TIMEOUT, and what `work` throws
 */
export async function* pulled<T>(
  work: (give: Give<T>) => Promise<void>,
  pauseMsMax: number,
): AsyncGenerator<T> {
  let given: { readonly piece: T } | undefined;
  let resume: { readonly next: () => void; readonly leave: () => void } | undefined;
  let tell: () => void = () => {};
  let wake = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let left = false;
  let ended = false;
  const give: Give<T> = (piece) =>
    new Promise<void>((resolve, reject) => {
      if (left) {
        reject(new Left());
        return;
      }
      given = { piece };
      const timer = setTimeout(() => {
        reject(new FacetError('QUERY_TIMEOUT', `Nobody took the next piece for ${pauseMsMax} ms`));
      }, pauseMsMax);
      const ends = (settle: () => void) => (): void => {
        clearTimeout(timer);
        settle();
      };
      resume = { next: ends(resolve), leave: ends(() => reject(new Left())) };
      tell();
    });
  const working = work(give).finally(() => {
    ended = true;
    tell();
  });
  // Who pulls sees its failure below.
  working.catch(() => undefined);
  try {
    while (true) {
      await wake;
      if (given === undefined) {
        if (ended) break;
        continue;
      }
      const { piece } = given;
      given = undefined;
      wake = new Promise<void>((resolve) => {
        tell = resolve;
      });
      if (ended) tell();
      yield piece;
      resume?.next();
    }
    await working;
  } finally {
    left = true;
    resume?.leave();
    await working.catch(() => undefined);
  }
}

/** Never seen outside: only the work of somebody who has left gets it. */
class Left extends Error {
  override readonly name = 'Left';
}
