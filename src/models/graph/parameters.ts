/** Parameters of a query: plain data, as JSON has it, to Cypher's values, which may also come as they are. */
import { ExactNumber, FacetError } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';
import { checkedParameters } from './cypher-parameters.ts';

const INTEGER = /^-?\d+$/;
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
const NO_PARAMETERS: ReadonlyMap<string, Value> = new Map();

/**
 * An integer literal is an INTEGER, every other number a FLOAT: `1` and `1.0` differ, as in a query.
 * @throws INVALID_VALUE for integers beyond 64 bits and numbers beyond the range of doubles, and as `checkedParameters`
 */
export function parameterValues(
  params: Readonly<Record<string, unknown>> | ReadonlyMap<string, Value> | undefined,
): ReadonlyMap<string, Value> {
  if (params === undefined) return NO_PARAMETERS;
  if (params instanceof Map) return checkedParameters(params as ReadonlyMap<string, Value>);
  return mapOf(params as Readonly<Record<string, unknown>>);
}

function cypherValue(plain: unknown): Value {
  switch (typeof plain) {
    case 'string':
    case 'boolean':
      return plain;
    case 'number':
      return numberOf(String(plain));
    case 'bigint':
      return integerOf(String(plain));
  }
  if (plain === null || plain === undefined) return null;
  if (plain instanceof ExactNumber) return numberOf(plain.text);
  if (Array.isArray(plain)) return plain.map(cypherValue);
  return mapOf(plain as Readonly<Record<string, unknown>>);
}

const mapOf = (plain: Readonly<Record<string, unknown>>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(plain).map(([key, value]) => [key, cypherValue(value)]));

const numberOf = (text: string): Value => (INTEGER.test(text) ? integerOf(text) : floatOf(text));

function integerOf(text: string): bigint {
  // More digits than any number of 64 bits has need not be read.
  const value = text.length > 20 ? undefined : BigInt(text);
  if (value !== undefined && value >= INTEGER_MIN && value <= INTEGER_MAX) return value;
  throw new FacetError('INVALID_VALUE', `integer param ${shown(text)} exceeds the 64-bit signed range`);
}

function floatOf(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new FacetError('INVALID_VALUE', `unsupported numeric param: ${shown(text)}`);
}

const SHOWN_CHARACTERS = 40;
const shown = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
