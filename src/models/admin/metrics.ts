/** The metrics of this process, as the server counts them. */
import type { OperationContext } from '../operation.ts';
import type { MetricsResult } from './schemas.ts';

export async function metrics(context: OperationContext): Promise<MetricsResult> {
  return { text: await context.server.metricsText() };
}
