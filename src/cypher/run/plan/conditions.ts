/**
 * Conditions of a MATCH in a form that a matcher with a language of its own can look into: split where they are joined
 * by AND, names resolved to slots, sides that are known before the search compiled. What is of no such form is left
 * out; whoever finds rows evaluates the whole condition anyway.
 */
import type { ComparisonOperator, Expression } from '../../syntax/ast.ts';
import type { Names, Slots } from '../row.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { Condition, Conjunct, Operand, TestOperator } from './match-plan.ts';
import { visitExpressions } from './visit-expressions.ts';

/** @param before names that are bound before the clause */
export function conjunctsOf(
  where: Expression | undefined,
  slots: Slots,
  before: Names,
  expressions: ExpressionCompiler,
): readonly Conjunct[] {
  if (where === undefined) return [];
  const reader = new Reader(slots, before, expressions);
  return partsOf(where).map((expression) => ({ expression, condition: reader.condition(expression, false) }));
}

/** What a condition joins by AND. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'AND') return [expression];
  return [...partsOf(expression.left), ...partsOf(expression.right)];
}

const STRING_TESTS: ReadonlySet<string> = new Set(['IN', 'STARTS WITH', 'ENDS WITH', 'CONTAINS']);

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const OF_ENTITY = { id: 'id', elementid: 'element-id', type: 'type' } as const;

class Reader {
  readonly #slots: Slots;
  readonly #before: Names;
  readonly #expressions: ExpressionCompiler;

  constructor(slots: Slots, before: Names, expressions: ExpressionCompiler) {
    this.#slots = slots;
    this.#before = before;
    this.#expressions = expressions;
  }

  /** @param negated the condition is wanted to be false (not unknown) */
  condition(expression: Expression, negated: boolean): Condition | undefined {
    switch (expression.kind) {
      case 'unary':
        return expression.operator === 'NOT' ? this.condition(expression.operand, !negated) : undefined;
      case 'binary':
        if (expression.operator === 'AND' || expression.operator === 'OR') {
          const isAnd = (expression.operator === 'AND') !== negated;
          return this.#joined([expression.left, expression.right], isAnd, negated);
        }
        if (negated || !STRING_TESTS.has(expression.operator)) return undefined;
        return this.#test(expression.operator as TestOperator, expression.left, expression.right);
      case 'comparison':
        return this.#comparison(expression, negated);
      case 'null-test': {
        const operand = this.#operand(expression.operand);
        if (operand?.kind !== 'property') return undefined;
        const { slot, key } = operand;
        return { kind: 'null-test', slot, key, negated: expression.negated !== negated };
      }
      case 'label-test': {
        const slot = this.#entitySlot(expression.object);
        return slot === undefined ? undefined : { kind: 'labels', slot, labels: expression.labels, negated };
      }
      default:
        return undefined;
    }
  }

  #joined(sides: readonly Expression[], isAnd: boolean, negated: boolean): Condition | undefined {
    const operands = sides.map((side) => this.condition(side, negated));
    const known = operands.filter((operand) => operand !== undefined);
    if (isAnd) return known.length === 0 ? undefined : { kind: 'and', operands };
    return known.length < operands.length ? undefined : { kind: 'or', operands: known };
  }

  /** `a < b < c` is true if each link is. NOT can be moved inwards only for equality: `<` may be unknown. */
  #comparison(
    { first, links }: Extract<Expression, { kind: 'comparison' }>,
    negated: boolean,
  ): Condition | undefined {
    let left = first;
    const tests = links.map(({ operator, operand }) => {
      const test = this.#test(operator, left, operand);
      left = operand;
      return test;
    });
    const [only] = tests;
    if (negated) {
      if (tests.length > 1 || only?.kind !== 'test') return undefined;
      if (only.operator === '=') return { ...only, operator: '<>' };
      return only.operator === '<>' ? { ...only, operator: '=' } : undefined;
    }
    return tests.length === 1 ? only : { kind: 'and', operands: tests };
  }

  #test(operator: TestOperator, leftTree: Expression, rightTree: Expression): Condition | undefined {
    const left = this.#operand(leftTree);
    const right = this.#operand(rightTree);
    if (left === undefined || right === undefined) return undefined;
    if (left.kind !== 'given') return { kind: 'test', operator, left, right };
    if (right.kind === 'given' || STRING_TESTS.has(operator)) return undefined;
    return { kind: 'test', operator: MIRRORED[operator as ComparisonOperator], left: right, right: left };
  }

  #operand(expression: Expression): Operand | undefined {
    if (this.#isKnown(expression)) {
      return { kind: 'given', value: this.#expressions.computed(expression, this.#slots, this.#before) };
    }
    if (expression.kind === 'property') {
      const slot = this.#entitySlot(expression.object);
      return slot === undefined ? undefined : { kind: 'property', slot, key: expression.key };
    }
    if (expression.kind === 'call') {
      const [argument] = expression.arguments;
      const kind = OF_ENTITY[expression.name.toLowerCase() as keyof typeof OF_ENTITY];
      const slot = argument && this.#entitySlot(argument);
      return kind === undefined || slot === undefined ? undefined : { kind, slot };
    }
    const slot = this.#entitySlot(expression);
    return slot === undefined ? undefined : { kind: 'entity', slot };
  }

  #entitySlot(expression: Expression): number | undefined {
    return expression.kind === 'variable' ? this.#slots.slotOf(expression.name) : undefined;
  }

  /** It has one value for each row that the search starts from, and computing it asks nobody. */
  #isKnown(expression: Expression): boolean {
    let known = true;
    visitExpressions(expression, (part) => {
      known &&= isSteady(part) && (part.kind !== 'variable' || this.#before.has(part.name));
      return known;
    });
    return known;
  }
}

const UNSTEADY: ReadonlySet<string> = new Set(['rand', 'randomuuid']);

function isSteady(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return !UNSTEADY.has(expression.name.toLowerCase());
    case 'pattern':
    case 'pattern-comprehension':
    case 'subquery':
      return false;
    default:
      return true;
  }
}
