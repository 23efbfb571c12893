/** A plan as a Graphviz digraph: one box per node, edges from parent to child. Pure. */
import type { PlanNode } from './statement-schemas.ts';

export function planDot(root: PlanNode): string {
  const lines = ['digraph plan {', '  node [shape=box];'];
  let nodes = 0;
  const add = (node: PlanNode): string => {
    const name = `n${nodes++}`;
    lines.push(`  ${name} [label="${labelOf(node)}"];`);
    for (const child of node.children ?? []) lines.push(`  ${name} -> ${add(child)};`);
    return name;
  };
  add(root);
  return `${[...lines, '}'].join('\n')}\n`;
}

function labelOf(node: PlanNode): string {
  const rows = node.actualRows === undefined ? node.estimatedRows : node.actualRows;
  return [
    node.nodeType,
    node.table ?? node.function,
    node.condition,
    rows === undefined ? undefined : `rows=${rows}`,
  ]
    .filter((line) => line !== undefined)
    .map((line) => line.replace(/[\\"]/g, '\\$&').replaceAll('\n', ' '))
    .join('\\n');
}
