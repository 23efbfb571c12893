/**
 * The runner against the TCK itself, as far as it is at hand: every file is read, every outline expanded, every
 * sentence and literal understood. The TCK is looked for beside the repository or where TCK_FEATURES says.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type FeatureFile, readCorpus } from './corpus.ts';
import { parseLiteral } from './literals.ts';
import { namedGraphs } from './named-graphs.ts';
import { type Command, readStep } from './steps.ts';
import { textOf } from './value-text.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = process.env.TCK_FEATURES ?? join(ROOT, '..', 'shared', 'tck', 'features');
const IS_THERE = existsSync(FOLDER);
if (!IS_THERE) console.log(`skipped: the TCK is not at ${FOLDER}`);

/** The whole TCK (commit 677cbaf): files, scenarios, outlines, both expanded, and those of them that ask for an error. */
const WHOLE: readonly (readonly [string, number, number, number, number, number])[] = [
  ['clauses/call', 6, 39, 2, 52, 16],
  ['clauses/create', 6, 78, 0, 78, 15],
  ['clauses/delete', 6, 41, 0, 41, 5],
  ['clauses/match', 9, 146, 15, 381, 241],
  ['clauses/match-where', 6, 34, 0, 34, 2],
  ['clauses/merge', 9, 75, 0, 75, 13],
  ['clauses/remove', 3, 33, 0, 33, 0],
  ['clauses/return', 8, 63, 0, 63, 11],
  ['clauses/return-orderby', 6, 35, 0, 35, 4],
  ['clauses/return-skip-limit', 3, 31, 0, 31, 16],
  ['clauses/set', 6, 53, 0, 53, 2],
  ['clauses/union', 3, 12, 0, 12, 4],
  ['clauses/unwind', 1, 14, 0, 14, 0],
  ['clauses/with', 7, 29, 0, 29, 4],
  ['clauses/with-orderBy', 4, 42, 57, 292, 69],
  ['clauses/with-skip-limit', 3, 9, 0, 9, 0],
  ['clauses/with-where', 7, 19, 0, 19, 0],
  ['expressions/aggregation', 8, 23, 4, 35, 7],
  ['expressions/boolean', 5, 32, 4, 150, 118],
  ['expressions/comparison', 4, 25, 8, 72, 1],
  ['expressions/conditional', 2, 1, 1, 13, 0],
  ['expressions/existentialSubqueries', 3, 10, 0, 10, 1],
  ['expressions/graph', 9, 45, 3, 61, 17],
  ['expressions/list', 12, 83, 11, 185, 59],
  ['expressions/literals', 8, 131, 0, 131, 25],
  ['expressions/map', 3, 14, 5, 44, 9],
  ['expressions/mathematical', 17, 6, 0, 6, 1],
  ['expressions/null', 3, 13, 3, 44, 0],
  ['expressions/path', 3, 7, 0, 7, 2],
  ['expressions/pattern', 2, 35, 1, 50, 19],
  ['expressions/precedence', 4, 27, 16, 121, 0],
  ['expressions/quantifier', 12, 30, 70, 604, 12],
  ['expressions/string', 14, 32, 0, 32, 0],
  ['expressions/temporal', 10, 17, 72, 1004, 0],
  ['expressions/typeConversion', 6, 25, 4, 47, 22],
  ['useCases/countingSubgraphMatches', 1, 11, 0, 11, 0],
  ['useCases/triadicSelection', 1, 19, 0, 19, 0],
];
const WHOLE_FILES = 220;

/** A part of the TCK that leaves out some scenarios of each category. */
const PART = { files: 213, scenarios: 917, outlines: 192, expanded: 2_755 };

interface CategoryCounts {
  files: number;
  scenarios: number;
  outlines: number;
  expanded: number;
  errors: number;
}

const isError = (text: string): boolean => text.includes('should be raised at');

function countByCategory(files: readonly FeatureFile[]): Map<string, CategoryCounts> {
  const counts = new Map<string, CategoryCounts>();
  for (const { category, scenarios } of files) {
    const count = counts.get(category) ?? { files: 0, scenarios: 0, outlines: 0, expanded: 0, errors: 0 };
    counts.set(category, count);
    count.files += 1;
    count.expanded += scenarios.length;
    count.errors += scenarios.filter(({ steps }) => steps.some(({ text }) => isError(text))).length;
    count.scenarios += scenarios.filter(({ example }) => example === undefined).length;
    count.outlines += scenarios.filter(({ example }) => example === 1).length;
  }
  return counts;
}

// The TCK belongs to openCypher and is no part of the repository.
describe.skipIf(!IS_THERE)('the TCK', async () => {
  const files = IS_THERE ? await readCorpus(FOLDER) : [];
  const scenarios = files.flatMap((file) => file.scenarios.map((scenario) => ({ file, scenario })));
  const counts = countByCategory(files);
  const total = (of: (count: CategoryCounts) => number): number =>
    [...counts.values()].reduce((sum, count) => sum + of(count), 0);

  it('is read without a fault', () => {
    expect(files.filter((file) => file.fault !== undefined)).toEqual([]);
    expect(scenarios.length).toBeGreaterThan(0);
  });

  it('has as many scenarios as it should have', () => {
    const found = {
      files: total((count) => count.files),
      scenarios: total((count) => count.scenarios),
      outlines: total((count) => count.outlines),
      expanded: total((count) => count.expanded),
    };
    if (found.files === PART.files) expect(found).toEqual(PART);
    expect(found.expanded).toBe(scenarios.length);
    for (const [category, ...whole] of WHOLE) {
      const count = counts.get(category);
      const mine = [count?.files, count?.scenarios, count?.outlines, count?.expanded, count?.errors].map(
        (n) => n ?? 0,
      );
      if (found.files === WHOLE_FILES) expect([category, ...mine]).toEqual([category, ...whole]);
      else expect([category, mine.every((n, index) => n <= (whole[index] ?? 0))]).toEqual([category, true]);
    }
    expect([...counts.keys()].sort()).toEqual(WHOLE.map(([category]) => category).sort());
  });

  it('consists of sentences that are understood', () => {
    const commands: Command[] = [];
    const faults: string[] = [];
    for (const { file, scenario } of scenarios) {
      for (const step of scenario.steps) {
        try {
          commands.push(readStep(step));
        } catch (error) {
          faults.push(`${file.path}:${step.line}: ${String(error)}`);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(new Set(commands.map(({ kind }) => kind)).size).toBe(11);
    const queries = commands.filter((command) => command.kind === 'query');
    expect(queries.filter(({ isControl }) => !isControl)).toHaveLength(scenarios.length);
    expect(queries.some(({ isControl }) => isControl)).toBe(true);
  });

  it('has literals in every cell of its results, which are the same when they are spelled and read again', () => {
    let cells = 0;
    for (const { scenario } of scenarios) {
      for (const step of scenario.steps) {
        const [, ...rows] = step.text.startsWith('the result should be') ? (step.table ?? []) : [];
        for (const cell of rows.flat()) {
          const text = textOf(parseLiteral(cell));
          expect(textOf(parseLiteral(text))).toBe(text);
          cells += 1;
        }
      }
    }
    expect(cells).toBeGreaterThan(scenarios.length);
  });

  it('leaves no placeholder that its examples name', () => {
    const left = scenarios.flatMap(({ scenario }) =>
      scenario.steps.flatMap(({ text, docString = '', table = [] }) =>
        [text, docString, ...table.flat()].filter((part) => /<[a-z]\w*>/i.test(part)),
      ),
    );
    expect(left).toEqual([]);
  });

  it('names graphs that are there', async () => {
    const load = namedGraphs(join(FOLDER, '..', 'graphs'));
    const names = new Set(
      scenarios
        .flatMap(({ scenario }) => scenario.steps)
        .map((step) => /^the (\S+) graph$/.exec(step.text)?.[1])
        .filter((name) => name !== undefined),
    );
    expect(names.size).toBeGreaterThan(0);
    for (const name of names) expect(await load(name)).toHaveLength(1);
  });
});
