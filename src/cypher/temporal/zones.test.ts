/** Zones: every answer against what Intl says for that instant by its other way, the local fields. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { EPOCH_DAY_MAX, EPOCH_DAY_MIN, epochDayOf, NANOS_OF_SECOND, SECONDS_OF_DAY } from './calendar.ts';
import { formatTemporal } from './format.ts';
import { namedZone, offsetOfText, zonedAtInstant, zonedAtLocal, zoneOf, zoneOfOffset } from './zones.ts';

const ZONES = [
  'Europe/Stockholm',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'America/Argentina/San_Luis',
  'Africa/Monrovia',
  'Etc/GMT+3',
];

/** The offset by the local date and time that Intl shows. */
function offsetByFields(timeZone: string, epochSeconds: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(epochSeconds * 1_000);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = epochDayOf(of('year'), of('month'), of('day')) * SECONDS_OF_DAY;
  return local + (of('hour') * 60 + of('minute')) * 60 + of('second') - epochSeconds;
}

const secondsOf = (year: number) => epochDayOf(year, 1, 1) * SECONDS_OF_DAY;

const split = (seconds: number): [number, number] => {
  const day = Math.floor(seconds / SECONDS_OF_DAY);
  return [day, seconds - day * SECONDS_OF_DAY];
};

const localSecondsOf = (value: { epochDay: number; nanoOfDay: number }): number =>
  value.epochDay * SECONDS_OF_DAY + value.nanoOfDay / NANOS_OF_SECOND;

describe('offsets', () => {
  it('are those of Intl at random instants', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: secondsOf(1801), max: secondsOf(2450) }),
        (name, seconds) => {
          expect(namedZone(name).offsetAt(...split(seconds))).toBe(offsetByFields(name, seconds));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are those of Intl in years far from now, where Intl still reaches', () => {
    for (const name of ZONES) {
      for (const year of [100, 1700, 2600, 12_345, 270_000]) {
        const seconds = secondsOf(year) + 180 * SECONDS_OF_DAY;
        expect(namedZone(name).offsetAt(...split(seconds)), `${name} ${year}`).toBe(
          offsetByFields(name, seconds),
        );
      }
    }
  });

  it('exist at both ends of the calendar', () => {
    const stockholm = namedZone('Europe/Stockholm');
    expect(formatTemporal(zonedAtLocal(EPOCH_DAY_MIN, 0, stockholm))).toBe(
      '-999999999-01-01T00:00+00:53:28[Europe/Stockholm]',
    );
    expect(formatTemporal(zonedAtLocal(EPOCH_DAY_MAX, 0, stockholm))).toBe(
      '+999999999-12-31T00:00+01:00[Europe/Stockholm]',
    );
    expect(() => zonedAtInstant(EPOCH_DAY_MAX, 23.5 * 3_600 * NANOS_OF_SECOND, stockholm)).toThrow(/years/);
  });

  it('of an instant, made local, give the instant back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: secondsOf(1850), max: secondsOf(2100) }),
        (name, seconds) => {
          const zone = namedZone(name);
          const [day, second] = split(seconds);
          const value = zonedAtInstant(day, second * NANOS_OF_SECOND, zone);
          const again = zonedAtLocal(value.epochDay, value.nanoOfDay, zone, value.offsetSeconds);
          expect(again).toEqual(value);
          expect(localSecondsOf(again) - again.offsetSeconds).toBe(seconds);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('asks Intl once per zone and year, not per value', () => {
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype as { readonly format: unknown }, 'format', 'get');
  try {
    const zone = namedZone('Europe/Helsinki');
    const everyHour = () => {
      const first = epochDayOf(2033, 1, 3);
      for (let hour = 0; hour < 360 * 24; hour++) {
        const [day, second] = split(first * SECONDS_OF_DAY + hour * 3_600);
        zonedAtLocal(day, second * NANOS_OF_SECOND, zone);
        zonedAtInstant(day, second * NANOS_OF_SECOND, zone);
      }
    };
    everyHour();
    expect(asked).toHaveBeenCalled();
    asked.mockClear();
    everyHour();
    expect(asked).not.toHaveBeenCalled();
  } finally {
    asked.mockRestore();
  }
});

describe('local times', () => {
  const at = (year: number, month: number, day: number, hour: number, name: string, preferred?: number) =>
    formatTemporal(
      zonedAtLocal(epochDayOf(year, month, day), hour * 3_600 * NANOS_OF_SECOND, namedZone(name), preferred),
    );

  it('that come twice are the earlier ones, unless the other offset is asked for', () => {
    const zone = 'Europe/Stockholm';
    expect(at(2017, 10, 29, 2.5, zone)).toBe('2017-10-29T02:30+02:00[Europe/Stockholm]');
    expect(at(2017, 10, 29, 2.5, zone, 3_600)).toBe('2017-10-29T02:30+01:00[Europe/Stockholm]');
    expect(at(2017, 10, 29, 2.5, zone, 0)).toBe('2017-10-29T02:30+02:00[Europe/Stockholm]');
    expect(at(2017, 10, 29, 3, zone)).toBe('2017-10-29T03:00+01:00[Europe/Stockholm]');
  });

  it('that do not exist move on by the gap', () => {
    expect(at(2017, 3, 26, 2, 'Europe/Stockholm')).toBe('2017-03-26T03:00+02:00[Europe/Stockholm]');
    expect(at(2017, 3, 26, 2.5, 'Europe/Stockholm')).toBe('2017-03-26T03:30+02:00[Europe/Stockholm]');
    expect(at(2017, 3, 26, 3, 'Europe/Stockholm')).toBe('2017-03-26T03:00+02:00[Europe/Stockholm]');
    // Samoa left out a whole day.
    expect(at(2011, 12, 30, 12, 'Pacific/Apia')).toBe('2011-12-31T12:00+14:00[Pacific/Apia]');
    expect(at(2017, 10, 1, 2.25, 'Australia/Lord_Howe')).toBe('2017-10-01T02:45+11:00[Australia/Lord_Howe]');
  });
});

describe('names and offsets', () => {
  it('are read in all their forms', () => {
    expect(['Z', 'z', '+01', '+0100', '+01:00', '-02:05:07', '+18:00', '-00:00'].map(offsetOfText)).toEqual([
      0, 0, 3_600, 3_600, 3_600, -7_507, 64_800, 0,
    ]);
    expect(['', '01:00', '+1', '+01:60', '+18:01', '+19', '+01:00:', 'UTC'].map(offsetOfText)).toEqual(
      Array.from({ length: 8 }, () => undefined),
    );
    expect(zoneOf('+01:00').offsetAt(0, 0)).toBe(3_600);
    expect(zoneOfOffset(-60).name).toBeUndefined();
  });

  it('of zones take the usual spelling, and old names stay', () => {
    expect(namedZone('europe/stockholm').name).toBe('Europe/Stockholm');
    expect(namedZone('Asia/Kolkata').name).toBe('Asia/Kolkata');
    expect(namedZone('US/Pacific').name).toBe('US/Pacific');
  });

  it.each(['', 'Nowhere', 'Europe/Atlantis', '+25:00', 'x'.repeat(1_000)])('refuses %j', (name) => {
    expect(() => zoneOf(name)).toThrow(
      expect.objectContaining({ type: 'ArgumentError', phase: 'runtime', reason: 'InvalidArgumentValue' }),
    );
  });
});
