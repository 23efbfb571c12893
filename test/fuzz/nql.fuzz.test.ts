/** The parser of the Neumann query language on random texts: it answers with a statement, or with an error that points inside. */
import { createContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMS, readStatement, STATEMENT_WORDS, StatementError } from '../../src/nql/index.ts';
import { configureFuzz, RUNS } from './seed.ts';

configureFuzz();

const EXAMPLES = FORMS.flatMap(({ examples }) =>
  examples.flatMap(({ statement, setup = [] }: { statement: string; setup?: readonly string[] }) => [
    statement,
    ...setup,
  ]),
);

/** Everything that examples are made of, and what never stands in one. */
const WORDS = [
  ...new Set([
    ...EXAMPLES.flatMap((example) => example.match(/\w+|'[^']*'|\S/g) ?? []),
    ...FORMS.flatMap(({ syntax }) => syntax.match(/\w+/g) ?? []),
    ...STATEMENT_WORDS,
    ..."` \" \\ # $1 /* */ -- \n 1e999 .5 9223372036854775808 -0 NaN é 😀 \0 \ud800 '' == != || ::".split(
      ' ',
    ),
  ]),
];

/** A text that takes longer is one on which the parser hangs. */
const TEXT_MS_MAX = 10_000;

const context = createContext({ read: (): void => undefined });
const script = new Script('read()');

/** Interrupts what does not end, which the test runner cannot. */
function ending(read: () => void, msMax = TEXT_MS_MAX): void {
  context.read = read;
  script.runInContext(context, { timeout: msMax });
}

const check = (text: string): void => ending(() => checkText(text));

function checkText(text: string): void {
  try {
    expect(typeof readStatement(text).kind).toBe('string');
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    expect(['INVALID_STATEMENT', 'LIMIT_EXCEEDED']).toContain(error.code);
    expect(error.message).toMatch(/ at line \d+, column \d+/);
    const { start, end } = error.span;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
    const before = text.slice(0, start).split('\n');
    expect([error.line, error.column]).toEqual([before.length, (before.at(-1)?.length ?? 0) + 1]);
  }
}

it('is interrupted where it does not end', () => {
  const forever = (): void => {
    for (;;);
  };
  expect(() => ending(forever, 50)).toThrow(/timed out/);
});

describe('the parser of the query language', () => {
  it('takes a megabyte of any token behind the beginning of any statement', () => {
    const beginnings = ['', ...EXAMPLES.map((example) => example.slice(0, example.lastIndexOf(' ') + 1))];
    const pieces = [
      '(',
      '[',
      '{',
      "'",
      '"',
      '`',
      '/*',
      '--\n',
      'NOT ',
      'a.',
      '-',
      '1',
      'a,',
      ':',
      ' ',
      'é',
      '\\',
    ];
    const begun = fc.tuple(fc.constantFrom(...beginnings), fc.constantFrom(...pieces));
    fc.assert(
      fc.property(begun, ([first, piece]) =>
        check(first + piece.repeat((1_000_000 - first.length) / Buffer.byteLength(piece))),
      ),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });

  it('takes any sequence of tokens', () => {
    const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 40, size: 'max' });
    const soup = fc.tuple(fc.constantFrom(...STATEMENT_WORDS), words);
    fc.assert(fc.property(soup, ([first, rest]) => check([first, ...rest].join(' '))));
  });

  it('takes any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check));
  });

  it('takes its own examples cut short', () => {
    for (const example of EXAMPLES) {
      for (let end = 0; end <= example.length; end++) check(example.slice(0, end));
    }
  });

  it('takes its own examples with a hole, a swap or a stray piece', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...EXAMPLES), fc.nat(), fc.nat(8), fc.constantFrom('', ...WORDS))
      .map(([text, at, length, stray]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + stray + text.slice(from + length);
      });
    fc.assert(fc.property(damaged, check));
  });

  it('takes two examples run together, and never as one', () => {
    const pair = fc.tuple(fc.constantFrom(...EXAMPLES), fc.constantFrom(...EXAMPLES));
    fc.assert(
      fc.property(pair, ([first, second]) => {
        check(`${first} ${second}`);
        const isSql = readStatement(first).kind === 'sql';
        // What PostgreSQL gets, it refuses by itself.
        if (isSql) return;
        ending(() => expect(() => readStatement(`${first} ; ${second}`)).toThrow(StatementError));
      }),
    );
  });

  it('takes brackets in any order and any depth', () => {
    const pieces = fc.array(
      fc.constantFrom('(', '[', '{', ')', ']', '}', 'a', ':', '-', '->', ',', '=', '1', 'NOT', 'AND', 'IN'),
      { maxLength: 2_000, size: 'max' },
    );
    const begin = fc.constantFrom(
      'FIND NODE WHERE',
      'NODE CREATE a {x:',
      'BATCH CREATE NODES',
      'SIMILAR',
      'SELECT t WHERE',
    );
    fc.assert(fc.property(begin, pieces, (first, rest) => check([first, ...rest].join(' '))));
  });

  it('means the same whatever the case, the space and the comments are', () => {
    const words = (text: string): string[] => text.match(/'(?:[^'\\]|\\.)*'|[\w.]+|->|\s+|\S/g) ?? [];
    for (const example of EXAMPLES) {
      const statement = readStatement(example);
      if (statement.kind === 'sql') continue;
      const spaced = words(example).map((word) => (/^\s+$/.test(word) ? ' /* x */\n' : word));
      expect(shape(readStatement(`\t${spaced.join('')} ;`))).toEqual(shape(statement));
    }
  });
});

/** A statement without places. */
const shape = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, part: unknown) => {
      if (name === 'span') return undefined;
      if (typeof part === 'bigint') return `${part}n`;
      return part instanceof Map ? [...part] : part;
    }),
  );
