/**
 * Sets of characters as predicates over code points, with the meaning of Java's patterns: `\d`, `\w` and `\s` are of
 * ASCII, `.` stops at any end of a line.
 */
import type { CharacterTest } from './tree.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

export const isLineEnd: CharacterTest = (c) =>
  c === LINE_FEED || c === RETURN || c === NEXT_LINE || c === LINE_SEPARATOR || c === PARAGRAPH_SEPARATOR;

export const not =
  (test: CharacterTest): CharacterTest =>
  (c) =>
    !test(c);

export const anyOf =
  (tests: readonly CharacterTest[]): CharacterTest =>
  (c) =>
    tests.some((test) => test(c));

export const exactly =
  (character: number): CharacterTest =>
  (c) =>
    c === character;

export const between =
  (first: number, last: number): CharacterTest =>
  (c) =>
    c >= first && c <= last;

/** A pattern for one character, with JavaScript's own engine. One character alone cannot make it slow. */
const oneOf = (source: string): CharacterTest => {
  const pattern = new RegExp(`^${source}$`, 'u');
  return (c) => pattern.test(String.fromCodePoint(c));
};

const DIGIT = between(0x30, 0x39);
export const isWord = oneOf('[A-Za-z0-9_]');
const SPACE = oneOf('[ \\t\\n\\v\\f\\r]');
const HORIZONTAL = oneOf('[ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]');
const VERTICAL: CharacterTest = (c) => isLineEnd(c) || c === 0x0b || c === 0x0c;

/** After a backslash. */
export const SHORTHANDS: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', DIGIT],
  ['D', not(DIGIT)],
  ['w', isWord],
  ['W', not(isWord)],
  ['s', SPACE],
  ['S', not(SPACE)],
  ['h', HORIZONTAL],
  ['H', not(HORIZONTAL)],
  ['v', VERTICAL],
  ['V', not(VERTICAL)],
]);

/** Java's POSIX classes, all of ASCII. */
const POSIX: ReadonlyMap<string, string> = new Map([
  ['Lower', '[a-z]'],
  ['Upper', '[A-Z]'],
  ['ASCII', '[\\x00-\\x7f]'],
  ['Alpha', '[A-Za-z]'],
  ['Digit', '[0-9]'],
  ['Alnum', '[A-Za-z0-9]'],
  ['Punct', '[!-\\/:-@\\[-`\\{-~]'],
  ['Graph', '[!-~]'],
  ['Print', '[ -~]'],
  ['Blank', '[ \\t]'],
  ['Cntrl', '[\\x00-\\x1f\\x7f]'],
  ['XDigit', '[0-9A-Fa-f]'],
  ['Space', '[ \\t\\n\\v\\f\\r]'],
]);

/** `L`, `Lu`, `IsAlphabetic`, `IsGreek`, `script=Greek`, `Alpha` …; undefined when there is no such property. */
export function property(name: string): CharacterTest | undefined {
  const posix = POSIX.get(name);
  if (posix !== undefined) return oneOf(posix);
  if (!/^\w+(?:=\w+)?$/.test(name)) return undefined;
  const bare = name.replace(/^Is/, '').replace(/^script=/i, 'Script=');
  for (const candidate of [bare, `Script=${bare}`]) {
    try {
      return oneOf(`\\p{${candidate}}`);
    } catch {
      // Not a property of this kind: the next spelling may be one.
    }
  }
  return undefined;
}

/** The same test, passed by characters one of whose cases passes it. */
export const ignoringCase =
  (test: CharacterTest): CharacterTest =>
  (c) => {
    if (test(c)) return true;
    const character = String.fromCodePoint(c);
    const lower = character.toLowerCase();
    const upper = character.toUpperCase();
    return (
      (lower !== character && test(lower.codePointAt(0) ?? c)) ||
      (upper !== character && test(upper.codePointAt(0) ?? c))
    );
  };
