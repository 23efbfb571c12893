/**
 * Temporal values as the TCK writes them in its tables. Made here from the bare fields and not by the engine, so that
 * an engine whose texts and fields are wrong in the same way does not pass.
 */
import {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from '../../src/cypher/temporal/temporal.ts';
import type { Temporal } from '../../src/cypher/values/value.ts';

const NANOS_PER_SECOND = 1_000_000_000;
/** Days of 400 years, after which the calendar repeats itself. */
const DAYS_PER_ERA = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;

export function temporalText(value: Temporal): string {
  if (value instanceof DateValue) return dateText(value.epochDay);
  if (value instanceof LocalTimeValue) return timeText(value.nanoOfDay);
  if (value instanceof TimeValue) return timeText(value.nanoOfDay) + offsetText(value.offsetSeconds);
  if (value instanceof DurationValue) return durationText(value);
  const local = `${dateText(value.epochDay)}T${timeText(value.nanoOfDay)}`;
  if (value instanceof LocalDateTimeValue) return local;
  return local + offsetText(value.offsetSeconds) + (value.zone === undefined ? '' : `[${value.zone}]`);
}

export const isTemporal = (value: object): value is Temporal =>
  value instanceof DateValue ||
  value instanceof LocalTimeValue ||
  value instanceof TimeValue ||
  value instanceof LocalDateTimeValue ||
  value instanceof DateTimeValue ||
  value instanceof DurationValue;

/** Counts in years that begin on the first of March, where a leap day comes last. */
function dateText(epochDay: number): string {
  const shifted = epochDay + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / (DAYS_PER_ERA - 1))) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const sign = year < 0 ? '-' : year > 9_999 ? '+' : '';
  return `${sign}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Seconds only if there are any, with the digits of the fraction that mean something. */
function timeText(nanoOfDay: number): string {
  const nanos = nanoOfDay % NANOS_PER_SECOND;
  const seconds = Math.floor(nanoOfDay / NANOS_PER_SECOND);
  const [hour, minute, second] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = second === 0 && nanos === 0 ? '' : `:${two(second)}${fraction(nanos)}`;
  return `${two(hour)}:${two(minute)}${tail}`;
}

function offsetText(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z';
  const size = Math.abs(offsetSeconds);
  const second = size % 60;
  const tail = second === 0 ? '' : `:${two(second)}`;
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(size / 3_600))}:${two(Math.floor(size / 60) % 60)}${tail}`;
}

/** Each part has its own sign; months give years, seconds give hours and minutes, days nothing but days. */
function durationText({ months, days, seconds, nanos }: DurationValue): string {
  const date = part(months / 12n, 'Y') + part(months % 12n, 'M') + part(days, 'D');
  const rest = seconds % 60n;
  const isNegative = rest < 0n || nanos < 0;
  const size = `${isNegative ? '-' : ''}${rest < 0n ? -rest : rest}${fraction(Math.abs(nanos))}`;
  const time =
    part(seconds / 3_600n, 'H') +
    part((seconds / 60n) % 60n, 'M') +
    (rest === 0n && nanos === 0 ? '' : `${size}S`);
  if (time !== '') return `P${date}T${time}`;
  return date === '' ? 'PT0S' : `P${date}`;
}

const part = (amount: bigint, unit: string): string => (amount === 0n ? '' : `${amount}${unit}`);

const two = (amount: number): string => String(amount).padStart(2, '0');

const fraction = (nanos: number): string =>
  nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
