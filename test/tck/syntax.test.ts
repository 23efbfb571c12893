/**
 * The parser against the queries of the TCK: each parses unless its scenario asks for a mistake in the syntax, and then
 * it is that mistake. The TCK is looked for beside the repository or where TCK_FEATURES says.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { parse } from '../../src/cypher/syntax/parse.ts';
import { readCorpus } from './corpus.ts';
import { type ExpectedError, readStep } from './steps.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = process.env.TCK_FEATURES ?? join(ROOT, '..', 'shared', 'tck', 'features');
const IS_THERE = existsSync(FOLDER);
if (!IS_THERE) console.log(`skipped: the TCK is not at ${FOLDER}`);

/** Details that the parser alone can tell, as opposed to the analysis of meaning. */
const OF_SYNTAX = new Set([
  'InvalidNumberLiteral',
  'IntegerOverflow',
  'FloatingPointOverflow',
  'InvalidUnicodeLiteral',
  'InvalidUnicodeCharacter',
  'InvalidRelationshipPattern',
  'InvalidClauseComposition',
]);

interface Query {
  readonly where: string;
  readonly text: string;
  readonly error: ExpectedError | undefined;
}

async function queries(): Promise<Query[]> {
  const found: Query[] = [];
  for (const { path, scenarios } of await readCorpus(FOLDER)) {
    for (const scenario of scenarios) {
      const commands = scenario.steps.map((step) => readStep(step));
      const failure = commands.find((command) => command.kind === 'error');
      for (const command of commands) {
        if (command.kind !== 'query' && command.kind !== 'setup') continue;
        const error = command.kind === 'query' && !command.isControl ? failure?.expected : undefined;
        found.push({ where: `${path}: ${scenario.name}`, text: command.query, error });
      }
    }
  }
  return found;
}

/** The detail of the error that the parser finds; 'parsed' if it finds none. */
function outcome(text: string): string {
  try {
    parse(text);
    return 'parsed';
  } catch (error) {
    if (!(error instanceof CypherError)) throw error;
    return error.reason;
  }
}

// The TCK belongs to openCypher and is no part of the repository.
describe.skipIf(!IS_THERE)('the queries of the TCK', async () => {
  const all = IS_THERE ? await queries() : [];
  const isOfSyntax = ({ error }: Query): boolean =>
    error?.type === 'SyntaxError' && error.phase === 'compile time';

  it('parse, if nothing is wrong with their syntax', () => {
    const sound = all.filter((query) => !isOfSyntax(query));
    expect(sound.length).toBeGreaterThan(2_000);
    const refused = sound.filter(({ text }) => outcome(text) !== 'parsed');
    expect(refused).toEqual([]);
  });

  it('fail with the detail that is asked for, or not at all', () => {
    const wrong = all
      .filter(isOfSyntax)
      .map(({ error, ...query }) => ({ ...query, wanted: error?.detail ?? '', got: outcome(query.text) }));
    expect(wrong.length).toBeGreaterThan(100);
    expect(wrong.filter(({ got, wanted }) => got !== 'parsed' && got !== wanted)).toEqual([]);
    const missed = wrong.filter(({ got, wanted }) => got === 'parsed' && OF_SYNTAX.has(wanted));
    expect(missed).toEqual([]);
  });
});
