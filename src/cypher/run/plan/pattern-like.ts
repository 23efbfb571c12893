/** Pattern predicates, pattern comprehensions, and EXISTS, COUNT and COLLECT: how their values are found for a batch. */
import type { PatternComprehension, PatternExpression, SubqueryExpression } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { SCALAR_BYTES, Scale, weightOf } from '../../values/weight.ts';
import { matchesOf } from '../clauses/match.ts';
import type { PatternLike } from '../expressions/evaluate.ts';
import { passes } from '../expressions/predicate.ts';
import { evaluateRows, type Resolve } from '../pattern-values.ts';
import type { Row, Slots } from '../row.ts';
import { onlyRow } from '../run.ts';
import { type BatchedBody, compileBatched } from './batched-body.ts';
import { conjunctsOf } from './conditions.ts';
import { ExpressionCompiler } from './expression-compiler.ts';
import { planMatch } from './match-planner.ts';
import type { PlanEnvironment } from './plan-environment.ts';

export function compilePatternLike(
  expression: PatternLike,
  slots: Slots,
  environment: PlanEnvironment,
): Resolve {
  switch (expression.kind) {
    case 'pattern':
      return expression.pattern.shortest === undefined
        ? predicate(expression, slots, environment)
        : shortest(expression, slots, environment);
    case 'pattern-comprehension':
      return comprehension(expression, slots, environment);
    case 'subquery':
      return subquery(expression, slots, environment);
  }
}

function predicate(expression: PatternExpression, slots: Slots, environment: PlanEnvironment): Resolve {
  const inside = new ExpressionCompiler(environment);
  const plan = planMatch([expression.pattern], undefined, slots.child(), inside);
  environment.plans?.set(expression, plan);
  return async (rows, run) => {
    const counts =
      inside.values.length > 0 || run.profile !== undefined
        ? undefined
        : await run.session.counts?.(plan, rows, true, run.context);
    if (counts !== undefined) return counts.map((count) => count > 0n);
    const found: Value[] = rows.map(() => false);
    for await (const matches of matchesOf(rows, run, plan, inside.values)) {
      for (const { from } of matches) found[from] = true;
    }
    return found;
  };
}

/** The path or null; for allShortestPaths the list of them. */
function shortest(expression: PatternExpression, slots: Slots, environment: PlanEnvironment): Resolve {
  const { pattern } = expression;
  const inside = new ExpressionCompiler(environment);
  const scope = slots.child();
  const plan = planMatch([pattern], undefined, scope, inside);
  const pathSlot = scope.unnamed();
  const paths = plan.paths.map((path) => ({ ...path, pathSlot }));
  const whole = { ...plan, paths, width: scope.width };
  environment.plans?.set(expression, whole);
  const all = pattern.shortest === 'allShortestPaths';
  return async (rows, run) => {
    const found: Value[][] = rows.map(() => []);
    for await (const matches of matchesOf(rows, run, whole, inside.values)) {
      for (const { from, row } of matches) found[from]?.push(row[pathSlot] ?? null);
    }
    return all ? found : found.map(([path]) => path ?? null);
  };
}

function comprehension(
  expression: PatternComprehension,
  slots: Slots,
  environment: PlanEnvironment,
): Resolve {
  const { pattern, where, projection } = expression;
  const inside = new ExpressionCompiler(environment);
  const scope = slots.child();
  const before = slots.bound();
  const plan = planMatch([pattern], undefined, scope, inside);
  const outside = new ExpressionCompiler(environment);
  const condition = where && outside.compile(where, scope);
  const project = outside.compile(projection, scope);
  const conjuncts = [...plan.conjuncts, ...conjunctsOf(where, scope, before, outside)];
  const whole = { ...plan, conjuncts, width: scope.width };
  environment.plans?.set(expression, whole);
  return async (rows, run) => {
    const found: Value[][] = rows.map(() => []);
    const scales = rows.map(() => new Scale());
    for await (const matches of matchesOf(rows, run, whole, inside.values)) {
      const values: (Value | undefined)[] = [];
      const matched = matches.map(({ row }) => row);
      await evaluateRows(
        matched,
        run,
        outside.values,
        (row, index) => {
          const keep = condition === undefined || passes(condition(row, run.context));
          values[index] = keep ? project(row, run.context) : undefined;
        },
        (index) => weightOf(values[index] ?? null),
      );
      for (const [index, { from }] of matches.entries()) {
        const value = values[index];
        if (value === undefined) continue;
        scales[from]?.add(value);
        found[from]?.push(value);
        run.context.meter.make(SCALAR_BYTES);
      }
    }
    return found;
  };
}

function subquery({ form, query }: SubqueryExpression, slots: Slots, environment: PlanEnvironment): Resolve {
  const names = slots.names();
  const batched = compileBatched(query, names, { ...environment, outer: names });
  if (batched !== undefined) return answers(form, batched, names, slots);
  const compiled = environment.compilers.query(query, names, { ...environment, outer: names });
  const imported = names.map((name) => slots.slotOf(name) ?? 0);
  return async (rows, run) => {
    const values: Value[] = [];
    for (const row of rows) {
      const inner: Row = imported.map((slot) => row[slot] ?? null);
      const list: Value[] = [];
      const scale = new Scale();
      let count = 0;
      for await (const batch of compiled.operator(onlyRow(inner), run)) {
        count += batch.length;
        if (form === 'COLLECT') {
          for (const [value = null] of batch) {
            scale.add(value);
            list.push(value);
          }
          run.context.meter.make(SCALAR_BYTES * batch.length);
        }
        if (form === 'EXISTS' && count > 0) break;
      }
      values.push(form === 'EXISTS' ? count > 0 : form === 'COUNT' ? BigInt(count) : list);
    }
    return values;
  };
}

/** Of a body that all rows go through together. */
function answers(
  form: SubqueryExpression['form'],
  body: BatchedBody,
  names: readonly string[],
  slots: Slots,
): Resolve {
  const imported = names.map((name) => slots.slotOf(name) ?? 0);
  return async (rows, run) => {
    const inner = rows.map((row): Row => imported.map((slot) => row[slot] ?? null));
    const known = form === 'COLLECT' ? undefined : await body.count(inner, run, form === 'EXISTS');
    if (known !== undefined) return form === 'EXISTS' ? known.map((count) => count > 0n) : known;
    const lists: Value[][] = rows.map(() => []);
    const scales = rows.map(() => new Scale());
    const counts = rows.map(() => 0);
    for await (const batch of body.find(inner, run)) {
      for (const { from, values } of batch) {
        counts[from] = (counts[from] ?? 0) + 1;
        if (form !== 'COLLECT') continue;
        const [value = null] = values;
        scales[from]?.add(value);
        lists[from]?.push(value);
      }
      if (form === 'COLLECT') run.context.meter.make(SCALAR_BYTES * batch.length);
    }
    if (form === 'COLLECT') return lists;
    return counts.map((count) => (form === 'EXISTS' ? count > 0 : BigInt(count)));
  };
}
