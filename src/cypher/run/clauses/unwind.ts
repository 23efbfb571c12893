/** UNWIND: a row for each item of a list. Null has no items; what is no list counts as a list of itself. */
import type { UnwindClause } from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import { weightOf } from '../../values/weight.ts';
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
    const { meter } = run.context;
    let rows: Row[] = [];
    for await (const batch of input) {
      // Lists may be long: where none of them asks the graph, there is one at a time.
      const size = expressions.values.length > 0 ? batch.length : 1;
      for (let from = 0; from < batch.length; from += size) {
        const part = batch.length === size ? batch : batch.slice(from, from + size);
        const lists: (readonly Value[])[] = [];
        const before = meter.made;
        const asking = evaluateRows(
          part,
          run,
          expressions.values,
          (row, index) => {
            lists[index] = itemsOf(list(row, run.context));
          },
          (index) => weightOf(lists[index] ?? null),
        );
        if (asking !== undefined) await asking;
        const made = meter.made - before;
        try {
          for (const [index, items] of lists.entries()) {
            for (const item of items) {
              const row = [...(part[index] as Row)];
              row[slot] = item;
              rows.push(row);
              if (rows.length >= BATCH_ROWS) {
                if (meter.isTired) await meter.rest();
                yield rows;
                rows = [];
              }
            }
          }
        } finally {
          meter.forget(made);
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
