/**
 * `=~`: whether a text as a whole matches a regular expression. JavaScript's own engine goes back and tries again, and
 * `(a+)+b` against thirty letters keeps it busy for minutes; a database cannot leave that to whoever writes a pattern.
 * So patterns run as an automaton that reads each character once and holds all states it may be in: the time grows
 * with text times pattern, whatever they are, and a budget of steps bounds that product.
 *
 * Sets of states that come up are kept with what follows them on a character, so common patterns cost one look-up per
 * character. Differences to Java: what needs going back is refused (see parse.ts), `(?i)` covers all of Unicode.
 */
import { LIMITS } from '../../../base/index.ts';
import { argumentError } from '../../cypher-error.ts';
import { parseRegex } from './parse.ts';
import { assemble, type Program } from './program.ts';
import { shownRegex } from './tree.ts';

/** Sets of states that are kept; when there are more, all are forgotten and found anew. */
const KEPT_SETS_MAX = 512;
/** Characters with codes below this find what follows in an array. */
const QUICK_CHARACTERS = 128;
const OUTSIDE = -1;

interface States {
  /** Instructions that test a character, ascending. */
  readonly tests: readonly number[];
  readonly accepts: boolean;
  readonly quick: (States | undefined)[];
  readonly others: Map<number, States>;
}

/** @throws ArgumentError InvalidArgumentValue for a pattern that cannot be read */
export function compileRegex(pattern: string): (text: string) => boolean {
  const program = assemble(parseRegex(pattern), pattern);
  const automaton = new Automaton(program, pattern);
  return program.hasPlaces ? (text) => automaton.walk(text) : (text) => automaton.run(text);
}

class Automaton {
  readonly #program: Program;
  readonly #pattern: string;
  #kept = new Map<string, States>();
  #start: States | undefined;
  #steps = 0;
  /** By instruction, the last round in which it was reached. */
  readonly #reached: Uint32Array;
  #round = 0;

  constructor(program: Program, pattern: string) {
    this.#program = program;
    this.#pattern = pattern;
    this.#reached = new Uint32Array(program.instructions.length);
  }

  run(text: string): boolean {
    this.#steps = 0;
    this.#start ??= this.#keep(this.#closure([0], OUTSIDE, OUTSIDE, false));
    let states = this.#start;
    for (let at = 0; at < text.length; at += 1) {
      let character = text.charCodeAt(at);
      if (character < QUICK_CHARACTERS) {
        states = states.quick[character] ?? this.#follow(states, character);
      } else {
        character = text.codePointAt(at) ?? character;
        if (character > 0xffff) at += 1;
        states = states.others.get(character) ?? this.#follow(states, character);
      }
      if (states.tests.length === 0 && !states.accepts) return false;
    }
    return states.accepts;
  }

  /** For patterns with places: these need the characters around, so nothing is kept. */
  walk(text: string): boolean {
    this.#steps = 0;
    const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const lastLine = lastLineEndOf(characters);
    let states = this.#closure([0], OUTSIDE, characters[0] ?? OUTSIDE, lastLine === 0);
    for (let at = 0; at < characters.length; at += 1) {
      const character = characters[at] ?? 0;
      const next = this.#passing(states.tests, character);
      if (next.length === 0) return false;
      states = this.#closure(next, character, characters[at + 1] ?? OUTSIDE, lastLine === at + 1);
    }
    return states.accepts;
  }

  #follow(states: States, character: number): States {
    const next = this.#keep(this.#closure(this.#passing(states.tests, character), OUTSIDE, OUTSIDE, false));
    if (character < QUICK_CHARACTERS) states.quick[character] = next;
    else if (states.others.size < KEPT_SETS_MAX) states.others.set(character, next);
    return next;
  }

  #keep(states: States): States {
    const key = `${states.accepts}${states.tests.join()}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#kept.size >= KEPT_SETS_MAX) {
      this.#kept = new Map();
      this.#start = undefined;
    }
    this.#kept.set(key, states);
    return states;
  }

  #passing(tests: readonly number[], character: number): number[] {
    this.#count(tests.length);
    const next: number[] = [];
    for (const at of tests) {
      const instruction = this.#program.instructions[at];
      if (instruction?.kind === 'character' && instruction.test(character)) next.push(at + 1);
    }
    return next;
  }

  /** Everything that is reached from `from` without reading a character. */
  #closure(from: number[], before: number, after: number, isLastLine: boolean): States {
    const { instructions } = this.#program;
    this.#round = (this.#round + 1) >>> 0;
    if (this.#round === 0) {
      this.#reached.fill(0);
      this.#round = 1;
    }
    const tests: number[] = [];
    let accepts = false;
    for (let at = from.pop(); at !== undefined; at = from.pop()) {
      if (this.#reached[at] === this.#round) continue;
      this.#reached[at] = this.#round;
      this.#count(1);
      const instruction = instructions[at];
      if (instruction === undefined) continue;
      if (instruction.kind === 'character') tests.push(at);
      else if (instruction.kind === 'end') accepts = true;
      else if (instruction.kind === 'jump') from.push(instruction.to);
      else if (instruction.kind === 'fork') from.push(instruction.first, instruction.second);
      else if (instruction.test(before, after, isLastLine)) from.push(at + 1);
    }
    tests.sort((left, right) => left - right);
    return { tests, accepts, quick: [], others: new Map() };
  }

  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps <= LIMITS.cypherRegexStepsMax) return;
    throw argumentError(
      'NumberOutOfRange',
      `matching the regular expression ${shownRegex(this.#pattern)} takes over ${LIMITS.cypherRegexStepsMax} steps`,
    );
  }
}

/** Where an end of line begins that nothing follows, -1 without one. */
function lastLineEndOf(characters: readonly number[]): number {
  const last = characters.length - 1;
  const isPair = characters[last] === 0x0a && characters[last - 1] === 0x0d;
  const ends = [0x0a, 0x0d, 0x85, 0x2028, 0x2029].includes(characters[last] ?? 0);
  return isPair ? last - 1 : ends ? last : OUTSIDE;
}
