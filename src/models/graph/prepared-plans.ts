/** Queries by their text, compiled once for those that come again. */
import { type Procedure, prepare } from '../../cypher/index.ts';
import { Pace, type Plan, PlanCache } from './plan-cache.ts';
import { GRAPH_PROCEDURES } from './procedures/index.ts';
import { kindOf } from './query-kind.ts';

/** By the procedures that the text may call. */
const PLANS = new WeakMap<ReadonlyMap<string, Procedure>, PlanCache>();

/** @throws CypherError at compile time */
export function planOf(text: string, procedures: ReadonlyMap<string, Procedure> = GRAPH_PROCEDURES): Plan {
  let plans = PLANS.get(procedures);
  if (plans === undefined) {
    plans = new PlanCache();
    PLANS.set(procedures, plans);
  }
  const known = plans.get(text);
  if (known !== undefined) return known;
  const query = prepare(text, procedures);
  const plan = { text, query, pace: new Pace(), streamPace: new Pace(), kind: kindOf(query) };
  plans.keep(text, plan);
  return plan;
}

/** Whether a query can change the graph or its schema; false for a text that is none. */
export function canChange(text: string): boolean {
  try {
    return planOf(text).kind !== 'read';
  } catch {
    return false;
  }
}

/** Whether a query can change the graph; false for a text that is no query. Schema commands count as reads. */
export function canWrite(text: string): boolean {
  try {
    const { query } = planOf(text);
    return query.kind === 'query' && query.writes;
  } catch {
    return false;
  }
}
