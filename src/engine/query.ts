/** Statements of the engine itself on a session that it holds: setting up databases, reading catalogs. */
import { FacetError, LIMITS } from '../base/index.ts';
import type { Parameter, ResultSet } from './contract.ts';
import type { ExchangeHost } from './exchange.ts';
import { Portal } from './portal.ts';

/** Catalogs have some thousand rows. */
const ROWS_MAX = 100_000;

/** Runs one statement and resolves with its result. @throws RESULT_TOO_LARGE for more than `bytesMax` of cells */
export function query(
  host: ExchangeHost,
  text: string,
  parameters: readonly Parameter[] = [],
  bytesMax: number = LIMITS.resultBytesMax,
): Promise<ResultSet> {
  return new Promise((resolve, reject) => {
    const portal = new Portal(
      { text, parameters, named: false, rowsMax: ROWS_MAX, bytesMax, overflow: 'discard' },
      (outcome) => {
        if (outcome instanceof FacetError) reject(outcome);
        else resolve(outcome);
      },
    );
    host.start(portal);
  });
}
