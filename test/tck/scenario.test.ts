/** Running scenarios, on an engine that answers from a script. */
import { describe, expect, it } from 'vitest';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { FAKE_OPTIONS, fakeEngine, judge, NOTHING, scenarioOf } from './fake-engine.ts';
import { runScenario } from './scenario.ts';

const query = (text: string, kind = 'query'): string => `When executing ${kind}:\n"""\n${text}\n"""\n`;
const rows = (...cells: string[]): string =>
  `Then the result should be, in any order:\n${cells.map((cell) => `| ${cell} |\n`).join('')}`;
const one = { columns: ['a'], rows: [[1n]] };
const undefinedVariable = new CypherError(
  'SyntaxError',
  'compile time',
  'UndefinedVariable',
  'x is not defined',
);
const errorStep = (detail: string, phase = 'compile time', type = 'SyntaxError'): string =>
  `Then a ${type} should be raised at ${phase}: ${detail}\n`;

describe('a scenario passes', () => {
  it('with the rows and effects it asks for', async () => {
    const steps = `Given an empty graph\nAnd having executed:\n"""\nS\n"""\n${query('Q')}${rows('a', '1')}And no side effects`;
    expect(await judge(steps, { S: { changes: ['nodes 1'] }, Q: { result: one } })).toEqual({
      outcome: 'pass',
    });
  });

  it('with the control query behind the effects', async () => {
    const steps = `${query('Q')}Then the result should be empty\nAnd the side effects should be:\n| +nodes | 1 |\n${query('C', 'control query')}${rows('a', '1')}`;
    const answers = { Q: { changes: ['nodes 1'] }, C: { result: one } };
    expect(await judge(steps, answers)).toEqual({ outcome: 'pass' });
    expect(await judge(steps, { ...answers, C: { result: NOTHING } })).toMatchObject({ outcome: 'wrong' });
    expect(await judge(steps, { ...answers, C: { error: undefinedVariable } })).toMatchObject({
      outcome: 'error',
    });
  });

  it.each([
    errorStep('UndefinedVariable'),
    errorStep('UndefinedVariable', 'any time'),
    errorStep('*', 'any time'),
    errorStep('*'),
  ])('with the error it asks for: %s', async (step) => {
    expect(await judge(query('Q') + step, { Q: { error: undefinedVariable } })).toEqual({ outcome: 'pass' });
  });

  it('with the parameters, procedures and graphs it names, and leaves nothing open', async () => {
    const engine = fakeEngine({ 'graph tree': {}, S: {}, Q: {} });
    const scenario = scenarioOf(
      `Given the tree graph\nAnd parameters are:\n| p | 1 |\nAnd having executed:\n"""\nS\n"""\nAnd parameters are:\n| q | 'x' |\nAnd there exists a procedure p() :: ():\n|\n${query('Q')}Then the result should be empty`,
    );
    expect(await runScenario(scenario, engine, FAKE_OPTIONS)).toEqual({ outcome: 'pass' });
    expect(engine.queries.map((asked) => [asked.query, [...asked.parameters]])).toEqual([
      ['graph tree', []],
      ['S', [['p', 1n]]],
      [
        'Q',
        [
          ['p', 1n],
          ['q', 'x'],
        ],
      ],
    ]);
    expect(engine.procedures.map(({ name }) => name)).toEqual(['p']);
    expect(engine.openGraphs()).toBe(0);
  });
});

describe('a scenario is wrong', () => {
  it.each([
    ['other rows', rows('a', '2'), 'missing: 2; not expected: 1 (line 8)'],
    ['rows where there should be none', 'Then the result should be empty', '1 rows, expected none (line 8)'],
    ['no error', errorStep('X'), '1 rows and no error, expected SyntaxError at compile time: X (line 8)'],
    ['effects', 'And no side effects', 'side effects: +labels is 1, expected 0 (line 8)'],
  ])('with %s', async (_, step, reason) => {
    const verdict = await judge(query('Q') + step, { Q: { result: one, changes: ['labels A'] } });
    expect(verdict).toEqual({ outcome: 'wrong', reason });
  });

  it('with columns where nothing is returned', async () => {
    const result = { columns: ['n'], rows: [] };
    const step = 'Then the result should be empty';
    expect(await judge(query('CREATE (n)') + step, { 'CREATE (n)': { result } })).toMatchObject({
      outcome: 'wrong',
    });
    const returning = 'MATCH (n) RETURN n';
    expect(await judge(query(returning) + step, { [returning]: { result } })).toEqual({ outcome: 'pass' });
  });

  it('when the query that failed as it should has left something', async () => {
    const answers = { Q: { error: undefinedVariable, changes: ['nodes 1'] } };
    expect(await judge(query('Q') + errorStep('UndefinedVariable'), answers)).toEqual({
      outcome: 'wrong',
      reason: 'the failed query left side effects: +nodes is 1, expected 0 (line 8)',
    });
  });
});

describe('a scenario ends in an error', () => {
  it.each([
    ['another detail', errorStep('Other')],
    ['another phase', errorStep('UndefinedVariable', 'runtime')],
    ['another type', errorStep('UndefinedVariable', 'compile time', 'TypeError')],
    ['rows expected', rows('a', '1')],
    ['effects expected', 'And no side effects'],
    ['nothing expected', ''],
    ['the next query', query('C', 'control query')],
  ])('that is not the one asked for: %s', async (_, steps) => {
    const verdict = await judge(query('Q') + steps, { Q: { error: undefinedVariable }, C: {} });
    expect(verdict).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining('SyntaxError at compile time: UndefinedVariable (x is not defined)'),
    });
  });

  it('that is no error of Cypher, whatever is asked for', async () => {
    const answers = { Q: { error: new TypeError('undefined is not a function') } };
    expect(await judge(query('Q') + errorStep('*', 'any time', 'TypeError'), answers)).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/^TypeError: undefined is not a function at /),
    });
  });

  it('of the setup', async () => {
    const steps = `Given having executed:\n"""\nS\n"""\n${query('Q')}`;
    expect(await judge(steps, { S: { error: undefinedVariable }, Q: {} })).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/^setup: SyntaxError/),
    });
  });

  it.each([
    ['an unknown sentence at its end', `${query('Q')}Then all is well`, 'no sentence of the TCK'],
    ['no query', 'Given any graph', 'executes no query'],
    ['a question before the query', `${rows('a')}${query('Q')}`, 'nothing has been executed yet'],
  ])('of the file: %s', async (_, steps, reason) => {
    expect(await judge(steps, { Q: {} })).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining(reason),
    });
  });

  it('when there is no end', async () => {
    const engine = fakeEngine({});
    const stuck = { ...engine, open: () => new Promise<never>(() => {}) };
    const verdict = await runScenario(scenarioOf(query('Q')), stuck, { ...FAKE_OPTIONS, scenarioMsMax: 20 });
    expect(verdict).toEqual({ outcome: 'error', reason: 'no end within 20 ms' });
  });
});

describe('a scenario', () => {
  it('is skipped when its tag says so, and by no other tag', async () => {
    const steps = `${query('Q')}Then the result should be empty`;
    const skipped = await runScenario(scenarioOf(steps, '@ignore'), fakeEngine({}), FAKE_OPTIONS);
    expect(skipped).toEqual({ outcome: 'skip', reason: 'tagged @ignore' });
    const tagged = scenarioOf(steps, '@skipGrammarCheck @skipStyleCheck');
    expect(await runScenario(tagged, fakeEngine({ Q: {} }), FAKE_OPTIONS)).toEqual({ outcome: 'pass' });
  });

  it('finds noise in any graph, but not in an empty one, when asked to', async () => {
    const options = { ...FAKE_OPTIONS, withNoise: true };
    const steps = `${query('Q')}Then the result should be empty`;
    const noisy = await runScenario(scenarioOf(`Given any graph\n${steps}`), fakeEngine({ Q: {} }), options);
    expect(noisy).toMatchObject({ outcome: 'error', reason: expect.stringMatching(/^noise: .*TckNoise/s) });
    const empty = await runScenario(
      scenarioOf(`Given an empty graph\n${steps}`),
      fakeEngine({ Q: {} }),
      options,
    );
    expect(empty).toEqual({ outcome: 'pass' });
  });
});
