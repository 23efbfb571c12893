/**
 * Matches expressions with what a projection has: an item that aggregates may, outside of its aggregates, only use
 * grouping keys, and ORDER BY may use what is projected, be it by name or by writing the expression again.
 */
import { type CypherError, syntaxError } from '../cypher-error.ts';
import type { CountStar, Expression, FunctionCall } from '../syntax/ast.ts';
import type { ProjectedItem } from './analysis.ts';
import type { Scope } from './scope.ts';
import type { FunctionSignatures } from './signatures.ts';
import { aggregatesIn, childrenOf, isAggregate, namesIn, rootOfSimple, sameTree } from './tree.ts';

const ambiguous = (expression: Expression, what: string): CypherError =>
  syntaxError(
    'AmbiguousAggregationExpression',
    `${what} stands beside an aggregate and is no grouping key`,
    expression.span,
    'Beside an aggregate there can be constants, and variables and properties that are items of their own. ' +
      'Project it in a WITH before.',
  );

/** Where the expression is projected, not counting aggregates if they are not wanted; -1 if nowhere. */
const positionOf = (expression: Expression, items: readonly ProjectedItem[], aggregates: boolean): number =>
  items.findIndex(
    (item) => (aggregates || item.aggregates.length === 0) && sameTree(item.expression, expression),
  );

const mentions = (expression: Expression, locals: ReadonlySet<string>): boolean => {
  if (locals.size === 0) return false;
  for (const name of namesIn(expression)) if (locals.has(name)) return true;
  return false;
};

const NO_LOCALS: ReadonlySet<string> = new Set();

/**
 * Checks an item with aggregates, and notes in `itemOf` which parts of it are grouping keys.
 * @throws CypherError AmbiguousAggregationExpression
 */
export const matchGroupingKeys = (
  item: ProjectedItem,
  items: readonly ProjectedItem[],
  before: Scope,
  functions: FunctionSignatures,
  itemOf: Map<Expression, number>,
): void => {
  const isKeyName = (name: string): boolean =>
    items.some(
      ({ expression, aggregates }) =>
        aggregates.length === 0 && expression.kind === 'variable' && expression.name === name,
    );
  // What comes from around a subquery is the same for all of its rows.
  const varies = (name: string, locals: ReadonlySet<string>): boolean =>
    !locals.has(name) && before.ownTypeOf(name) !== undefined;
  const walk = (expression: Expression, locals: ReadonlySet<string>): void => {
    if (isAggregate(expression, functions)) return;
    const root = rootOfSimple(expression);
    if (root !== undefined) {
      if (!varies(root, locals)) return;
      const position = positionOf(expression, items, false);
      if (position !== -1) {
        itemOf.set(expression, position);
        return;
      }
      if (expression.kind === 'variable') throw ambiguous(expression, expression.name);
      if (!isKeyName(root)) throw ambiguous(expression, `A property of ${root}`);
    }
    if (
      expression.kind === 'pattern' ||
      expression.kind === 'subquery' ||
      expression.kind === 'pattern-comprehension'
    ) {
      for (const name of namesIn(expression)) {
        if (varies(name, locals) && !isKeyName(name)) throw ambiguous(expression, name);
      }
      return;
    }
    for (const child of childrenOf(expression)) {
      walk(child.expression, child.binds.length === 0 ? locals : new Set([...locals, ...child.binds]));
    }
  };
  walk(item.expression, NO_LOCALS);
};

export interface SortContext {
  readonly items: readonly ProjectedItem[];
  /** What ORDER BY sees by name. */
  readonly sorting: Scope;
  readonly functions: FunctionSignatures;
  readonly itemOf: Map<Expression, number>;
  /** Aggregates of ORDER BY that stand inside of items. */
  readonly computed: Set<FunctionCall | CountStar>;
}

/**
 * Notes which parts of an expression of ORDER BY or WHERE are projected. `aggregates` is false for WHERE, in which
 * aggregates stay what they are.
 * @throws CypherError AmbiguousAggregationExpression, if beside an aggregate a projected expression is used that is
 * neither a variable nor a property
 */
export const matchProjected = (
  expression: Expression,
  { items, sorting, functions, itemOf, computed }: SortContext,
  aggregates: boolean,
): void => {
  const isMixed = aggregates && aggregatesIn(expression, functions).length > 0;
  const walk = (at: Expression, locals: ReadonlySet<string>): void => {
    const isVisible = at.kind === 'variable' && sorting.ownTypeOf(at.name) !== undefined;
    if (isVisible || at.kind === 'literal' || at.kind === 'parameter') return;
    if (!mentions(at, locals)) {
      const position = positionOf(at, items, aggregates);
      if (position !== -1) {
        const simple = rootOfSimple(at) !== undefined || items[position]?.aggregates.length !== 0;
        if (isMixed && !simple && at !== expression) throw ambiguous(at, 'An expression');
        itemOf.set(at, position);
        return;
      }
    }
    if (isAggregate(at, functions)) {
      const same = items.some((item) => item.aggregates.some((other) => sameTree(other, at)));
      if (aggregates && same) computed.add(at);
      return;
    }
    for (const child of childrenOf(at)) {
      walk(child.expression, child.binds.length === 0 ? locals : new Set([...locals, ...child.binds]));
    }
  };
  walk(expression, NO_LOCALS);
};
