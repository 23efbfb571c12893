/** Escapes and classes in square brackets: what stands for one character out of a set. */
import { anyOf, between, exactly, not, property, SHORTHANDS } from './character-tests.ts';
import type { Cursor } from './cursor.ts';
import type { CharacterTest } from './tree.ts';

const CODE = /u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|0([0-3]?[0-7]{1,2})/y;
const PROPERTY = /([pP])(?:\{(\^?)([^}]*)\}|([A-Z]))/y;
const LAST_CHARACTER = 0x10ffff;

const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['r', 0x0d],
  ['f', 0x0c],
  ['a', 0x07],
  ['e', 0x1b],
]);

/** After a backslash, inside and outside of a class: a set of characters, or one. */
export function escaped(cursor: Cursor): CharacterTest | number {
  const shorthand = SHORTHANDS.get(cursor.next);
  if (shorthand !== undefined) {
    cursor.at += 1;
    return shorthand;
  }
  const named = cursor.match(PROPERTY);
  if (named !== undefined) {
    const [, letter, caret, long, short] = named;
    const name = long ?? short ?? '';
    const test = property(name) ?? cursor.refuse(`names a property that there is not: ${name}`);
    return (letter === 'P') !== (caret === '^') ? not(test) : test;
  }
  const code = cursor.match(CODE);
  if (code !== undefined) {
    const [, four, two, braced, octal] = code;
    const value =
      octal === undefined ? Number.parseInt(four ?? two ?? braced ?? '', 16) : Number.parseInt(octal, 8);
    return value <= LAST_CHARACTER ? value : cursor.refuse('names a character beyond the last one');
  }
  if (cursor.take('c')) return cursor.character() ^ 0x40;
  const control = CONTROL_ESCAPES.get(cursor.next);
  const character = cursor.character();
  if (control !== undefined) return control;
  const sign = String.fromCodePoint(character);
  return /[A-Za-z0-9]/.test(sign) ? cursor.refuse(`has an unknown escape: \\${sign}`) : character;
}

/** Behind the `[`, up to and with the `]`. `&&` cuts down to what both sides have. */
export function characterClass(cursor: Cursor): CharacterTest {
  const negated = cursor.take('^');
  const sides: CharacterTest[] = [];
  let side: CharacterTest[] = [];
  for (let first = true; first || cursor.next !== ']'; first = false) {
    if (cursor.isAtEnd) cursor.refuse('has a [ without its ]');
    if (cursor.take('&&')) {
      sides.push(anyOf(side));
      side = [];
    } else if (cursor.take('[')) side.push(cursor.deeper(() => characterClass(cursor)));
    else side.push(range(cursor));
  }
  cursor.at += 1;
  if (sides.length === 0) return negated ? not(anyOf(side)) : anyOf(side);
  sides.push(anyOf(side));
  return (c) => sides.every((test) => test(c)) !== negated;
}

function range(cursor: Cursor): CharacterTest {
  const first = cursor.take('\\') ? escaped(cursor) : cursor.character();
  if (typeof first !== 'number') return first;
  if (cursor.next !== '-' || /^-(?:\]|\[|&&)/.test(cursor.text.slice(cursor.at, cursor.at + 3))) {
    return exactly(first);
  }
  cursor.at += 1;
  const last = cursor.take('\\') ? escaped(cursor) : cursor.character();
  if (typeof last !== 'number') cursor.refuse('has a range that ends with a class');
  if (last < first) cursor.refuse('has a range that runs backwards');
  return between(first, last);
}
