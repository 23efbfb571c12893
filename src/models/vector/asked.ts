/** A search that has been checked, and its answer, as the ways to get one from the other know them. */
import type { Parameter } from '../../engine/index.ts';
import type { Metric } from './metric.ts';
import type { ReadRow } from './rows.ts';
import type { SearchPlan } from './schemas.ts';
import type { Selection } from './search-sql.ts';

export interface Asked {
  readonly selection: Selection;
  readonly filterParameters: readonly Parameter[];
  readonly query: Float32Array;
  readonly metric: Metric;
  readonly topK: number;
  readonly efSearch: number | undefined;
  readonly nprobe: number | undefined;
}

export interface Answer {
  readonly rows: readonly ReadRow[];
  readonly plan: SearchPlan;
}
