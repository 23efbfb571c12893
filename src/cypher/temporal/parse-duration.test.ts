/** Texts of durations, with signs and fractions wherever they may stand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTemporal } from './format.ts';
import { parseDuration } from './parse-duration.ts';
import { DurationValue } from './temporal.ts';

it.each([
  ['P14DT16H12M', 'P14DT16H12M'],
  ['P5M1.5D', 'P5M1DT12H'],
  ['P0.75M', 'P22DT19H51M49.5S'],
  ['PT0.75M', 'PT45S'],
  ['P2.5W', 'P17DT12H'],
  ['P12Y5M14DT16H12M70S', 'P12Y5M14DT16H13M10S'],
  ['P2012-02-02T14:37:21.545', 'P2012Y2M2DT14H37M21.545S'],
  ['P20120202T143721.545', 'P2012Y2M2DT14H37M21.545S'],
  ['P2012-02-02', 'P2012Y2M2D'],
  ['-P2012-02-02T14:37:21.545', 'P-2012Y-2M-2DT-14H-37M-21.545S'],
  ['P1Y1Q1M1W1D', 'P1Y4M8D'],
  ['-P1Y-2M', 'P-10M'],
  ['+P1Y', 'P1Y'],
  ['P-1Y+2M', 'P-10M'],
  ['PT1,5H', 'PT1H30M'],
  ['p1dt2h', 'P1DT2H'],
  ['PT-0.001S', 'PT-0.001S'],
  ['P0D', 'PT0S'],
  ['PT0.0000000019S', 'PT0.000000001S'],
  ['P0.5Y', 'P6M'],
  ['PT9223372036854775807S', 'PT2562047788015215H30M7S'],
])('%s is %s', (text, result) => expect(formatTemporal(parseDuration(text))).toBe(result));

describe('refuses', () => {
  it.each([
    ...[
      '',
      'P',
      'PT',
      '-P',
      '1D',
      'P1',
      'P1DT',
      'PT1',
      'P1H',
      'PT1D',
      'P1M1Y',
      'P1Y1Y',
      'P1D1D',
      'P1.Y',
      'P.5Y',
    ],
    ...['P 1D', 'P1D ', 'P--1D', 'P2012', 'P2012-02', 'P2012-13-01', 'P2012-02-32', 'P2012-02-02T25:00:00'],
    ...['P2012-02-02T', 'P20120202T14:37:21', 'PT1S1M', `P${'1'.repeat(31)}D`],
  ])('%j', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ type: 'ArgumentError', reason: 'InvalidArgumentValue' }),
    );
  });

  it.each([
    'P768614336404564651Y',
    'P9223372036854775808D',
    'PT9223372036854775808S',
    'PT2562047788015216H',
  ])('%s, which does not fit 64 bits', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ type: 'ArgumentError', reason: 'NumberOutOfRange' }),
    );
  });
});

it('reads back what is written', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const amount = fc.oneof(int64, fc.bigInt({ min: -5_000n, max: 5_000n }));
  fc.assert(
    fc.property(
      amount,
      amount,
      amount,
      fc.nat(999_999_999),
      fc.boolean(),
      (months, days, seconds, nanos, below) => {
        const negative = seconds < 0n || (seconds === 0n && below);
        const value = new DurationValue(months, days, seconds, negative && nanos > 0 ? -nanos : nanos);
        expect(parseDuration(formatTemporal(value))).toEqual(value);
      },
    ),
  );
});
