/** Looks at expressions as trees: whether two are the same, which names they mention, what is in them. */
import type { CountStar, Expression, FunctionCall } from '../syntax/ast.ts';
import type { FunctionSignatures } from './signatures.ts';

/** True if both say the same; where they stand in the text does not matter, nor the case of functions' names. */
export const sameTree = (left: unknown, right: unknown): boolean => {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return Object.is(left, right);
  }
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, at) => sameTree(item, right[at]))
    );
  }
  const entries = Object.entries(left);
  const others = new Map<string, unknown>(Object.entries(right));
  if (entries.length !== others.size) return false;
  const isCall = others.get('kind') === 'call';
  for (const [key, value] of entries) {
    if (key === 'span') continue;
    const other = others.get(key);
    if (isCall && key === 'name' && typeof value === 'string' && typeof other === 'string') {
      if (value.toLowerCase() !== other.toLowerCase()) return false;
    } else if (!sameTree(value, other)) {
      return false;
    }
  }
  return true;
};

/** Calls `look` for every object of the tree, until it returns false, which leaves out what is below. */
export const visit = (tree: unknown, look: (node: Readonly<Record<string, unknown>>) => boolean): void => {
  if (typeof tree !== 'object' || tree === null) return;
  if (Array.isArray(tree)) {
    for (const item of tree) visit(item, look);
    return;
  }
  const node = tree as Readonly<Record<string, unknown>>;
  if (!look(node)) return;
  for (const key of Object.keys(node)) if (key !== 'span') visit(node[key], look);
};

/** Every name that stands for a variable somewhere in the tree, those it binds itself included. */
export const namesIn = (tree: unknown): ReadonlySet<string> => {
  const names = new Set<string>();
  visit(tree, (node) => {
    if (node.kind === 'variable' && typeof node.name === 'string') names.add(node.name);
    return true;
  });
  return names;
};

export const isAggregate = (
  expression: Expression,
  functions: FunctionSignatures,
): expression is FunctionCall | CountStar =>
  expression.kind === 'count-star' ||
  (expression.kind === 'call' && functions.get(expression.name.toLowerCase())?.aggregate === true);

/** The outermost aggregates of an expression, in the order of the text. Those of subqueries are their own. */
export const aggregatesIn = (
  expression: Expression,
  functions: FunctionSignatures,
): readonly (FunctionCall | CountStar)[] => {
  const found: (FunctionCall | CountStar)[] = [];
  visit(expression, (node) => {
    if (node.kind === 'subquery') return false;
    const candidate = node as unknown as Expression;
    if (!isAggregate(candidate, functions)) return true;
    found.push(candidate);
    return false;
  });
  return found;
};

/** A variable, or a property of one, or of such a property: what openCypher takes for a simple grouping key. */
export const rootOfSimple = (expression: Expression): string | undefined => {
  let at = expression;
  while (at.kind === 'property') at = at.object;
  return at.kind === 'variable' ? at.name : undefined;
};

export interface Child {
  readonly expression: Expression;
  /** Names that the parent binds for this child. */
  readonly binds: readonly string[];
}

const NONE: readonly string[] = [];
const plain = (expressions: readonly (Expression | undefined)[]): Child[] => {
  const children: Child[] = [];
  for (const expression of expressions) {
    if (expression !== undefined) children.push({ expression, binds: NONE });
  }
  return children;
};
const bound = (binds: readonly string[], expressions: readonly (Expression | undefined)[]): Child[] =>
  plain(expressions).map(({ expression }) => ({ expression, binds }));

/** Expressions directly below. Patterns and subqueries, which mention variables by name, have none here. */
export const childrenOf = (expression: Expression): readonly Child[] => {
  switch (expression.kind) {
    case 'property':
    case 'label-test':
      return plain([expression.object]);
    case 'index':
      return plain([expression.object, expression.index]);
    case 'slice':
      return plain([expression.object, expression.from, expression.to]);
    case 'unary':
    case 'null-test':
      return plain([expression.operand]);
    case 'binary':
      return plain([expression.left, expression.right]);
    case 'comparison':
      return plain([expression.first, ...expression.links.map((link) => link.operand)]);
    case 'list':
      return plain(expression.items);
    case 'map':
      return plain(expression.entries.map((entry) => entry.value));
    case 'case':
      return plain([
        expression.subject,
        ...expression.branches.flatMap((branch) => [branch.when, branch.then]),
        expression.otherwise,
      ]);
    case 'call':
      return plain(expression.arguments);
    case 'list-comprehension':
      return [
        ...plain([expression.list]),
        ...bound([expression.variable], [expression.where, expression.projection]),
      ];
    case 'quantifier':
      return [...plain([expression.list]), ...bound([expression.variable], [expression.where])];
    case 'reduce':
      return [
        ...plain([expression.initial, expression.list]),
        ...bound([expression.accumulator, expression.variable], [expression.expression]),
      ];
    case 'map-projection':
      return plain([
        expression.subject,
        ...expression.items.map((item) => {
          if (item.kind === 'entry') return item.value;
          return item.kind === 'variable' ? item.variable : undefined;
        }),
      ]);
    default:
      return [];
  }
};

/** The names that an expression takes from around it. Of a subquery, those that it binds itself count too. */
export const freeNames = (expression: Expression): ReadonlySet<string> => {
  const free = new Set<string>();
  const walk = (at: Expression, locals: readonly string[]): void => {
    if (at.kind === 'variable') {
      if (!locals.includes(at.name)) free.add(at.name);
      return;
    }
    if (at.kind === 'pattern' || at.kind === 'subquery' || at.kind === 'pattern-comprehension') {
      for (const name of namesIn(at)) if (!locals.includes(name)) free.add(name);
      return;
    }
    for (const child of childrenOf(at)) {
      walk(child.expression, child.binds.length === 0 ? locals : [...locals, ...child.binds]);
    }
  };
  walk(expression, NONE);
  return free;
};
