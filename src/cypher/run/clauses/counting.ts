/**
 * `MATCH … RETURN count(*)` and its kin, when nothing else is asked: the graph may know the number without a row for
 * each match.
 */
import type { Expression, MatchClause, Projection } from '../../syntax/ast.ts';
import { conjunctsOf } from '../plan/conditions.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { MatchPlan } from '../plan/match-plan.ts';
import { planMatch } from '../plan/match-planner.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { Usages, Uses } from '../plan/usage.ts';
import type { Slots } from '../row.ts';
import type { Operator } from '../run.ts';
import { rowsOf } from '../run.ts';

/** What is counted: every match, or the different values of a variable. */
type Counted = { readonly distinct: string | undefined };

/** The variables of a pattern are never null in a match, so counting one of them counts the matches. */
function countedBy(expression: Expression, names: ReadonlySet<string>): Counted | undefined {
  if (expression.kind === 'count-star') return { distinct: undefined };
  if (expression.kind !== 'call' || expression.name.toLowerCase() !== 'count') return undefined;
  const [argument, ...rest] = expression.arguments;
  if (argument?.kind !== 'variable' || rest.length > 0 || !names.has(argument.name)) return undefined;
  return { distinct: expression.distinct ? argument.name : undefined };
}

/** The names of nodes and relationships of fixed length, whose values are entities and not lists. */
function entityNames(clause: MatchClause): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { nodes, relationships } of clause.patterns) {
    for (const part of [...nodes, ...relationships.filter(({ length }) => length === undefined)]) {
      if (part.variable !== undefined) names.add(part.variable.name);
    }
  }
  return names;
}

/**
 * An operator that asks for the number first and goes the long way when it is not known; undefined when the clauses
 * ask for something else. `stages` is the long way.
 */
export function compileCounting(
  clause: MatchClause,
  projection: Projection & { readonly where?: Expression | undefined },
  slots: Slots,
  environment: PlanEnvironment,
  stages: Operator,
): Operator | undefined {
  const [item, ...others] = projection.items;
  if (clause.optional || item === undefined || others.length > 0 || projection.star) return undefined;
  if (projection.distinct || projection.orderBy.length > 0 || projection.where !== undefined)
    return undefined;
  if (projection.skip !== undefined || projection.limit !== undefined) return undefined;
  const counted = countedBy(item.expression, entityNames(clause));
  if (counted === undefined) return undefined;
  const expressions = new ExpressionCompiler(environment);
  const before = slots.bound();
  const scope = slots.child();
  const usages = new Usages(clause, 0, new Uses([]));
  const pattern = planMatch(clause.patterns, undefined, scope, expressions, usages);
  const where = clause.where && expressions.computed(clause.where, scope, before);
  if (expressions.values.length > 0) return undefined;
  const conjuncts = [...pattern.conjuncts, ...conjunctsOf(clause.where, scope, before, expressions)];
  const plan: MatchPlan = { ...pattern, where, conjuncts, width: scope.width };
  const slot = counted.distinct === undefined ? undefined : scope.slotOf(counted.distinct);
  return async function* count(input, run) {
    for await (const batch of input) {
      const [row, ...more] = batch;
      const known =
        row === undefined || more.length > 0
          ? undefined
          : await run.session.count?.(plan, row, slot, run.context);
      if (known === undefined) yield* stages(rowsOf(batch), run);
      else yield [[known]];
    }
  };
}
