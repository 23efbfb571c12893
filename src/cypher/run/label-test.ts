/** Label expressions against the labels of a node, or the type of a relationship. */
import type { LabelExpression } from '../syntax/ast.ts';

export function labelsMatch(expression: LabelExpression, labels: readonly string[]): boolean {
  switch (expression.kind) {
    case 'label':
      return labels.includes(expression.name);
    case 'wildcard':
      return labels.length > 0;
    case 'not':
      return !labelsMatch(expression.operand, labels);
    case 'and':
      return expression.operands.every((operand) => labelsMatch(operand, labels));
    case 'or':
      return expression.operands.some((operand) => labelsMatch(operand, labels));
  }
}

/** Labels that every match has: enough to look it up by one of them. */
export function requiredLabels(expression: LabelExpression): readonly string[] {
  switch (expression.kind) {
    case 'label':
      return [expression.name];
    case 'and':
      return expression.operands.flatMap(requiredLabels);
    default:
      return [];
  }
}

/** The types that a relationship may have, when the expression is a plain alternative; undefined when it is not. */
export function alternatives(expression: LabelExpression): readonly string[] | undefined {
  if (expression.kind === 'label') return [expression.name];
  if (expression.kind !== 'or') return undefined;
  const names: string[] = [];
  for (const operand of expression.operands) {
    const found = alternatives(operand);
    if (found === undefined) return undefined;
    names.push(...found);
  }
  return names;
}
