/**
 * Aggregation. Columns without an aggregate are the grouping keys; in the others each aggregate is computed over the
 * rows of a group, and what stands around it is computed from the results and the keys.
 */
import { placed } from '../../cypher-error.ts';
import type { ProjectionInfo } from '../../semantics/analysis.ts';
import type { CountStar, Expression, FunctionCall, Span } from '../../syntax/ast.ts';
import { groupingKey } from '../../values/equivalence.ts';
import { hold, type Meter } from '../../values/meter.ts';
import { keyBytes } from '../../values/weight.ts';
import type { Evaluate } from '../expressions/evaluate.ts';
import { AGGREGATES, type Aggregate, distinct } from '../functions/index.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import { type Row, Slots } from '../row.ts';
import { checkHeld, Holding, type Operator, type Run } from '../run.ts';
import { inSlices } from '../slices.ts';

/** Of a group; of each value and each aggregate in it. */
const GROUP_BYTES = 64;

type AggregateCall = FunctionCall | CountStar;

interface CompiledAggregate {
  readonly slot: number;
  readonly span: Span;
  readonly create: () => Aggregate;
  readonly argument: Evaluate | undefined;
  readonly extra: readonly Evaluate[];
}

export interface CompiledGrouping {
  readonly operator: Operator;
  readonly slots: Slots;
  /** The aggregates of items and of ORDER BY, with the slots of their results. */
  readonly aggregates: ReadonlyMap<Expression, number>;
}

export function compileGrouping(
  { items, itemOf, sortAggregates }: ProjectionInfo,
  input: Slots,
  carried: readonly string[],
  environment: PlanEnvironment,
): CompiledGrouping {
  const before = new ExpressionCompiler(environment);
  const slots = new Slots();
  const keys = items
    .filter((item) => item.aggregates.length === 0)
    .map(({ name, expression }) => ({ slot: slots.add(name), evaluate: before.compile(expression, input) }));
  const kept = carried.map((name) => ({
    slot: slots.add(name),
    evaluate: (
      (from) => (row: Row) =>
        row[from] ?? null
    )(input.slotOf(name) ?? 0),
  }));
  const results = items.filter((item) => item.aggregates.length > 0);
  const calls = [...results.flatMap((item) => item.aggregates), ...sortAggregates];
  const aggregates = calls.map((call): CompiledAggregate => {
    const slot = slots.unnamed();
    return { slot, ...compileAggregate(call, input, before) };
  });
  const aggregateSlots = new Map<Expression, number>(
    calls.map((call, at) => [call, aggregates[at]?.slot ?? 0]),
  );
  const known = new Map(aggregateSlots);
  for (const [part, at] of itemOf) {
    const slot = slots.slotOf(items[at]?.name ?? '');
    if (slot !== undefined) known.set(part, slot);
  }
  const after = new ExpressionCompiler(environment);
  const computed = results.map(({ expression }) => after.compile(expression, slots, known));
  const targets = results.map(({ name }) => slots.add(name));
  const operator: Operator = async function* group(batches, run) {
    const groups = new Groups(aggregates, keys.length === 0);
    const { meter } = run.context;
    const holding = new Holding(run);
    for await (const batch of batches) {
      await evaluateRows(batch, run, before.values, (row) => {
        const heldBefore = meter.held;
        groups.add(row, run, keys, kept);
        holding.claim(meter.held - heldBefore);
      });
    }
    const rows = await groups.rows(meter);
    await evaluateRows(rows, run, after.values, (row) => {
      const values = computed.map((evaluate) => evaluate(row, run.context));
      for (const [at, value] of values.entries()) row[targets[at] as number] = value;
    });
    yield* holding.handedOn(rows);
  };
  return { operator, slots, aggregates: aggregateSlots };
}

function compileAggregate(
  call: AggregateCall,
  input: Slots,
  expressions: ExpressionCompiler,
): Omit<CompiledAggregate, 'slot'> {
  if (call.kind === 'count-star') {
    return { span: call.span, create: aggregateOf('count'), argument: undefined, extra: [] };
  }
  const [first, ...rest] = call.arguments.map((argument) => expressions.compile(argument, input));
  const create = aggregateOf(call.name);
  return {
    span: call.span,
    create: call.distinct ? () => distinct(create()) : create,
    argument: first,
    extra: rest,
  };
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
      hold(GROUP_BYTES * (1 + keys.length + inputs.length) + keyBytes(id));
      this.#groups.set(id, group);
      checkHeld(this.#groups.size);
    }
    if (group.row.length === 0) {
      for (const [at, { slot }] of keys.entries()) group.row[slot] = keyValues[at] ?? null;
      for (const { slot, evaluate } of kept) group.row[slot] = evaluate(row, run.context);
    }
    for (const [at, { value, extra }] of inputs.entries()) {
      try {
        group.aggregates[at]?.add(value, extra);
      } catch (thrown) {
        throw this.#placed(thrown, at);
      }
    }
  }

  async rows(meter: Meter): Promise<Row[]> {
    const groups = [...this.#groups.values()];
    await inSlices(groups.length, meter, (index) => this.#finish(groups[index] as Group));
    return groups.map(({ row }) => row);
  }

  #finish({ row, aggregates }: Group): void {
    for (const [at, aggregate] of aggregates.entries()) {
      try {
        row[this.#aggregates[at]?.slot ?? 0] = aggregate.result();
      } catch (thrown) {
        throw this.#placed(thrown, at);
      }
    }
  }

  #placed(thrown: unknown, at: number): unknown {
    const span = this.#aggregates[at]?.span;
    return span === undefined ? thrown : placed(thrown, span);
  }

  #newGroup(): Group {
    return {
      row: [],
      aggregates: this.#aggregates.map(({ create }) => create()),
    };
  }
}
