/** Literals in tables: what is read, and what is refused. */
import { describe, expect, it } from 'vitest';
import { LiteralError, parseLiteral, toValue } from './literals.ts';
import { textOf } from './value-text.ts';

const spelled = (text: string): string => textOf(parseLiteral(text));

describe('a literal', () => {
  it.each([
    ['null', { kind: 'null' }],
    [' true ', { kind: 'boolean', value: true }],
    ['-9223372036854775808', { kind: 'integer', value: -9223372036854775808n }],
    ['007', { kind: 'integer', value: 7n }],
    ['1.0', { kind: 'float', value: 1 }],
    ['-.5', { kind: 'float', value: -0.5 }],
    ['1e-305', { kind: 'float', value: 1e-305 }],
    ['-1.5E+3', { kind: 'float', value: -1500 }],
    ['NaN', { kind: 'float', value: Number.NaN }],
    ['-Inf', { kind: 'float', value: Number.NEGATIVE_INFINITY }],
    ["''", { kind: 'string', value: '' }],
    ["'\\'|\\\\|\\b|\\\"'", { kind: 'string', value: '\'|\\|\\b|\\"' }],
    ["'\\'", { kind: 'string', value: '\\' }],
    ["'\n😀'", { kind: 'string', value: '\n😀' }],
  ])('%s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value);
  });

  it.each([
    ['[ ]', '[]'],
    ["[1,'a', [null]]", "[1, 'a', [null]]"],
    ['{}', '{}'],
    ['{k:1, `a b`: {}, ``: 2}', '{``: 2, `a b`: {}, k: 1}'],
    ['()', '()'],
    ["( :B:A:B {b: 1, a: 'x'} )", "(:A:B {a: 'x', b: 1})"],
    ['({})', '()'],
    ['[:T]', '[:T]'],
    ['[ :T {k: 1}]', '[:T {k: 1}]'],
    ['[[:T], [:U]]', '[[:T], [:U]]'],
    ['<()>', '<()>'],
    ['<(:A)-[:T]->(:B {x: 1})<-[:U {y: 2}]-()>', '<(:A)-[:T]->(:B {x: 1})<-[:U {y: 2}]-()>'],
    ['[(:A), <()-[:T]->()>, {k: [:T]}]', '[(:A), <()-[:T]->()>, {k: [:T]}]'],
  ])('%s is spelled %s', (text, spelling) => {
    expect(spelled(text)).toBe(spelling);
    expect(spelled(spelling)).toBe(spelling);
  });

  it.each([
    '',
    '1 2',
    '[1',
    "'a",
    '{a 1}',
    '{a: 1, a: 2}',
    '(:)',
    '(A)',
    '[:]',
    '<()-[:T]-()>',
    'nil',
    'TRUE',
    '1.',
  ])('is refused: %s', (text) => {
    expect(() => parseLiteral(text)).toThrow(LiteralError);
  });

  it('is a value where it names no entity', () => {
    expect(toValue(parseLiteral("[1, 1.0, {a: 'x', b: null}]"))).toEqual([
      1n,
      1,
      new Map<string, unknown>([
        ['a', 'x'],
        ['b', null],
      ]),
    ]);
    expect(() => toValue(parseLiteral('[()]'))).toThrow(LiteralError);
  });
});
