/** Comprehensions, quantifiers, reduce, projections and CASE: values, scopes of their variables, unknown results. */
import { describe, expect, it } from 'vitest';
import { evaluate, outcome } from '../../../../test/support/cypher-expressions.ts';
import { Node } from '../../values/value.ts';

const table = (rows: readonly (readonly [text: string, expected: string])[]): void => {
  it.each(rows)('%s is %s', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
};

describe('list comprehensions', () => {
  table([
    ['[x IN [1, 2, 3] WHERE x > 1 | x * 10]', '[20, 30]'],
    ['[x IN [1, 2, 3]]', '[1, 2, 3]'],
    ['[x IN [1, null, 3] WHERE x > 1]', '[3]'],
    ['[x IN null | x]', 'null'],
    ['[x IN [] | 1 / 0]', '[]'],
    ['[x IN [1, 2] | [x IN [10, 20] | x]]', '[[10, 20], [10, 20]]'],
    ['[x IN [1, 2] | [y IN [10, 20] | x + y] + x]', '[[11, 21, 1], [12, 22, 2]]'],
    ['[x IN 1 | x]', 'TypeError: InvalidArgumentType'],
    ['[x IN [1] WHERE x | x]', 'TypeError: InvalidArgumentType'],
  ]);
});

describe('quantifiers', () => {
  table([
    ['all(x IN [] WHERE x)', 'true'],
    ['any(x IN [] WHERE x)', 'false'],
    ['none(x IN [] WHERE x)', 'true'],
    ['single(x IN [] WHERE x)', 'false'],
    ['all(x IN [1, 2] WHERE x > 0)', 'true'],
    ['all(x IN [1, null] WHERE x > 0)', 'null'],
    ['all(x IN [0, null] WHERE x > 0)', 'false'],
    ['any(x IN [0, null] WHERE x > 0)', 'null'],
    ['any(x IN [1, null] WHERE x > 0)', 'true'],
    ['none(x IN [0, null] WHERE x > 0)', 'null'],
    ['none(x IN [null, 1] WHERE x > 0)', 'false'],
    ['single(x IN [1, 0] WHERE x > 0)', 'true'],
    ['single(x IN [1, 2, null] WHERE x > 0)', 'false'],
    ['single(x IN [1, null] WHERE x > 0)', 'null'],
    ['single(x IN [null] WHERE x > 0)', 'null'],
    ['any(x IN null WHERE x)', 'null'],
    ['all(x IN [[1, 2], [3]] WHERE any(y IN x WHERE y > 1))', 'true'],
    ['any(x IN [1] WHERE x)', 'TypeError: InvalidArgumentType'],
  ]);
});

describe('reduce, CASE and maps', () => {
  table([
    ['reduce(total = 0, x IN [1, 2, 3] | total + x)', '6'],
    ["reduce(text = '', x IN [1, 2] | text + x)", "'12'"],
    ['reduce(total = 0, x IN null | total + x)', 'null'],
    ['reduce(total = 0, x IN [] | total + x)', '0'],
    ['reduce(a = 0, x IN [1, 2] | a + reduce(a = 0, x IN [10, 20] | a + x))', '60'],
    ["CASE 2 WHEN 1 THEN 'a' WHEN 2.0 THEN 'b' ELSE 'c' END", "'b'"],
    ["CASE null WHEN null THEN 'a' ELSE 'b' END", "'b'"],
    ["CASE WHEN null THEN 'a' WHEN true THEN 'b' END", "'b'"],
    ['CASE WHEN false THEN 1 END', 'null'],
    ['CASE WHEN true THEN 1 ELSE 1 / 0 END', '1'],
    ["CASE WHEN 1 THEN 'a' END", 'TypeError: InvalidArgumentType'],
    ['{a: 1, b: [1 + 1]}', '{a: 1, b: [2]}'],
  ]);

  const person = new Node(
    7n,
    ['Person'],
    new Map<string, string | bigint>([
      ['name', 'Ada'],
      ['born', 1815n],
    ]),
  );
  it('projects maps and entities', () => {
    const variables = { p: person, n: null, other: 1n, x: 3n };
    expect(outcome('p {.name, other, double: x * 2, .nothing}', { variables })).toBe(
      "{name: 'Ada', other: 1, double: 6, nothing: null}",
    );
    expect(outcome('p {.*, name: 1}', { variables })).toBe('{name: 1, born: 1815}');
    expect(outcome('n {.*}', { variables })).toBe('null');
    expect(outcome('x {.*}', { variables })).toBe('TypeError: InvalidArgumentType');
  });

  it('reads entities as they are now, and never those that are deleted', () => {
    const variables = { p: person, gone: Object.assign(new Node(8n, ['A'], new Map()), { deleted: true }) };
    expect(evaluate('p.name', { variables })).toBe('Ada');
    expect(evaluate('p:Person&!Robot', { variables })).toBe(true);
    expect(evaluate('p:Robot', { variables })).toBe(false);
    expect(outcome('gone.name', { variables })).toBe('EntityNotFound: DeletedEntityAccess');
    expect(outcome('gone:A', { variables })).toBe('EntityNotFound: DeletedEntityAccess');
    expect(outcome('gone {.*}', { variables })).toBe('EntityNotFound: DeletedEntityAccess');
  });
});

describe('long loops', () => {
  it.each([
    '[x IN range(1, 10000) | x]',
    'all(x IN range(1, 10000) WHERE x > 0)',
    'single(x IN range(1, 10000) WHERE x = 1)',
    'reduce(a = 0, x IN range(1, 10000) | a + x)',
  ])('can be ended: %s', (text) => {
    let calls = 0;
    const checkpoint = (): void => {
      calls += 1;
      if (calls === 5) throw new Error('out of time');
    };
    expect(() => evaluate(text, { checkpoint })).toThrow('out of time');
  });
});
