/**
 * The text of temporal values, as `toString` gives it and as results show it: the shortest ISO 8601 form that `parse`
 * reads back to the same value. Seconds of zero and zeros at the end of a fraction are left out.
 */
import { dateOf, NANOS_OF_SECOND } from './calendar.ts';
import {
  DateTimeValue,
  DateValue,
  type DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal.ts';

type AnyTemporal =
  | DateValue
  | LocalTimeValue
  | TimeValue
  | LocalDateTimeValue
  | DateTimeValue
  | DurationValue;

/** Years from 0 to 9999 are written without a sign and all with four digits at least. */
const YEAR_WITHOUT_SIGN_MAX = 9_999;

/** `1984-10-11`, `12:31:14.645+01:00`, `1984-10-11T12:00+02:00[Europe/Stockholm]`, `P1Y2M3DT4.5S` … */
export function formatTemporal(value: AnyTemporal): string {
  if (value instanceof DateValue) return formatDate(value.epochDay);
  if (value instanceof LocalDateTimeValue) {
    return `${formatDate(value.epochDay)}T${formatTimeOfDay(value.nanoOfDay)}`;
  }
  if (value instanceof DateTimeValue) {
    const zone = value.zone === undefined ? '' : `[${value.zone}]`;
    return `${formatDate(value.epochDay)}T${formatTimeOfDay(value.nanoOfDay)}${formatOffset(value.offsetSeconds)}${zone}`;
  }
  if (value instanceof LocalTimeValue) return formatTimeOfDay(value.nanoOfDay);
  if (value instanceof TimeValue) return formatTimeOfDay(value.nanoOfDay) + formatOffset(value.offsetSeconds);
  return formatDuration(value);
}

const two = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

function formatDate(epochDay: number): string {
  const { year, month, day } = dateOf(epochDay);
  const size = Math.abs(year);
  const digits = size > YEAR_WITHOUT_SIGN_MAX ? `${size}` : `${size}`.padStart(4, '0');
  const sign = year < 0 ? '-' : size > YEAR_WITHOUT_SIGN_MAX ? '+' : '';
  return `${sign}${digits}-${two(month)}-${two(day)}`;
}

function formatTimeOfDay(nanoOfDay: number): string {
  const seconds = Math.floor(nanoOfDay / NANOS_OF_SECOND);
  const nanos = nanoOfDay - seconds * NANOS_OF_SECOND;
  const minutes = Math.floor(seconds / 60);
  const hourAndMinute = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  if (nanos === 0 && seconds % 60 === 0) return hourAndMinute;
  return `${hourAndMinute}:${two(seconds % 60)}${formatFraction(nanos)}`;
}

/** `Z`, `+01:00` or `+00:53:28`. */
export function formatOffset(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z';
  const size = Math.abs(offsetSeconds);
  const minutes = Math.floor(size / 60);
  const seconds = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}${seconds}`;
}

const ZEROS_AT_END = /0+$/;

/** `.5` of 500,000,000 nanoseconds; nothing of none. */
function formatFraction(nanos: number): string {
  return nanos === 0 ? '' : `.${`${nanos}`.padStart(9, '0').replace(ZEROS_AT_END, '')}`;
}

function formatDuration({ months, days, seconds, nanos }: DurationValue): string {
  const date = part(months / 12n, 'Y') + part(months % 12n, 'M') + part(days, 'D');
  if (seconds === 0n && nanos === 0) return date === '' ? 'PT0S' : `P${date}`;
  const time = part(seconds / 3_600n, 'H') + part((seconds / 60n) % 60n, 'M');
  const second = seconds % 60n;
  if (nanos === 0) return `P${date}T${time}${part(second, 'S')}`;
  const sign = nanos < 0 ? '-' : '';
  return `P${date}T${time}${sign}${second < 0n ? -second : second}${formatFraction(Math.abs(nanos))}S`;
}

const part = (amount: bigint, unit: string): string => (amount === 0n ? '' : `${amount}${unit}`);
