/** Statements of the Neumann query language with words lost, swapped and added, run: they answer, or fail as what a client did. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import { type Example, FORMS } from '../../src/nql/index.ts';
import { type Neumann, openNeumann } from '../dialects/neumann/open-neumann.ts';
import { configureFuzz } from './seed.ts';

configureFuzz();

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());

/** Restore points need a PostgreSQL of their own. */
const EXAMPLES = FORMS.flatMap(({ examples }) =>
  examples.flatMap(({ statement, setup = [] }: Example) => [...setup, statement]),
).filter((statement) => !/^(?:CHECKPOINT|ROLLBACK)/.test(statement));

const wordsOf = (text: string): string[] => text.match(/'[^']*'|\w+|->|\s+|\S/g) ?? [];

const ODD = `'' '\\0' \ud800 -1 0 1.5 1e300 9223372036854775807 NULL TRUE [] {} [[1]] [1,NULL] \`x\`\`y\` "q" -0 '%' : -> ;`;
const WORDS = [
  ...new Set([...EXAMPLES.flatMap(wordsOf), ...ODD.split(' '), 'LIMIT 0', 'OFFSET 5', 'WHERE a = 1']),
];

const damaged = fc
  .tuple(
    fc.constantFrom(...EXAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('lose', 'swap', 'add'), fc.constantFrom(...WORDS)), {
      maxLength: 3,
    }),
  )
  .map(([text, changes]) => {
    const words = wordsOf(text);
    for (const [place, how, word] of changes) {
      const at = place % Math.max(1, words.length);
      words.splice(at, how === 'add' ? 0 : 1, ...(how === 'lose' ? [] : [` ${word} `]));
    }
    return words.join('');
  });

it('is never at fault itself', async () => {
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      try {
        await neumann.run(text);
        kinds.add('ok');
      } catch (error) {
        if (!(error instanceof FacetError)) throw error;
        expect([text, error.kind, error.message]).not.toEqual([text, 'internal', error.message]);
        kinds.add(error.kind);
      }
    }),
  );
  expect(kinds).toContain('ok');
  expect(kinds).toContain('invalid');
});
