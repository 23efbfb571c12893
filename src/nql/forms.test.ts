/** The forms of the reference page are read as what they say, and no kind of statement is without one. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FORMS } from './forms.ts';
import { readStatement } from './read-statement.ts';

const examples = FORMS.flatMap((form) => form.examples.map((example) => ({ ...example, form })));

test.each(examples)('$statement', ({ statement, setup = [], form }) => {
  expect(readStatement(statement).kind).toBe(form.kind);
  for (const before of setup) expect(readStatement(before).kind).not.toBe('refused');
});

test('every form has an example, a summary and a name of its own', () => {
  expect(FORMS.filter(({ examples: given }) => given.length === 0)).toEqual([]);
  expect(FORMS.filter(({ summary }) => !summary.endsWith('.') && !summary.endsWith('INVALID.'))).toEqual([]);
  expect(new Set(FORMS.map(({ name }) => name)).size).toBe(FORMS.length);
});

test('every kind that a parser gives has a form, but what is refused', () => {
  const folder = new URL('./statements/', import.meta.url);
  const sources = readdirSync(folder).filter((name) => !name.endsWith('.test.ts'));
  const declared = sources.flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/readonly kind: ([^;]+);/g)].flatMap(
      ([, kinds = '']) => [...kinds.matchAll(/'([^']+)'/g)].map(([, kind]) => kind),
    ),
  );
  expect(declared.length).toBeGreaterThan(60);
  const documented = new Set<string>([...FORMS.map(({ kind }) => kind), 'refused']);
  expect(declared.filter((kind) => !documented.has(kind ?? ''))).toEqual([]);
});
