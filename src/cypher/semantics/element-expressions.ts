/** Checks expressions that are evaluated for each element of a list or each match of a pattern. */
import type {
  Expression,
  ListComprehension,
  PatternComprehension,
  Quantifier,
  Reduce,
} from '../syntax/ast.ts';
import type { Context, Place } from './analysis.ts';
import { wrongType } from './failures.ts';
import { bindPatterns } from './patterns.ts';
import type { Scope } from './scope.ts';
import { ANY, BOOLEAN, elementOf, KIND, listOf, mayBe, type StaticType } from './static-type.ts';

/** For what is evaluated per element: an aggregate has no rows to run over there. */
const perElement = (place: Place): Place => ({ ...place, aggregates: false });

const checkList = (context: Context, list: Expression, scope: Scope, place: Place): StaticType => {
  const type = context.expression(list, scope, place);
  if (!mayBe(type, KIND.list)) throw wrongType('What is gone through', 'LIST', type, list.span);
  return elementOf(type);
};

export const checkListComprehension = (
  context: Context,
  expression: ListComprehension,
  scope: Scope,
  place: Place,
): StaticType => {
  const element = checkList(context, expression.list, scope, place);
  const inner = scope.nest().with(expression.variable, element);
  const innerPlace = perElement(place);
  if (expression.where !== undefined) context.predicate(expression.where, inner, innerPlace);
  return listOf(
    expression.projection === undefined
      ? element
      : context.expression(expression.projection, inner, innerPlace),
  );
};

export const checkQuantifier = (
  context: Context,
  expression: Quantifier,
  scope: Scope,
  place: Place,
): StaticType => {
  const element = checkList(context, expression.list, scope, place);
  const inner = scope.nest().with(expression.variable, element);
  context.predicate(expression.where, inner, perElement(place));
  return BOOLEAN;
};

export const checkReduce = (context: Context, expression: Reduce, scope: Scope, place: Place): StaticType => {
  context.expression(expression.initial, scope, place);
  const element = checkList(context, expression.list, scope, place);
  // What the accumulator becomes depends on what it was, so nothing is assumed of it.
  const inner = scope.nest().with(expression.accumulator, ANY).with(expression.variable, element);
  context.expression(expression.expression, inner, perElement(place));
  return ANY;
};

export const checkPatternComprehension = (
  context: Context,
  expression: PatternComprehension,
  scope: Scope,
  place: Place,
): StaticType => {
  const inner = bindPatterns(context, [expression.pattern], scope.nest());
  const innerPlace = perElement(place);
  if (expression.where !== undefined) context.predicate(expression.where, inner, innerPlace);
  return listOf(context.expression(expression.projection, inner, innerPlace));
};
