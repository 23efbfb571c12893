/** Checks WITH and RETURN: their items, what they aggregate, and ORDER BY, WHERE, SKIP and LIMIT behind them. */
import { syntaxError } from '../cypher-error.ts';
import type {
  CountStar,
  Expression,
  FunctionCall,
  ProjectionItem,
  ReturnClause,
  WithClause,
} from '../syntax/ast.ts';
import { compareStrings } from '../values/code-points.ts';
import {
  type Context,
  type Place,
  PROJECTED_ITEM,
  type ProjectedItem,
  type ProjectionInfo,
  ROW_BY_ROW,
} from './analysis.ts';
import { alreadyBound, wrongType } from './failures.ts';
import { matchGroupingKeys, matchProjected } from './grouping.ts';
import { Scope } from './scope.ts';
import { ANY, KIND, mayBe, type StaticType } from './static-type.ts';
import { aggregatesIn, freeNames } from './tree.ts';

/** The scope behind the clause: the projected names and nothing else, but for what is around. */
export const checkProjection = (
  context: Context,
  clause: WithClause | ReturnClause,
  before: Scope,
  mustName: boolean,
): Scope => {
  const { functions } = context.environment;
  const items = projectedItems(context, clause, before);
  const itemOf = new Map<Expression, number>();
  const aggregating = items.some(({ aggregates }) => aggregates.length > 0);
  if (aggregating) {
    for (const item of items) {
      if (item.aggregates.length > 0) matchGroupingKeys(item, items, before, functions, itemOf);
    }
  }
  let after = before.cleared();
  for (const { name, type } of items) after = after.with(name, type);
  const sorting = aggregating || clause.distinct ? after : sortingScope(clause, before, items, after);
  const sortAggregates = new Set<FunctionCall | CountStar>();
  const info: ProjectionInfo = {
    items,
    aggregating,
    itemOf,
    sortAggregates,
    sorting,
  };
  context.findings.projections.set(clause, info);
  checkSorting(context, clause, info, itemOf, sortAggregates);
  checkCount(context, 'SKIP', clause.skip);
  checkCount(context, 'LIMIT', clause.limit);
  if (mustName) {
    for (const item of clause.items) requireName(item, clause.kind);
  }
  if (clause.kind === 'with') requireNoShadow(clause, before);
  return after;
};

const projectedItems = (
  context: Context,
  clause: WithClause | ReturnClause,
  before: Scope,
): readonly ProjectedItem[] => {
  const { functions } = context.environment;
  const items: ProjectedItem[] = [];
  const names = new Set<string>();
  if (clause.star) {
    if (clause.kind === 'return' && before.isEmpty) {
      throw syntaxError(
        'NoVariablesInScope',
        'RETURN * has nothing to return: there are no variables',
        clause.span,
      );
    }
    // As strings are ordered in Cypher, so that `RETURN *` gives its columns in one order everywhere.
    for (const name of [...before.names].sort(compareStrings)) {
      names.add(name);
      items.push({
        name,
        expression: { kind: 'variable', name, span: clause.span },
        type: before.typeOf(name) ?? ANY,
        aggregates: [],
      });
    }
  }
  for (const item of clause.items) {
    const type = context.expression(item.expression, before, PROJECTED_ITEM);
    const aggregates = aggregatesIn(item.expression, functions);
    items.push({ name: item.name, expression: item.expression, type, aggregates });
  }
  for (const { name, span } of clause.items) {
    if (names.has(name)) {
      throw syntaxError('ColumnNameConflict', `There are two columns named ${name}`, span);
    }
    names.add(name);
  }
  return items;
};

/** The names before the clause and the new ones, which hide old ones. Made only if something looks at it. */
const sortingScope = (
  clause: WithClause | ReturnClause,
  before: Scope,
  items: readonly ProjectedItem[],
  after: Scope,
): Scope => {
  const isUsed = clause.orderBy.length > 0 || (clause.kind === 'with' && clause.where !== undefined);
  if (!isUsed) return after;
  let scope = after;
  const projected = new Set(items.map(({ name }) => name));
  for (const name of before.names) {
    const type = before.ownTypeOf(name);
    if (type !== undefined && !projected.has(name)) scope = scope.with(name, type);
  }
  return scope;
};

const checkSorting = (
  context: Context,
  clause: WithClause | ReturnClause,
  info: ProjectionInfo,
  itemOf: Map<Expression, number>,
  computed: Set<FunctionCall | CountStar>,
): void => {
  const { functions } = context.environment;
  const sort = { items: info.items, sorting: info.sorting, functions, itemOf, computed };
  for (const { expression } of clause.orderBy) {
    matchProjected(expression, sort, true);
    context.expression(expression, info.sorting, placeOf(info));
  }
  if (clause.kind === 'with' && clause.where !== undefined) {
    matchProjected(clause.where, sort, false);
    context.predicate(clause.where, info.sorting, placeOf(info));
  }
};

const placeOf = ({ itemOf, items, sortAggregates }: ProjectionInfo): Place => {
  const projected = new Map<Expression, StaticType>();
  for (const expression of sortAggregates) projected.set(expression, ANY);
  for (const [expression, at] of itemOf) projected.set(expression, items[at]?.type ?? ANY);
  return { ...ROW_BY_ROW, projected };
};

/** SKIP and LIMIT are the same for all rows, so they may not look at one. */
const checkCount = (context: Context, what: string, count: Expression | undefined): void => {
  if (count === undefined) return;
  const [name] = freeNames(count);
  if (name !== undefined) {
    throw syntaxError(
      'NonConstantExpression',
      `${what} cannot depend on a variable, and ${name} is one`,
      count.span,
    );
  }
  const type = context.expression(count, Scope.EMPTY, ROW_BY_ROW);
  if (!mayBe(type, KIND.integer)) throw wrongType(what, 'INTEGER', type, count.span);
  if (isNegative(count)) {
    throw syntaxError('NegativeIntegerArgument', `${what} cannot be negative`, count.span);
  }
};

const isNegative = (expression: Expression): boolean => {
  if (expression.kind === 'literal') return typeof expression.value === 'bigint' && expression.value < 0n;
  if (expression.kind !== 'unary' || expression.operator !== '-') return false;
  const { operand } = expression;
  return operand.kind === 'literal' && typeof operand.value === 'bigint' && operand.value > 0n;
};

const requireName = (item: ProjectionItem, clause: 'with' | 'return'): void => {
  if (item.alias !== undefined || item.expression.kind === 'variable') return;
  throw syntaxError(
    'NoExpressionAlias',
    clause === 'with'
      ? 'In WITH an expression needs a name'
      : 'In a subquery that CALL runs, a returned expression needs a name',
    item.span,
    'Write it as in: expression AS name.',
  );
};

/** Inside a subquery the variables around it keep their values, so no other value can take such a name. */
const requireNoShadow = (clause: WithClause, before: Scope): void => {
  if (before.around === undefined) return;
  for (const { expression, name, span } of clause.items) {
    if (before.around.typeOf(name) === undefined) continue;
    if (expression.kind === 'variable' && expression.name === name) continue;
    throw alreadyBound(name, span);
  }
};
