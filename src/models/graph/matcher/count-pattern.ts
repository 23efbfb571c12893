/**
 * Patterns whose matches can be counted without finding them: relationships of fixed length, and conditions that ask
 * for one node or one relationship each. What a MATCH asks of two of them together needs the matches themselves.
 */
import {
  type Condition,
  type MatchPlan,
  type NodeStep,
  type Operand,
  type RelationshipStep,
  requiredLabels,
} from '../../../cypher/index.ts';
import type { GraphSchema } from '../schema/index.ts';
import type { Hop } from './trail-terms.ts';

export interface CountPattern {
  /** What is asked of a node, by its slot. */
  readonly nodes: ReadonlyMap<number, NodeStep>;
  /** By the number that hops know them by. */
  readonly relationships: readonly RelationshipStep[];
  readonly hops: readonly Hop[];
  /** Parts of WHERE, by the slot that they ask. */
  readonly conditions: ReadonlyMap<number, readonly Condition[]>;
}

/** Longer ones are rare, and their SQL is as deep as they are long. */
const HOPS_MAX = 8;

/** @param plan one that `isExact` is true of */
export function countPattern(plan: MatchPlan): CountPattern | undefined {
  const nodes = new Map<number, NodeStep>();
  const relationships: RelationshipStep[] = [];
  const hops: Hop[] = [];
  for (const { nodes: steps, relationships: between } of plan.paths) {
    for (const step of steps) if (!nodes.has(step.slot)) nodes.set(step.slot, step);
    for (const [index, step] of between.entries()) {
      const [left, right] = [steps[index], steps[index + 1]];
      if (step.length !== undefined || left === undefined || right === undefined) return undefined;
      const ends = step.direction === 'left' ? [right, left] : [left, right];
      const [from, to] = ends.map(({ slot }) => slot) as [number, number];
      const at = relationships.push(step) - 1;
      hops.push({ from, to, either: step.direction === 'both', noLoop: false, steps: [at] });
    }
  }
  const conditions = conditionsBySlot(plan);
  if (hops.length > HOPS_MAX || conditions === undefined) return undefined;
  return { nodes, relationships, hops, conditions };
}

/** Undefined when one of them asks for none or for several. */
function conditionsBySlot(plan: MatchPlan): ReadonlyMap<number, readonly Condition[]> | undefined {
  const bySlot = new Map<number, Condition[]>();
  for (const { condition } of plan.conjuncts) {
    if (condition === undefined) return undefined;
    const [slot, ...others] = new Set(slotsOf(condition));
    if (slot === undefined || others.length > 0) return undefined;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), condition]);
  }
  return bySlot;
}

function slotsOf(condition: Condition | undefined): readonly number[] {
  switch (condition?.kind) {
    case undefined:
      return [];
    case 'and':
    case 'or':
      return condition.operands.flatMap(slotsOf);
    case 'test':
      return [condition.left, condition.right].flatMap(slotsOfOperand);
    case 'null-test':
    case 'labels':
      return [condition.slot];
  }
}

const slotsOfOperand = (operand: Operand): readonly number[] =>
  operand.kind === 'given' ? [] : [operand.slot];

/**
 * True if a test of equality asks for few nodes or relationships, from which the others are found sooner than by
 * looking at all relationships.
 */
export function isSeek({ nodes, relationships, conditions }: CountPattern, schema: GraphSchema): boolean {
  for (const [slot, { properties }] of nodes) {
    if (properties !== undefined || conditions.get(slot)?.some(isEquality)) return true;
  }
  return relationships.some(({ slot, types, properties }) => {
    const labels = types === undefined ? [] : requiredLabels(types);
    const isIndexed = (key: string): boolean =>
      schema.equalityIndex('relationship', labels, key) !== undefined;
    const asked = conditions.get(slot)?.filter(isEquality) ?? [];
    return (
      properties?.entries.some(({ key }) => isIndexed(key)) ||
      asked.some(({ left }) => left.kind !== 'type' && (left.kind !== 'property' || isIndexed(left.key)))
    );
  });
}

const isEquality = (condition: Condition): condition is Extract<Condition, { kind: 'test' }> =>
  condition.kind === 'test' && (condition.operator === '=' || condition.operator === 'IN');
