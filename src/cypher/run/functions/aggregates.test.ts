/** Aggregates over lists of values, with and without DISTINCT. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../test/support/cypher-expressions.ts';
import { CypherError } from '../../cypher-error.ts';
import { toLiteral } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import { AGGREGATES, type Aggregate, distinct } from './aggregates.ts';

const created = (name: string): Aggregate => {
  const create = AGGREGATES.get(name.toLowerCase());
  if (create === undefined) throw new Error(`no aggregate ${name}`);
  return create();
};

function over(aggregate: Aggregate, list: string, extra: readonly Value[] = []): string {
  try {
    for (const value of evaluate(list) as readonly Value[]) aggregate.add(value, extra);
    return toLiteral(aggregate.result());
  } catch (error) {
    if (error instanceof CypherError) return `${error.type}: ${error.reason}`;
    throw error;
  }
}

describe('aggregates', () => {
  it.each([
    ['count', '[]', '0'],
    ['count', "[1, null, 'a']", '2'],
    ['sum', '[]', '0'],
    ['sum', '[1, null, 2]', '3'],
    ['sum', '[1, 2.5]', '3.5'],
    ['sum', '[9223372036854775807, 1, -1]', '9223372036854775807'],
    ['sum', '[9223372036854775807, 1]', 'ArithmeticError: IntegerOverflow'],
    ['sum', "['a']", 'TypeError: InvalidArgumentValue'],
    ['sum', '[duration({days: 1}), duration({hours: 2})]', "'P1DT2H'"],
    ['sum', '[duration({days: 1}), 1]', 'TypeError: InvalidArgumentValue'],
    ['sum', '[1, duration({days: 1})]', 'TypeError: InvalidArgumentValue'],
    ['avg', '[]', 'null'],
    ['avg', '[1, 2, null]', '1.5'],
    ['avg', '[9223372036854775807, 9223372036854775807]', '9223372036854776000.0'],
    ['avg', '[duration({days: 2}), duration({days: 4})]', "'P3D'"],
    ['min', '[]', 'null'],
    ['min', "[1, 'a', null, [1, 2], 0.2, 'b']", '[1, 2]'],
    ['max', "[1, 'a', null, [1, 2], 0.2, 'b']", '1'],
    ['max', "['a', 'b', 'B', null, 'abc']", "'b'"],
    ['min', '[2, 1.0, 1]', '1.0'],
    ['collect', '[]', '[]'],
    ['collect', '[1, null, [2]]', '[1, [2]]'],
    ['stDev', '[]', '0.0'],
    ['stDev', '[5]', '0.0'],
    ['stDev', '[2, 4, null, 6]', '2.0'],
    ['stDevP', '[2, 4, 4, 4, 5, 5, 7, 9]', '2.0'],
    ['stDevP', "['a']", 'TypeError: InvalidArgumentValue'],
  ])('%s of %s is %s', (name, list, expected) => {
    expect(over(created(name), list)).toBe(expected);
  });

  it.each([
    ['percentileDisc', '[10.0, 30.0, 20.0]', 0, '10.0'],
    ['percentileDisc', '[10.0, 30.0, 20.0]', 0.5, '20.0'],
    ['percentileDisc', '[10, 30, 20, 40]', 0.5, '20'],
    ['percentileDisc', '[10, 30, 20, 40]', 1, '40'],
    ['percentileCont', '[10.0, 30.0, 20.0]', 0.5, '20.0'],
    ['percentileCont', '[1, null, 2]', 0.25, '1.25'],
    ['percentileCont', '[5]', 1, '5.0'],
    ['percentileCont', '[null]', 1, 'null'],
    ['percentileCont', '[]', 1, 'null'],
    ['percentileCont', '[1]', 1.1, 'ArgumentError: NumberOutOfRange'],
    ['percentileDisc', '[null]', -1, 'ArgumentError: NumberOutOfRange'],
    ['percentileDisc', '[1]', 1000, 'ArgumentError: NumberOutOfRange'],
    ['percentileDisc', "['a']", 1, 'TypeError: InvalidArgumentValue'],
  ])('%s of %s at %d is %s', (name, list, percentile, expected) => {
    expect(over(created(name), list, [percentile])).toBe(expected);
  });

  it('take a percentile that is an Integer, and none that is no number', () => {
    expect(over(created('percentileCont'), '[1, 2]', [1n])).toBe('2.0');
    expect(over(created('percentileCont'), '[1, 2]', ['1'])).toBe('TypeError: InvalidArgumentValue');
  });

  it.each([
    ['count', '[1, 1.0, null, 2, null]', '2'],
    ['sum', '[1, 1, 2]', '3'],
    ['collect', "['a', 'b', 'a', [1], [1.0]]", "['a', 'b', [1]]"],
    ['avg', '[]', 'null'],
  ])('%s(DISTINCT) of %s is %s', (name, list, expected) => {
    expect(over(distinct(created(name)), list)).toBe(expected);
  });
});
