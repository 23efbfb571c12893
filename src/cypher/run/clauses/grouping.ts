/**
 * Aggregation. Columns without an aggregate are the grouping keys; in the others each aggregate is computed over the
 * rows of a group, and what stands around it is computed from the results and the keys.
 */
import type { CountStar, Expression, FunctionCall, ProjectionItem } from '../../syntax/ast.ts';
import { groupingKey } from '../../values/equivalence.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { AGGREGATES, type Aggregate, distinct } from '../functions/index.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { sameTree, visitExpressions } from '../plan/rewrite.ts';
import { type Row, Slots } from '../row.ts';
import { type Batches, checkHeld, type Operator, type Run, rowsOf } from '../run.ts';

type AggregateCall = FunctionCall | CountStar;

const isCall = (expression: Expression): expression is AggregateCall =>
  expression.kind === 'count-star' ||
  (expression.kind === 'call' && AGGREGATES.has(expression.name.toLowerCase()));

/** True if an aggregate stands anywhere in it, but not in a subquery, which has rows of its own. */
export function isAggregate(expression: Expression): boolean {
  let found = false;
  visitExpressions(expression, (part) => {
    found ||= isCall(part);
    return !found && part.kind !== 'subquery';
  });
  return found;
}

interface CompiledAggregate {
  readonly slot: number;
  readonly create: () => Aggregate;
  readonly argument: Evaluate | undefined;
  readonly extra: readonly Evaluate[];
}

export interface CompiledGrouping {
  readonly operator: Operator;
  readonly slots: Slots;
  /** Tree nodes of `items` and `later` whose values are in slots now. */
  readonly replaced: ReadonlyMap<Expression, number>;
}

/** @param later expressions that are computed from the groups as well: sort keys, the condition of WITH */
export function compileGrouping(
  items: readonly ProjectionItem[],
  later: readonly (Expression | undefined)[],
  input: Slots,
  carried: readonly string[],
  environment: PlanEnvironment,
): CompiledGrouping {
  const before = new ExpressionCompiler(environment);
  const slots = new Slots();
  const keyItems = items.filter(({ expression }) => !isAggregate(expression));
  const keys = keyItems.map((item) => ({
    expression: item.expression,
    slot: slots.add(item.name),
    evaluate: before.compile(item.expression, input),
  }));
  const kept = carried.map((name) => ({
    slot: slots.add(name),
    evaluate: (
      (from) => (row: Row) =>
        row[from] ?? null
    )(input.slotOf(name) ?? 0),
  }));
  const replaced = new Map<Expression, number>();
  const aggregates: CompiledAggregate[] = [];
  const results = items.filter(({ expression }) => isAggregate(expression));
  for (const expression of [...results.map((item) => item.expression), ...later]) {
    visitExpressions(expression, (part) => {
      if (isCall(part)) {
        const slot = slots.unnamed();
        aggregates.push({ slot, ...compileAggregate(part, input, before) });
        replaced.set(part, slot);
        return false;
      }
      const key = keys.find((candidate) => sameTree(candidate.expression, part));
      if (key !== undefined) replaced.set(part, key.slot);
      return key === undefined && part.kind !== 'subquery';
    });
  }
  const after = new ExpressionCompiler(environment);
  const computed = results.map(({ expression }) => after.compile(expression, slots, replaced));
  const targets = results.map(({ name }) => slots.add(name));
  const operator: Operator = async function* group(batches, run) {
    const groups = new Groups(aggregates, keys.length === 0);
    for await (const batch of batches) {
      await evaluateRows(batch, run, before.values, (row) => groups.add(row, run, keys, kept));
    }
    const rows = groups.rows();
    await evaluateRows(rows, run, after.values, (row) => {
      const values = computed.map((evaluate) => evaluate(row, run.context));
      for (const [at, value] of values.entries()) row[targets[at] as number] = value;
    });
    yield* rowsOf(rows);
  };
  return { operator, slots, replaced };
}

function compileAggregate(
  call: AggregateCall,
  input: Slots,
  expressions: ExpressionCompiler,
): Omit<CompiledAggregate, 'slot'> {
  if (call.kind === 'count-star') {
    return { create: aggregateOf('count'), argument: undefined, extra: [] };
  }
  const [first, ...rest] = call.arguments.map((argument) => expressions.compile(argument, input));
  const create = aggregateOf(call.name);
  return { create: call.distinct ? () => distinct(create()) : create, argument: first, extra: rest };
}

function aggregateOf(name: string): () => Aggregate {
  const create = AGGREGATES.get(name.toLowerCase());
  if (create === undefined) throw new Error(`no aggregate ${name}`);
  return create;
}

interface Key {
  readonly slot: number;
  readonly evaluate: Evaluate;
}

interface Group {
  readonly row: Row;
  readonly aggregates: readonly Aggregate[];
}

class Groups {
  readonly #aggregates: readonly CompiledAggregate[];
  readonly #groups = new Map<string, Group>();

  /** Without keys there is one group, even over no rows. */
  constructor(aggregates: readonly CompiledAggregate[], single: boolean) {
    this.#aggregates = aggregates;
    if (single) this.#groups.set('', this.#newGroup());
  }

  add(row: Row, run: Run, keys: readonly Key[], kept: readonly Key[]): void {
    // All that may fail or must wait comes first, so that a row that is computed again is not counted twice.
    const keyValues = keys.map(({ evaluate }) => evaluate(row, run.context));
    const inputs = this.#aggregates.map(({ argument, extra }) => ({
      value: argument === undefined ? true : argument(row, run.context),
      extra: extra.map((evaluate) => evaluate(row, run.context)),
    }));
    const id = keyValues.map(groupingKey).join('\u0001');
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = this.#newGroup();
      this.#groups.set(id, group);
      checkHeld(this.#groups.size);
    }
    if (group.row.length === 0) {
      for (const [at, { slot }] of keys.entries()) group.row[slot] = keyValues[at] ?? null;
      for (const { slot, evaluate } of kept) group.row[slot] = evaluate(row, run.context);
    }
    for (const [at, { value, extra }] of inputs.entries()) group.aggregates[at]?.add(value, extra);
  }

  rows(): Row[] {
    return [...this.#groups.values()].map(({ row, aggregates }) => {
      for (const [at, aggregate] of aggregates.entries()) {
        row[this.#aggregates[at]?.slot ?? 0] = aggregate.result();
      }
      return row;
    });
  }

  #newGroup(): Group {
    return {
      row: [],
      aggregates: this.#aggregates.map(({ create }) => create()),
    };
  }
}

export type { Batches };
