/** Comparing results with the tables of scenarios. */
import { describe, expect, it } from 'vitest';
import { DateValue } from '../../src/cypher/temporal/temporal.ts';
import { Node, Path, Relationship, type Value } from '../../src/cypher/values/value.ts';
import { differenceOf, type ExpectedResult } from './compare.ts';
import { parseLiteral } from './literals.ts';

const expected = (
  rows: readonly (readonly string[])[],
  options: Partial<ExpectedResult> = {},
): ExpectedResult => ({
  columns: (rows[0] ?? ['a']).map((_, index) => 'abc'[index] ?? ''),
  rows: rows.map((row) => row.map(parseLiteral)),
  rowsInOrder: false,
  listsInAnyOrder: false,
  ...options,
});

const compare = (literal: string, value: Value, options: Partial<ExpectedResult> = {}): string | undefined =>
  differenceOf(expected([[literal]], options), { columns: ['a'], rows: [[value]] });

const map = (entries: Record<string, Value>): ReadonlyMap<string, Value> => new Map(Object.entries(entries));
const a = new Node(1n, ['B', 'A'], map({ name: 'a' }));
const b = new Node(2n, [], map({}));
const r = new Relationship(3n, 'T', 1n, 2n, map({ k: 1n }));

describe('a value', () => {
  it.each<[string, Value]>([
    ['null', null],
    ['NaN', Number.NaN],
    ['0.0', -0],
    ['1', 1n],
    ['1.0', 1],
    ['1e22', 1e22],
    ['-Inf', Number.NEGATIVE_INFINITY],
    ["'1984-10-11'", new DateValue(5_397)],
    ["'1984-10-11'", '1984-10-11'],
    ["{b: [1], a: 'x'}", map({ a: 'x', b: [1n] })],
    ["(:A:B {name: 'a'})", a],
    ['[:T {k: 1}]', r],
    ["<(:A:B {name: 'a'})-[:T {k: 1}]->()>", new Path([a, b], [r])],
    ["<()<-[:T {k: 1}]-(:A:B {name: 'a'})>", new Path([b, a], [r])],
    ['<()>', new Path([b], [])],
  ])('%s is what it looks like', (literal, value) => {
    expect(compare(literal, value)).toBeUndefined();
  });

  it.each<[string, Value]>([
    ['1', 1],
    ['1.0', 1n],
    ["'1'", 1n],
    ["'null'", null],
    ['true', 'true'],
    ['[]', null],
    ['[1, 2]', [2n, 1n]],
    ['[1, 1]', [1n]],
    ['{a: null}', map({})],
    ['(:A)', a],
    ["({name: 'a'})", a],
    ['[[:T {k: 1}]]', r],
    ['[:T {k: 1}]', [r]],
    ["<(:A:B {name: 'a'})<-[:T {k: 1}]-()>", new Path([a, b], [r])],
    ['()', new Path([b], [])],
    ['()', map({})],
  ])('%s is not another', (literal, value) => {
    expect(compare(literal, value)).toMatch(/^missing: .+; not expected: .+/);
  });

  it('is a mistake of the engine if it is a broken path', () => {
    expect(() => compare('<()>', new Path([a, b], []))).toThrow('a path of 2 nodes and 0 relationships');
    expect(() => compare('<()>', new Path([a, a], [r]))).toThrow('does not lead');
  });
});

describe('rows', () => {
  const rows = [['1'], ['2'], ['2']];
  const given = (...values: bigint[]) => ({ columns: ['a'], rows: values.map((value) => [value]) });

  it('are a multiset or a sequence', () => {
    expect(differenceOf(expected(rows), given(2n, 1n, 2n))).toBeUndefined();
    expect(differenceOf(expected(rows), given(2n, 1n, 1n))).toBe('missing: 2; not expected: 1');
    expect(differenceOf(expected(rows), given(2n, 1n))).toBe('missing: 2');
    expect(differenceOf(expected(rows), given(2n, 1n, 2n, 3n))).toBe('not expected: 3');
    const inOrder = expected(rows, { rowsInOrder: true });
    expect(differenceOf(inOrder, given(1n, 2n, 2n))).toBeUndefined();
    expect(differenceOf(inOrder, given(2n, 1n, 2n))).toBe('row 1 is 2, expected 1');
    expect(differenceOf(inOrder, given(1n, 2n))).toBe('2 rows, expected 3; missing: 2');
  });

  it('keep to their columns, by name and order', () => {
    const two = expected([['1', '2']]);
    expect(differenceOf(two, { columns: ['a', 'b'], rows: [[1n, 2n]] })).toBeUndefined();
    expect(differenceOf(two, { columns: ['b', 'a'], rows: [[2n, 1n]] })).toBe(
      'columns are [b | a], expected [a | b]',
    );
    expect(differenceOf(two, { columns: ['a'], rows: [] })).toContain('columns are [a]');
    expect(differenceOf(two, { columns: ['a', 'b'], rows: [[1n]] })).toBe('a row has 1 values for 2 columns');
    expect(differenceOf(expected([], { columns: ['a'] }), { columns: ['a'], rows: [] })).toBeUndefined();
    expect(differenceOf(expected([], { columns: ['a'] }), given(1n))).toBe('not expected: 1');
  });

  it('may ignore the order of elements, also in lists within', () => {
    const loose = { listsInAnyOrder: true };
    expect(compare('[1, 2, 2]', [2n, 1n, 2n], loose)).toBeUndefined();
    expect(compare('[1, 2, 2]', [1n, 1n, 2n], loose)).toBeDefined();
    expect(compare('[{k: [1, 2]}, [3]]', [[3n], map({ k: [2n, 1n] })], loose)).toBeUndefined();
    expect(compare("({l: ['a', 'b']})", new Node(1n, [], map({ l: ['b', 'a'] })), loose)).toBeUndefined();
  });

  it('that differ are shown, but not all and not in full', () => {
    const many = Array.from({ length: 9 }, (_, index) => BigInt(index));
    expect(differenceOf(expected([], { columns: ['a'] }), given(...many))).toBe(
      'not expected: 0, 1, 2, 3, 4, and 4 more',
    );
    expect(compare('1', 'x'.repeat(10_000))?.length).toBeLessThan(500);
  });
});
