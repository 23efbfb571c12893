/**
 * Adding, subtracting and scaling: durations with each other, and durations on dates and times. Months and days move
 * along the calendar (and keep the local time), seconds move along the time line. A time of day turns round at
 * midnight; a date takes no more of the seconds than their whole days.
 */
import { argumentError, arithmeticError } from '../cypher-error.ts';
import type { Value } from '../values/value.ts';
import { NANOS_OF_DAY, NANOS_OF_SECOND, plusMonths, SECONDS_OF_DAY } from './calendar.ts';
import { decimalOf, durationOfFractions, durationOfWhole, nanosOfDuration } from './duration-amounts.ts';
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';
import { checkedEpochDay, zonedAtInstant, zonedAtLocal, zoneOfDateTime } from './zones.ts';

/**
 * Duration + duration, temporal + duration or duration + temporal; undefined if the operands are none of these.
 * ArgumentError if the result lies outside of its type.
 */
export function addTemporal(a: Value, b: Value): Value | undefined {
  if (b instanceof DurationValue) {
    return a instanceof DurationValue ? combine(a, b, 1n) : move(a, b.months, b.days, nanosOfDuration(b));
  }
  return a instanceof DurationValue ? move(b, a.months, a.days, nanosOfDuration(a)) : undefined;
}

/** Duration - duration or temporal - duration; undefined if the operands are neither. */
export function subtractTemporal(a: Value, b: Value): Value | undefined {
  if (!(b instanceof DurationValue)) return undefined;
  if (a instanceof DurationValue) return combine(a, b, -1n);
  return move(a, -b.months, -b.days, -nanosOfDuration(b));
}

const combine = (a: DurationValue, b: DurationValue, sign: bigint): DurationValue =>
  durationOfWhole(
    a.months + sign * b.months,
    a.days + sign * b.days,
    nanosOfDuration(a) + sign * nanosOfDuration(b),
  );

/** By an INTEGER every group is multiplied; fractions that a FLOAT makes go on into lesser groups. */
export function multiplyDuration(duration: DurationValue, factor: number | bigint): DurationValue {
  const { months, days } = duration;
  const nanos = nanosOfDuration(duration);
  if (typeof factor === 'bigint') return durationOfWhole(months * factor, days * factor, nanos * factor);
  const decimal = decimalOf(factor);
  if (decimal === undefined) throw notFinite('multiplied', factor);
  const { digits, scale } = decimal;
  return durationOfFractions(months * digits, days * digits, nanos * digits, 10n ** BigInt(scale));
}

/** Fractions go on into lesser groups. ArithmeticError if the divisor is zero. */
export function divideDuration(duration: DurationValue, divisor: number | bigint): DurationValue {
  const decimal = typeof divisor === 'bigint' ? { digits: divisor, scale: 0 } : decimalOf(divisor);
  if (decimal === undefined) throw notFinite('divided', divisor);
  if (decimal.digits === 0n) throw arithmeticError('DivideByZero', 'a duration cannot be divided by zero');
  const negative = decimal.digits < 0n;
  const factor = 10n ** BigInt(decimal.scale) * (negative ? -1n : 1n);
  return durationOfFractions(
    duration.months * factor,
    duration.days * factor,
    nanosOfDuration(duration) * factor,
    negative ? -decimal.digits : decimal.digits,
  );
}

const notFinite = (verb: string, by: number | bigint) =>
  argumentError('NumberOutOfRange', `a duration cannot be ${verb} by ${by}`);

function move(value: Value, months: bigint, days: bigint, nanos: bigint): Value | undefined {
  if (value instanceof DateValue) {
    return new DateValue(movedDay(value.epochDay, months, days + nanos / BigInt(NANOS_OF_DAY)));
  }
  if (value instanceof LocalDateTimeValue) {
    const total = BigInt(value.nanoOfDay) + nanos;
    const overflow = floorDays(total);
    const epochDay = movedDay(value.epochDay, months, days);
    return new LocalDateTimeValue(
      checkedEpochDay(epochDay + smallNumber(overflow)),
      Number(total - overflow * BigInt(NANOS_OF_DAY)),
    );
  }
  if (value instanceof DateTimeValue) return moveZoned(value, months, days, nanos);
  if (value instanceof LocalTimeValue) return new LocalTimeValue(turned(value.nanoOfDay, nanos));
  if (value instanceof TimeValue) return new TimeValue(turned(value.nanoOfDay, nanos), value.offsetSeconds);
  return undefined;
}

function moveZoned(value: DateTimeValue, months: bigint, days: bigint, nanos: bigint): DateTimeValue {
  const zone = zoneOfDateTime(value);
  const moved =
    months === 0n && days === 0n
      ? value
      : zonedAtLocal(movedDay(value.epochDay, months, days), value.nanoOfDay, zone, value.offsetSeconds);
  if (nanos === 0n) return moved;
  const total = BigInt(moved.nanoOfDay) + nanos - BigInt(moved.offsetSeconds) * BigInt(NANOS_OF_SECOND);
  const overflow = floorDays(total);
  return zonedAtInstant(
    checkedEpochDay(moved.epochDay + smallNumber(overflow)),
    Number(total - overflow * BigInt(NANOS_OF_DAY)),
    zone,
  );
}

/** Years beyond which no calculation comes back into the calendar, in months and days alike. */
const FAR = BigInt(SECONDS_OF_DAY) * BigInt(NANOS_OF_SECOND);

function smallNumber(number: bigint): number {
  if (number > -FAR && number < FAR) return Number(number);
  throw argumentError('NumberOutOfRange', 'the date lies outside of the years -999999999 to 999999999');
}

const movedDay = (epochDay: number, months: bigint, days: bigint): number =>
  checkedEpochDay(checkedEpochDay(plusMonths(epochDay, smallNumber(months))) + smallNumber(days));

function floorDays(nanos: bigint): bigint {
  const day = BigInt(NANOS_OF_DAY);
  const days = nanos / day;
  return nanos < 0n && days * day !== nanos ? days - 1n : days;
}

function turned(nanoOfDay: number, nanos: bigint): number {
  const sum = nanoOfDay + Number(nanos % BigInt(NANOS_OF_DAY));
  if (sum < 0) return sum + NANOS_OF_DAY;
  return sum >= NANOS_OF_DAY ? sum - NANOS_OF_DAY : sum;
}
