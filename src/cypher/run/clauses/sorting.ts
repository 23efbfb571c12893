/** ORDER BY: a stable sort by Cypher's total order. */
import type { Expression, ProjectionItem, SortItem } from '../../syntax/ast.ts';
import { order } from '../../values/order.ts';
import type { Value } from '../../values/value.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { sameTree, visitExpressions } from '../plan/rewrite.ts';
import type { Row, Slots } from '../row.ts';
import { collectRows, type Operator, rowsOf } from '../run.ts';

/** An expression that is projected is taken from its column: after DISTINCT and grouping that is the only way. */
export function compileSort(
  items: readonly SortItem[],
  slots: Slots,
  replaced: ReadonlyMap<Expression, number> | undefined,
  projected: readonly ProjectionItem[],
  environment: PlanEnvironment,
): Operator {
  const columns = new Map<Expression, number>(replaced);
  for (const { expression } of items) {
    visitExpressions(expression, (part) => {
      if (columns.has(part)) return false;
      const column = projected.find((item) => sameTree(item.expression, part));
      const slot = column && slots.slotOf(column.name);
      // A variable that an alias hides means the alias.
      if (
        slot === undefined ||
        (part.kind === 'variable' && projected.some(({ name }) => name === part.name))
      )
        return true;
      columns.set(part, slot);
      return false;
    });
  }
  const expressions = new ExpressionCompiler(environment);
  const keys = items.map(({ expression }) => expressions.compile(expression, slots, columns));
  const signs = items.map(({ descending }) => (descending ? -1 : 1));
  return async function* sort(input, run) {
    const rows = await collectRows(input);
    const keyed: { readonly row: Row; readonly keys: readonly Value[] }[] = [];
    await evaluateRows(rows, run, expressions.values, (row, index) => {
      keyed[index] = { row, keys: keys.map((key) => key(row, run.context)) };
    });
    keyed.sort((a, b) => {
      for (let at = 0; at < signs.length; at++) {
        const way = order(a.keys[at] ?? null, b.keys[at] ?? null);
        if (way !== 0) return way * (signs[at] as number);
      }
      return 0;
    });
    yield* rowsOf(keyed.map(({ row }) => row));
  };
}
