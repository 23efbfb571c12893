/**
 * The six temporal types, by fields that cover years from -999,999,999 to 999,999,999 with nanoseconds, which neither
 * JavaScript's Date nor PostgreSQL's timestamp can hold. Days count from 1970-01-01 in the proleptic Gregorian
 * calendar. Making, reading and changing them is elsewhere in this folder.
 */

export class DateValue {
  readonly epochDay: number;

  constructor(epochDay: number) {
    this.epochDay = epochDay;
  }
}

export class LocalTimeValue {
  /** Nanoseconds since midnight: below 86,400,000,000,000, so a number holds them. */
  readonly nanoOfDay: number;

  constructor(nanoOfDay: number) {
    this.nanoOfDay = nanoOfDay;
  }
}

export class TimeValue {
  /** Of the local time, not of UTC. */
  readonly nanoOfDay: number;
  readonly offsetSeconds: number;

  constructor(nanoOfDay: number, offsetSeconds: number) {
    this.nanoOfDay = nanoOfDay;
    this.offsetSeconds = offsetSeconds;
  }
}

export class LocalDateTimeValue {
  readonly epochDay: number;
  readonly nanoOfDay: number;

  constructor(epochDay: number, nanoOfDay: number) {
    this.epochDay = epochDay;
    this.nanoOfDay = nanoOfDay;
  }
}

export class DateTimeValue {
  /** Of the local date and time, not of UTC. */
  readonly epochDay: number;
  readonly nanoOfDay: number;
  readonly offsetSeconds: number;
  /** An IANA name, where one was given: `Europe/Stockholm`. */
  readonly zone: string | undefined;

  constructor(epochDay: number, nanoOfDay: number, offsetSeconds: number, zone: string | undefined) {
    this.epochDay = epochDay;
    this.nanoOfDay = nanoOfDay;
    this.offsetSeconds = offsetSeconds;
    this.zone = zone;
  }
}

/** Four groups that are never turned into each other: a month has no fixed number of days, nor a day of hours. */
export class DurationValue {
  readonly months: bigint;
  readonly days: bigint;
  readonly seconds: bigint;
  /** Of the same sign as the seconds or with seconds of zero: between -999,999,999 and 999,999,999. */
  readonly nanos: number;

  constructor(months: bigint, days: bigint, seconds: bigint, nanos: number) {
    this.months = months;
    this.days = days;
    this.seconds = seconds;
    this.nanos = nanos;
  }
}
