/** ORDER BY: a stable sort by Cypher's total order. */
import type { Expression, SortItem } from '../../syntax/ast.ts';
import { order } from '../../values/order.ts';
import type { Value } from '../../values/value.ts';
import { weightOf } from '../../values/weight.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import { collectRows, Holding, type Operator } from '../run.ts';
import { sortInSlices } from './sort-in-slices.ts';

/** @param known parts whose values are in slots: after DISTINCT and grouping that is the only way to have them */
export function compileSort(
  items: readonly SortItem[],
  slots: Slots,
  known: ReadonlyMap<Expression, number>,
  environment: PlanEnvironment,
): Operator {
  const expressions = new ExpressionCompiler(environment);
  const keys = items.map(({ expression }) => expressions.compile(expression, slots, known));
  const signs = items.map(({ descending }) => (descending ? -1 : 1));
  return async function* sort(input, run) {
    const holding = new Holding(run);
    const rows = await collectRows(input, holding);
    const keyed: { readonly row: Row; readonly keys: readonly Value[] }[] = [];
    await evaluateRows(
      rows,
      run,
      expressions.values,
      (row, index) => {
        keyed[index] = { row, keys: keys.map((key) => key(row, run.context)) };
      },
      (index) => (keyed[index]?.keys ?? []).reduce<number>((sum, key) => sum + weightOf(key), 0),
    );
    holding.hold([]);
    const sorted = await sortInSlices(keyed, run.context.meter, (a, b) => {
      for (let at = 0; at < signs.length; at++) {
        const way = order(a.keys[at] ?? null, b.keys[at] ?? null);
        if (way !== 0) return way * (signs[at] as number);
      }
      return 0;
    });
    yield* holding.handedOn(sorted.map(({ row }) => row));
  };
}
