/** Cypher's own values as parameters: what may pass, and what is refused by name. */
import { expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { DateValue, Node, Path, Point, Relationship, type Value } from '../../cypher/index.ts';
import { parameterValues } from './parameters.ts';

const pass = (value: unknown): ReadonlyMap<string, Value> => {
  const given = new Map([['x', value as Value]]);
  const taken = parameterValues(given);
  expect(taken).toBe(given);
  return taken;
};

it('passes values as they are', () => {
  const values: Value[] = [
    null,
    true,
    'text',
    -(2n ** 63n),
    2n ** 63n - 1n,
    1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new DateValue(1),
    new Point(4326, [1, 2]),
    [1n, [new Map([['a', [null]]])]],
  ];
  for (const value of values) pass(value);
  pass(values);
});

it.each([
  [new Node(1n, [], new Map()), 'node'],
  [new Relationship(1n, 'R', 1n, 2n, new Map()), 'relationship'],
  [new Path([new Node(1n, [], new Map())], []), 'path'],
  [[new Map([['deep', new Node(1n, [], new Map())]])], 'node'],
  [undefined, 'undefined'],
  [{ a: 1n }, 'object'],
  [new Date(0), 'object'],
  [Symbol('s'), 'symbol'],
  [new Map([[1, 'a']]), 'keys'],
])('refuses what no parameter can be: %#', (value, what) => {
  expect(() => pass(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  expect(() => pass(value)).toThrow(what);
  expect(() => pass(value)).toThrow('$x');
});

it('refuses integers beyond 64 bits, wherever they are', () => {
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n, [[2n ** 70n]]]) {
    expect(() => pass(value)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  }
});

it('bounds how deep and how large they are', () => {
  let deep: Value = [];
  for (let level = 1; level < LIMITS.cypherValueDepthMax; level++) deep = [deep];
  pass(deep);
  expect(() => pass([deep])).toThrow('cypherValueDepthMax');
  const text = 'x'.repeat(1024 * 1024);
  const many = Array.from({ length: LIMITS.cypherMemoryBytesMax / text.length + 1 }, () => text);
  expect(() => pass(many)).toThrow('cypherMemoryBytesMax');
});
