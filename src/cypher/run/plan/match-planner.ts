/** Patterns of MATCH, MERGE and pattern expressions -> the plan that matchers take. */
import type { NodePattern, PathPattern, RelationshipPattern, Variable } from '../../syntax/ast.ts';
import type { Names, Slots } from '../row.ts';
import { conjunctsOf } from './conditions.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { Computed, MatchPlan, PathStep } from './match-plan.ts';
import { type Usage, type Usages, WHOLE } from './usage.ts';

/** New names get slots in `slots`; names that it has already are bound. */
export function planMatch(
  patterns: readonly PathPattern[],
  where: Computed | undefined,
  slots: Slots,
  expressions: ExpressionCompiler,
  usages?: Usages,
): MatchPlan {
  const bound = slots.bound();
  // Names first: a property of one node may be compared to that of a node further on.
  for (const { variable, nodes, relationships } of patterns) {
    for (const part of [...nodes, ...relationships]) if (part.variable) addName(slots, bound, part.variable);
    if (variable) addName(slots, bound, variable);
  }
  const found = patterns.map((pattern) => planPath(pattern, bound, slots, expressions, usages));
  const isShortest = ({ shortest }: PathStep): boolean => shortest !== undefined;
  const paths = [...found.filter((path) => !isShortest(path)), ...found.filter(isShortest)];
  // A relationship of variable length has a condition for each of its relationships.
  const inline = patterns.flatMap(({ nodes, relationships, shortest }) => [
    ...nodes.map(({ where: tree }) => tree),
    ...relationships.map(({ where: tree, length }) =>
      (length ?? shortest) === undefined ? tree : undefined,
    ),
  ]);
  const conjuncts = inline.flatMap((tree) => conjunctsOf(tree, slots, bound, expressions));
  return { paths, where, conjuncts, width: slots.width };
}

function addName(slots: Slots, bound: Names, { name }: Variable): void {
  if (!bound.has(name)) slots.add(name);
}

function planPath(
  pattern: PathPattern,
  bound: Names,
  slots: Slots,
  expressions: ExpressionCompiler,
  usages: Usages | undefined,
): PathStep {
  const place = (variable: Variable | undefined): { slot: number; bound: boolean } => ({
    slot: (variable && slots.slotOf(variable.name)) ?? slots.unnamed(),
    bound: variable !== undefined && bound.has(variable.name),
  });
  // A path holds all of its entities.
  const usage = (part: NodePattern | RelationshipPattern): Usage => {
    if (usages === undefined || pattern.variable !== undefined || pattern.shortest !== undefined)
      return WHOLE;
    if (part.properties?.kind === 'parameter' || part.where !== undefined) return WHOLE;
    const tested = part.properties?.entries.map(({ key }) => key) ?? [];
    return 'length' in part && part.length !== undefined ? WHOLE : usages.of(part.variable?.name, tested);
  };
  return {
    pathSlot: pattern.variable && slots.slotOf(pattern.variable.name),
    shortest: pattern.shortest,
    nodes: pattern.nodes.map((node) => ({
      ...place(node.variable),
      usage: usage(node),
      labels: node.labels,
      properties: expressions.properties(node.properties, slots, bound),
      where: node.where && expressions.computed(node.where, slots, bound),
    })),
    relationships: pattern.relationships.map((relationship) => ({
      ...place(relationship.variable),
      usage: usage(relationship),
      direction: relationship.direction,
      types: relationship.types,
      properties: expressions.properties(relationship.properties, slots, bound),
      where: relationship.where && expressions.computed(relationship.where, slots, bound),
      length: relationship.length && {
        min: relationship.length.min ?? 1,
        max: relationship.length.max,
      },
    })),
  };
}
