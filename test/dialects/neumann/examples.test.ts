/**
 * Every example of the reference page, run as it stands there. The answers are recorded beside this file, from where the
 * page has them: `npx vitest run --project dialects examples -u` records them anew, and `npm run gen` writes the page.
 */
import { describe, expect, it } from 'vitest';
import { type Example, FORM_FAMILIES, FORMS } from '../../../src/nql/index.ts';
import type { Leaves } from '../../support/leaves.ts';
import { answerOf } from './examples.ts';

interface Recorded {
  readonly form: string;
  readonly statement: string;
  readonly answer: Leaves;
}

const recorded = new Map<Example, Recorded>();

describe.each(FORM_FAMILIES)('$title', ({ forms }) => {
  it.concurrent.each(forms)('$name', async ({ name, examples }) => {
    for (const example of examples) {
      const answer = await answerOf(example);
      recorded.set(example, { form: name, statement: example.statement, answer });
    }
  });
});

it('has an example of every form, with its answer', () => {
  const answered = new Set([...recorded.values()].map(({ form }) => form));
  expect(FORMS.map(({ name }) => name).filter((name) => !answered.has(name))).toEqual([]);
});

it('answers as the page says', async () => {
  const inOrder = FORMS.flatMap(({ examples }) => examples.map((example: Example) => recorded.get(example)));
  const lines = inOrder.map((each) => `${JSON.stringify(each)}\n`);
  await expect(lines.join('')).toMatchFileSnapshot('answers.jsonl');
});
