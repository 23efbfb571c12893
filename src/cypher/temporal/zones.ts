/**
 * Time zones: offsets such as `+01:00`, and IANA names through Intl. Asking Intl costs a microsecond, so the offsets of
 * a named zone are looked up once per year and kept as the instants at which they change.
 */
import { assert, LIMITS } from '../../base/index.ts';
import { argumentError, type CypherError } from '../cypher-error.ts';
import {
  DAYS_OF_CYCLE,
  dateOf,
  EPOCH_DAY_MAX,
  EPOCH_DAY_MIN,
  epochDayOf,
  NANOS_OF_DAY,
  NANOS_OF_SECOND,
  SECONDS_OF_DAY,
} from './calendar.ts';
import { DateTimeValue } from './temporal.ts';
import { clipped } from './text-cursor.ts';

/** Offsets reach 18 hours to either side of UTC. */
const OFFSET_SECONDS_MAX = 18 * 3_600;

/** No zone had a rule before: local mean time since ever. */
const YEAR_OF_FIRST_RULES = 1800;

/** Rules of today repeat with the calendar, every 400 years; by this year the announced exceptions have ended. */
const YEAR_OF_LAST_RULES = 2100;

/** Between two looks at a year. The shortest time between two changes was four days (Freetown in 1939). */
const PROBE_SECONDS = SECONDS_OF_DAY * 3;

const FIRST_RULES_DAY = epochDayOf(YEAR_OF_FIRST_RULES, 1, 1);
const LAST_RULES_DAY = epochDayOf(YEAR_OF_LAST_RULES, 1, 1);

/** A part of one year in which the offset is constant. */
interface Interval {
  readonly startSeconds: number;
  /** Exclusive. */
  readonly endSeconds: number;
  readonly offsetSeconds: number;
}

export interface LocalOffset {
  readonly offsetSeconds: number;
  readonly shift: number;
}

/** An offset with `name` undefined, or a named zone. */
export class Zone {
  readonly name: string | undefined;
  readonly #fixedOffsetSeconds: number;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #years = new Map<number, readonly Interval[]>();
  #last: Interval = { startSeconds: 0, endSeconds: 0, offsetSeconds: 0 };

  constructor(name: string | undefined, fixedOffsetSeconds: number, format: Intl.DateTimeFormat | undefined) {
    this.name = name;
    this.#fixedOffsetSeconds = fixedOffsetSeconds;
    this.#format = format;
  }

  /** Seconds east of UTC at an instant of UTC. */
  offsetAt(epochDay: number, secondOfDay: number): number {
    return this.#format === undefined
      ? this.#fixedOffsetSeconds
      : this.#offsetAt(this.#format, inRules(epochDay) * SECONDS_OF_DAY + secondOfDay);
  }

  /**
   * The offset of a local time. Of a time that comes twice: `preferred` if it is one of both, else the earlier one.
   * In a gap: the offset after it, and `shift` is the seconds by which the local time moves on.
   */
  offsetOfLocal(epochDay: number, secondOfDay: number, preferred?: number): LocalOffset {
    const format = this.#format;
    if (format === undefined) return { offsetSeconds: this.#fixedOffsetSeconds, shift: 0 };
    const seconds = inRules(epochDay) * SECONDS_OF_DAY + secondOfDay;
    const last = this.#last;
    if (seconds - SECONDS_OF_DAY >= last.startSeconds && seconds + SECONDS_OF_DAY < last.endSeconds) {
      return { offsetSeconds: last.offsetSeconds, shift: 0 };
    }
    // No offset is a day long, so these two instants lie on both sides of any change that may matter.
    const before = this.#offsetAt(format, seconds - SECONDS_OF_DAY);
    const after = this.#offsetAt(format, seconds + SECONDS_OF_DAY);
    if (before === after) {
      // Leave the interval around this time as the last one, for the next value beside it.
      this.#offsetAt(format, seconds - before);
      return { offsetSeconds: before, shift: 0 };
    }
    const earlier = this.#offsetAt(format, seconds - before) === before;
    const later = this.#offsetAt(format, seconds - after) === after;
    if (later && (!earlier || preferred === after)) return { offsetSeconds: after, shift: 0 };
    if (earlier) return { offsetSeconds: before, shift: 0 };
    return { offsetSeconds: after, shift: after - before };
  }

  #offsetAt(format: Intl.DateTimeFormat, seconds: number): number {
    const last = this.#last;
    if (seconds >= last.startSeconds && seconds < last.endSeconds) return last.offsetSeconds;
    const year = dateOf(Math.floor(seconds / SECONDS_OF_DAY)).year;
    let intervals = this.#years.get(year);
    if (intervals === undefined) {
      makeRoomForYear();
      intervals = intervalsOfYear(format, year);
      this.#years.set(year, intervals);
    }
    const found = intervals.find((interval) => seconds < interval.endSeconds) ?? last;
    this.#last = found;
    return found.offsetSeconds;
  }
}

/** A day with the same offsets, in the years that have rules of their own. */
function inRules(epochDay: number): number {
  if (epochDay < FIRST_RULES_DAY) return FIRST_RULES_DAY;
  if (epochDay < LAST_RULES_DAY) return epochDay;
  return LAST_RULES_DAY + ((epochDay - LAST_RULES_DAY) % DAYS_OF_CYCLE);
}

function intervalsOfYear(format: Intl.DateTimeFormat, year: number): readonly Interval[] {
  const endOfYear = epochDayOf(year + 1, 1, 1) * SECONDS_OF_DAY;
  const intervals: Interval[] = [];
  let startSeconds = epochDayOf(year, 1, 1) * SECONDS_OF_DAY;
  let offsetSeconds = askOffset(format, startSeconds);
  for (let probe = startSeconds; probe < endOfYear; ) {
    const next = Math.min(probe + PROBE_SECONDS, endOfYear);
    const nextOffset = askOffset(format, next);
    if (nextOffset !== offsetSeconds) {
      let low = probe;
      let high = next;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (askOffset(format, middle) === offsetSeconds) low = middle;
        else high = middle;
      }
      if (high < endOfYear) {
        intervals.push({ startSeconds, endSeconds: high, offsetSeconds });
        startSeconds = high;
        offsetSeconds = askOffset(format, high);
        // On from here, not from the probe: there may be a second change before it.
        probe = high;
        continue;
      }
    }
    probe = next;
  }
  intervals.push({ startSeconds, endSeconds: endOfYear, offsetSeconds });
  return intervals;
}

/** `GMT`, `GMT+01:00`, `GMT-00:43:08` at the end of a date. */
const OFFSET_OF_FORMAT = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

function askOffset(format: Intl.DateTimeFormat, epochSeconds: number): number {
  const parts = OFFSET_OF_FORMAT.exec(format.format(epochSeconds * 1_000));
  assert(parts !== null, 'Intl writes long offsets of en-US as GMT+hh:mm:ss');
  if (parts[1] === undefined) return 0;
  const size = Number(parts[2]) * 3_600 + Number(parts[3]) * 60 + Number(parts[4] ?? 0);
  return parts[1] === '-' ? -size : size;
}

/** By the name as written. */
const named = new Map<string, Zone>();
let yearsKept = 0;

function makeRoomForYear(): void {
  yearsKept += 1;
  if (yearsKept <= LIMITS.cypherZoneYearsMax) return;
  // Zones that are in use go on with what they have; new values get a fresh one.
  named.clear();
  yearsKept = 1;
}

/** UTC, written `Z`. */
export const UTC = new Zone(undefined, 0, undefined);

/** The zone of an offset in seconds. */
export function zoneOfOffset(offsetSeconds: number): Zone {
  return offsetSeconds === 0 ? UTC : new Zone(undefined, offsetSeconds, undefined);
}

const OFFSET_TEXT = /^([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?$/;

/** Seconds of `Z`, `+01`, `+0100`, `+01:00` or `+01:00:00`; undefined if the text is none of these or out of range. */
export function offsetOfText(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0;
  const parts = OFFSET_TEXT.exec(text);
  if (parts === null) return undefined;
  const minutes = Number(parts[3] ?? 0);
  const seconds = Number(parts[4] ?? 0);
  const size = Number(parts[2]) * 3_600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || size > OFFSET_SECONDS_MAX) return undefined;
  return parts[1] === '-' ? 0 - size : size;
}

/** The zone that a text names, by an offset or by an IANA name. ArgumentError if there is none. */
export function zoneOf(text: string): Zone {
  const known = named.get(text);
  if (known !== undefined) return known;
  const offsetSeconds = offsetOfText(text);
  return offsetSeconds === undefined ? namedZone(text) : zoneOfOffset(offsetSeconds);
}

/** The zone of an IANA name. ArgumentError if Intl does not know it. */
export function namedZone(name: string): Zone {
  const known = named.get(name);
  if (known !== undefined) return known;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    throw unknownZone(name);
  }
  if (named.size >= LIMITS.cypherZonesMax) named.clear();
  // Intl ignores case. The usual spelling makes equal zones of equal names; old names stay what was asked for.
  const canonical = format.resolvedOptions().timeZone;
  const zone = new Zone(canonical.toLowerCase() === name.toLowerCase() ? canonical : name, 0, format);
  named.set(name, zone);
  return zone;
}

const unknownZone = (name: string): CypherError =>
  argumentError(
    'InvalidArgumentValue',
    `'${clipped(name)}' is not a time zone: give an IANA name or an offset`,
  );

/** ArgumentError if a day lies outside of the calendar; gives the day. */
export function checkedEpochDay(epochDay: number): number {
  if (epochDay >= EPOCH_DAY_MIN && epochDay <= EPOCH_DAY_MAX) return epochDay;
  throw argumentError('NumberOutOfRange', 'the date lies outside of the years -999999999 to 999999999');
}

/** The datetime of a local date and time in a zone. Local times that do not exist move on by the gap. */
export function zonedAtLocal(
  epochDay: number,
  nanoOfDay: number,
  zone: Zone,
  preferred?: number,
): DateTimeValue {
  const secondOfDay = Math.floor(nanoOfDay / NANOS_OF_SECOND);
  const { offsetSeconds, shift } = zone.offsetOfLocal(epochDay, secondOfDay, preferred);
  if (shift === 0) return new DateTimeValue(checkedEpochDay(epochDay), nanoOfDay, offsetSeconds, zone.name);
  return shifted(epochDay, nanoOfDay, shift, offsetSeconds, zone);
}

/** The datetime of an instant, given as day and nanoseconds of UTC, in a zone. */
export function zonedAtInstant(epochDay: number, nanoOfDay: number, zone: Zone): DateTimeValue {
  const offsetSeconds = zone.offsetAt(epochDay, Math.floor(nanoOfDay / NANOS_OF_SECOND));
  return shifted(epochDay, nanoOfDay, offsetSeconds, offsetSeconds, zone);
}

function shifted(
  epochDay: number,
  nanoOfDay: number,
  seconds: number,
  offsetSeconds: number,
  zone: Zone,
): DateTimeValue {
  const nanos = nanoOfDay + seconds * NANOS_OF_SECOND;
  const days = Math.floor(nanos / NANOS_OF_DAY);
  return new DateTimeValue(
    checkedEpochDay(epochDay + days),
    nanos - days * NANOS_OF_DAY,
    offsetSeconds,
    zone.name,
  );
}

/** The zone of a datetime: its name, else its offset. */
export const zoneOfDateTime = (value: DateTimeValue): Zone =>
  value.zone === undefined ? zoneOfOffset(value.offsetSeconds) : namedZone(value.zone);
