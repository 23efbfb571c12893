/** The shape of a scalar function, short ways to declare one, and the errors that all of them share. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { argumentError, type CypherError, runtimeTypeError } from '../../cypher-error.ts';
import { isList } from '../../values/kinds.ts';
import { shown } from '../../values/text.ts';
import type { ListValue, Value } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';

export interface ScalarFunction {
  /** As it is written in documentation: `toInteger`. Callers may write it in any case. */
  readonly name: string;
  readonly argumentsMin: number;
  /** Infinity when there may be any number. */
  readonly argumentsMax: number;
  /** With `null` a null argument makes the result null without a call; with `given` the function sees it. */
  readonly nulls: 'null' | 'given';
  /** `volatile` gives another value at each call; a `stable` one depends on its arguments and the statement alone. */
  readonly stability: 'stable' | 'volatile';
  /** For the commonest numbers of arguments there are ways without an array; `many` takes all others. */
  readonly one: ((value: Value, context: QueryContext) => Value) | undefined;
  readonly two: ((first: Value, second: Value, context: QueryContext) => Value) | undefined;
  readonly many: ((values: readonly Value[], context: QueryContext) => Value) | undefined;
}

type Options = Partial<Pick<ScalarFunction, 'nulls' | 'stability'>>;

const DEFAULTS = {
  nulls: 'null',
  stability: 'stable',
  one: undefined,
  two: undefined,
  many: undefined,
} as const;

const exactly = (count: number) => ({ argumentsMin: count, argumentsMax: count });

/** A function of exactly one argument. */
export const unary = (
  name: string,
  one: (value: Value, context: QueryContext) => Value,
  options: Options = {},
): ScalarFunction => ({ ...DEFAULTS, ...options, name, ...exactly(1), one });

/** A function of exactly two arguments. */
export const binary = (
  name: string,
  two: (first: Value, second: Value, context: QueryContext) => Value,
  options: Options = {},
): ScalarFunction => ({ ...DEFAULTS, ...options, name, ...exactly(2), two });

/** A function of some number of arguments; those that are left out are missing in the array. */
export const variadic = (
  name: string,
  [argumentsMin, argumentsMax]: readonly [number, number],
  many: (values: readonly Value[], context: QueryContext) => Value,
  options: Options = {},
): ScalarFunction => ({ ...DEFAULTS, ...options, name, argumentsMin, argumentsMax, many });

/** A value of a type that the function does not take. */
export const wrongArgument = (name: string, wanted: string, value: Value): CypherError =>
  runtimeTypeError('InvalidArgumentValue', `${name}() takes ${wanted}, not ${shown(value)}`);

export function text(name: string, value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw wrongArgument(name, 'a String', value ?? null);
}

/** INTEGER or FLOAT as a FLOAT. */
export function float(name: string, value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw wrongArgument(name, 'a number', value ?? null);
}

export function integer(name: string, value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value;
  throw wrongArgument(name, 'an Integer', value ?? null);
}

/** A number of characters or digits; what is beyond any string counts as its end. */
export function count(name: string, what: string, value: Value | undefined): number {
  const given = integer(name, value);
  if (given < 0n) throw argumentError('NumberOutOfRange', `the ${what} of ${name}() is negative: ${given}`);
  return given > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(given);
}

export function list(name: string, value: Value | undefined): ListValue {
  if (value !== undefined && isList(value)) return value;
  throw wrongArgument(name, 'a List', value ?? null);
}

/** @throws FacetError LIMIT_EXCEEDED */
export function checkListSize(what: string, items: number | bigint): void {
  if (items <= LIMITS.cypherListItemsMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `${what} makes a list of ${items} items; a list may have ${LIMITS.cypherListItemsMax} (cypherListItemsMax)`,
  );
}

/** @throws FacetError LIMIT_EXCEEDED */
export function checkTextSize(what: string, characters: number): void {
  if (characters <= LIMITS.cypherStringCharactersMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `${what} makes a string of ${characters} characters; a string may have ${LIMITS.cypherStringCharactersMax} (cypherStringCharactersMax)`,
  );
}
