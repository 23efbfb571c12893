/**
 * MERGE: for each row, every match of the whole pattern, or else a new one. A row sees what the rows before it made.
 */
import { CypherError } from '../../cypher-error.ts';
import type { MergeClause, PathPattern, Span } from '../../syntax/ast.ts';
import { evaluateRows, evaluateWhole } from '../pattern-values.ts';
import { ExpressionCompiler, isMap } from '../plan/expression-compiler.ts';
import type { MatchPlan, PropertyTests } from '../plan/match-plan.ts';
import { planMatch } from '../plan/match-planner.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import type { Operator, Run } from '../run.ts';
import { makePath, planPath } from './create.ts';
import { matchesOf } from './match.ts';
import { materialised } from './projection.ts';
import { compileAssignments } from './set.ts';

export function compileMerge(clause: MergeClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  // The maker first, on names of its own: for the search the same names would already be bound.
  const bound = slots.bound();
  const { width } = slots;
  const scratch = slots.child();
  const maker = planPath(clause.pattern, scratch, expressions);
  for (const name of namesOf(clause.pattern)) {
    if (!bound.has(name)) slots.alias(name, scratch.slotOf(name) ?? 0);
  }
  const search = unbound(planMatch([clause.pattern], undefined, slots, expressions), width);
  environment.plans?.set(clause, search);
  const onCreate = compileAssignments(clause.onCreate, slots, expressions);
  const onMatch = compileAssignments(clause.onMatch, slots, expressions);
  return materialised(async (rows, run) => {
    const out: Row[] = [];
    for (const row of rows) {
      await evaluateWhole(run, expressions.values, async () => refuseNulls(search, row, run));
      const found: Row[] = [];
      for await (const matches of matchesOf([row], run, search, expressions.values)) {
        for (const match of matches) found.push(match.row);
      }
      const created = found.length === 0;
      if (created) {
        const made = [...row];
        await run.session.reserve(maker.nodes.length, maker.relationships.length);
        run.context.meter.during(() => makePath(maker, made, run));
        found.push(made);
      }
      await evaluateRows(found, run, [], (one) => {
        for (const assign of created ? onCreate : onMatch) assign(one, run);
      });
      if (created || onMatch.length > 0) await run.session.flush();
      for (const one of found) out.push(one);
    }
    return out;
  });
}

const namesOf = ({ variable, nodes, relationships }: PathPattern): readonly string[] =>
  [variable, ...[...nodes, ...relationships].map((part) => part.variable)].flatMap((one) => one?.name ?? []);

/** The names of the pattern have slots by now, but only those that were there before the clause are bound. @param before slots there were */
function unbound(plan: MatchPlan, before: number): MatchPlan {
  const place = <Step extends { readonly slot: number; readonly bound: boolean }>(step: Step): Step => ({
    ...step,
    bound: step.slot < before,
  });
  return {
    ...plan,
    paths: plan.paths.map((path) => ({
      ...path,
      nodes: path.nodes.map(place),
      relationships: path.relationships.map(place),
    })),
  };
}

/** A property that is null matches nothing, and what would be created for it would match nothing again. */
function refuseNulls(plan: MatchPlan, row: Row, run: Run): void {
  for (const { nodes, relationships } of plan.paths) {
    for (const { properties } of [...nodes, ...relationships]) {
      if (properties !== undefined) refuseNullsIn(properties, row, run);
    }
  }
}

function refuseNullsIn(properties: PropertyTests, row: Row, run: Run): void {
  for (const { key, value } of properties.entries) {
    if (value.evaluate(row, run.context) === null) throw nullProperty(key, value.expression.span);
  }
  const whole = properties.whole?.evaluate(row, run.context) ?? null;
  const span = properties.whole?.expression.span;
  if (isMap(whole)) for (const [key, value] of whole) if (value === null) throw nullProperty(key, span);
}

const nullProperty = (key: string, span: Span | undefined): CypherError =>
  new CypherError(
    'SemanticError',
    'runtime',
    'MergeReadOwnWrites',
    `MERGE cannot use null for property ${key}`,
    { span },
  );
