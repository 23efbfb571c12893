/**
 * Patterns of keys as Redis has them: `*` any characters, `?` one, `[abc]` `[a-c]` `[^a]` one of a class, and `\` takes
 * the next character literally. Characters are code points. Steps are counted, for whoever matches many keys has to look
 * up now and then.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';

type Part =
  | { readonly type: 'any' }
  | { readonly type: 'one' }
  | { readonly type: 'literal'; readonly character: string }
  | {
      readonly type: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

export interface Glob {
  /** What every match begins with. */
  readonly prefix: string;
  /** @throws LIMIT_EXCEEDED when that takes more than LIMITS.kvPatternStepsPerKeyMax steps */
  matches(text: string): boolean;
  /** That all matching has taken so far. */
  readonly steps: number;
}

/** @throws INVALID_PARAMETER */
export function parseGlob(pattern: string): Glob {
  if (pattern.length > LIMITS.kvPatternCharactersMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `A pattern has at most ${LIMITS.kvPatternCharactersMax} characters (kvPatternCharactersMax)`,
    );
  }
  const parts = partsOf(Array.from(pattern));
  let prefix = '';
  for (const part of parts) {
    if (part.type !== 'literal') break;
    prefix += part.character;
  }
  let steps = 0;
  return {
    prefix,
    matches: (text) => {
      const [matched, taken] = matchesAll(parts, Array.from(text));
      steps += taken + text.length;
      return matched;
    },
    get steps() {
      return steps;
    },
  };
}

function partsOf(characters: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*') {
      if (parts.at(-1)?.type !== 'any') parts.push({ type: 'any' });
    } else if (character === '?') parts.push({ type: 'one' });
    else if (character === '[') {
      const [part, end] = classAt(characters, at + 1);
      parts.push(part);
      at = end;
    } else if (character === '\\' && at + 1 < characters.length) {
      at++;
      parts.push({ type: 'literal', character: characters[at] ?? '' });
    } else parts.push({ type: 'literal', character });
  }
  return parts;
}

/** The class whose first character is at `from`, and where it ends. One that is not closed ends with the pattern. */
function classAt(characters: readonly string[], from: number): readonly [Part, number] {
  const negated = characters[from] === '^';
  const ranges: [string, string][] = [];
  let at = negated ? from + 1 : from;
  for (; at < characters.length && characters[at] !== ']'; at++) {
    if (characters[at] === '\\' && at + 1 < characters.length) at++;
    const first = characters[at] ?? '';
    const last = characters[at + 1] === '-' && characters[at + 2] !== ']' ? characters[at + 2] : undefined;
    if (last === undefined) ranges.push([first, first]);
    else {
      ranges.push(codeOf(first) <= codeOf(last) ? [first, last] : [last, first]);
      at += 2;
    }
  }
  return [{ type: 'class', negated, ranges }, at];
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** Goes back only to the last `*`: an earlier one can take nothing that the last one could not. And the steps it took. */
function matchesAll(parts: readonly Part[], text: readonly string[]): readonly [boolean, number] {
  let part = 0;
  let at = 0;
  let star = -1;
  let taken = 0;
  let steps = 0;
  while (at < text.length) {
    if (++steps > LIMITS.kvPatternStepsPerKeyMax) throw tooManySteps();
    const current = parts[part];
    if (current?.type === 'any') {
      star = part++;
      taken = at;
    } else if (current !== undefined && matchesOne(current, text[at] ?? '')) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++taken;
    } else return [false, steps];
  }
  while (parts[part]?.type === 'any') part++;
  return [part === parts.length, steps];
}

const tooManySteps = (): FacetError =>
  new FacetError(
    'LIMIT_EXCEEDED',
    `The pattern takes more than ${LIMITS.kvPatternStepsPerKeyMax} steps on one key (kvPatternStepsPerKeyMax)`,
  );

function matchesOne(part: Part, character: string): boolean {
  if (part.type === 'one') return true;
  if (part.type === 'literal') return part.character === character;
  if (part.type === 'any') return false;
  const code = codeOf(character);
  const within = part.ranges.some(([first, last]) => code >= codeOf(first) && code <= codeOf(last));
  return within !== part.negated;
}
