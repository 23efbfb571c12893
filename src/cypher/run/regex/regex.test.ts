/** Regular expressions: agreement with JavaScript's engine, Java's syntax, what is refused, and that none hangs. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex } from './regex.ts';

const matches = (pattern: string, text: string): boolean => compileRegex(pattern)(text);

describe('matching the whole text', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['abc', 'xabc', false],
    ['', '', true],
    ['', 'a', false],
    ['.*b.*', 'abc', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['(?i)straße|ÉTÉ', 'été', true],
    ['(?i)abc', 'aBC', true],
    ['a(?i)b', 'aB', true],
    ['a(?i)b', 'AB', false],
    ['(?i:a)b', 'AB', false],
    ['(?i)a(?-i)b', 'AB', false],
    ['(?x) a b # comment', 'ab', true],
    ['a{2,3}', 'aa', true],
    ['a{2,3}', 'aaaa', false],
    ['a{2}', 'aa', true],
    ['a{2,}', 'aaaaa', true],
    ['a{0}b', 'b', true],
    ['(ab|cd)+?', 'abcdab', true],
    ['(?<year>\\d{4})-(\\d\\d)', '2026-11', true],
    ['[a-c&&[^b]]+', 'acca', true],
    ['[a-c&&[^b]]+', 'abc', false],
    ['[a[0-9]_-]+', 'a9-_', true],
    ['[]a]+', ']a', true],
    ['[^a]', 'b', true],
    ['[\\d\\s]+', '1 2', true],
    ['\\p{Lu}\\p{L}+', 'Ünder', true],
    ['\\P{L}', '1', true],
    ['\\p{IsGreek}+', 'αβγ', true],
    ['\\p{Alpha}+', 'abc', true],
    ['\\Qa.b\\E+', 'a.bbb', true],
    ['\\Qa.b', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['\\u0041\\x42\\x{1F600}', 'AB😀', true],
    ['.', '😀', true],
    ['..', '😀', false],
    ['[😀-😂]', '😁', true],
    ['^abc$', 'abc', true],
    ['^a|b$', 'b', true],
    ['(^a)*', 'aa', false],
    ['a^b', 'ab', false],
    ['(?m)a\\n^b$', 'a\nb', true],
    ['a$\\n', 'a\n', true],
    ['.*\\bcat\\b.*', 'a cat.', true],
    ['.*\\bcat\\b.*', 'concat.', false],
    ['a\\Rb', 'a\r\nb', true],
    ['a\\hb', 'a\tb', true],
    ['\\(\\)\\\\', '()\\', true],
    ['(a*)*', 'aaa', true],
    ['(a|b|)c', 'c', true],
    ['(?:)', '', true],
  ])('%s against %j is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each([
    ['(a', '( without'],
    ['a)', ') too many'],
    ['[a', '[ without'],
    ['*a', 'nothing to repeat'],
    ['a{3,2}', 'repeats from 3 to 2'],
    ['(a)\\1', 'back reference'],
    ['(?=a)a', 'looks ahead'],
    ['(?<!a)a', 'looks ahead or behind'],
    ['(?>a)', 'atomic'],
    ['a++', 'possessive'],
    ['\\y', 'unknown escape'],
    ['\\p{Nope}', 'property'],
    ['[z-a]', 'backwards'],
    ['a\\', 'ends too early'],
    ['(((a{50}){50}){50})', 'too large'],
    ['(){1000000000}', 'too large'],
    [`${'('.repeat(1_000)}a`, 'nests deeper'],
    ['a'.repeat(3_000), 'too long'],
    ['(?d)a', 'unknown kind'],
  ])('refuses %s', (pattern, why) => {
    expect(() => compileRegex(pattern)).toThrow(why);
  });

  it('agrees with the engine of JavaScript', () => {
    const leaf = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\b', '^', '$');
    const { regex } = fc.letrec<{ regex: string }>((tie) => ({
      regex: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        leaf,
        fc.tuple(tie('regex'), tie('regex')).map(([one, two]) => one + two),
        fc.tuple(tie('regex'), tie('regex')).map(([one, two]) => `(?:${one}|${two})`),
        fc
          .tuple(tie('regex'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?', '{0,}'))
          .map(([one, many]) => `(?:${one})${many}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', 'c'), maxLength: 8 });
    void fc.assert(
      fc.property(regex, fc.array(text, { minLength: 1, maxLength: 5 }), (source, texts) => {
        const ours = compileRegex(source);
        const theirs = new RegExp(`^(?:${source})$`, 'u');
        for (const one of texts) expect([source, one, ours(one)]).toEqual([source, one, theirs.test(one)]);
      }),
      { numRuns: 500 },
    );
  });

  it('answers at once where an engine that tries again would not', () => {
    const long = 'a'.repeat(20_000);
    expect(matches('(a+)+b', long)).toBe(false);
    expect(matches('(a|aa)*c', long)).toBe(false);
    expect(matches('(?:a?){100}a{100}', 'a'.repeat(100))).toBe(true);
    expect(matches('(\\ba*)*$x', long)).toBe(false);
  });

  it('gives up by name where text times pattern is too much', () => {
    expect(() => matches('(\\B?a*){200}b', 'a'.repeat(20_000))).toThrow('steps');
  });
});
