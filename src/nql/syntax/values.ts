/** Values of properties, columns and conditions, and numbers that say how much of something. */
import { INTEGER_MAGNITUDE_MAX, outOfRange } from './literals.ts';
import type { Reader } from './reader.ts';

/** Integers are bigint and have 64 bits, numbers with a point or an exponent are finite doubles. */
export type Scalar = null | boolean | bigint | number | string;

export type Value = Scalar | readonly Value[];

const EXPECTED = 'a value';
const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ['NULL', null],
  ['TRUE', true],
  ['FALSE', false],
]);
/** What a number must not be. In quotes they are texts like others. */
const NOT_A_NUMBER: ReadonlySet<string> = new Set(['NAN', 'INF', 'INFINITY']);

/** A literal, a list in brackets, or a bare word, which is a text. */
export function value(reader: Reader): Value {
  if (!reader.is('[')) return scalar(reader);
  return reader.nested(() => {
    reader.advance();
    return reader.list(']', () => value(reader));
  });
}

export function scalar(reader: Reader): Scalar {
  const { kind, text, upper } = reader.token;
  if (kind === 'word' || kind === 'quoted-word') {
    refuseNotANumber(reader);
    reader.advance();
    return CONSTANTS.get(upper) ?? (upper === 'NULL' ? null : text);
  }
  if (kind === 'string') return reader.advance().text;
  if (kind === 'integer' || kind === 'float' || reader.is('-') || reader.is('+'))
    return signedNumber(reader, EXPECTED);
  if (reader.is('{'))
    throw reader.unexpected(EXPECTED, [], 'A value is a text, a number, TRUE, FALSE, NULL or a list.');
  throw reader.unexpected(EXPECTED);
}

/** A text, a number or a truth value as text: what is stored by stores of texts. */
export function textValue(reader: Reader, what: string): string {
  if (reader.token.kind === 'word' && CONSTANTS.has(reader.token.upper)) {
    return reader.advance().text;
  }
  const isNegative = reader.is('-');
  if (isNegative || reader.token.kind === 'integer' || reader.token.kind === 'float') {
    const { text } = isNegative ? reader.peek(1) : reader.token;
    signedNumber(reader, what);
    return isNegative ? `-${text}` : text;
  }
  const { kind } = reader.token;
  if (kind !== 'string' && kind !== 'word' && kind !== 'quoted-word') throw reader.unexpected(what);
  return reader.advance().text;
}

function refuseNotANumber(reader: Reader): void {
  if (!NOT_A_NUMBER.has(reader.token.upper)) return;
  throw reader.invalid(
    reader.token,
    `${reader.token.text} is no value`,
    'Numbers are finite. A text stands in quotes.',
  );
}

/** A number with a sign before it, if it has one. */
export function signedNumber(reader: Reader, expected: string): bigint | number {
  const { start } = reader.token;
  const isNegative = reader.is('-');
  if (isNegative || reader.is('+')) reader.advance();
  refuseNotANumber(reader);
  const { kind, number } = reader.token;
  if (kind !== 'integer' && kind !== 'float') throw reader.unexpected(isNegative ? 'a number' : expected);
  reader.advance();
  if (number === INTEGER_MAGNITUDE_MAX && !isNegative) {
    const { message, hint } = outOfRange(reader.text.slice(start, reader.lastEnd));
    throw reader.invalid(reader.spanFrom(start), message, hint);
  }
  return isNegative ? -number : number;
}

/**
 * How many of something, behind a keyword that has been read.
 * @param clause the keyword, for messages
 * @param least the smallest number that makes sense
 */
export function count(reader: Reader, clause: string, least: 0 | 1): number {
  const { start } = reader.token;
  const number = signedNumber(reader, 'a whole number');
  const span = reader.spanFrom(start);
  if (typeof number !== 'bigint') throw reader.invalid(span, `${clause} takes a whole number`);
  if (number < least) throw reader.invalid(span, `${clause} is at least ${least}`);
  if (number > Number.MAX_SAFE_INTEGER)
    throw reader.invalid(span, `${clause} is at most ${Number.MAX_SAFE_INTEGER}`);
  return Number(number);
}

/** What a measure may be: both bounds belong to it, unless `isOpen`, when the smaller one does not. */
export interface Range {
  readonly least: number;
  readonly most?: number;
  readonly isOpen?: boolean;
}

/** A number that need not be whole, behind a keyword that has been read. */
export function measure(reader: Reader, clause: string, { least, most, isOpen = false }: Range): number {
  const { start } = reader.token;
  const number = Number(signedNumber(reader, 'a number'));
  if (number < least || (isOpen && number === least) || (most !== undefined && number > most)) {
    const lower = isOpen ? `more than ${least}` : `at least ${least}`;
    const bounds = most === undefined ? lower : `${lower} and at most ${most}`;
    throw reader.invalid(reader.spanFrom(start), `${clause} is ${bounds}`);
  }
  return number;
}
