/** Rebalancing: one PostgreSQL holds all the data, so every strategy plans the same, nothing. */
import { FacetError } from '../../base/index.ts';
import type { OperationContext } from '../operation.ts';
import type { RebalanceInput, RebalanceResult } from './schemas.ts';
import { IN_RECOVERY } from './statements.ts';

/** @throws NOT_LEADER on a replica */
export async function rebalance(context: OperationContext, input: RebalanceInput): Promise<RebalanceResult> {
  const { rows } = await context.database.run(IN_RECOVERY, [], { signal: context.signal });
  if (rows[0]?.[0] === 't') {
    throw new FacetError('NOT_LEADER', 'This server is a replica; shards are moved by the primary');
  }
  return { dryRun: input.dryRun === true, moves: [], totalMoves: 0, estimatedTotalDurationSeconds: 0 };
}
