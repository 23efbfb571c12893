/** The shape of a compiled expression, and what compiling needs from outside. */
import type {
  Expression,
  PatternComprehension,
  PatternExpression,
  SubqueryExpression,
} from '../../syntax/ast.ts';
import type { Value } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';
import type { Row, Slots } from '../row.ts';

/** Expressions only write to slots of their own variables, so a row may be shared while they run. */
export type Evaluate = (row: Row, context: QueryContext) => Value;

/** Expressions that look into the graph. */
export type PatternLike = PatternExpression | PatternComprehension | SubqueryExpression;

export interface CompileEnvironment {
  /** Compiles what must look into the graph. `slots` is the scope at that place, local variables included. */
  pattern(expression: PatternLike, slots: Slots): Evaluate;
  /**
   * Tree nodes whose value stands in a slot already: aggregates, grouping keys, subqueries that were evaluated for the
   * whole batch. Looked up by identity before anything else.
   */
  readonly replaced?: ReadonlyMap<Expression, number> | undefined;
}

/** Closures that give one value always. Weak, so that plans can be dropped. */
const CONSTANTS = new WeakMap<Evaluate, { readonly value: Value }>();

export function constant(value: Value): Evaluate {
  const evaluate: Evaluate = () => value;
  CONSTANTS.set(evaluate, { value });
  return evaluate;
}

/** The value in a box, as null is a value too. */
export const constantOf = (evaluate: Evaluate): { readonly value: Value } | undefined =>
  CONSTANTS.get(evaluate);

export const isConstant = (evaluate: Evaluate): boolean => CONSTANTS.has(evaluate);
