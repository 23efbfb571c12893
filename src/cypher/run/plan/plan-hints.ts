/**
 * What a query may cost that its author perhaps has not meant, told by its text and its plans alone: patterns that
 * nothing holds together, and relationships of variable length without an upper bound. Nothing here reads a graph.
 */
import type { PathPattern } from '../../syntax/ast.ts';
import type { Condition, MatchPlan, Operand, PathStep, PropertyTests } from './match-plan.ts';
import type { Planned } from './plan-environment.ts';

export interface PlanHint {
  /** `cartesian-product`: of one MATCH. `unbounded-length`: `*` or `*2..`, in or out of shortestPath(). */
  readonly kind: 'cartesian-product' | 'unbounded-length';
  /** Where it stands in the text of the query, in UTF-16 units. */
  readonly offset: number;
  /** Of a product: the variables of all parts but the first. Empty when they have none. */
  readonly names: readonly string[];
  /** The patterns, as they are written. */
  readonly patterns: readonly string[];
}

/** In the order of the text. */
export function planHints(text: string, plans: ReadonlyMap<Planned, MatchPlan>): readonly PlanHint[] {
  const found: PlanHint[] = [];
  for (const [planned, plan] of plans) {
    if (planned.kind === 'match') {
      const product = cartesianProduct(text, planned.patterns, plan);
      if (product !== undefined) found.push({ ...product, offset: planned.span.start });
    }
    // What is bound beforehand is a list that has an end.
    if (!plan.paths.some(({ relationships }) => relationships.some(isUnbounded))) continue;
    for (const pattern of patternsOf(planned)) {
      if (!pattern.relationships.some(({ length }) => length !== undefined && length.max === undefined))
        continue;
      const { start, end } = pattern.span;
      found.push({ kind: 'unbounded-length', offset: start, names: [], patterns: [text.slice(start, end)] });
    }
  }
  return found.sort((left, right) => left.offset - right.offset);
}

const isUnbounded = ({ length, bound }: PathStep['relationships'][number]): boolean =>
  length !== undefined && length.max === undefined && !bound;

function patternsOf(planned: Planned): readonly PathPattern[] {
  return planned.kind === 'match' ? planned.patterns : [planned.pattern];
}

/** A pattern with the slots it is about. */
interface Part {
  readonly patterns: PathPattern[];
  readonly slots: Set<number>;
}

/**
 * Parts that share no variable, and that no equality holds together, which PostgreSQL would join by. A part of which all
 * is known before the clause is none: it multiplies nothing.
 */
function cartesianProduct(
  text: string,
  patterns: readonly PathPattern[],
  plan: MatchPlan,
): Omit<PlanHint, 'offset'> | undefined {
  if (patterns.length < 2) return undefined;
  // A plan has the shortest paths last, and the others in the order of the text.
  const inOrder = [...patterns].sort((left, right) => Number(isShortest(left)) - Number(isShortest(right)));
  const all: Part[] = [];
  for (const [at, path] of plan.paths.entries()) {
    const pattern = inOrder[at];
    const steps = [...path.nodes, ...path.relationships];
    // By values of each other: which they are is not worth looking for.
    if (pattern === undefined || steps.some(dependsOnMatch)) return undefined;
    if (steps.every(({ bound }) => bound)) continue;
    join(all, { patterns: [pattern], slots: new Set(steps.map(({ slot }) => slot)) });
  }
  for (const { condition } of plan.conjuncts) {
    const slots = equated(condition);
    if (slots !== undefined) join(all, { patterns: [], slots });
  }
  const parts = all.filter((part) => part.patterns.length > 0);
  if (parts.length < 2) return undefined;
  const names = parts.slice(1).flatMap((part) => part.patterns.flatMap(namesOf));
  return {
    kind: 'cartesian-product',
    names: [...new Set(names)],
    patterns: patterns
      .filter((pattern) => parts.some((part) => part.patterns.includes(pattern)))
      .map(({ span }) => text.slice(span.start, span.end)),
  };
}

const isShortest = ({ shortest }: PathPattern): boolean => shortest !== undefined;

const namesOf = ({ nodes, relationships }: PathPattern): readonly string[] =>
  [...nodes, ...relationships].flatMap(({ variable }) => variable?.name ?? []);

/** Merges what has slots in common, which stays at the place of the first. */
function join(parts: Part[], added: Part): void {
  const touched = parts.filter((part) => [...part.slots].some((slot) => added.slots.has(slot)));
  const [first, ...others] = touched;
  if (first === undefined) {
    parts.push(added);
    return;
  }
  for (const part of [...others, added]) {
    for (const slot of part.slots) first.slots.add(slot);
    first.patterns.push(...part.patterns);
  }
  for (const part of others) parts.splice(parts.indexOf(part), 1);
}

function dependsOnMatch(step: { readonly properties: PropertyTests | undefined }): boolean {
  const { entries = [], whole } = step.properties ?? {};
  return entries.some(({ value }) => !value.given) || whole?.given === false;
}

/** The slots that a condition holds together; undefined for one that does not. */
function equated(condition: Condition | undefined): Set<number> | undefined {
  if (condition?.kind === 'and') {
    const slots = condition.operands.flatMap((operand) => [...(equated(operand) ?? [])]);
    return slots.length === 0 ? undefined : new Set(slots);
  }
  if (condition?.kind !== 'test' || condition.operator !== '=') return undefined;
  const { left, right } = condition;
  const slots = new Set([...slotOf(left), ...slotOf(right)]);
  return slots.size < 2 ? undefined : slots;
}

const slotOf = (operand: Operand): readonly number[] => (operand.kind === 'given' ? [] : [operand.slot]);
