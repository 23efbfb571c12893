/** Text of values: what toString gives, and literals. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyValue, mapOf } from '../../../test/support/cypher-values.ts';
import { DateValue } from '../temporal/temporal.ts';
import { shown, toLiteral, toText } from './text.ts';
import { Node, Path, Point, Relationship, type Value } from './value.ts';

const NONE = new Map<string, Value>();

describe('toText', () => {
  it.each<[Value, string]>([
    [42n, '42'],
    [-9223372036854775808n, '-9223372036854775808'],
    [2.3, '2.3'],
    [1, '1.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [1e10, '1.0E10'],
    [-1.5e300, '-1.5E300'],
    [5e-324, '5.0E-324'],
    [123456.789, '123456.789'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [true, 'true'],
    ['apa', 'apa'],
    ['', ''],
    [new DateValue(0), '1970-01-01'],
    [new Point(7203, [1, 2.5]), "point({x: 1.0, y: 2.5, crs: 'cartesian'})"],
    [new Point(4979, [1, -2, 3]), "point({longitude: 1.0, latitude: -2.0, height: 3.0, crs: 'wgs-84-3d'})"],
  ])('%s is %s', (value, expected) => {
    expect(toText(value)).toBe(expected);
  });

  it.each<[string, Value]>([
    ['a list', []],
    ['a map', mapOf({})],
    ['a node', new Node(1n, [], NONE)],
    ['a path', new Path([new Node(1n, [], NONE)], [])],
    ['null', null],
  ])('refuses %s', (_name, value) => {
    expect(() => toText(value)).toThrow(
      expect.objectContaining({ type: 'TypeError', phase: 'runtime', reason: 'InvalidArgumentValue' }),
    );
  });
});

describe('toLiteral', () => {
  const a = new Node(1n, ['A', 'B'], mapOf({ k: 1n, 'two words': [1, null] }));
  const b = new Node(2n, [], mapOf({ name: "it's" }));
  const bare = new Node(3n, [], NONE);
  const forth = new Relationship(1n, 'T', 1n, 2n, mapOf({ k: true }));
  const back = new Relationship(2n, 'KNOWS', 3n, 2n, NONE);

  it.each<[Value, string]>([
    [null, 'null'],
    [true, 'true'],
    [-3n, '-3'],
    [1, '1.0'],
    [-0, '0.0'],
    [1e-305, '1e-305'],
    [1.2635418652381264e305, '1.2635418652381264e305'],
    [1e21, '1e21'],
    [1e9, '1000000000.0'],
    [0.000001, '0.000001'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    ["a'b\\c\n", "'a\\'b\\\\c\\n'"],
    [[], '[]'],
    [[1n, 2, 'x', [null]], "[1, 2.0, 'x', [null]]"],
    [mapOf({}), '{}'],
    [mapOf({ k: 'v', ö: 1n, '1a': mapOf({}), '`': null }), "{k: 'v', ö: 1, `1a`: {}, ````: null}"],
    [new DateValue(0), "'1970-01-01'"],
    [a, '(:A:B {k: 1, `two words`: [1.0, null]})'],
    [b, "({name: 'it\\'s'})"],
    [bare, '()'],
    [forth, '[:T {k: true}]'],
    [[back], '[[:KNOWS]]'],
    [new Path([bare], []), '<()>'],
    [
      new Path([a, b, bare], [forth, back]),
      "<(:A:B {k: 1, `two words`: [1.0, null]})-[:T {k: true}]->({name: 'it\\'s'})<-[:KNOWS]-()>",
    ],
    [new Path([bare, bare], [new Relationship(3n, 'L', 3n, 3n, NONE)]), '<()-[:L]->()>'],
  ])('case %#: %s', (value, expected) => {
    expect(toLiteral(value)).toBe(expected);
  });

  it('writes every value', () => {
    void fc.assert(fc.property(anyValue, (value) => toLiteral(value).length > 0));
  });
});

describe('shown', () => {
  it('tells type and value, and cuts what is long', () => {
    expect(shown(null)).toBe('null');
    expect(shown(123n)).toBe('Integer 123');
    expect(shown('abc')).toBe("String 'abc'");
    expect(shown('x'.repeat(1e6))).toBe(`String '${'x'.repeat(59)}…`);
    const huge = Array.from({ length: 100_000 }, (_, i) => BigInt(i));
    expect(shown([huge, huge])).toMatch(/^List \[\[0, 1, 2, .*…$/);
    expect(shown([huge, huge]).length).toBeLessThan(70);
    let nested: Value = [];
    for (let i = 0; i < 100_000; i++) nested = [nested];
    expect(shown(nested)).toBe(`List ${'['.repeat(60)}…`);
    expect(() => toLiteral(nested)).toThrow(/nested deeper/);
  });
});
