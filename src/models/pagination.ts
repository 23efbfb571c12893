/**
 * Pages of a list: `limit` and an opaque `cursor` in, `pagination` out (ThunderDB API reference, Pagination). The
 * cursor is base64 of `{"offset":n}`, as in that reference, so lists need a stable order of their own.
 */
import { z } from 'zod';
import { FacetError, LIMITS } from '../base/index.ts';

/** Fields that every paginated operation takes; spread them into its input schema. */
export const pageInput = {
  limit: z
    .int()
    .min(1)
    .max(LIMITS.pageRowsMax)
    .optional()
    .describe(`Elements of a page, ${LIMITS.pageRowsDefault} when absent`),
  cursor: z.string().optional().describe('`nextCursor` of the page before; absent for the first page'),
};

export const pagination = z.object({
  total: z.int().describe('Elements of all pages'),
  limit: z.int(),
  hasMore: z.boolean(),
  nextCursor: z.string().nullable(),
});

export type Pagination = z.infer<typeof pagination>;

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

const CURSOR_CHARACTERS_MAX = 128;

/** Where the asked page lies. @throws INVALID_CURSOR */
export function pageOf(input: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}): Page {
  const offset = input.cursor === undefined ? 0 : offsetOf(input.cursor);
  return { limit: input.limit ?? LIMITS.pageRowsDefault, offset };
}

/** The `pagination` part of an answer to `page`, given how many elements there are in all. */
export function paginationOf(page: Page, total: number): Pagination {
  const next = page.offset + page.limit;
  const hasMore = next < total;
  return { total, limit: page.limit, hasMore, nextCursor: hasMore ? cursorOf(next) : null };
}

const cursorOf = (offset: number): string => Buffer.from(JSON.stringify({ offset })).toString('base64');

function offsetOf(cursor: string): number {
  const text = cursor.length <= CURSOR_CHARACTERS_MAX ? Buffer.from(cursor, 'base64').toString('utf8') : '';
  const digits = /^\{\s*"offset"\s*:\s*(\d{1,15})\s*\}$/.exec(text)?.[1];
  if (digits === undefined) {
    throw new FacetError('INVALID_CURSOR', `The cursor '${cursor.slice(0, 40)}' is not one of this server`);
  }
  return Number(digits);
}
