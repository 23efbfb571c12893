/**
 * Durations from amounts of units that may have fractions. A fraction of a month goes on into days and one of a day
 * into seconds, by average lengths; whole amounts never cross from one group into another. Exact: amounts are
 * rational numbers here, so that 0.1 and its like do not gather errors.
 */
import { argumentError, type CypherError } from '../cypher-error.ts';
import { NANOS_OF_DAY, NANOS_OF_SECOND } from './calendar.ts';
import { DurationValue } from './temporal.ts';

/** A Gregorian month is 30.436875 days on average (146,097 days in 4,800 months): these nanoseconds, exactly. */
export const NANOS_OF_MONTH = 2_629_746_000_000_000n;

const DAY = BigInt(NANOS_OF_DAY);
const SECOND = BigInt(NANOS_OF_SECOND);
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** What a unit adds to, and how much of it one unit is. */
export interface DurationUnit {
  readonly group: 'months' | 'days' | 'nanos';
  readonly size: bigint;
}

/** The units of a duration by their component names. */
export const DURATION_UNITS: ReadonlyMap<string, DurationUnit> = new Map([
  ['years', { group: 'months', size: 12n }],
  ['quarters', { group: 'months', size: 3n }],
  ['months', { group: 'months', size: 1n }],
  ['weeks', { group: 'days', size: 7n }],
  ['days', { group: 'days', size: 1n }],
  ['hours', { group: 'nanos', size: 3_600n * SECOND }],
  ['minutes', { group: 'nanos', size: 60n * SECOND }],
  ['seconds', { group: 'nanos', size: SECOND }],
  ['milliseconds', { group: 'nanos', size: SECOND / 1_000n }],
  ['microseconds', { group: 'nanos', size: SECOND / 1_000_000n }],
  ['nanoseconds', { group: 'nanos', size: 1n }],
]);

/** A decimal number: `digits / 10 ** scale`. */
export interface Decimal {
  readonly digits: bigint;
  /** Not negative. */
  readonly scale: number;
}

/** Adds up amounts of units and makes the duration of them. */
export class DurationSum {
  #months = 0n;
  #days = 0n;
  #nanos = 0n;
  #scale = 0;

  add(unit: DurationUnit, amount: Decimal): void {
    if (amount.scale > this.#scale) {
      const factor = 10n ** BigInt(amount.scale - this.#scale);
      this.#months *= factor;
      this.#days *= factor;
      this.#nanos *= factor;
      this.#scale = amount.scale;
    }
    let scaled = amount.digits * unit.size;
    if (amount.scale < this.#scale) scaled *= 10n ** BigInt(this.#scale - amount.scale);
    if (unit.group === 'months') this.#months += scaled;
    else if (unit.group === 'days') this.#days += scaled;
    else this.#nanos += scaled;
  }

  /** ArgumentError if it does not fit. */
  duration(): DurationValue {
    if (this.#scale === 0) return durationOfWhole(this.#months, this.#days, this.#nanos);
    return durationOfFractions(this.#months, this.#days, this.#nanos, 10n ** BigInt(this.#scale));
  }
}

/** `months / denominator` and so on, with fractions carried on; what is left of a nanosecond is dropped. */
export function durationOfFractions(
  months: bigint,
  days: bigint,
  nanos: bigint,
  denominator: bigint,
): DurationValue {
  const inDays = days * DAY + (months % denominator) * NANOS_OF_MONTH;
  const oneDay = DAY * denominator;
  return durationOfWhole(months / denominator, inDays / oneDay, (nanos + (inDays % oneDay)) / denominator);
}

/** Months, days and all that is below a day as nanoseconds. ArgumentError if one leaves 64 bits. */
export function durationOfWhole(months: bigint, days: bigint, nanos: bigint): DurationValue {
  const seconds = nanos / SECOND;
  if (!fits(months) || !fits(days) || !fits(seconds)) throw durationOverflow();
  return new DurationValue(months, days, seconds, Number(nanos % SECOND));
}

const fits = (number: bigint): boolean => number >= INT64_MIN && number <= INT64_MAX;

const durationOverflow = (): CypherError =>
  argumentError('NumberOutOfRange', 'the duration is too long: months, days and seconds have 64 bits each');

/** All nanoseconds below the days. */
export const nanosOfDuration = (duration: DurationValue): bigint =>
  duration.seconds * SECOND + BigInt(duration.nanos);

const NUMBER_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** A FLOAT as the decimal number that it is written as. Undefined for NaN and the infinities. */
export function decimalOf(number: number): Decimal | undefined {
  const parts = NUMBER_TEXT.exec(String(number));
  if (parts === null) return undefined;
  const fraction = parts[3] ?? '';
  const digits = BigInt(`${parts[1]}${parts[2]}${fraction}`);
  const scale = fraction.length - Number(parts[4] ?? 0);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
