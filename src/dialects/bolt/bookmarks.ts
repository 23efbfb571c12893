/**
 * Bookmarks: where in PostgreSQL's log a commit is, so that a later read, on whichever server, can wait until that one
 * has it. To drivers they are opaque; ours are `facet:<namespace>:<position>`.
 */
import { FacetError, LIMITS } from '../../base/index.ts';

/** A position as PostgreSQL writes it: two numbers of 32 bits in hexadecimal digits. */
const BOOKMARK = /^facet:[a-z][a-z0-9_]{0,47}:([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

const SHOWN_CHARACTERS = 80;

export const bookmarkOf = (namespace: string, position: string): string => `facet:${namespace}:${position}`;

/**
 * The last of the positions of bookmarks; undefined when there are none. All namespaces of a store share one log, so that
 * bookmarks of another one count as well.
 * @throws INVALID_CURSOR for a bookmark that is not one of ours, LIMIT_EXCEEDED for too many
 */
export function lastPosition(bookmarks: readonly string[]): string | undefined {
  if (bookmarks.length > LIMITS.boltBookmarksMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `More than ${LIMITS.boltBookmarksMax} bookmarks (boltBookmarksMax)`,
    );
  }
  let last: { readonly value: bigint; readonly text: string } | undefined;
  for (const bookmark of bookmarks) {
    const [, high, low] = BOOKMARK.exec(bookmark) ?? [];
    if (high === undefined || low === undefined) {
      throw new FacetError(
        'INVALID_CURSOR',
        `'${bookmark.slice(0, SHOWN_CHARACTERS)}' is no bookmark of this server`,
      );
    }
    const value = BigInt(`0x${high}`) * 2n ** 32n + BigInt(`0x${low}`);
    if (last === undefined || value > last.value) last = { value, text: `${high}/${low}` };
  }
  return last?.text;
}
