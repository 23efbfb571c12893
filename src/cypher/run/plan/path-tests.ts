/**
 * What WHERE asks of shortest paths. A path that fails is not an answer that is taken away: the shortest of those that
 * pass is wanted. So each part of the condition goes to the search that it concerns, as a test of the ends, of every
 * relationship or node on the way, or of a whole path.
 */
import type { Expression, PathPattern } from '../../syntax/ast.ts';
import type { Names, Slots } from '../row.ts';
import { partsOf } from './conditions.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { Computed, EachTest, MatchPlan, PathStep, PathTests } from './match-plan.ts';
import { visitExpressions } from './visit-expressions.ts';

/**
 * The plan with the tests of its shortest paths.
 * @param before names that are bound before the clause
 */
export function withPathTests(
  plan: MatchPlan,
  where: Expression | undefined,
  slots: Slots,
  before: Names,
  expressions: ExpressionCompiler,
): MatchPlan {
  if (where === undefined) return plan;
  const searches = plan.paths.filter(({ shortest }) => shortest !== undefined);
  const sorter = new Sorter(searches, slots, before, expressions);
  for (const part of partsOf(where)) sorter.add(part);
  const paths = plan.paths.map((path) => ({ ...path, tests: sorter.tests.get(path) }));
  return { ...plan, paths, width: slots.width };
}

export const hasShortest = (patterns: readonly PathPattern[]): boolean =>
  patterns.some(({ shortest }) => shortest !== undefined);

interface Growing extends PathTests {
  readonly ends: Computed[];
  readonly each: EachTest[];
  readonly whole: Computed[];
}

class Sorter {
  readonly tests = new Map<PathStep, Growing>();
  readonly #searches: readonly PathStep[];
  readonly #slots: Slots;
  readonly #before: Names;
  readonly #expressions: ExpressionCompiler;

  constructor(searches: readonly PathStep[], slots: Slots, before: Names, expressions: ExpressionCompiler) {
    this.#searches = searches;
    this.#slots = slots;
    this.#before = before;
    this.#expressions = expressions;
    for (const path of searches) this.tests.set(path, { ends: [], each: [], whole: [] });
  }

  /** To the last of the paths that it speaks of: what it needs of the others is known by then. */
  add(part: Expression): void {
    const used = this.#usedIn(part);
    const own = (path: PathStep): boolean =>
      [...waySlots(path), ...endSlots(path)].some((at) => used.has(at));
    const path = this.#searches.filter(own).at(-1) ?? this.#searches[0];
    const tests = path && this.tests.get(path);
    if (path === undefined || tests === undefined) return;
    const each = this.#each(path, part);
    if (each !== undefined) {
      tests.each.push(each);
      return;
    }
    const isOfWay = waySlots(path).some((slot) => used.has(slot));
    (isOfWay ? tests.whole : tests.ends).push(this.#expressions.computed(part, this.#slots, this.#before));
  }

  /** `all(x IN relationships(p) WHERE …)` and its like, whose condition looks at nothing else of the path. */
  #each(path: PathStep, part: Expression): EachTest | undefined {
    const isNegated = part.kind === 'unary' && part.operator === 'NOT';
    const tree = isNegated ? part.operand : part;
    if (tree.kind !== 'quantifier') return undefined;
    const isNone = isNegated ? tree.quantifier === 'any' : tree.quantifier === 'none';
    if (!isNone && (isNegated || tree.quantifier !== 'all')) return undefined;
    const of = this.#elements(path, tree.list);
    if (of === undefined) return undefined;
    const used = this.#usedIn(tree.where, tree.variable);
    if (waySlots(path).some((slot) => used.has(slot))) return undefined;
    const { where, span } = tree;
    const wanted: Expression = isNone ? { kind: 'unary', operator: 'NOT', operand: where, span } : where;
    const scope = this.#slots.child();
    const slot = scope.add(tree.variable);
    const test = this.#expressions.computed(wanted, scope, this.#before);
    return { of, slot, test };
  }

  #elements(path: PathStep, list: Expression): EachTest['of'] | undefined {
    if (list.kind === 'variable') {
      const [step] = path.relationships;
      const isList = step?.length !== undefined && this.#slots.slotOf(list.name) === step.slot;
      return isList ? 'relationships' : undefined;
    }
    if (list.kind !== 'call') return undefined;
    const [argument] = list.arguments;
    if (argument?.kind !== 'variable' || path.pathSlot === undefined) return undefined;
    if (this.#slots.slotOf(argument.name) !== path.pathSlot) return undefined;
    const name = list.name.toLowerCase();
    return name === 'nodes' || name === 'relationships' ? name : undefined;
  }

  /** Slots of the variables in it, perhaps too many where an inner variable hides an outer one. */
  #usedIn(tree: Expression, local?: string): ReadonlySet<number> {
    const used = new Set<number>();
    visitExpressions(tree, (part) => {
      const slot =
        part.kind === 'variable' && part.name !== local ? this.#slots.slotOf(part.name) : undefined;
      if (slot !== undefined) used.add(slot);
      return true;
    });
    return used;
  }
}

/** What is known only when a path was found. */
const waySlots = ({ pathSlot, relationships }: PathStep): readonly number[] => [
  ...(pathSlot === undefined ? [] : [pathSlot]),
  ...relationships.map(({ slot }) => slot),
];

const endSlots = ({ nodes }: PathStep): readonly number[] => nodes.map(({ slot }) => slot);
