/**
 * Reads durations: by units, `P1Y2M3W4DT5H6M7.8S`, with a sign and a fraction on each amount if wanted, or like a date
 * and time, `P2012-02-02T14:37:21.545`. A sign before the P turns all of it.
 */
import { argumentError } from '../cypher-error.ts';
import { NANOS_OF_SECOND } from './calendar.ts';
import { DURATION_UNITS, DurationSum, type DurationUnit, durationOfWhole } from './duration-amounts.ts';
import type { DurationValue } from './temporal.ts';
import { clipped, TextCursor } from './text-cursor.ts';

/** More digits than any amount in 64 bits has, and more of a fraction than nanoseconds can tell. */
const DIGITS_MAX = 30;

const unit = (name: string): DurationUnit => DURATION_UNITS.get(name) ?? { group: 'nanos', size: 0n };

/** In the order in which they must stand. */
const DATE_UNITS = [
  ['Y', unit('years')],
  ['Q', unit('quarters')],
  ['M', unit('months')],
  ['W', unit('weeks')],
  ['D', unit('days')],
] as const;
const TIME_UNITS = [
  ['H', unit('hours')],
  ['M', unit('minutes')],
  ['S', unit('seconds')],
] as const;

/** ArgumentError if the text is no duration or its value does not fit. */
export function parseDuration(text: string): DurationValue {
  const cursor = new TextCursor(text);
  const negative = cursor.sign() < 0;
  const found = cursor.skip('P')
    ? (readDateForm(cursor, negative) ?? readUnits(cursor, negative))
    : undefined;
  if (found === undefined || !cursor.ended) {
    throw argumentError(
      'InvalidArgumentValue',
      `'${clipped(text)}' is not a duration such as 'P1Y2M3DT4H5M6.7S'`,
    );
  }
  return found;
}

function readUnits(cursor: TextCursor, negative: boolean): DurationValue | undefined {
  const sum = new DurationSum();
  const dates = readAmounts(cursor, DATE_UNITS, sum, negative);
  if (cursor.skip('T'))
    return readAmounts(cursor, TIME_UNITS, sum, negative) > 0 ? sum.duration() : undefined;
  return dates > 0 ? sum.duration() : undefined;
}

/** Reads amounts as long as their units come in order; gives their number. */
function readAmounts(
  cursor: TextCursor,
  units: readonly (readonly [string, DurationUnit])[],
  sum: DurationSum,
  negative: boolean,
): number {
  let amounts = 0;
  let next = 0;
  while (next < units.length) {
    const start = cursor.at;
    const sign = cursor.sign();
    const whole = cursor.digitsHere();
    const wholeAt = cursor.at;
    cursor.at += whole;
    let fractionAt = cursor.at;
    let fraction = 0;
    if (whole > 0 && (cursor.skip('.') || cursor.skip(','))) {
      fractionAt = cursor.at;
      fraction = cursor.digitsHere();
      cursor.at += fraction;
    }
    let found: DurationUnit | undefined;
    while (whole > 0 && next < units.length && found === undefined) {
      const candidate = units[next];
      next += 1;
      if (candidate !== undefined && cursor.skip(candidate[0])) found = candidate[1];
    }
    if (
      found === undefined ||
      whole + fraction > DIGITS_MAX ||
      (fraction === 0 && fractionAt > wholeAt + whole)
    ) {
      cursor.at = start;
      return amounts;
    }
    const digits = BigInt(
      cursor.text.slice(wholeAt, wholeAt + whole) + cursor.text.slice(fractionAt, fractionAt + fraction),
    );
    sum.add(found, { digits: sign < 0 !== negative ? -digits : digits, scale: fraction });
    amounts += 1;
  }
  return amounts;
}

/** `2012-02-02T14:37:21.545`, `20120202T143721.545`; undefined, and the cursor where it was, if it is neither. */
function readDateForm(cursor: TextCursor, negative: boolean): DurationValue | undefined {
  const start = cursor.at;
  const found = readDateFormParts(cursor, negative);
  if (found === undefined) cursor.at = start;
  return found;
}

function readDateFormParts(cursor: TextCursor, negative: boolean): DurationValue | undefined {
  const digits = cursor.digitsHere();
  const extended = digits === 4;
  if (!extended && digits !== 8) return undefined;
  const year = cursor.take(4);
  if (extended && !cursor.skip('-')) return undefined;
  const month = two(cursor);
  if (extended && !cursor.skip('-')) return undefined;
  const day = two(cursor);
  let nanos = 0;
  if (cursor.skip('T')) nanos = readTime(cursor, extended);
  if (!(month <= 12 && day <= 31) || Number.isNaN(nanos)) return undefined;
  const sign = negative ? -1 : 1;
  return durationOfWhole(BigInt((year * 12 + month) * sign), BigInt(day * sign), BigInt(nanos * sign));
}

/** Nanoseconds of `14:37:21.545`, or of `143721.545`; NaN if it is none. */
function readTime(cursor: TextCursor, extended: boolean): number {
  const hour = two(cursor);
  if (extended && !cursor.skip(':')) return Number.NaN;
  const minute = two(cursor);
  if (extended && !cursor.skip(':')) return Number.NaN;
  const second = two(cursor);
  if (!(hour <= 24 && minute <= 60 && second <= 60)) return Number.NaN;
  let nanos = 0;
  if (cursor.skip('.') || cursor.skip(',')) {
    const digits = cursor.digitsHere();
    if (digits < 1 || digits > 9) return Number.NaN;
    nanos = cursor.take(digits) * 10 ** (9 - digits);
  }
  return ((hour * 60 + minute) * 60 + second) * NANOS_OF_SECOND + nanos;
}

/** Two digits, or NaN. */
const two = (cursor: TextCursor): number => (cursor.digitsHere() < 2 ? Number.NaN : cursor.take(2));
