/** FOREACH: updates for each item of a list. What is named inside stays inside. */
import type { ForeachClause } from '../../syntax/ast.ts';
import { STEPS_PER_ROW, worked } from '../../values/meter.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import { Holding, type Operator, rowsOf } from '../run.ts';
import { materialised } from './projection.ts';
import { itemsOf } from './unwind.ts';

export function compileForeach(clause: ForeachClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  const list = expressions.compile(clause.list, slots);
  const inside = slots.child();
  const slot = inside.add(clause.variable.name);
  const body = environment.compilers.clauses(clause.clauses, inside, environment);
  return materialised(async (rows, run) => {
    const holding = new Holding(run);
    const inner: Row[] = [];
    await evaluateRows(rows, run, expressions.values, (row) => {
      const items = itemsOf(list(row, run.context));
      for (const item of items) {
        const one = [...row];
        one[slot] = item;
        inner.push(one);
        worked(STEPS_PER_ROW);
        holding.hold([one]);
      }
    });
    for await (const _ of body.operator(rowsOf(inner), run)) {
      // Its rows are nobody's business.
    }
    holding.release();
    return rows;
  });
}
