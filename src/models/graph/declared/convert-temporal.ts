/** Dates, times and intervals of columns, from their texts. Undefined for what is none. */
import {
  DateTimeValue,
  type DateValue,
  DurationValue,
  LocalDateTimeValue,
  offsetOfText,
  parseDate,
  parseDuration,
  parseLocalDateTime,
} from '../../../cypher/index.ts';

/** A text that is none of these is told by the caller. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const DATE = /^\d{4}-\d{1,2}-\d{1,2}$/;

export const dateOf = (text: string): DateValue | undefined =>
  DATE.test(text) ? orNothing(() => parseDate(text)) : undefined;

/** `2024-01-15`, `2024-01-15 9:30`, `2024-01-15T09:30:00.5Z`, `2024-01-15 09:30:00+02` */
const TIMESTAMP =
  /^(\d{4}-\d{1,2}-\d{1,2})(?:(?:T| +)(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))? *(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

interface Moment {
  readonly local: LocalDateTimeValue;
  readonly offsetSeconds: number;
}

function momentOf(text: string): Moment | undefined {
  const [, date, hour, minute = '00', second = '00', zone = 'Z'] = TIMESTAMP.exec(text) ?? [];
  if (date === undefined) return undefined;
  const time = hour === undefined ? '' : `T${hour.padStart(2, '0')}:${minute}:${second}`;
  const local = orNothing(() => parseLocalDateTime(`${date}${time}`));
  const offsetSeconds = /^(?:z|utc)$/i.test(zone) ? 0 : offsetOfText(zone);
  return local === undefined || offsetSeconds === undefined ? undefined : { local, offsetSeconds };
}

/** As temporal values count. */
const NANOS_PER_SECOND = 1_000_000_000;
const NANOS_PER_DAY = 86_400 * NANOS_PER_SECOND;

/** In UTC, whatever offset the text has. */
export function localDateTimeOf(text: string): LocalDateTimeValue | undefined {
  const moment = momentOf(text);
  if (moment === undefined) return undefined;
  const { local, offsetSeconds } = moment;
  return offsetSeconds === 0 ? local : shifted(local, offsetSeconds);
}

function shifted({ epochDay, nanoOfDay }: LocalDateTimeValue, offsetSeconds: number): LocalDateTimeValue {
  const nanos = nanoOfDay - offsetSeconds * NANOS_PER_SECOND;
  const days = Math.floor(nanos / NANOS_PER_DAY);
  return new LocalDateTimeValue(epochDay + days, nanos - days * NANOS_PER_DAY);
}

/** The same moment as a column without zone has it: in UTC. */
export const inUtc = ({ epochDay, nanoOfDay, offsetSeconds }: DateTimeValue): LocalDateTimeValue =>
  shifted(new LocalDateTimeValue(epochDay, nanoOfDay), offsetSeconds);

/** With the offset of the text; UTC when it has none. */
export function zonedDateTimeOf(text: string): DateTimeValue | undefined {
  const moment = momentOf(text);
  if (moment === undefined) return undefined;
  const { local, offsetSeconds } = moment;
  return new DateTimeValue(local.epochDay, local.nanoOfDay, offsetSeconds, undefined);
}

const PART = /^\s*(?:([+-]?\d{1,15})\s*([a-z]+)|([+-]?)(\d{1,9}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)/i;

/** Nanoseconds. */
const MICROSECOND = 1_000n;
/** Nanoseconds. */
const MILLISECOND = 1_000_000n;
/** Nanoseconds. */
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

type Part = 'months' | 'days' | 'nanos';
const UNITS: Readonly<Record<string, readonly [part: Part, factor: bigint]>> = {
  year: ['months', 12n],
  y: ['months', 12n],
  month: ['months', 1n],
  mon: ['months', 1n],
  week: ['days', 7n],
  day: ['days', 1n],
  d: ['days', 1n],
  hour: ['nanos', HOUR],
  h: ['nanos', HOUR],
  minute: ['nanos', MINUTE],
  min: ['nanos', MINUTE],
  m: ['nanos', MINUTE],
  second: ['nanos', SECOND],
  sec: ['nanos', SECOND],
  s: ['nanos', SECOND],
  millisecond: ['nanos', MILLISECOND],
  ms: ['nanos', MILLISECOND],
  microsecond: ['nanos', MICROSECOND],
  us: ['nanos', MICROSECOND],
};

/** `1 year 2 months 3 days 04:05:06.7`, or as ISO 8601 has it. */
export function intervalOf(text: string): DurationValue | undefined {
  if (/^[+-]?P/i.test(text)) return orNothing(() => parseDuration(text));
  const sums = { months: 0n, days: 0n, nanos: 0n };
  let rest = text.trim();
  if (rest === '') return undefined;
  while (rest !== '') {
    const part = PART.exec(rest);
    if (part === null) return undefined;
    const [all, count, unit = '', sign, hours, minutes = '0', seconds = '0', fraction = ''] = part;
    if (count !== undefined) {
      const name = unit.toLowerCase();
      const known = UNITS[name] ?? UNITS[name.replace(/s$/, '')];
      if (known === undefined) return undefined;
      sums[known[0]] += BigInt(count) * known[1];
    } else {
      const whole = (BigInt(hours ?? 0) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
      const nanos = whole * SECOND + BigInt(fraction.padEnd(9, '0'));
      sums.nanos += sign === '-' ? -nanos : nanos;
    }
    rest = rest.slice(all.length).trimStart();
  }
  const seconds = sums.nanos / SECOND;
  return new DurationValue(sums.months, sums.days, seconds, Number(sums.nanos % SECOND));
}
