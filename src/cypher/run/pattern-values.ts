/**
 * Expressions that must look into the graph (pattern predicates, pattern comprehensions, EXISTS, COUNT, COLLECT) while
 * all others are computed at once, without waiting. When such an expression has no value yet for the variables it
 * uses, it leaves a note and gives the row up; when the batch is through, all notes are answered together, and the
 * rows that were given up are computed again. So a batch costs one question for each such expression and level of
 * nesting, however many rows it has.
 */
import { groupingKey } from '../values/equivalence.ts';
import type { Value } from '../values/value.ts';
import type { QueryContext } from './context.ts';
import type { Row } from './row.ts';
import type { Run } from './run.ts';
import { inSlices, type Kept, NOTHING_KEPT } from './slices.ts';

/** Thrown through the evaluation of one row. Not an error: it never leaves `evaluateRows`. */
const SUSPENDED = Symbol('suspended');

/** Answers for several rows at once, in their order. */
export type Resolve = (rows: readonly Row[], run: Run) => Promise<readonly Value[]>;

/** One expression of that kind in a compiled query. */
export interface PatternValue {
  readonly resolve: Resolve;
  /** Slots of the outer variables that it uses: rows that agree in these share an answer. */
  readonly slots: readonly number[];
}

interface State {
  readonly answers: Map<string, Value>;
  readonly wanted: Map<string, Row>;
}

function stateOf(value: PatternValue, context: QueryContext): State {
  const known = context.subqueries.get(value) as State | undefined;
  if (known !== undefined) return known;
  const state: State = { answers: new Map(), wanted: new Map() };
  context.subqueries.set(value, state);
  return state;
}

/** The value for `row`, or the row is given up until it is known. */
export function patternValue(value: PatternValue, row: Row, context: QueryContext): Value {
  const state = stateOf(value, context);
  const key = value.slots.map((slot) => groupingKey(row[slot] ?? null)).join('\u0001');
  const answer = state.answers.get(key);
  if (answer !== undefined) return answer;
  if (!state.wanted.has(key)) state.wanted.set(key, [...row]);
  throw SUSPENDED;
}

/**
 * Runs `work` for each row until it went through, asking the graph in between. `work` may be repeated for a row.
 * Undefined when there was nothing to wait for.
 * @param kept what stays of all that was made for a row, in bytes; without it nothing does
 */
export function evaluateRows(
  rows: readonly Row[],
  run: Run,
  values: readonly PatternValue[],
  work: (row: Row, index: number) => void,
  kept: Kept = NOTHING_KEPT,
): Promise<void> | undefined {
  run.context.checkpoint?.();
  if (values.length > 0) return evaluateAsking(rows, run, values, work, kept);
  return inSlices(rows.length, run.context.meter, (index) => work(rows[index] as Row, index), kept);
}

async function evaluateAsking(
  rows: readonly Row[],
  run: Run,
  values: readonly PatternValue[],
  work: (row: Row, index: number) => void,
  kept: Kept,
): Promise<void> {
  // The graph may have changed since the last batch.
  for (const value of values) run.context.subqueries.delete(value);
  let left = rows.map((_, index) => index);
  while (left.length > 0) {
    const again: number[] = [];
    const given = left;
    const attempt = (at: number): void => {
      const index = given[at] as number;
      try {
        work(rows[index] as Row, index);
      } catch (thrown) {
        if (thrown !== SUSPENDED) throw thrown;
        again.push(index);
      }
    };
    await inSlices(given.length, run.context.meter, attempt, (at) => kept(given[at] as number));
    if (again.length > 0) await answerAll(values, run);
    left = again;
  }
}

/** As evaluateRows, for work that goes over all rows in one go, such as a matcher. */
export async function evaluateWhole<Result>(
  run: Run,
  values: readonly PatternValue[],
  work: () => Promise<Result>,
): Promise<Result> {
  for (const value of values) run.context.subqueries.delete(value);
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (thrown !== SUSPENDED) throw thrown;
      await answerAll(values, run);
    }
  }
}

async function answerAll(values: readonly PatternValue[], run: Run): Promise<void> {
  for (const value of values) {
    const { wanted, answers } = stateOf(value, run.context);
    if (wanted.size === 0) continue;
    const keys = [...wanted.keys()];
    const rows = [...wanted.values()];
    wanted.clear();
    const found = await value.resolve(rows, run);
    for (const [at, key] of keys.entries()) answers.set(key, found[at] ?? null);
  }
}
