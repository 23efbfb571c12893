/** Counting and telling verdicts, and choosing what is run. */
import { describe, expect, it } from 'vitest';
import { ArgumentsError, readArguments } from './arguments.ts';
import type { FeatureFile } from './corpus.ts';
import { FAKE_OPTIONS, fakeEngine } from './fake-engine.ts';
import { parseFeature } from './gherkin.ts';
import { expand } from './outlines.ts';
import { closingLine, countBlocks, failureLines, reportLine, summaryLines } from './report.ts';
import { choose, runAll } from './run.ts';
import { parseTags, tagsMatch } from './tags.ts';

const steps = (query: string) =>
  `When executing query:\n"""\n${query}\n"""\nThen the result should be empty\n`;
const file = (path: string, text: string): FeatureFile => {
  const feature = parseFeature(text);
  const category = path.replace(/\/[^/]*$/, '');
  return { path, category, name: feature.name, scenarios: expand(feature), fault: undefined };
};

const FILES: readonly FeatureFile[] = [
  file(
    'clauses/match/One.feature',
    `Feature: One
Scenario Outline: rows
${steps('<q>')}
Examples:
| q |
| Good |
| Bad |
@slow
Scenario: fine
${steps('Good')}
@ignore
Scenario: not now
${steps('Good')}`,
  ),
  file('clauses/with/Two.feature', `Feature: Two\nScenario: unknown\n${steps('Unknown')}`),
  {
    path: 'x/Broken.feature',
    category: 'x',
    name: 'x/Broken.feature',
    scenarios: [],
    fault: 'line 3: nonsense',
  },
];
const ANSWERS = { Good: {}, Bad: { result: { columns: ['a'], rows: [[1n]] } } };
const NO_TAGS = parseTags([]);

const run = async () => {
  const chosen = choose(FILES, { tags: NO_TAGS, filter: undefined });
  return runAll(FILES, chosen, fakeEngine(ANSWERS), FAKE_OPTIONS);
};

describe('a run', () => {
  it('is told by category, in scenarios and in blocks', async () => {
    const verdicts = await run();
    expect(summaryLines(verdicts)).toEqual([
      'category            expanded  pass  wrong  error  skipped   rate',
      'clauses/match              4     2      1      0        1  66.6%',
      'clauses/with               1     0      0      1        0   0.0%',
      'x                          1     0      0      1        0   0.0%',
      '',
      'expanded                   6     2      1      2        1  40.0%',
      'blocks                     5     1      1      2        1  25.0%',
      'mean of categories                                         22.2%',
      'skipped: clauses/match/One.feature:22 not now: tagged @ignore',
    ]);
    expect(closingLine(verdicts)).toBe('2 passed, 3 failed, 1 skipped');
    expect(countBlocks(verdicts)).toEqual({ pass: 1, wrong: 1, error: 2, skip: 1 });
  });

  it('ends without a word about skipping where nothing was skipped', async () => {
    const chosen = choose(FILES, { tags: parseTags(['@slow']), filter: undefined });
    expect(closingLine(await runAll([], chosen, fakeEngine(ANSWERS), FAKE_OPTIONS))).toBe(
      '1 passed, 0 failed',
    );
  });

  it('tells why scenarios failed, as many as asked for', async () => {
    const lines = failureLines(await run(), 2);
    expect(lines).toEqual([
      'error: x/Broken.feature:1 x/Broken.feature\n    line 3: nonsense',
      'wrong: clauses/match/One.feature:12 rows\n    1 rows, expected none (line 7)',
      'and 1 more failures',
    ]);
  });

  it('is reported as JSON, one line for each scenario', async () => {
    const [, good, bad] = await run();
    if (good === undefined || bad === undefined) throw new Error('too few verdicts');
    expect(reportLine(good).endsWith('}\n')).toBe(true);
    expect(JSON.parse(reportLine(bad))).toEqual({
      category: 'clauses/match',
      path: 'clauses/match/One.feature',
      feature: 'One',
      name: 'rows',
      line: 12,
      example: 2,
      outcome: 'wrong',
      reason: '1 rows, expected none (line 7)',
    });
  });
});

describe('scenarios are chosen', () => {
  const names = (tags: string[], filter?: string) =>
    choose(FILES, { tags: parseTags(tags), filter }).map(({ scenario }) => scenario.name);

  it('by tags', () => {
    expect(names([])).toHaveLength(5);
    expect(names(['@slow'])).toEqual(['fine']);
    expect(names(['~@slow, not @ignore'])).toEqual(['rows', 'rows', 'unknown']);
    expect(names(['@slow', '@ignore'])).toEqual(['fine', 'not now']);
    expect(tagsMatch(parseTags(['@a,~@b']), new Set(['@a', '@b']))).toBe(false);
    expect(() => parseTags(['a'])).toThrow("no tag: 'a'");
  });

  it('by a part of their name, feature or path', () => {
    expect(names([], 'not now')).toEqual(['not now']);
    expect(names([], 'Two')).toEqual(['unknown']);
    expect(names([], 'clauses/match')).toHaveLength(4);
    expect(names([], 'nowhere')).toEqual([]);
  });
});

describe('arguments', () => {
  it('have defaults', () => {
    expect(readArguments(['/tck/features'])).toEqual({
      folder: '/tck/features',
      graphs: '/tck/graphs',
      matcher: 'memory',
      tags: { some: [], none: [] },
      filter: undefined,
      report: undefined,
      withNoise: false,
      failuresShown: 20,
    });
  });

  it('are read', () => {
    const words =
      '--graphs /g --matcher sql --tags @a --tags ~@b --filter x --report /r --noise --failures 3 /d';
    expect(readArguments(words.split(' '))).toEqual({
      folder: '/d',
      graphs: '/g',
      matcher: 'sql',
      tags: { some: ['@a'], none: ['@b'] },
      filter: 'x',
      report: '/r',
      withNoise: true,
      failuresShown: 3,
    });
  });

  it.each([
    '',
    'a b',
    'a --matcher fast',
    'a --nonsense',
    'a --failures many',
    'a --tags x',
  ])('are refused: %s', (words) => {
    expect(() => readArguments(words.split(' ').filter((word) => word !== ''))).toThrow(ArgumentsError);
  });
});
