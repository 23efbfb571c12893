/** Texts to option values: units, bounds, addresses, and complaints that say what would do. */
import { describe, expect, test } from 'vitest';
import { formatAddress, isLoopback, optionValue, parseAddress, readableValue } from './option-values.ts';
import { OPTIONS, type OptionRow } from './options.ts';

const bytes: OptionRow = OPTIONS['body-bytes-max'];
const duration: OptionRow = OPTIONS['drain-ms'];
const integer: OptionRow = OPTIONS['http-connections-max'];

describe('quantities', () => {
  test.each([
    [bytes, '4096', 4_096],
    [bytes, 4096, 4_096],
    [bytes, '10MB', 10_485_760],
    [bytes, '10 MiB', 10_485_760],
    [bytes, '512kB', 524_288],
    [bytes, '1.5MB', 1_572_864],
    [duration, '250', 250],
    [duration, '250ms', 250],
    [duration, '30s', 30_000],
    [duration, '5m', 300_000],
    [duration, '1h', 3_600_000],
    [duration, '0.5s', 500],
    [integer, '17', 17],
  ])('%#: %s', (row, raw, value) => {
    expect(optionValue(row, raw, '--x')).toBe(value);
  });

  test.each([
    [bytes, '10XB', "--x is '10XB', and must be a size such as 10MB"],
    [bytes, '-1', "--x is '-1', and must be a size such as 10MB"],
    [bytes, '1', "--x is '1', and must be between 1024 and 1073741824"],
    [bytes, '9999GB', "--x is '9999GB', and must be between 1024 and 1073741824"],
    [duration, '5 weeks', "--x is '5 weeks', and must be a duration such as 30s or 250ms"],
    [duration, '0.0001s', "--x is '0.0001s', and must be a duration such as 30s or 250ms"],
    [integer, '1.5', "--x is '1.5', and must be a whole number"],
    [integer, '10MB', "--x is '10MB', and must be a whole number"],
    [integer, '0x10', "--x is '0x10', and must be a whole number"],
    [integer, true, '--x is true, and must be a whole number'],
    [integer, '', '--x is empty; leave it out instead'],
    [integer, '99999999999999999999', "--x is '99999999999999999999', and must be between 1 and 1000000"],
  ])('%#: %s is refused', (row, raw, message) => {
    expect(() => optionValue(row, raw, '--x')).toThrow(message);
  });
});

test.each([
  [bytes, 10_485_760, '10MB'],
  [bytes, 1_024, '1kB'],
  [bytes, 1_000, '1000'],
  [duration, 30_000, '30s'],
  [duration, 1_500, '1500ms'],
  [duration, 0, '0'],
  [integer, 10_000, '10000'],
])('%#: %j is shown as people write it', (row, value, text) => {
  expect(readableValue(row, value)).toBe(text);
  expect(optionValue({ ...row, min: 0 }, text, '--x')).toBe(value);
});

test('booleans and choices', () => {
  expect(optionValue(OPTIONS.insecure, 'true', '--insecure')).toBe(true);
  expect(optionValue(OPTIONS.insecure, false, 'file')).toBe(false);
  expect(() => optionValue(OPTIONS.insecure, 'maybe', '--insecure')).toThrow('must be true or false');
  expect(optionValue(OPTIONS['log-level'], 'warn', '--log-level')).toBe('warn');
  expect(() => optionValue(OPTIONS['log-level'], 'loud', '--log-level')).toThrow(
    'must be one of debug, info',
  );
});

test('a secret is not repeated in a complaint', () => {
  const row: OptionRow = OPTIONS['auth-token'];
  expect(() => optionValue(row, 12345678, '--auth-token')).toThrow(
    '--auth-token is hidden, and must be text',
  );
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1:8088', '127.0.0.1', 8088],
    ['localhost:0', 'localhost', 0],
    ['[::1]:8088', '::1', 8088],
    [':8088', '', 8088],
    ['*:8088', '', 8088],
  ])('%s', (text, host, port) => {
    expect(parseAddress(text, 'listen')).toEqual({ host, port });
  });

  test.each([
    '8088',
    'host',
    '::1:8088',
    '[nonsense]:1',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    'http://x:1',
    '',
  ])('%s is refused', (text) => {
    expect(() => parseAddress(text, 'listen')).toThrow('must be host:port');
  });

  test('are written as they are read', () => {
    expect(formatAddress({ host: '::1', port: 1 })).toBe('[::1]:1');
    expect(formatAddress({ host: '', port: 8088 })).toBe(':8088');
  });

  test('loopback is what only this machine reaches', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) expect(isLoopback(host)).toBe(true);
    for (const host of ['', '0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'db'])
      expect(isLoopback(host)).toBe(false);
  });
});
