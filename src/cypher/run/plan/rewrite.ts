/** Looks into syntax trees and makes changed copies of them, whatever their nodes are. */
import type { Expression } from '../../syntax/ast.ts';

const EXPRESSION_KINDS: ReadonlySet<string> = new Set<Expression['kind']>([
  'literal',
  'parameter',
  'variable',
  'property',
  'label-test',
  'index',
  'slice',
  'unary',
  'binary',
  'comparison',
  'null-test',
  'list',
  'map',
  'case',
  'call',
  'count-star',
  'list-comprehension',
  'pattern-comprehension',
  'quantifier',
  'reduce',
  'pattern',
  'subquery',
  'map-projection',
]);

const isExpression = (node: object): node is Expression =>
  'kind' in node && 'span' in node && typeof node.kind === 'string' && EXPRESSION_KINDS.has(node.kind);

/** True if both are the same but for where they stand in the text. */
export function sameTree(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => sameTree(item, b[at]));
  }
  const left = Object.entries(a).filter(([key]) => key !== 'span');
  const right = new Map(Object.entries(b).filter(([key]) => key !== 'span'));
  return left.length === right.size && left.every(([key, value]) => sameTree(value, right.get(key)));
}

/** A copy in which each expression that `replace` has something else for is replaced, outermost first. */
export function replaceExpressions<Tree>(
  tree: Tree,
  replace: (expression: Expression) => Expression | undefined,
): Tree {
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((item) => replaceExpressions(item, replace)) as Tree;
  if (isExpression(tree)) {
    const other = replace(tree);
    if (other !== undefined) return other as Tree;
  }
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree)) {
    copy[key] = key === 'span' ? value : replaceExpressions(value, replace);
  }
  return copy as Tree;
}

/** Calls `look` for each expression in `tree`; what is below is left out when it returns false. */
export function visitExpressions(tree: unknown, look: (expression: Expression) => boolean): void {
  if (typeof tree !== 'object' || tree === null) return;
  if (Array.isArray(tree)) {
    for (const item of tree) visitExpressions(item, look);
    return;
  }
  if (isExpression(tree) && !look(tree)) return;
  for (const [key, value] of Object.entries(tree)) if (key !== 'span') visitExpressions(value, look);
}
