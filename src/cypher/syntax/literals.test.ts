/** Numbers and strings, right and wrong. */
import { describe, expect, it } from 'vitest';
import { readNumber, readString } from './literals.ts';

describe('a number', () => {
  it.each<[string, bigint | number]>([
    ['0', 0n],
    ['42', 42n],
    ['1_000', 1_000n],
    ['9223372036854775807', 2n ** 63n - 1n],
    ['9223372036854775808', 2n ** 63n],
    ['0x1aF', 0x1afn],
    ['0X10', 16n],
    ['0x7FFFFFFFFFFFFFFF', 2n ** 63n - 1n],
    ['0x00000000000000000000000001', 1n],
    ['0o17', 15n],
    ['0o777777777777777777777', 2n ** 63n - 1n],
    ['017', 15n],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1e3', 1_000],
    ['1.5E-3', 0.0015],
    ['0.0', 0],
    ['007.5', 7.5],
    ['1e-400', 0],
  ])('%s', (source, value) => {
    expect(readNumber(source)).toBe(value);
  });

  it.each([
    ['0x', 'InvalidNumberLiteral'],
    ['0x1G', 'InvalidNumberLiteral'],
    ['0o8', 'InvalidNumberLiteral'],
    ['0o', 'InvalidNumberLiteral'],
    ['08', 'InvalidNumberLiteral'],
    ['9h', 'InvalidNumberLiteral'],
    ['1__0', 'InvalidNumberLiteral'],
    ['1_', 'InvalidNumberLiteral'],
    ['1e', 'InvalidNumberLiteral'],
    ['1.5f', 'InvalidNumberLiteral'],
    ['9223372036854775809', 'IntegerOverflow'],
    ['0x8000000000000001', 'IntegerOverflow'],
    ['0o1000000000000000000001', 'IntegerOverflow'],
    ['9'.repeat(1_000), 'IntegerOverflow'],
    ['1.34E999', 'FloatingPointOverflow'],
  ])('%s is refused', (source, reason) => {
    expect(readNumber(source)).toMatchObject({ reason, isNumber: true });
  });
});

describe('the content of a string', () => {
  it.each([
    ['', ''],
    ['plain', 'plain'],
    ['a\\n\\t\\b\\f\\r\\\\\\\'\\"z', 'a\n\t\b\f\r\\\'"z'],
    ['\\u0041\\u00e9', 'Aé'],
    ['\\U0001F600', '😀'],
    ['\\uD83D\\uDE00', '😀'],
    ['\\\\u0041', '\\u0041'],
  ])('%j', (content, value) => {
    expect(readString(content)).toBe(value);
  });

  it.each([
    ['\\uH', 'InvalidUnicodeLiteral'],
    ['\\u12', 'InvalidUnicodeLiteral'],
    ['\\U00110000', 'InvalidUnicodeLiteral'],
    ['\\U1F600', 'InvalidUnicodeLiteral'],
    ['a\\q', 'UnexpectedSyntax'],
    ['\\', 'UnexpectedSyntax'],
  ])('%j is refused', (content, reason) => {
    expect(readString(content)).toMatchObject({ reason, isNumber: false });
  });
});
