/** Numbers and escapes: from their source text to their values, or to what is wrong with them. */
import { shorten } from './span.ts';

/** A literal that has no value, in words. */
export interface Fault {
  readonly message: string;
  readonly hint: string | undefined;
}

/** The magnitude of the least integer. It is a legal literal only behind a minus. */
export const INTEGER_MAGNITUDE_MAX = 2n ** 63n;

/** Digits of that number: nothing longer is worth converting, which takes more than linear time. */
const DIGITS_MAX = 19;

const INTEGER = /^\d+$/;

/** The value of digits, perhaps with a fraction and an exponent. */
export function readNumber(source: string): bigint | number | Fault {
  if (!INTEGER.test(source)) {
    const value = Number(source);
    return Number.isFinite(value) ? value : fault(`${shorten(source)} is too large for a number`);
  }
  const digits = source.length > DIGITS_MAX ? source.replace(/^0+(?=\d)/, '') : source;
  const value = digits.length > DIGITS_MAX ? undefined : BigInt(digits);
  return value === undefined || value > INTEGER_MAGNITUDE_MAX ? outOfRange(source) : value;
}

export const outOfRange = (source: string): Fault =>
  fault(
    `${shorten(source)} does not fit into an integer of 64 bits`,
    'Write it with a point to have the nearest number of double precision.',
  );

const fault = (message: string, hint?: string): Fault => ({ message, hint });

/** What a backslash and a letter mean in a string. */
export const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);
