/** Compiles the expressions of one operator, and gathers those among them that must ask the graph. */
import { syntaxError } from '../../cypher-error.ts';
import type { Expression } from '../../syntax/ast.ts';
import type { MapValue, Value } from '../../values/value.ts';
import { compile } from '../expressions/compile.ts';
import type { Evaluate, PatternLike } from '../expressions/evaluate.ts';
import { type PatternValue, patternValue } from '../pattern-values.ts';
import type { Names, Slots } from '../row.ts';
import type { Computed, PropertyTests } from './match-plan.ts';
import type { PlanEnvironment } from './plan-environment.ts';
import { visitExpressions } from './visit-expressions.ts';

export class ExpressionCompiler {
  readonly #environment: PlanEnvironment;
  /** Those that `evaluateRows` has to know of. */
  readonly values: PatternValue[] = [];

  constructor(environment: PlanEnvironment) {
    this.#environment = environment;
  }

  get environment(): PlanEnvironment {
    return this.#environment;
  }

  compile(expression: Expression, slots: Slots, replaced?: ReadonlyMap<Expression, number>): Evaluate {
    return compile(expression, slots, {
      replaced,
      pattern: (patternLike, scope) => this.#pattern(patternLike, scope),
    });
  }

  /** @param before names that are bound before the clause */
  computed(expression: Expression, slots: Slots, before: Names): Computed {
    let given = true;
    visitExpressions(expression, (part) => {
      given &&= part.kind !== 'variable' || before.has(part.name);
      return given;
    });
    return { expression, given, evaluate: this.compile(expression, slots) };
  }

  properties(map: Expression | undefined, slots: Slots, before: Names): PropertyTests | undefined {
    if (map === undefined) return undefined;
    if (map.kind !== 'map') return { entries: [], whole: this.computed(map, slots, before) };
    const entries = map.entries.map(({ key, value }) => ({
      key,
      value: this.computed(value, slots, before),
    }));
    return { entries, whole: undefined };
  }

  #pattern(expression: PatternLike, slots: Slots): Evaluate {
    const value: PatternValue = {
      resolve: this.#environment.compilers.patternLike(expression, slots, this.#environment),
      slots: usedSlots(expression, slots),
    };
    this.values.push(value);
    return (row, context) => patternValue(value, row, context);
  }
}

/** Slots of the variables of `slots` that occur in `tree`. */
function usedSlots(tree: Expression, slots: Slots): number[] {
  const used = new Set<number>();
  visitExpressions(tree, (expression) => {
    if (expression.kind === 'variable') {
      const slot = slots.slotOf(expression.name);
      if (slot !== undefined) used.add(slot);
    }
    return true;
  });
  return [...used];
}

/** What analysis has promised about a name. */
export function slotOf(slots: Slots, name: string): number {
  const slot = slots.slotOf(name);
  if (slot === undefined) throw syntaxError('UndefinedVariable', `Variable ${name} is not defined`);
  return slot;
}

export const isMap = (value: Value): value is MapValue => value instanceof Map;
