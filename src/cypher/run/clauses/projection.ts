/**
 * WITH and RETURN: computes columns, groups, removes repetitions, sorts, cuts off, filters. Sort keys and the WHERE of
 * WITH see the new columns and, unless rows were grouped or made distinct, the old variables behind them.
 */
import type { Expression, Projection, ProjectionItem } from '../../syntax/ast.ts';
import { groupingKey } from '../../values/equivalence.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { passes } from '../expressions/predicate.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { type Row, Slots } from '../row.ts';
import { type Batches, checkHeld, collectRows, type Operator, type Run, rowsOf } from '../run.ts';
import { compileGrouping, isAggregate } from './grouping.ts';
import { compileCount, limitRows, skipRows } from './paging.ts';
import { compileSort } from './sorting.ts';

export interface CompiledProjection {
  readonly operator: Operator;
  readonly columns: readonly string[];
  /** Scope of what follows: the columns, and the names that stay visible throughout. */
  readonly slots: Slots;
}

export function compileProjection(
  projection: Projection & { readonly where?: Expression | undefined },
  input: Slots,
  environment: PlanEnvironment,
): CompiledProjection {
  const items = expanded(projection, input, environment);
  const columns = items.map(({ name }) => name);
  const carried = environment.outer.filter((name) => !columns.includes(name));
  const groups = items.some(({ expression }) => isAggregate(expression));
  const stages: Operator[] = [];
  const plain = new ExpressionCompiler(environment);

  let scope: Slots;
  let replaced: ReadonlyMap<Expression, number> | undefined;
  if (groups) {
    const later = [...projection.orderBy.map(({ expression }) => expression), projection.where];
    const grouping = compileGrouping(items, later, input, carried, environment);
    stages.push(grouping.operator);
    scope = grouping.slots;
    replaced = grouping.replaced;
  } else {
    scope = input.child();
    const evaluates = items.map(({ expression }) => plain.compile(expression, input));
    const slots = items.map(() => scope.unnamed());
    for (const [at, name] of columns.entries()) scope.alias(name, slots[at] ?? 0);
    stages.push((batches, run) => computed(batches, run, plain, evaluates, slots));
  }
  const columnSlots = columns.map((name) => scope.slotOf(name) ?? 0);
  if (projection.distinct) stages.push((batches) => distinct(batches, columnSlots));
  if (projection.orderBy.length > 0) {
    stages.push(compileSort(projection.orderBy, scope, replaced, items, environment));
  }
  if (projection.skip) stages.push(skipRows(compileCount(projection.skip, 'SKIP', environment)));
  if (projection.limit) stages.push(limitRows(compileCount(projection.limit, 'LIMIT', environment)));
  if (projection.where) {
    const condition = new ExpressionCompiler(environment);
    const where = condition.compile(projection.where, scope, replaced);
    stages.push((batches, run) => filter(batches, run, condition, where));
  }
  const kept = [...columnSlots, ...carried.map((name) => scope.slotOf(name) ?? 0)];
  stages.push((batches) => narrowed(batches, kept));
  return { operator: inSequence(stages), columns, slots: new Slots([...columns, ...carried]) };
}

/** `*` is every variable in scope, by name. */
function expanded(projection: Projection, input: Slots, environment: PlanEnvironment): ProjectionItem[] {
  if (!projection.star) return [...projection.items];
  const span = { start: 0, end: 0 };
  const hidden = new Set(environment.outer);
  const names = input.names().filter((name) => !hidden.has(name) || environment.outer.length === 0);
  const all = [...names]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => ({
      expression: { kind: 'variable', name, span } as const,
      alias: name,
      name,
      span,
    }));
  return [...all, ...projection.items];
}

export const inSequence =
  (stages: readonly Operator[]): Operator =>
  (input, run) =>
    stages.reduce((batches, stage) => stage(batches, run), input);

async function* computed(
  batches: Batches,
  run: Run,
  expressions: ExpressionCompiler,
  evaluates: readonly Evaluate[],
  slots: readonly number[],
): Batches {
  for await (const batch of batches) {
    const rows: Row[] = [];
    await evaluateRows(batch, run, expressions.values, (row, index) => {
      const wide = [...row];
      for (let at = 0; at < evaluates.length; at++) {
        wide[slots[at] as number] = (evaluates[at] as Evaluate)(row, run.context);
      }
      rows[index] = wide;
    });
    yield rows;
  }
}

export async function* filter(
  batches: Batches,
  run: Run,
  expressions: ExpressionCompiler,
  where: Evaluate,
): Batches {
  for await (const batch of batches) {
    const keep: boolean[] = [];
    await evaluateRows(batch, run, expressions.values, (row, index) => {
      keep[index] = passes(where(row, run.context));
    });
    const rows = batch.filter((_, index) => keep[index]);
    if (rows.length > 0) yield rows;
  }
}

/** The first of the rows that agree in these slots, by equivalence: null is like null, 1 like 1.0. */
export async function* distinct(batches: Batches, slots: readonly number[]): Batches {
  const seen = new Set<string>();
  for await (const batch of batches) {
    const rows = batch.filter((row) => {
      const key = slots.map((slot) => groupingKey(row[slot] ?? null)).join('\u0001');
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
    checkHeld(seen.size);
    if (rows.length > 0) yield rows;
  }
}

async function* narrowed(batches: Batches, slots: readonly number[]): Batches {
  for await (const batch of batches) yield batch.map((row) => slots.map((slot) => row[slot] ?? null));
}

export const materialised =
  (act: (rows: Row[], run: Run) => Promise<readonly Row[]> | readonly Row[]): Operator =>
  (input, run) =>
    afterAll(input, run, act);

async function* afterAll(
  input: Batches,
  run: Run,
  act: (rows: Row[], run: Run) => Promise<readonly Row[]> | readonly Row[],
): Batches {
  yield* rowsOf(await act(await collectRows(input), run));
}
