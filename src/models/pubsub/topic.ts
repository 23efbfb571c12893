/** Topics and patterns: dot-separated levels, `*` for one level or a part of it, `#` for any number of levels at the end. */
import { FacetError, LIMITS } from '../../base/index.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Characters of a topic mean themselves, `*` and `#` too. @throws INVALID_PARAMETER */
export function checkTopic(topic: string): void {
  check('topic', topic);
}

/** The levels of a pattern. @throws INVALID_PARAMETER */
export function patternLevels(pattern: string): readonly string[] {
  check('pattern', pattern);
  const levels = pattern.split('.');
  const many = levels.indexOf('#');
  if (many === -1) return levels;
  if (levels.indexOf('#', many + 1) !== -1) {
    throw new FacetError('INVALID_PARAMETER', `Pattern '${pattern}' can only contain one # wildcard`);
  }
  if (many !== levels.length - 1) {
    throw new FacetError('INVALID_PARAMETER', `# wildcard must be at the end of pattern '${pattern}'`);
  }
  return levels;
}

/** Whether a pattern stands for one topic only, which has its name. */
export const isExact = (levels: readonly string[]): boolean =>
  !levels.some((level) => level === '#' || level.includes('*'));

/**
 * Whether a level of a topic fits one of a pattern that has a `*` in it. Each piece between two `*` is taken where it is
 * found first, which leaves the most to those behind it; so nothing is tried twice, and the search is the engine's own.
 */
export function fitsLevel(pattern: string, level: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const end = level.length - last.length;
  if (first.length > end || !level.startsWith(first) || !level.endsWith(last)) return false;
  let at = first.length;
  for (let n = 1; n < pieces.length - 1; n++) {
    const piece = pieces[n] ?? '';
    const found = level.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

function check(what: string, text: string): void {
  if (text.length === 0) throw new FacetError('INVALID_PARAMETER', `A ${what} cannot be empty`);
  if (text.includes('\0')) {
    throw new FacetError('INVALID_PARAMETER', `A ${what} cannot hold the character NUL`);
  }
  if (LONE_SURROGATE.test(text)) {
    throw new FacetError('INVALID_PARAMETER', `A ${what} cannot hold half of a surrogate pair`);
  }
  if (text.length * 3 > LIMITS.pubsubTopicBytesMax && Buffer.byteLength(text) > LIMITS.pubsubTopicBytesMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `A ${what} has at most ${LIMITS.pubsubTopicBytesMax} bytes (pubsubTopicBytesMax)`,
    );
  }
  let levels = 1;
  for (let n = text.indexOf('.'); n !== -1; n = text.indexOf('.', n + 1)) levels++;
  if (levels > LIMITS.pubsubLevelsMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `A ${what} has at most ${LIMITS.pubsubLevelsMax} levels (pubsubLevelsMax)`,
    );
  }
}
