/** Functions of lists, and those that take a list as well as a string or a map. */
import { argumentError } from '../../cypher-error.ts';
import { isList } from '../../values/kinds.ts';
import { worked } from '../../values/meter.ts';
import { typeName } from '../../values/type-name.ts';
import type { Value } from '../../values/value.ts';
import { lengthOf } from './characters.ts';
import { checkListSize, list, type ScalarFunction, unary, variadic, wrongArgument } from './function.ts';

function bound(what: string, value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value;
  throw argumentError(
    'InvalidArgumentType',
    `the ${what} of range() is an Integer, not ${typeName(value ?? null)}`,
  );
}

/** Both ends belong to it. A step away from the end gives an empty list. */
function range(values: readonly Value[]): Value {
  const start = bound('start', values[0]);
  const end = bound('end', values[1]);
  const step = values.length === 3 ? bound('step', values[2]) : 1n;
  if (step === 0n) throw argumentError('NumberOutOfRange', 'the step of range() is 0, so it would never end');
  const items = (end - start) / step + 1n;
  if (step > 0n ? start > end : start < end) return [];
  checkListSize('range()', items);
  worked(Number(items));
  const result: Value[] = [];
  let item = start;
  for (let left = Number(items); left > 0; left -= 1) {
    result.push(item);
    item += step;
  }
  return result;
}

function size(value: Value): Value {
  if (isList(value)) return BigInt(value.length);
  if (typeof value === 'string') return BigInt(lengthOf(value));
  throw wrongArgument('size', 'a List or a String', value);
}

function isEmpty(value: Value): Value {
  if (isList(value) || typeof value === 'string') return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  throw wrongArgument('isEmpty', 'a List, a Map or a String', value);
}

export const LISTS: readonly ScalarFunction[] = [
  unary('head', (value) => list('head', value)[0] ?? null),
  unary('last', (value) => list('last', value).at(-1) ?? null),
  unary('tail', (value) => list('tail', value).slice(1)),
  variadic('range', [2, 3], range),
  unary('size', size),
  unary('isEmpty', isEmpty),
];
