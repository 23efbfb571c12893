/**
 * `npm run tck -- DIR`: runs openCypher's Technology Compatibility Kit. It knows nothing of single scenarios: each is
 * run on an empty graph and judged by its own sentences. The exit code is 1 if one failed, 2 if none could be run.
 */
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Arguments, ArgumentsError, readArguments, USAGE } from './arguments.ts';
import { blockOf, type FeatureFile, readCorpus } from './corpus.ts';
import type { TckEngine } from './engine.ts';
import { ENGINES } from './engines.ts';
import { namedGraphs } from './named-graphs.ts';
import type { Scenario } from './outlines.ts';
import { closingLine, failureLines, reportLine, summaryLines, type Verdicted } from './report.ts';
import { type RunOptions, runScenario } from './scenario.ts';
import { tagsMatch } from './tags.ts';

/** The slowest scenario makes thousands of rows or entities; a minute is some hundred times what it needs. */
const SCENARIO_MS_MAX = 60_000;

export interface Chosen {
  readonly file: FeatureFile;
  readonly scenario: Scenario;
}

export function choose(
  files: readonly FeatureFile[],
  { tags, filter }: Pick<Arguments, 'tags' | 'filter'>,
): Chosen[] {
  return files.flatMap((file) =>
    file.scenarios
      .filter((scenario) => tagsMatch(tags, scenario.tags))
      .filter(
        (scenario) =>
          filter === undefined || [file.path, file.name, scenario.name].some((text) => text.includes(filter)),
      )
      .map((scenario) => ({ file, scenario })),
  );
}

/** Runs them one after the other. A file that cannot be read fails as one scenario. */
export async function runAll(
  files: readonly FeatureFile[],
  chosen: readonly Chosen[],
  engine: TckEngine,
  options: RunOptions,
  onVerdict: (done: Verdicted) => void = () => {},
): Promise<Verdicted[]> {
  const verdicts: Verdicted[] = [];
  const add = (done: Verdicted): void => {
    verdicts.push(done);
    onVerdict(done);
  };
  for (const { path, category, name, fault } of files) {
    if (fault === undefined) continue;
    const verdict = { outcome: 'error' as const, reason: fault };
    add({ category, path, feature: name, name, line: 1, example: undefined, block: path, verdict });
  }
  for (const { file, scenario } of chosen) {
    add({
      category: file.category,
      path: file.path,
      feature: file.name,
      name: scenario.name,
      line: scenario.line,
      example: scenario.example,
      block: blockOf(file.path, scenario),
      verdict: await runScenario(scenario, engine, options),
    });
  }
  return verdicts;
}

/** Where the runner writes. */
export interface Output {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Given how many are done of how many, and undefined at the end. */
  readonly progress: (text: string | undefined) => void;
}

/** Gives the exit code. */
export async function main(
  words: readonly string[],
  output: Output,
  engines: typeof ENGINES = ENGINES,
): Promise<number> {
  const args = argumentsOrFault(words);
  if (typeof args === 'string') return refused(output, `${args}\n\n${USAGE}`);
  const source = engines[args.matcher];
  if ('missing' in source) {
    return refused(output, `The matcher '${args.matcher}' is not available: ${source.missing}.`);
  }
  const files = await corpusOrNothing(args.folder);
  if (files.length === 0) return refused(output, `No .feature file below ${args.folder}.`);
  const chosen = choose(files, args);
  if (chosen.length === 0) return refused(output, 'No scenario has these tags and this text.');

  const engine = await source.open();
  try {
    let done = 0;
    const options = {
      graphs: namedGraphs(args.graphs),
      withNoise: args.withNoise,
      scenarioMsMax: SCENARIO_MS_MAX,
    };
    const verdicts = await runAll(files, chosen, engine, options, () => {
      output.progress(`${++done} of ${chosen.length}`);
    });
    output.progress(undefined);
    if (args.report !== undefined) await writeReport(args.report, verdicts);
    for (const line of failureLines(verdicts, args.failuresShown)) output.out(line);
    for (const line of ['', ...summaryLines(verdicts), closingLine(verdicts)]) output.out(line);
    return verdicts.some(({ verdict }) => verdict.outcome === 'wrong' || verdict.outcome === 'error') ? 1 : 0;
  } finally {
    await engine.close();
  }
}

function refused(output: Output, text: string): number {
  output.err(text);
  return 2;
}

function argumentsOrFault(words: readonly string[]): Arguments | string {
  try {
    return readArguments(words);
  } catch (error) {
    if (error instanceof ArgumentsError) return error.message;
    throw error;
  }
}

const corpusOrNothing = async (folder: string): Promise<FeatureFile[]> =>
  existsSync(folder) ? readCorpus(folder) : [];

async function writeReport(file: string, verdicts: readonly Verdicted[]): Promise<void> {
  const stream = createWriteStream(file);
  for (const verdict of verdicts) stream.write(reportLine(verdict));
  stream.end();
  await once(stream, 'finish');
}

/** Progress is one line that counts up, where somebody is looking. */
const terminal: Output = {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  progress: (text) => {
    if (process.stdout.isTTY) process.stdout.write(text === undefined ? '\r\u001b[K' : `\r${text}`);
  },
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2), terminal);
}
