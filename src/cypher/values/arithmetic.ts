/**
 * The operators `+ - * / % ^` and the sign. INTEGER is 64 bits wide and never wraps around; an INTEGER meets a FLOAT as
 * a FLOAT; `+` also joins strings and lists. Null makes null. Temporal values and durations are handed on to
 * ../temporal/arithmetic.ts.
 */
import { arithmeticError, type CypherError, runtimeTypeError } from '../cypher-error.ts';
import { addTemporal, divideDuration, multiplyDuration, subtractTemporal } from '../temporal/arithmetic.ts';
import { DurationValue } from '../temporal/temporal.ts';
import { isList, isNumber, isTemporal } from './kinds.ts';
import { shown, toText } from './text.ts';
import { Point, type Value } from './value.ts';

export const INTEGER_MIN = -(2n ** 63n);
export const INTEGER_MAX = 2n ** 63n - 1n;

/**
 * Numbers; strings with strings, numbers, booleans, temporal values and points; lists with lists, and with an element
 * in front or behind; a temporal value with a duration. Null with anything is null, a list included.
 * @throws ArithmeticError IntegerOverflow, TypeError InvalidArgumentType
 */
export function add(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return fitting(a + b, a, '+', b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) + Number(b);
  if (isList(a)) return isList(b) ? a.concat(b) : [...a, b];
  if (isList(b)) return [a, ...b];
  if (typeof a === 'string' && hasText(b)) return a + toText(b);
  if (typeof b === 'string' && hasText(a)) return toText(a) + b;
  return addTemporal(a, b) ?? refuse(a, '+', b);
}

/** @throws ArithmeticError IntegerOverflow, TypeError InvalidArgumentType */
export function subtract(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return fitting(a - b, a, '-', b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  return subtractTemporal(a, b) ?? refuse(a, '-', b);
}

/** Numbers, and a duration with a number on either side. @throws ArithmeticError IntegerOverflow, TypeError InvalidArgumentType */
export function multiply(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return fitting(a * b, a, '*', b);
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) * Number(b);
  if (a instanceof DurationValue && isNumber(b)) return multiplyDuration(a, b);
  if (isNumber(a) && b instanceof DurationValue) return multiplyDuration(b, a);
  return refuse(a, '*', b);
}

/**
 * Integers divide towards zero; with a FLOAT the result is a FLOAT, infinite or NaN where the divisor is zero.
 * @throws ArithmeticError DivideByZero, IntegerOverflow, TypeError InvalidArgumentType
 */
export function divide(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) throw divideByZero(a, '/');
    return fitting(a / b, a, '/', b);
  }
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) / Number(b);
  if (a instanceof DurationValue && isNumber(b)) return divideDuration(a, b);
  return refuse(a, '/', b);
}

/** The rest has the sign of a. @throws ArithmeticError DivideByZero, TypeError InvalidArgumentType */
export function modulo(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (b === 0n) throw divideByZero(a, '%');
    return a % b;
  }
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) % Number(b);
  return refuse(a, '%', b);
}

/** Always a FLOAT, for integers too. @throws TypeError InvalidArgumentType */
export function power(a: Value, b: Value): Value {
  if (a === null || b === null) return null;
  if (isNumber(a) && isNumber(b)) return Number(a) ** Number(b);
  return refuse(a, '^', b);
}

/** The sign `-` in front of a number or duration. @throws ArithmeticError IntegerOverflow, TypeError InvalidArgumentType */
export function negate(value: Value): Value {
  if (value === null) return null;
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') {
    if (value === INTEGER_MIN) throw overflow(`-(${value})`);
    return -value;
  }
  if (value instanceof DurationValue) return multiplyDuration(value, -1n);
  throw runtimeTypeError('InvalidArgumentType', `Cannot take the negative of ${shown(value)}`);
}

function fitting(result: bigint, a: bigint, operator: string, b: bigint): bigint {
  if (result < INTEGER_MIN || result > INTEGER_MAX) throw overflow(`${a} ${operator} ${b}`);
  return result;
}

const overflow = (operation: string): CypherError =>
  arithmeticError('IntegerOverflow', `The result of ${operation} does not fit a 64-bit INTEGER`);

const divideByZero = (a: Value, operator: string): CypherError =>
  arithmeticError('DivideByZero', `${shown(a)} ${operator} 0: cannot divide by zero`);

const hasText = (value: Value): boolean =>
  typeof value !== 'object' || isTemporal(value) || value instanceof Point;

function refuse(a: Value, operator: string, b: Value): never {
  throw runtimeTypeError('InvalidArgumentType', `Cannot compute ${shown(a)} ${operator} ${shown(b)}`);
}
