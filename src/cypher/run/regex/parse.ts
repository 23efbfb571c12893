/**
 * Reads a regular expression in the syntax of Java, which Cypher's `=~` has: groups, flags, classes with unions and
 * intersections, quantifiers, anchors, quotes. As only "matches the whole text or not" is asked for, lazy quantifiers
 * mean the same as greedy ones. What no automaton can do is refused by its name: back references, looking around,
 * possessive quantifiers and atomic groups.
 */
import { LIMITS } from '../../../base/index.ts';
import { anyOf, between, exactly, ignoringCase, isLineEnd, not } from './character-tests.ts';
import { Cursor } from './cursor.ts';
import { characterClass, escaped } from './parse-class.ts';
import { atEnd, atStart, lastLineEnd, lineEnd, lineStart, wordEdge } from './places.ts';
import { badRegex, type CharacterTest, EMPTY, type PlaceTest, type Regex } from './tree.ts';

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
}

const NO_FLAGS: Flags = { i: false, m: false, s: false, x: false };

const PLACES: ReadonlyMap<string, PlaceTest> = new Map([
  ['b', wordEdge],
  ['B', (before, after, last) => !wordEdge(before, after, last)],
  ['A', atStart],
  ['z', atEnd],
  ['Z', lastLineEnd],
]);

const QUANTIFIER = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y;
const FLAG_GROUP = /\(\?([imsxu]*)(?:-([imsxu]+))?([:)])/y;
const NAMED_GROUP = /\(\?<[A-Za-z][A-Za-z0-9]*>/y;

/** @throws ArgumentError InvalidArgumentValue */
export function parseRegex(pattern: string): Regex {
  if (pattern.length > LIMITS.cypherRegexInstructionsMax) {
    throw badRegex(pattern, `is too long: it may have ${LIMITS.cypherRegexInstructionsMax} characters`);
  }
  return new Reader(pattern).whole();
}

class Reader {
  readonly #cursor: Cursor;
  #flags: Flags = NO_FLAGS;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  whole(): Regex {
    const regex = this.#choice();
    if (!this.#cursor.isAtEnd) this.#cursor.refuse('has a ) too many');
    return regex;
  }

  /** Flags set inside last to the end of the group. */
  #choice(): Regex {
    const flags = this.#flags;
    const options = [this.#sequence()];
    while (this.#cursor.take('|')) options.push(this.#sequence());
    this.#flags = flags;
    return options.length === 1 ? (options[0] ?? EMPTY) : { kind: 'choice', options };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    while (!this.#cursor.isAtEnd && this.#cursor.next !== '|' && this.#cursor.next !== ')') {
      if (this.#flags.x && this.#skipComment()) continue;
      if (this.#cursor.take('\\Q')) {
        const quoted = this.#quoted();
        const last = quoted.pop();
        parts.push(...quoted);
        if (last !== undefined) parts.push(this.#quantified(last));
        continue;
      }
      const atom = this.#atom();
      if (atom !== undefined) parts.push(this.#quantified(atom));
    }
    return parts.length === 1 ? (parts[0] ?? EMPTY) : { kind: 'sequence', parts };
  }

  #skipComment(): boolean {
    if (/\s/.test(this.#cursor.next)) {
      this.#cursor.at += 1;
      return true;
    }
    if (this.#cursor.next !== '#') return false;
    const end = this.#cursor.text.indexOf('\n', this.#cursor.at);
    this.#cursor.at = end < 0 ? this.#cursor.text.length : end + 1;
    return true;
  }

  /** Up to `\E` or the end, character by character. */
  #quoted(): Regex[] {
    const parts: Regex[] = [];
    while (!this.#cursor.isAtEnd && !this.#cursor.take('\\E'))
      parts.push(this.#one(exactly(this.#cursor.character())));
    return parts;
  }

  #one(test: CharacterTest): Regex {
    return { kind: 'character', test: this.#flags.i ? ignoringCase(test) : test };
  }

  #quantified(atom: Regex): Regex {
    let regex = atom;
    for (
      let found = this.#cursor.match(QUANTIFIER);
      found !== undefined;
      found = this.#cursor.match(QUANTIFIER)
    ) {
      const [sign, least, comma, most] = found;
      if (this.#cursor.take('+'))
        this.#cursor.refuse(`has a possessive quantifier (${sign}+), which Cypher here does not support`);
      this.#cursor.take('?');
      const min = least === undefined ? (sign === '+' ? 1 : 0) : Number(least);
      const max = most
        ? Number(most)
        : sign === '?'
          ? 1
          : least === undefined || comma !== undefined
            ? Number.POSITIVE_INFINITY
            : min;
      if (max < min) this.#cursor.refuse(`repeats from ${min} to ${max} times`);
      regex = { kind: 'repeat', of: regex, min, max };
    }
    return regex;
  }

  /** Undefined for what only changes flags. */
  #atom(): Regex | undefined {
    if (this.#cursor.next === '(') return this.#group();
    const character = this.#cursor.character();
    switch (String.fromCodePoint(character)) {
      case '.':
        return { kind: 'character', test: this.#flags.s ? () => true : not(isLineEnd) };
      case '[':
        return this.#one(characterClass(this.#cursor));
      case '\\':
        return this.#escape();
      case '^':
        return this.#place(this.#flags.m ? lineStart : atStart);
      case '$':
        return this.#place(this.#flags.m ? lineEnd : lastLineEnd);
      case '*':
      case '+':
      case '?':
        return this.#cursor.refuse(`has a ${String.fromCodePoint(character)} with nothing to repeat`);
      case '{':
        return this.#cursor.refuse('has a { with nothing to repeat; write \\{ for the character');
      default:
        return this.#one(exactly(character));
    }
  }

  /**
   * At the very beginning and the very end of the pattern a place is certain, as the whole text must match; leaving it
   * out there keeps the faster way of matching open.
   */
  #place(test: PlaceTest): Regex {
    const start = this.#cursor.text.slice(0, this.#cursor.at);
    const first = test === atStart && (start === '^' || start === '\\A');
    const last = (test === lastLineEnd || test === atEnd) && this.#cursor.at === this.#cursor.text.length;
    return first || last ? EMPTY : { kind: 'place', test };
  }

  #group(): Regex | undefined {
    const flags = this.#cursor.match(FLAG_GROUP);
    if (flags !== undefined) {
      const [, on = '', off = '', end] = flags;
      const before = this.#flags;
      this.#flags = withFlags(before, on, off);
      if (end === ')') return undefined;
      const inside = this.#inside();
      this.#flags = before;
      return inside;
    }
    if (this.#cursor.match(NAMED_GROUP) === undefined) {
      this.#cursor.at += 1;
      if (this.#cursor.next === '?') this.#refuseGroup();
    }
    return this.#inside();
  }

  #refuseGroup(): never {
    const looking = /^\?<?[=!]/.test(this.#cursor.text.slice(this.#cursor.at));
    const atomic = this.#cursor.text.startsWith('?>', this.#cursor.at);
    if (looking) this.#cursor.refuse('looks ahead or behind, which Cypher here does not support');
    if (atomic) this.#cursor.refuse('has an atomic group, which Cypher here does not support');
    this.#cursor.refuse(
      `has a group of an unknown kind: (${this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 2)}`,
    );
  }

  #inside(): Regex {
    const regex = this.#cursor.deeper(() => this.#choice());
    if (!this.#cursor.take(')')) this.#cursor.refuse('has a ( without its )');
    return regex;
  }

  #escape(): Regex {
    const place = PLACES.get(this.#cursor.next);
    if (place !== undefined) {
      this.#cursor.at += 1;
      return this.#place(place);
    }
    if (this.#cursor.take('R')) {
      const pair = {
        kind: 'sequence',
        parts: [exactly(0x0d), exactly(0x0a)].map((test) => this.#one(test)),
      } as const;
      const single = anyOf([isLineEnd, between(0x0b, 0x0c)]);
      return { kind: 'choice', options: [pair, { kind: 'character', test: single }] };
    }
    if (/[1-9k]/.test(this.#cursor.next))
      this.#cursor.refuse('has a back reference, which Cypher here does not support');
    const read = escaped(this.#cursor);
    return this.#one(typeof read === 'number' ? exactly(read) : read);
  }
}

const withFlags = (flags: Flags, on: string, off: string): Flags => {
  const now = (flag: keyof Flags): boolean => (flags[flag] || on.includes(flag)) && !off.includes(flag);
  return { i: now('i'), m: now('m'), s: now('s'), x: now('x') };
};
