/** The table of functions: the present, its zones, defaults of arguments, and null everywhere. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../values/value.ts';
import { formatTemporal } from './format.ts';
import { type StatementClock, TEMPORAL_FUNCTIONS } from './functions.ts';
import type { DateValue } from './temporal.ts';

const CLOCK: StatementClock = { epochMillis: Date.UTC(2026, 0, 31, 23, 30, 0, 123), nanos: 456_789 };

function call(name: string, args: readonly Value[] = [], clock = CLOCK): Value {
  const found = TEMPORAL_FUNCTIONS.get(name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found(args, clock);
}

function text(name: string, args: readonly Value[] = [], clock = CLOCK): string | null {
  const value = call(name, args, clock);
  return value === null ? null : formatTemporal(value as DateValue);
}

const TYPES = ['date', 'localtime', 'time', 'localdatetime', 'datetime'] as const;

describe('the present', () => {
  it.each([
    ['date', '2026-01-31', '2026-02-01'],
    ['localtime', '23:30:00.123456789', '08:30:00.123456789'],
    ['time', '23:30:00.123456789Z', '08:30:00.123456789+09:00'],
    ['localdatetime', '2026-01-31T23:30:00.123456789', '2026-02-01T08:30:00.123456789'],
    ['datetime', '2026-01-31T23:30:00.123456789Z', '2026-02-01T08:30:00.123456789+09:00[Asia/Tokyo]'],
  ] as const)('%s', (type, utc, tokyo) => {
    expect(text(type)).toBe(utc);
    expect(text(`${type}.statement`)).toBe(utc);
    expect(text(`${type}.transaction`)).toBe(utc);
    expect(text(`${type}.statement`, ['Asia/Tokyo'])).toBe(tokyo);
    expect(text(`${type}.transaction`, [new Map([['timezone', 'Asia/Tokyo']])])).toBe(tokyo);
    expect(text(type, [new Map([['timezone', 'Asia/Tokyo']])])).toBe(tokyo);
    expect(text(type, [], { ...CLOCK, zone: 'Asia/Tokyo' })).toBe(tokyo);
  });

  it('real time goes on', () => {
    const before = Date.now();
    const value = call('datetime.realtime', ['Asia/Tokyo']);
    const at = Date.parse(formatTemporal(value as DateValue).replace('[Asia/Tokyo]', ''));
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it('refuses zones and fields that do not exist', () => {
    const type = (name: string) => expect.objectContaining({ type: name, phase: 'runtime' });
    expect(() => call('date.statement', ['Europe/Atlantis'])).toThrow(type('ArgumentError'));
    expect(() => call('date.statement', [new Map([['year', 1n]])])).toThrow(type('ArgumentError'));
    expect(() => call('date.statement', [1n])).toThrow(type('TypeError'));
  });
});

describe('null', () => {
  it.each(TYPES)('gives null: %s', (type) => {
    for (const name of [type, `${type}.transaction`, `${type}.statement`, `${type}.realtime`]) {
      expect(call(name, [null])).toBeNull();
    }
    expect(call(`${type}.truncate`, [null, call(type)])).toBeNull();
    expect(call(`${type}.truncate`, ['day', null])).toBeNull();
    expect(call(`${type}.truncate`, ['day', call(type), null])).toBeNull();
  });

  it('gives null: the others', () => {
    for (const name of ['duration', 'datetime.fromepochmillis']) expect(call(name, [null])).toBeNull();
    for (const name of ['between', 'inmonths', 'indays', 'inseconds']) {
      expect(call(`duration.${name}`, [null, null])).toBeNull();
      expect(call(`duration.${name}`, [call('date'), null])).toBeNull();
    }
    expect(call('datetime.fromepoch', [null, 1n])).toBeNull();
    expect(call('datetime.fromepoch', [1n, null])).toBeNull();
  });
});

it('truncates the present if no value is given', () => {
  expect(text('date.truncate', ['week'])).toBe('2026-01-26');
  expect(text('time.truncate', ['hour'])).toBe('23:00Z');
  expect(text('date.truncate', ['week', call('date'), new Map([['dayOfWeek', 2n]])])).toBe('2026-01-27');
  expect(() => call('date.truncate', [1n])).toThrow(expect.objectContaining({ type: 'TypeError' }));
});

it('makes datetimes of the time since 1970', () => {
  expect(text('datetime.fromepoch', [416_779n, 999_999_999n])).toBe('1970-01-05T19:46:19.999999999Z');
  expect(text('datetime.fromepoch', [0n])).toBe('1970-01-01T00:00Z');
  expect(text('datetime.fromepoch', [0n, -1n])).toBe('1969-12-31T23:59:59.999999999Z');
  expect(text('datetime.fromepoch', [0n, 3_000_000_000n])).toBe('1970-01-01T00:00:03Z');
  expect(text('datetime.fromepochmillis', [237_821_673_987n])).toBe('1977-07-15T13:34:33.987Z');
  expect(() => call('datetime.fromepoch', [1.5])).toThrow(expect.objectContaining({ type: 'TypeError' }));
  expect(() => call('datetime.fromepoch', [10n ** 17n])).toThrow(
    expect.objectContaining({ type: 'ArgumentError', reason: 'NumberOutOfRange' }),
  );
});

it('sees one present in one statement', () => {
  for (const type of TYPES) expect(text('duration.inseconds', [call(type), call(type)])).toBe('PT0S');
});

it('has all names in lower case', () => {
  expect([...TEMPORAL_FUNCTIONS.keys()].filter((name) => name !== name.toLowerCase())).toEqual([]);
  expect(TEMPORAL_FUNCTIONS.size).toBe(5 * 5 + 7);
});
