/** Looks for the expressions in syntax trees, whatever their nodes are. */
import { visit } from '../../semantics/tree.ts';
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

/** Calls `look` for each expression in `tree`; what is below is left out when it returns false. */
export function visitExpressions(tree: unknown, look: (expression: Expression) => boolean): void {
  visit(tree, (node) => !isExpression(node) || look(node));
}
