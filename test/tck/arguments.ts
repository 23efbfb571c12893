/** The command line of the runner. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Matcher } from './engines.ts';
import { parseTags, type TagFilter } from './tags.ts';

export interface Arguments {
  /** Feature files are looked for below it. */
  readonly folder: string;
  readonly graphs: string;
  readonly matcher: Matcher;
  readonly tags: TagFilter;
  /** Part of the name of a scenario, of its feature or of its path. */
  readonly filter: string | undefined;
  readonly report: string | undefined;
  readonly withNoise: boolean;
  readonly failuresShown: number;
}

export class ArgumentsError extends Error {}

const FAILURES_SHOWN = 20;

export const USAGE = `npm run tck -- DIR [options]

Runs every .feature file below DIR.

  --graphs DIR       named graphs (default: the folder 'graphs' beside DIR)
  --matcher NAME     memory or sql (default: memory)
  --tags LIST        only scenarios with one of these tags: @a,@b; without one: ~@c
  --filter TEXT      only scenarios whose path, feature or name contains it
  --report FILE      one JSON object per scenario
  --failures N       failures that are shown (default: ${FAILURES_SHOWN})
  --noise            'any graph' is not empty`;

/** Throws an ArgumentsError that says what is wrong. */
export function readArguments(words: readonly string[]): Arguments {
  const { values, positionals } = parsed(words);
  const [folder, ...more] = positionals;
  if (folder === undefined) throw new ArgumentsError('DIR is missing');
  if (more.length > 0) throw new ArgumentsError(`one DIR only, not also ${more.join(', ')}`);
  const { matcher = 'memory', failures = String(FAILURES_SHOWN) } = values;
  if (matcher !== 'memory' && matcher !== 'sql')
    throw new ArgumentsError(`no matcher '${matcher}': memory or sql`);
  if (!/^\d+$/.test(failures)) throw new ArgumentsError(`--failures is a number, not '${failures}'`);
  return {
    folder: resolve(folder),
    graphs: values.graphs === undefined ? join(resolve(folder), '..', 'graphs') : resolve(values.graphs),
    matcher,
    tags: tagsOf(values.tags ?? []),
    filter: values.filter,
    report: values.report === undefined ? undefined : resolve(values.report),
    withNoise: values.noise ?? false,
    failuresShown: Number(failures),
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        graphs: { type: 'string' },
        matcher: { type: 'string' },
        tags: { type: 'string', multiple: true },
        filter: { type: 'string' },
        report: { type: 'string' },
        failures: { type: 'string' },
        noise: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new ArgumentsError(error instanceof Error ? error.message : String(error));
  }
}

function tagsOf(lists: readonly string[]): TagFilter {
  try {
    return parseTags(lists);
  } catch (error) {
    throw new ArgumentsError(error instanceof Error ? error.message : String(error));
  }
}
