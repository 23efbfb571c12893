/** The reference has every function once, with an example that gives something. */
import { describe, expect, it } from 'vitest';
import { cypherPage } from '../../scripts/reference/cypher-page.ts';
import { FUNCTION_SIGNATURES } from '../../src/cypher/semantics/signatures.ts';
import { readCaseFiles, readCases, writeCases } from './case-file.ts';

const FILES = readCaseFiles(new URL('cases/', import.meta.url));
const documented = FILES.filter(({ path }) => path.includes('/functions/')).flatMap(({ cases }) =>
  cases.map(({ name }) => name.slice(0, name.indexOf(': '))),
);

describe('the reference', () => {
  it('has every function, in its usual spelling, and no other', () => {
    const known = [...FUNCTION_SIGNATURES.values()].map(({ name }) => name);
    expect([...documented].sort()).toEqual([...known].sort());
  });

  it('is made of the examples', () => {
    const page = cypherPage();
    for (const name of documented) expect(page).toContain(`| \`${name}(`);
    expect(page).toContain('### MERGE');
    expect(page).not.toMatch(/^--- /m);
  });

  it('is made of examples that answer', () => {
    const examples = FILES.filter(({ path }) => /\/(?:functions|reference)\//.test(path));
    for (const { name, expectation } of examples.flatMap(({ cases }) => cases)) {
      expect(expectation, name).not.toContain('--- error');
    }
  });
});

describe('case files', () => {
  it('come out of rewriting as they went in', () => {
    for (const file of FILES) expect(readCases(file.path, writeCases(file))).toEqual(file);
  });

  it('are read as they are written', () => {
    const text =
      '# T\n\n=== a\n--- given\nCREATE (:A);\nCREATE (:B);\n--- parameters\n{x: 1}\n--- query\nRETURN $x\n--- rows\n$x\n1\n';
    const [one] = readCases('t.cases', text).cases;
    expect(one).toMatchObject({
      name: 'a',
      given: ['CREATE (:A)', 'CREATE (:B)'],
      parameters: '{x: 1}',
      query: 'RETURN $x',
      expectation: '--- rows\n$x\n1',
      rowsInOrder: false,
    });
    expect(() => readCases('t.cases', '=== a\n1\n=== a\n2')).toThrow("the name 'a' is taken");
  });
});
