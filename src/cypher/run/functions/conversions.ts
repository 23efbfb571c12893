/**
 * Between types. Text that does not read as the wanted type gives null; a value of a type that never converts is a
 * TypeError, or null in the forms with OrNull.
 */
import { arithmeticError } from '../../cypher-error.ts';
import { INTEGER_MAX, INTEGER_MIN } from '../../values/arithmetic.ts';
import { isTemporal } from '../../values/kinds.ts';
import { toText } from '../../values/text.ts';
import { Point, type Value } from '../../values/value.ts';
import { list, type ScalarFunction, unary, wrongArgument } from './function.ts';
import { valueType } from './value-type.ts';

const DECIMAL_INTEGER = /^[+-]?\d+$/;
const HEXADECIMAL = /^([+-]?)(0[xo][0-9a-f]+)$/i;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

/** Undefined for a value that never converts, null for text that does not read so. */
type Conversion = (value: Value) => Value | undefined;

function inRange(value: bigint, given: Value): bigint {
  if (value >= INTEGER_MIN && value <= INTEGER_MAX) return value;
  throw arithmeticError('NumberOutOfRange', `${given} does not fit an Integer of 64 bits`);
}

function truncated(value: number, given: Value): Value {
  if (Number.isFinite(value)) return inRange(BigInt(Math.trunc(value)), given);
  throw arithmeticError('NumberOutOfRange', `${given} has no Integer`);
}

function textToInteger(given: string): Value {
  const text = given.trim();
  if (DECIMAL_INTEGER.test(text)) return inRange(BigInt(text.startsWith('+') ? text.slice(1) : text), given);
  const [, sign, digits] = HEXADECIMAL.exec(text) ?? [];
  if (digits !== undefined) return prefixed(digits, sign === '-', given);
  return DECIMAL.test(text) ? truncated(Number(text), given) : null;
}

/** `0o8` passes the pattern and is no number. */
function prefixed(digits: string, negative: boolean, given: string): Value {
  if (/^0o.*[89a-f]/i.test(digits)) return null;
  const value = BigInt(digits.toLowerCase());
  return inRange(negative ? -value : value, given);
}

const toInteger: Conversion = (value) => {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return truncated(value, value);
    case 'string':
      return textToInteger(value);
    case 'boolean':
      return value ? 1n : 0n;
    default:
      return undefined;
  }
};

const toFloat: Conversion = (value) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (DECIMAL.test(text)) return Number(text);
  const [whole, sign, nan] = SPECIAL.exec(text) ?? [];
  if (whole === undefined) return null;
  return nan !== undefined ? Number.NaN : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

const toBoolean: Conversion = (value) => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
};

const toStringValue: Conversion = (value) => {
  if (typeof value === 'string') return value;
  const convertible =
    typeof value === 'bigint' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    value instanceof Point ||
    isTemporal(value);
  return convertible ? toText(value) : undefined;
};

/** The plain form, the one with OrNull and the one over a list, whose items are converted as by OrNull. */
const family = (name: string, wanted: string, convert: Conversion): readonly ScalarFunction[] => {
  const orNull = (value: Value): Value => (value === null ? null : (quietly(convert, value) ?? null));
  return [
    unary(name, (value) => {
      const converted = convert(value);
      if (converted === undefined) throw wrongArgument(name, wanted, value);
      return converted;
    }),
    unary(`${name}OrNull`, orNull),
    unary(`${name}List`, (value) => list(`${name}List`, value).map(orNull)),
  ];
};

function quietly(convert: Conversion, value: Value): Value | undefined {
  try {
    return convert(value);
  } catch {
    return null;
  }
}

export const CONVERSIONS: readonly ScalarFunction[] = [
  ...family('toInteger', 'a number, a Boolean or a String', toInteger),
  ...family('toFloat', 'a number or a String', toFloat),
  ...family('toBoolean', 'a Boolean, an Integer or a String', toBoolean),
  ...family('toString', 'a number, a Boolean, a String, a temporal value or a Point', toStringValue),
  unary('valueType', valueType, { nulls: 'given' }),
];
