/** Scenarios of the bench ask their programs for what these answer: each runs alone and rarely, so a renaming would go unseen. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPaths, ROOT, read } from './repository.ts';

const SCENARIOS = 'bench/scenarios';

const captures = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, word]) => word ?? '');

/** Programs that a scenario starts, itself or through what it shares with others. */
function programsOf(text: string): string[] {
  const shared = captures(text, /from '\.\/([\w-]+\.ts)'/g).map((name) => read(`${SCENARIOS}/${name}`));
  const own = captures(text, /startProgram\('([\w-]+)'/g);
  const named = captures(text, /'([\w-]+)'/g).filter((name) =>
    existsSync(join(ROOT, `bench/programs/${name}.mjs`)),
  );
  return [...new Set([...own, ...named, ...shared.flatMap(programsOf)])];
}

const handles = (program: string, request: string): boolean =>
  new RegExp(`(?:^ {2}|answer\\(\\{ )(?:async )?${request}\\b *[(:,}]`, 'm').test(
    read(`bench/programs/${program}.mjs`),
  );

/** Requests that none of the programs of a scenario answers. */
function unanswered(text: string): string[] {
  const programs = programsOf(text);
  return captures(text, /\bdo: '(\w+)'/g).filter(
    (request) => !programs.some((program) => handles(program, request)),
  );
}

describe('scenarios', () => {
  const paths = allPaths().filter((path) => path.startsWith(`${SCENARIOS}/`));

  it('are found', () => expect(paths.length).toBeGreaterThan(20));

  it.each(paths)('%s asks for what its programs answer', (path) =>
    expect(unanswered(read(path))).toEqual([]));

  it('are caught when they do not', () => {
    const sample = "startProgram('change-delivery', LOAD_CORE); ask({ do: 'pace' }); ask({ do: 'drain' });";
    expect(unanswered(sample)).toEqual(['drain']);
  });
});
