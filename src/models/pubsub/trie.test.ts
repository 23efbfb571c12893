/** Topics and patterns, against a matcher that is too simple to be wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FacetError } from '../../base/index.ts';
import { checkTopic, fitsLevel, isExact, patternLevels } from './topic.ts';
import { Trie } from './trie.ts';

/** As the rules say it, without a thought for speed. */
function naive(pattern: readonly string[], topic: readonly string[]): boolean {
  const [level, ...rest] = pattern;
  if (level === undefined) return topic.length === 0;
  if (level === '#') return true;
  const [first, ...others] = topic;
  if (first === undefined) return false;
  const expression = new RegExp(
    `^${level.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`,
    's',
  );
  return expression.test(first) && naive(rest, others);
}

const level = fc.constantFrom('a', 'b', 'ab', '', 'a-b', '$', '#x');
const patternLevel = fc.oneof(level, fc.constantFrom('*', 'a*', '*b', '*a*', '**', 'a*b'));
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).filter((levels) => levels.join('.') !== '');
const pattern = fc
  .tuple(fc.array(patternLevel, { maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ['#'] : [])])
  .filter((levels) => levels.join('.') !== '');

describe('a trie', () => {
  it('matches as the rules say, each value once, also after some were removed', () => {
    const values = fc.array(fc.tuple(pattern, fc.integer({ min: 0, max: 5 }), fc.boolean()), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, fc.array(topic, { minLength: 1, maxLength: 5 }), (given, topics) => {
        const trie = new Trie<number>();
        const pairs = new Map<string, { levels: readonly string[]; value: number }>();
        for (const [levels, value] of given) {
          trie.add(levels, value);
          pairs.set(`${levels.join('.')} ${value}`, { levels, value });
        }
        const check = (): void => {
          for (const levels of topics) {
            const expected = new Set(
              [...pairs.values()].filter((p) => naive(p.levels, levels)).map((p) => p.value),
            );
            const found = trie.match(levels.join('.'));
            expect(found).toHaveLength(expected.size);
            expect(new Set(found)).toEqual(expected);
          }
        };
        check();
        for (const [levels, value, removed] of given) {
          if (!removed) continue;
          trie.remove(levels, value);
          pairs.delete(`${levels.join('.')} ${value}`);
        }
        check();
        for (const { levels, value } of pairs.values()) trie.remove(levels, value);
        expect(trie.empty).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('matches what the reference gives as examples', () => {
    const matches = (text: string, name: string): boolean => {
      const trie = new Trie<true>();
      trie.add(patternLevels(text), true);
      return trie.match(name).length > 0;
    };
    for (const name of ['a', 'a.b', 'a.b.c']) expect(matches('a.#', name)).toBe(true);
    expect(matches('#', 'anything.at.all')).toBe(true);
    expect(matches('a.*', 'a.b')).toBe(true);
    expect(matches('a.*', 'a.b.c')).toBe(false);
    expect(matches('a.*', 'a')).toBe(false);
    expect(matches('user-*.login', 'user-7.login')).toBe(true);
    expect(matches('user-*.login', 'guest-7.login')).toBe(false);
    expect(matches('a.b', 'A.b')).toBe(false);
    expect(matches('a.b', 'a.*')).toBe(false);
  });
});

describe('patterns', () => {
  it('fit a level as a regular expression would', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (glob, level) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(level);
        if (glob.includes('*')) expect(fitsLevel(glob, level)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('have # at the end only, and once', () => {
    expect(patternLevels('a.*.#')).toEqual(['a', '*', '#']);
    expect(() => patternLevels('#.a')).toThrow('# wildcard must be at the end');
    expect(() => patternLevels('#.#')).toThrow('can only contain one #');
    expect(isExact(patternLevels('a.#b'))).toBe(true);
    expect(isExact(patternLevels('a.b*'))).toBe(false);
  });

  it('and topics are bounded', () => {
    for (const bad of ['', 'a\0', '\ud800', 'x'.repeat(1_025), `${'a.'.repeat(64)}a`]) {
      expect(() => checkTopic(bad)).toThrow(FacetError);
      expect(() => patternLevels(bad)).toThrow(FacetError);
    }
    checkTopic('a.*.#');
  });

  it('match a level in time that does not explode', () => {
    expect(fitsLevel('*a'.repeat(200), 'a'.repeat(1_000))).toBe(true);
    expect(fitsLevel(`${'*a'.repeat(200)}b`, 'a'.repeat(1_000))).toBe(false);
    // More than the test's time when each is tried at every place.
    const patterns = Array.from({ length: 30_000 }, (_, n) => `*${'a'.repeat(450)}b${n}*`);
    expect(patterns.filter((pattern) => fitsLevel(pattern, 'a'.repeat(1_001)))).toEqual([]);
  });
});
