/** LIMIT, OFFSET and TOP. */
import { LIMITS } from '../../base/index.ts';
import { type Clause, clause, readClauses } from './clauses.ts';
import type { Reader } from './reader.ts';
import { count } from './values.ts';

/** A part of a list. */
export interface Page {
  /** Zero is one as well. */
  readonly limit: number;
  readonly offset: number;
}

/** `[LIMIT n] [OFFSET m]` */
export function page(reader: Reader): Page {
  let limit: number = LIMITS.nqlListLimitDefault;
  let offset = 0;
  readClauses(reader, [
    limitClause(reader, (found) => {
      limit = found;
    }),
    clause('OFFSET', () => {
      offset = count(reader, 'OFFSET', 0);
    }),
  ]);
  return { limit, offset };
}

/** `LIMIT n` of a list. */
export const limitClause = (reader: Reader, read: (limit: number) => void): Clause =>
  clause('LIMIT', () => read(count(reader, 'LIMIT', 0)));

/** `LIMIT n` or `TOP n` of a search by similarity, which finds at least one. */
export const topClause = (reader: Reader, read: (limit: number) => void): Clause =>
  clause('LIMIT', ([word = 'LIMIT']) => read(count(reader, word, 1)), ['TOP']);
