/** UNWIND: a row for each item of a list. Null has no items; what is no list counts as a list of itself. */
import type { UnwindClause } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Row, Slots } from '../row.ts';
import { BATCH_ROWS, type Operator } from '../run.ts';

export function compileUnwind(clause: UnwindClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  const list = expressions.compile(clause.list, slots);
  const slot = slots.add(clause.variable.name);
  return async function* unwind(input, run) {
    let rows: Row[] = [];
    for await (const batch of input) {
      const lists: (readonly Value[])[] = [];
      await evaluateRows(batch, run, expressions.values, (row, index) => {
        lists[index] = itemsOf(list(row, run.context));
      });
      for (const [index, items] of lists.entries()) {
        for (const item of items) {
          const row = [...(batch[index] as Row)];
          row[slot] = item;
          rows.push(row);
          if (rows.length >= BATCH_ROWS) {
            yield rows;
            rows = [];
          }
        }
      }
    }
    if (rows.length > 0) yield rows;
  };
}

export function itemsOf(value: Value): readonly Value[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : [value];
}
