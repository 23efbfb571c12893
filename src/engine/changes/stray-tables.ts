/** Doing to many tables what they need, so that one that cannot have it holds up none of the others. */
import { asFacetError } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { TableName } from '../change-contract.ts';

/** How many are put right in one look. */
export const STRAYS_MAX = 1_000;

/**
 * @param rows schema and name of each
 * @param warn is told of tables of somebody else, and of those that cannot be followed
 * @throws what else `work` throws
 */
export async function forStrays(
  rows: readonly (readonly Cell[])[],
  work: (table: TableName) => Promise<unknown>,
  warn: (error: unknown) => void,
): Promise<void> {
  for (const [schema, name] of rows) {
    try {
      await work({ schema: schema ?? '', name: name ?? '' });
    } catch (error) {
      const { code } = asFacetError(error);
      // Dropped meanwhile.
      if (code === 'TABLE_NOT_FOUND') continue;
      if (code !== 'PERMISSION_DENIED' && code !== 'FEATURE_NOT_SUPPORTED') throw error;
      warn(error);
    }
  }
}
