/** MATCH and OPTIONAL MATCH. */
import type { MatchClause } from '../../syntax/ast.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { passes } from '../expressions/predicate.ts';
import type { Matched } from '../graph-session.ts';
import { evaluateRows, evaluateWhole, type PatternValue } from '../pattern-values.ts';
import { conjunctsOf } from '../plan/conditions.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { MatchPlan } from '../plan/match-plan.ts';
import { planMatch } from '../plan/match-planner.ts';
import { hasShortest, withPathTests } from '../plan/path-tests.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Usages } from '../plan/usage.ts';
import type { Row, Slots } from '../row.ts';
import { type Batches, checkHeld, type Operator, type Run } from '../run.ts';

export function compileMatch(
  clause: MatchClause,
  slots: Slots,
  environment: PlanEnvironment,
  usages: Usages | undefined,
): Operator {
  const inside = new ExpressionCompiler(environment);
  const before = slots.bound();
  const plan = planMatch(clause.patterns, undefined, slots, inside, usages);
  const isShortest = hasShortest(clause.patterns);
  // A search for shortest paths needs the whole condition, also what of it asks the graph.
  const condition = isShortest ? inside : new ExpressionCompiler(environment);
  const where = clause.where && condition.computed(clause.where, slots, before);
  // A condition that asks the graph itself cannot be answered within the search.
  const apart = !isShortest && condition.values.length > 0;
  const conjuncts = [...plan.conjuncts, ...conjunctsOf(clause.where, slots, before, condition)];
  const planned = isShortest ? withPathTests(plan, clause.where, slots, before, condition) : plan;
  const search: MatchPlan = { ...planned, where: apart ? undefined : where, conjuncts, width: slots.width };
  environment.plans?.set(clause, search);
  const filter = apart ? where?.evaluate : undefined;
  const asked = apart ? condition.values : [];
  return (input, run) =>
    clause.optional
      ? matchOptionally(input, run, search, inside.values, filter, asked)
      : matchAll(input, run, search, inside.values, filter, asked);
}

async function* matchAll(
  input: Batches,
  run: Run,
  plan: MatchPlan,
  inside: readonly PatternValue[],
  filter: Evaluate | undefined,
  values: readonly PatternValue[],
): Batches {
  for await (const batch of input) {
    for await (const matches of matchesOf(batch, run, plan, inside)) {
      const kept = filter === undefined ? matches : await filtered(matches, run, filter, values);
      if (kept.length > 0) yield kept.map(({ row }) => row);
    }
  }
}

/** A row without a match goes on with nulls, in its place between those that have one. */
async function* matchOptionally(
  input: Batches,
  run: Run,
  plan: MatchPlan,
  inside: readonly PatternValue[],
  filter: Evaluate | undefined,
  values: readonly PatternValue[],
): Batches {
  for await (const batch of input) {
    let next = 0;
    for await (const matches of matchesOf(batch, run, plan, inside)) {
      const kept = filter === undefined ? matches : await filtered(matches, run, filter, values);
      const rows: Row[] = [];
      for (const { from, row } of kept) {
        while (next < from) rows.push(batch[next++] as Row);
        next = from + 1;
        rows.push(row);
      }
      if (rows.length > 0) yield rows;
    }
    if (next < batch.length) yield batch.slice(next);
  }
}

export function matchesOf(
  rows: readonly Row[],
  run: Run,
  plan: MatchPlan,
  inside: readonly PatternValue[],
): AsyncIterable<readonly Matched[]> {
  if (inside.length > 0) return matchesAtOnce(rows, run, plan, inside);
  const found = run.session.match(plan, rows, run.context);
  return run.profile === undefined ? found : run.profile.search(plan, found);
}

/** What is asked within the pattern may start the search over. */
async function* matchesAtOnce(
  rows: readonly Row[],
  run: Run,
  plan: MatchPlan,
  inside: readonly PatternValue[],
): AsyncIterable<readonly Matched[]> {
  yield await evaluateWhole(run, inside, async () => {
    const all: Matched[] = [];
    for await (const matches of run.session.match(plan, rows, run.context)) {
      for (const match of matches) all.push(match);
      checkHeld(all.length);
    }
    return all;
  });
}

async function filtered(
  matches: readonly Matched[],
  run: Run,
  filter: Evaluate,
  values: readonly PatternValue[],
): Promise<readonly Matched[]> {
  const keep: boolean[] = [];
  const rows = matches.map(({ row }) => row);
  await evaluateRows(rows, run, values, (row, index) => {
    keep[index] = passes(filter(row, run.context));
  });
  return matches.filter((_, index) => keep[index]);
}
