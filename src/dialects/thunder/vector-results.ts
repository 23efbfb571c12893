/**
 * Results of a vector search -> JSON text of the ThunderDB API: objects with the selected columns and `distance`. The
 * shape is that of the reference, Vector Search Endpoint; `plan` and `schema` (in the request) are additions.
 */
import { z } from 'zod';
import { type VectorSearchResult, vectorSearchPlan } from '../../models/index.ts';
import { encoderOf } from './cells.ts';
import { milliseconds } from './codec.ts';

export const vectorAnswer = z
  .object({
    results: z
      .array(z.record(z.string(), z.unknown()))
      .describe(
        'The selected columns of each row and its `distance`, ascending; a column of that name is hidden by it',
      ),
    count: z.int(),
    distance_metric: z.enum(['cosine', 'l2', 'inner_product']),
    execution_time_ms: z.number(),
    plan: vectorSearchPlan.describe('How the answer was found'),
  })
  .meta({ id: 'VectorSearchResult' });

export function vectorBody(result: VectorSearchResult): string {
  const columns = result.columns
    .map(({ name, type }, at) => ({ at, name, label: `${JSON.stringify(name)}:`, encode: encoderOf(type) }))
    .filter(({ name }) => name !== 'distance');
  const rows = result.rows.map((row, at) => {
    let members = '';
    for (const column of columns) {
      const cell = row[column.at] ?? null;
      members += `${column.label}${cell === null ? 'null' : column.encode(cell)},`;
    }
    return `{${members}"distance":${JSON.stringify(result.distances[at])}}`;
  });
  return (
    `{"results":[${rows.join(',')}],"count":${rows.length},"distance_metric":"${result.distanceMetric}",` +
    `"execution_time_ms":${milliseconds(result.executionTimeMs)},"plan":${JSON.stringify(result.plan)}}`
  );
}
