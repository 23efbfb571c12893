/** Whether the SQL of a pattern says all that the pattern asks for, so that PostgreSQL may count by itself. */
import type { MatchPlan } from '../../../cypher/index.ts';

/** True if SQL finds no more than what matches, but for values like NaN, and for what its predicates leave open. */
export const isExact = (plan: MatchPlan): boolean => areExact(plan, false);

/** As isExact, when it may start from nodes that are bound and of which nothing more is asked. */
export const isExactFrom = (plan: MatchPlan): boolean => areExact(plan, true);

function areExact(plan: MatchPlan, fromBound: boolean): boolean {
  const seen = new Set<number>();
  for (const { nodes, relationships } of plan.paths) {
    for (const { slot, labels, properties } of nodes) {
      // What is asked of a node where it stands again is not in the SQL.
      if (seen.has(slot) && (labels !== undefined || properties !== undefined)) return false;
      seen.add(slot);
    }
    for (const { slot } of relationships) if (seen.size === seen.add(slot).size) return false;
  }
  return plan.paths.every(
    ({ shortest, nodes, relationships }) =>
      shortest === undefined &&
      relationships.every(({ where, length }) => where === undefined || length === undefined) &&
      nodes.every(
        ({ bound, labels, properties, where }) =>
          !bound || (fromBound && labels === undefined && properties === undefined && where === undefined),
      ) &&
      relationships.every(({ bound }) => !bound) &&
      [...nodes, ...relationships].every(
        ({ properties }) =>
          properties?.whole === undefined &&
          (properties?.entries.every(({ key, value }) => value.given && isPlainKey(key)) ?? true),
      ),
  );
}

/** Keys that are stored as they are, see property-json.ts. */
export const isPlainKey = (key: string): boolean => !key.startsWith('@') && !/\0|\p{Surrogate}/u.test(key);
