/**
 * From the tree of an expression to a closure, once per query. Names become slots of the row, operators and functions
 * are found by name here and never again, and what is constant is computed here, unless it fails: an error belongs to
 * the row that meets it, and there may be none.
 */
import { unreachable } from '../../../base/index.ts';
import { CypherError, syntaxError } from '../../cypher-error.ts';
import type {
  Binary,
  Case,
  Expression,
  ListComprehension,
  MapProjection,
  MapProjectionItem,
  Parameter,
  Quantifier,
  Reduce,
  Span,
  Variable,
} from '../../syntax/ast.ts';
import { equals } from '../../values/equality.ts';
import type { QueryContext } from '../context.ts';
import type { Slots } from '../row.ts';
import { elementOf, labelTest, propertyOf, sliceOf, variableProperty } from './access.ts';
import { call } from './calls.ts';
import {
  comprehension,
  type Loop,
  listLiteral,
  mapLiteral,
  mapProjection,
  type ProjectionStep,
  quantifier,
  reduction,
} from './collections.ts';
import { comparison } from './comparisons.ts';
import { type CompileEnvironment, constant, type Evaluate, isConstant } from './evaluate.ts';
import { conjunction, disjunction, exclusion, negation } from './logic.ts';
import { matching } from './matching.ts';
import { membership } from './membership.ts';
import { operation, sign } from './operators.ts';
import { passes } from './predicate.ts';

export type { CompileEnvironment, Evaluate, PatternLike } from './evaluate.ts';

/**
 * @throws SyntaxError for names that the analysis of the query would have refused: variables that are not in `slots`,
 *   functions that do not exist, aggregates that `environment.replaced` has no slot for
 */
export function compile(expression: Expression, slots: Slots, environment: CompileEnvironment): Evaluate {
  return new Compiler(slots, environment).compile(expression);
}

class Compiler {
  readonly #slots: Slots;
  readonly #environment: CompileEnvironment;

  constructor(slots: Slots, environment: CompileEnvironment) {
    this.#slots = slots;
    this.#environment = environment;
  }

  compile(expression: Expression): Evaluate {
    const slot = this.#environment.replaced?.get(expression);
    return slot === undefined ? this.#compile(expression) : read(slot);
  }

  #optional(expression: Expression | undefined): Evaluate | undefined {
    return expression === undefined ? undefined : this.compile(expression);
  }

  #compile(expression: Expression): Evaluate {
    switch (expression.kind) {
      case 'literal':
        return constant(expression.value);
      case 'parameter':
        return parameter(expression);
      case 'variable':
        return read(this.#slotOf(expression));
      case 'property':
        return this.#property(expression.object, expression.key, expression.span);
      case 'label-test':
        return labelTest(this.compile(expression.object), expression.labels, expression.span);
      case 'index': {
        const object = this.compile(expression.object);
        const index = this.compile(expression.index);
        return folded(elementOf(object, index, expression.span), object, index);
      }
      case 'slice': {
        const { object, from, to, span } = expression;
        return sliceOf(this.compile(object), this.#optional(from), this.#optional(to), span);
      }
      case 'unary': {
        const { operator, span } = expression;
        const operand = this.compile(expression.operand);
        return folded(operator === 'NOT' ? negation(operand, span) : sign(operator, operand, span), operand);
      }
      case 'binary':
        return this.#binary(expression);
      case 'comparison': {
        const first = this.compile(expression.first);
        const links = expression.links.map(({ operator, operand }) => ({
          operator,
          operand: this.compile(operand),
        }));
        return foldedOf(comparison(first, links), [first, ...links.map(({ operand }) => operand)]);
      }
      case 'null-test': {
        const operand = this.compile(expression.operand);
        const { negated } = expression;
        return folded((row, context) => (operand(row, context) === null) !== negated, operand);
      }
      case 'list': {
        const items = expression.items.map((item) => this.compile(item));
        return foldedOf(listLiteral(items), items);
      }
      case 'map': {
        const entries = expression.entries.map(({ key, value }) => ({ key, value: this.compile(value) }));
        return foldedOf(
          mapLiteral(entries),
          entries.map(({ value }) => value),
        );
      }
      case 'case':
        return this.#case(expression);
      case 'call':
        return call(
          expression,
          expression.arguments.map((argument) => this.compile(argument)),
        );
      case 'count-star':
        throw syntaxError('InvalidAggregation', 'count(*) cannot stand here', expression.span);
      case 'list-comprehension':
        return this.#comprehension(expression);
      case 'quantifier':
        return this.#quantifier(expression);
      case 'reduce':
        return this.#reduce(expression);
      case 'map-projection':
        return this.#projection(expression);
      case 'pattern':
      case 'pattern-comprehension':
      case 'subquery':
        return this.#environment.pattern(expression, this.#slots);
      default:
        return unreachable(expression);
    }
  }

  #slotOf({ name, span }: Variable): number {
    const slot = this.#slots.slotOf(name);
    if (slot === undefined) throw syntaxError('UndefinedVariable', `there is no variable ${name} here`, span);
    return slot;
  }

  /** `variable.key` is the commonest expression of all and has a way of its own. */
  #property(object: Expression, key: string, span: Span): Evaluate {
    if (object.kind === 'variable' && !this.#environment.replaced?.has(object)) {
      return variableProperty(this.#slotOf(object), key, span);
    }
    const compiled = this.compile(object);
    return folded(propertyOf(compiled, key, span), compiled);
  }

  #binary({ operator, left: leftTree, right: rightTree, span }: Binary): Evaluate {
    const left = this.compile(leftTree);
    const right = this.compile(rightTree);
    switch (operator) {
      case 'AND':
        return folded(conjunction(left, right, span), left, right);
      case 'OR':
        return folded(disjunction(left, right, span), left, right);
      case 'XOR':
        return folded(exclusion(left, right, span), left, right);
      case 'IN':
        return folded(membership(left, right, span), left, right);
      case '=~':
        return folded(matching(left, right, span), left, right);
      default:
        return folded(operation(operator, left, right, span), left, right);
    }
  }

  #case({ subject, branches, otherwise, span }: Case): Evaluate {
    const cases = branches.map(({ when, then }) => ({
      when: this.compile(when),
      result: this.compile(then),
    }));
    const last = this.#optional(otherwise) ?? constant(null);
    if (subject === undefined) {
      return (row, context) => {
        for (const { when, result } of cases)
          if (passes(when(row, context), span)) return result(row, context);
        return last(row, context);
      };
    }
    const compared = this.compile(subject);
    return (row, context) => {
      const value = compared(row, context);
      for (const { when, result } of cases) {
        if (equals(value, when(row, context)) === true) return result(row, context);
      }
      return last(row, context);
    };
  }

  #loop(variable: string, list: Expression, inner: Compiler): Loop {
    return { list: this.compile(list), slot: inner.#slots.add(variable), span: list.span };
  }

  #inner(): Compiler {
    return new Compiler(this.#slots.child(), this.#environment);
  }

  #comprehension({ variable, list, where, projection }: ListComprehension): Evaluate {
    const inner = this.#inner();
    const loop = this.#loop(variable, list, inner);
    return comprehension(loop, inner.#optional(where), inner.#optional(projection));
  }

  #quantifier({ quantifier: kind, variable, list, where }: Quantifier): Evaluate {
    const inner = this.#inner();
    const loop = this.#loop(variable, list, inner);
    return quantifier(kind, loop, inner.compile(where));
  }

  #reduce({ accumulator, initial, variable, list, expression }: Reduce): Evaluate {
    const inner = this.#inner();
    const loop = this.#loop(variable, list, inner);
    const start = { slot: inner.#slots.add(accumulator), initial: this.compile(initial) };
    return reduction(loop, start, inner.compile(expression));
  }

  #projection({ subject, items, span }: MapProjection): Evaluate {
    return mapProjection(
      this.compile(subject),
      items.map((item) => this.#step(item)),
      span,
    );
  }

  #step(item: MapProjectionItem): ProjectionStep {
    switch (item.kind) {
      case 'all-properties':
        return { kind: 'all' };
      case 'property':
        return item;
      case 'variable':
        return { kind: 'entry', key: item.variable.name, value: this.compile(item.variable) };
      case 'entry':
        return { kind: 'entry', key: item.key, value: this.compile(item.value) };
    }
  }
}

const read =
  (slot: number): Evaluate =>
  (row) =>
    row[slot] ?? null;

const parameter =
  ({ name, span }: Parameter): Evaluate =>
  (_, { parameters }) => {
    const value = parameters.get(name);
    if (value !== undefined) return value;
    throw new CypherError(
      'ParameterMissing',
      'runtime',
      'MissingParameter',
      `there is no parameter $${name}`,
      {
        span,
      },
    );
  };

/** Of constants operators ask for nothing: neither a row nor the query. */
const NOTHING = {} as QueryContext;

/** The value itself when all parts are constant and it can be computed. */
const folded = (evaluate: Evaluate, ...parts: readonly Evaluate[]): Evaluate => foldedOf(evaluate, parts);

/** For parts of any number: a literal list may have more of them than a call may have arguments. */
function foldedOf(evaluate: Evaluate, parts: readonly Evaluate[]): Evaluate {
  if (!parts.every(isConstant)) return evaluate;
  try {
    return constant(evaluate([], NOTHING));
  } catch {
    return evaluate;
  }
}
