/** Texts and their tokens. */
import { describe, expect, it } from 'vitest';
import { lex } from './lexer.ts';

const tokens = (text: string): string[] =>
  lex(text).map(({ kind, text: content, number, fault }) => {
    if (kind === 'integer' || kind === 'float') return `${kind} ${number}`;
    return fault === undefined ? `${kind} ${content}`.trim() : `fault ${fault.reason}`;
  });

const words = (text: string): string => tokens(text).slice(0, -1).join(', ');

describe('the lexer', () => {
  it.each([
    ['a-->b', 'name a, symbol -, symbol -, symbol >, name b'],
    ['a<-1', 'name a, symbol <, symbol -, integer 1'],
    ['a<=b>=c<>d=~e', 'name a, symbol <=, name b, symbol >=, name c, symbol <>, name d, symbol =~, name e'],
    ['*1..2', 'symbol *, integer 1, symbol .., integer 2'],
    ['[..5]', 'symbol [, symbol .., integer 5, symbol ]'],
    ['1.5.x', 'float 1.5, symbol ., name x'],
    ['1.x', 'integer 1, symbol ., name x'],
    ['.5e1', 'float 5'],
    ['1e+2-1', 'float 100, symbol -, integer 1'],
    ['0x1e+2', 'integer 30, symbol +, integer 2'],
    ['+=||::', 'symbol +=, symbol ||, symbol ::'],
    ['`a``b` ``', 'quoted-name a`b, quoted-name'],
    ['$a $0 $`b c` $Ü', 'parameter a, parameter 0, parameter b c, parameter Ü'],
    ["'it''s' \"q'\"", "string it, string s, string q'"],
    ["'a\\'b'", "string a'b"],
    ['Ünï_1 𝒳y ‿z', 'name Ünï_1, name 𝒳y, name ‿z'],
    ['a€ a$b', 'name a€, name a$b'],
    ['a/b//c\nd/*\n*/e', 'name a, symbol /, name b, name d, name e'],
    ['\ufeffa\u00a0\u2003\u180eb\x1c\x1fc', 'name a, name b, name c'],
    ['9h 0x', 'fault InvalidNumberLiteral, fault InvalidNumberLiteral'],
    ['a#b', 'name a, fault UnexpectedSyntax, name b'],
    ['1 — 2', 'integer 1, fault InvalidUnicodeCharacter, integer 2'],
    ['\ud800', 'fault InvalidUnicodeCharacter'],
    ["a 'b", 'name a, fault UnexpectedSyntax'],
    ["'b\\", 'fault UnexpectedSyntax'],
    ['`a``', 'fault UnexpectedSyntax'],
    ['/* a', 'fault UnexpectedSyntax'],
    ['$', 'fault UnexpectedSyntax'],
  ])('reads %j', (text, expected) => {
    expect(words(text)).toBe(expected);
  });

  it('ends every list with an end', () => {
    expect(tokens('')).toEqual(['end']);
    expect(tokens('a // b')).toEqual(['name a', 'end']);
  });

  it('knows keywords in any case, but not in backticks and not in look-alikes', () => {
    expect(lex('match MATCH mAtCh `MATCH` matches lımıt').map(({ keyword }) => keyword)).toEqual([
      'MATCH',
      'MATCH',
      'MATCH',
      '',
      '',
      '',
      '',
    ]);
  });

  it('pairs brackets, and none that are crossed', () => {
    const matches = (text: string): number[] => lex(text).map(({ match }) => match);
    expect(matches('([{}])')).toEqual([5, 4, 3, -1, -1, -1, -1]);
    expect(matches('([)]')).toEqual([-1, -1, -1, -1, -1]);
    expect(matches('(()')).toEqual([-1, 2, -1, -1]);
  });

  it('gives each token its place', () => {
    expect(lex("  ab 'c\\n'").map(({ start, end }) => [start, end])).toEqual([
      [2, 4],
      [5, 10],
      [10, 10],
    ]);
  });
});
