/** The runner as a whole, on feature files of its own and an engine that answers from a script. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ENGINES } from './engines.ts';
import { fakeEngine } from './fake-engine.ts';
import { main } from './run.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-tck-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function feature(path: string, query: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  const steps = `When executing query:\n"""\n${query}\n"""\nThen the result should be empty`;
  await writeFile(join(folder, path), `Feature: ${path}\nScenario: one\n${steps}\n`);
}

async function run(...words: string[]) {
  let closed = 0;
  const engine = { ...fakeEngine({ Good: {} }), close: async () => void closed++ };
  const engines: typeof ENGINES = {
    memory: { open: async () => engine },
    sql: { missing: 'it is being built' },
  };
  const out: string[] = [];
  const err: string[] = [];
  const progress: (string | undefined)[] = [];
  const output = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    progress: (text: string | undefined) => void progress.push(text),
  };
  return { code: await main(words, output, engines), out, err, progress, closed };
}

describe('the runner', () => {
  it('runs every feature below the folder and ends with the numbers', async () => {
    await feature('a/one.feature', 'Good');
    await feature('a/b/two.feature', 'Good');
    await writeFile(join(folder, 'a', 'readme.md'), 'Feature: no');
    const { code, out, err, progress, closed } = await run(folder);
    expect({ code, last: out.at(-1), err, closed }).toEqual({
      code: 0,
      last: '2 passed, 0 failed',
      err: [],
      closed: 1,
    });
    expect(progress).toEqual(['1 of 2', '2 of 2', undefined]);
  });

  it('fails with a scenario or a file that fails, and writes the report all the same', async () => {
    await feature('a/one.feature', 'Good');
    await feature('a/two.feature', 'Bad');
    await writeFile(join(folder, 'a', 'three.feature'), 'Scenario: without a feature');
    const report = join(folder, 'report.jsonl');
    const { code, out, closed } = await run(folder, '--report', report);
    expect({ code, last: out.at(-1), closed }).toEqual({ code: 1, last: '1 passed, 2 failed', closed: 1 });
    const lines = (await readFile(report, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['error', 'pass', 'error']);
    expect(out.join('\n')).toContain('two.feature:2 one');
  });

  it('says why it cannot run anything', async () => {
    await feature('one.feature', 'Good');
    const refusals = [
      await run(),
      await run(folder, '--matcher', 'sql'),
      await run(folder, '--filter', 'nothing like this'),
      await run(join(folder, 'nowhere')),
    ];
    expect(refusals.map(({ code, err }) => [code, err[0]?.split('\n')[0]])).toEqual([
      [2, 'DIR is missing'],
      [2, "The matcher 'sql' is not available: it is being built."],
      [2, 'No scenario has these tags and this text.'],
      [2, `No .feature file below ${join(folder, 'nowhere')}.`],
    ]);
  });
});
