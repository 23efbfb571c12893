/** Arithmetic, concatenation and the predicates of strings. A string predicate over anything else is unknown. */

import { placed, runtimeTypeError } from '../../cypher-error.ts';
import type { BinaryOperator, Span } from '../../syntax/ast.ts';
import { add, divide, modulo, multiply, negate, power, subtract } from '../../values/arithmetic.ts';
import { isList } from '../../values/kinds.ts';
import { made, worked } from '../../values/meter.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import { checkSum, SCALAR_BYTES } from '../../values/weight.ts';
import { checkListSize, checkTextSize } from '../functions/index.ts';
import type { Evaluate } from './evaluate.ts';

type Operate = (left: Value, right: Value, span: Span) => Value;

/** Numbers, strings, lists, temporal values. What is built of two is bounded here, as a loop can double it. */
function plus(left: Value, right: Value): Value {
  const sum = add(left, right);
  if (typeof sum === 'string') {
    checkTextSize('+', sum.length);
    worked(sum.length >> CHARACTERS_SHIFT);
    made(SCALAR_BYTES + sum.length);
  } else if (sum !== null && typeof sum === 'object' && isList(sum)) {
    checkListSize('+', sum.length);
    checkSum(sum, left, right);
    worked(sum.length >> 2);
    made(SCALAR_BYTES + 8 * sum.length);
  }
  return sum;
}

/** `||` is for two strings or two lists and turns nothing else into them. */
function concatenate(left: Value, right: Value, span: Span): Value {
  if (left === null || right === null) return null;
  if (typeof left === 'string' && typeof right === 'string') return plus(left, right);
  if (isList(left) && isList(right)) return plus(left, right);
  throw runtimeTypeError(
    'InvalidArgumentType',
    `|| joins two Strings or two Lists, not ${typeName(left)} and ${typeName(right)}`,
    span,
  );
}

/** 64 characters of a text are looked at in the time of a step. */
const CHARACTERS_SHIFT = 6;

const startsWith: Operate = (left, right) =>
  typeof left === 'string' && typeof right === 'string' ? left.startsWith(right) : null;

const endsWith: Operate = (left, right) =>
  typeof left === 'string' && typeof right === 'string' ? left.endsWith(right) : null;

const contains: Operate = (left, right) => {
  if (typeof left !== 'string' || typeof right !== 'string') return null;
  worked(left.length >> CHARACTERS_SHIFT);
  return left.includes(right);
};

/** Logic, IN and `=~` are elsewhere: they do more than to put two values together. */
type Operator = Exclude<BinaryOperator, 'AND' | 'OR' | 'XOR' | 'IN' | '=~'>;

const OPERATIONS: Readonly<Record<Operator, Operate>> = {
  '+': plus,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
  '^': power,
  '||': concatenate,
  'STARTS WITH': startsWith,
  'ENDS WITH': endsWith,
  CONTAINS: contains,
};

export function operation(operator: Operator, left: Evaluate, right: Evaluate, span: Span): Evaluate {
  const operate = OPERATIONS[operator];
  return (row, context) => {
    const [first, second] = [left(row, context), right(row, context)];
    try {
      return operate(first, second, span);
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };
}

export function sign(operator: '+' | '-', operand: Evaluate, span: Span): Evaluate {
  if (operator === '-') {
    return (row, context) => {
      const value = operand(row, context);
      try {
        return negate(value);
      } catch (thrown) {
        throw placed(thrown, span);
      }
    };
  }
  return (row, context) => {
    const value = operand(row, context);
    if (value === null || typeof value === 'bigint' || typeof value === 'number') return value;
    throw runtimeTypeError('InvalidArgumentType', `+ takes a number, not ${typeName(value)}`, span);
  };
}
