/** The feature files below a folder, read and expanded. A file that cannot be read is part of the answer, not left out. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { parseFeature } from './gherkin.ts';
import { expand, type Scenario } from './outlines.ts';

export interface FeatureFile {
  /** Below the folder, with slashes. */
  readonly path: string;
  /** Its folder: `clauses/match`. A dot for files right in the folder that was given. */
  readonly category: string;
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  /** Why it could not be read. */
  readonly fault: string | undefined;
}

/** In order of their paths. */
export async function readCorpus(folder: string): Promise<FeatureFile[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names
    .filter((name) => name.endsWith('.feature'))
    .map((name) => name.split(sep).join('/'))
    .sort();
  return Promise.all(paths.map((path) => readFeature(folder, path)));
}

async function readFeature(folder: string, path: string): Promise<FeatureFile> {
  const text = await readFile(join(folder, path), 'utf8');
  const category = dirname(path);
  try {
    const feature = parseFeature(text);
    return { path, category, name: feature.name, scenarios: expand(feature), fault: undefined };
  } catch (error) {
    return { path, category, name: path, scenarios: [], fault: String(error) };
  }
}

/** The block that a scenario comes from. */
export const blockOf = (path: string, scenario: Scenario): string => `${path}:${scenario.blockLine}`;
