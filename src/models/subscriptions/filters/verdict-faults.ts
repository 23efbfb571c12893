/** What is wrong when a condition cannot be evaluated, how much may be spent on finding the rows, and how it is said. */
import { FacetError, LIMITS, monotonicMs } from '../../../base/index.ts';

/** What was spent on looking for the rows of a chunk for which one condition raises. */
export interface Search {
  statements: number;
  /** Without those that took too long: these are counted by themselves. */
  ms: number;
}

/** Another answer can be had by other words or values; not by waiting. */
export const isAboutFilter = (error: FacetError): boolean =>
  !['UNAVAILABLE', 'TOO_MANY_CONNECTIONS', 'QUERY_CANCELLED', 'INTERNAL_ERROR'].includes(error.code);

/** Some rows raise it and others need not. */
export const isAboutValues = ({ code, sqlState = '' }: FacetError): boolean =>
  code === 'QUERY_TIMEOUT' || !(sqlState.startsWith('42') || sqlState.startsWith('0A'));

/** A statement that began at `startedMs`, of the monotonic clock, was one of them. */
export function spend(search: Search, startedMs: number): void {
  search.statements++;
  search.ms += monotonicMs() - startedMs;
}

export const isExhausted = ({ statements, ms }: Search): boolean =>
  statements > LIMITS.filterSearchStatementsMax || ms > LIMITS.filterSearchMsMax;

export const tooSlow = (): FacetError =>
  new FacetError(
    'INVALID_FILTER',
    `The filter is too slow: it took longer than ${LIMITS.filterMsMax} ms more than ${LIMITS.filterTimeoutsMax} times (filterTimeoutsMax)`,
    { hint: 'Subscribe again with a filter that is quicker.' },
  );

export const raisesTooOften = (error: FacetError): FacetError =>
  new FacetError('INVALID_FILTER', `The filter raises for too many rows: ${error.message}`, {
    detail: error.detail,
    hint: 'Let it look at what raises first: CASE WHEN quantity <> 0 THEN total / quantity > 5 ELSE false END.',
  });

export const broken = (why: string, error: FacetError): FacetError =>
  new FacetError('INVALID_FILTER', `The filter no longer fits the table. ${why}`, {
    detail: error.detail,
    hint: 'Subscribe again with a filter on the columns that the table has now.',
  });
