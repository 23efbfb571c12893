/** Plans as Neo4j's drivers read them, in `plan` (EXPLAIN) and `profile` (PROFILE) of a summary. */
import type { GraphStream } from '../../models/index.ts';
import type { Meta } from './codec.ts';

export type PlanNode = NonNullable<ReturnType<GraphStream['plan']>>;

type PlanMeta = { readonly [key: string]: Meta | undefined };

/** PROFILE says how many rows each step has handed on. */
export function planMeta(plan: PlanNode): { readonly plan?: PlanMeta; readonly profile?: PlanMeta } {
  return isMeasured(plan) ? { profile: profileStep(plan) } : { plan: planStep(plan) };
}

const isMeasured = (node: PlanNode): boolean => node.rows !== undefined || node.children.some(isMeasured);

function planStep(node: PlanNode): PlanMeta {
  return {
    operatorType: node.operator,
    identifiers: [],
    args: argumentsOf(node),
    children: node.children.map(planStep),
  };
}

/** Neo4j counts accesses to its store; here PostgreSQL makes them, and they are not counted. */
function profileStep(node: PlanNode): PlanMeta {
  const rows = node.rows ?? 0;
  const time = Math.round((node.timeMs ?? 0) * 1_000_000);
  return {
    operatorType: node.operator,
    identifiers: [],
    args: { ...argumentsOf(node), Rows: rows, Time: time },
    dbHits: 0,
    rows,
    pageCacheHits: 0,
    pageCacheMisses: 0,
    pageCacheHitRatio: 0,
    time,
    children: node.children.map(profileStep),
  };
}

const argumentsOf = ({ details, sql, indexes, conditions }: PlanNode): PlanMeta => ({
  Details: details,
  PostgreSQL: sql,
  Indexes: indexes.length === 0 ? undefined : indexes.join(', '),
  Conditions: conditions.length === 0 ? undefined : conditions.join('\n'),
});
