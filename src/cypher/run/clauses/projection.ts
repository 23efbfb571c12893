/**
 * WITH and RETURN: computes columns, groups, removes repetitions, sorts, cuts off, filters. Sort keys and the WHERE of
 * WITH see the new columns and, unless rows were grouped or made distinct, the old variables behind them.
 */
import type { Expression, ReturnClause, WithClause } from '../../syntax/ast.ts';
import { groupingKey } from '../../values/equivalence.ts';
import { hold } from '../../values/meter.ts';
import { keyBytes, weightOf } from '../../values/weight.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { passes } from '../expressions/predicate.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { type Row, Slots } from '../row.ts';
import { type Batches, checkHeld, collectRows, Holding, type Operator, type Run } from '../run.ts';
import { compileGrouping } from './grouping.ts';
import { compileCount, limitRows, skipRows } from './paging.ts';
import { compileSort } from './sorting.ts';

export interface CompiledProjection {
  readonly operator: Operator;
  readonly columns: readonly string[];
  /** Scope of what follows: the columns, and the names that stay visible throughout. */
  readonly slots: Slots;
}

export function compileProjection(
  projection: WithClause | ReturnClause,
  input: Slots,
  environment: PlanEnvironment,
): CompiledProjection {
  const info = environment.analysis.projections.get(projection);
  if (info === undefined) throw new Error('a projection that was not analysed');
  const { items } = info;
  const columns = items.map(({ name }) => name);
  const carried = environment.outer.filter((name) => !columns.includes(name));
  const stages: Operator[] = [];
  const plain = new ExpressionCompiler(environment);

  let scope: Slots;
  /** What ORDER BY and WHERE read from a slot instead of computing it. */
  const known = new Map<Expression, number>();
  if (info.aggregating) {
    const grouping = compileGrouping(info, input, carried, environment);
    stages.push(grouping.operator);
    scope = grouping.slots;
    for (const [aggregate, slot] of grouping.aggregates) known.set(aggregate, slot);
  } else {
    scope = input.child();
    const evaluates = items.map(({ expression }) => plain.compile(expression, input));
    const slots = items.map(() => scope.unnamed());
    for (const [at, name] of columns.entries()) scope.alias(name, slots[at] ?? 0);
    if (isPlain(projection)) {
      const all = [...evaluates, ...carried.map((name) => valueIn(input.slotOf(name) ?? 0))];
      return {
        operator: (batches, run) => computedOnly(batches, run, plain, all),
        columns,
        slots: new Slots([...columns, ...carried]),
      };
    }
    stages.push((batches, run) => computed(batches, run, plain, evaluates, slots));
  }
  const columnSlots = columns.map((name) => scope.slotOf(name) ?? 0);
  for (const [part, at] of info.itemOf) known.set(part, columnSlots[at] ?? 0);
  if (projection.distinct) stages.push((batches, run) => distinct(batches, run, columnSlots));
  if (projection.orderBy.length > 0) {
    stages.push(compileSort(projection.orderBy, scope, known, environment));
  }
  if (projection.skip) stages.push(skipRows(compileCount(projection.skip, 'SKIP', environment)));
  if (projection.limit) stages.push(limitRows(compileCount(projection.limit, 'LIMIT', environment)));
  if (projection.kind === 'with' && projection.where) {
    const condition = new ExpressionCompiler(environment);
    const where = condition.compile(projection.where, scope, known);
    stages.push((batches, run) => filter(batches, run, condition, where));
  }
  const kept = [...columnSlots, ...carried.map((name) => scope.slotOf(name) ?? 0)];
  stages.push((batches) => narrowed(batches, kept));
  return { operator: inSequence(stages), columns, slots: new Slots([...columns, ...carried]) };
}

/** Rows are computed, and nothing is done with them. */
const isPlain = (projection: WithClause | ReturnClause): boolean =>
  !projection.distinct &&
  projection.orderBy.length === 0 &&
  projection.skip === undefined &&
  projection.limit === undefined &&
  (projection.kind === 'return' || projection.where === undefined);

const valueIn =
  (slot: number): Evaluate =>
  (row) =>
    row[slot] ?? null;

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
  const { meter } = run.context;
  for await (const batch of batches) {
    const rows: Row[] = [];
    const before = meter.made;
    await evaluateRows(
      batch,
      run,
      expressions.values,
      (row, index) => {
        const wide = [...row];
        for (let at = 0; at < evaluates.length; at++) {
          wide[slots[at] as number] = (evaluates[at] as Evaluate)(row, run.context);
        }
        rows[index] = wide;
      },
      (index) => weightIn(rows[index], slots),
    );
    const made = meter.made - before;
    try {
      yield rows;
    } finally {
      meter.forget(made);
    }
  }
}

/** As `computed` and then `narrowed`, when nothing comes between the two. */
async function* computedOnly(
  batches: Batches,
  run: Run,
  expressions: ExpressionCompiler,
  evaluates: readonly Evaluate[],
): Batches {
  const { meter } = run.context;
  for await (const batch of batches) {
    const rows: Row[] = [];
    const before = meter.made;
    const asking = evaluateRows(
      batch,
      run,
      expressions.values,
      (row, index) => {
        rows[index] = evaluates.map((evaluate) => evaluate(row, run.context));
      },
      (index) => weightIn(rows[index]),
    );
    if (asking !== undefined) await asking;
    const made = meter.made - before;
    try {
      yield rows;
    } finally {
      meter.forget(made);
    }
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

/** What the values in these slots weigh, or all of them. */
function weightIn(row: Row | undefined, slots?: readonly number[]): number {
  const values = slots === undefined ? (row ?? []) : slots.map((slot) => row?.[slot] ?? null);
  return values.reduce<number>((sum, value) => sum + weightOf(value), 0);
}

/** The first of the rows that agree in these slots, by equivalence: null is like null, 1 like 1.0. */
export async function* distinct(batches: Batches, run: Run, slots: readonly number[]): Batches {
  const seen = new Set<string>();
  let bytes = 0;
  try {
    for await (const batch of batches) {
      const rows: Row[] = [];
      await evaluateRows(batch, run, [], (row) => {
        const key = slots.map((slot) => groupingKey(row[slot] ?? null)).join('\u0001');
        if (seen.has(key)) return;
        hold(keyBytes(key));
        bytes += keyBytes(key);
        seen.add(key);
        rows.push(row);
      });
      checkHeld(seen.size);
      if (rows.length > 0) yield rows;
    }
  } finally {
    run.context.meter.release(bytes);
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
  const holding = new Holding(run);
  const rows = await act(await collectRows(input, holding), run);
  yield* holding.handedOn(rows);
}
